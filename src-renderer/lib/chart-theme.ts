/** What a canvas needs of the tokens, as colours that it understands. */
export interface ChartTheme {
  readonly isDark: boolean;
  readonly vpc: string;
  readonly pub: string;
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  readonly windowLine: string;
  readonly raised: string;
  readonly line: string;
  readonly hover: string;
  readonly font: string;
}

const TOKENS = {
  vpc: '--color-chart-1',
  pub: '--color-chart-2',
  text: '--color-text',
  quiet: '--color-text-3',
  grid: '--color-chart-grid',
  windowLine: '--color-chart-window',
  raised: '--color-raised',
  line: '--color-line-2',
  hover: '--color-hover',
} as const;

/** Reads the tokens as they are now: a canvas does not resolve `light-dark()` itself. */
export function readChartTheme(host: HTMLElement, isDark: boolean): ChartTheme {
  const probe = document.createElement('span');
  host.append(probe);
  const colours = Object.entries(TOKENS).map(([name, token]) => {
    probe.style.color = `var(${token})`;
    return [name, getComputedStyle(probe).color];
  });
  const font = getComputedStyle(host).fontFamily;
  probe.remove();
  return { ...(Object.fromEntries(colours) as Record<keyof typeof TOKENS, string>), font, isDark };
}
