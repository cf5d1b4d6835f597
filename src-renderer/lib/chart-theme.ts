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
  readonly surface: string;
  /** Of series without sides, in their order; the first two are those of the sides. */
  readonly series: readonly string[];
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
  surface: '--color-surface',
} as const;
const SERIES = [1, 2, 3, 4, 5, 6, 7, 8].map((place) => `--color-chart-${place}`);

/** Reads the tokens as they are now: a canvas does not resolve `light-dark()` itself. */
export function readChartTheme(host: HTMLElement, isDark: boolean): ChartTheme {
  const probe = document.createElement('span');
  // Where the system forces its colours, all would be that of its texts, and no series could be told from another.
  probe.style.setProperty('forced-color-adjust', 'none');
  host.append(probe);
  const colourOf = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.entries(TOKENS).map(([name, token]) => [name, colourOf(token)]);
  const series = SERIES.map(colourOf);
  const font = getComputedStyle(host).fontFamily;
  probe.remove();
  return { ...(Object.fromEntries(colours) as Record<keyof typeof TOKENS, string>), series, font, isDark };
}
