/** The larger first, which is what a page is left at. */
export const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];
export const THEMES = ['dark', 'light'] as const;

/** How a page is looked at. */
export interface Look {
  readonly theme: (typeof THEMES)[number];
  readonly width: number;
  readonly height: number;
}

export const LOOKS: readonly Look[] = THEMES.toReversed().flatMap((theme) => SIZES.map((size) => ({ theme, ...size })));
