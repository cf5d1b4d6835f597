/** What the user has chosen for all windows: in one file of the profile on a desktop, and in the browser's own keeping in a browser. */
export interface Settings {
  readonly theme: Theme;
  /** IANA name; null follows the system. */
  readonly zone: string | null;
  readonly motion: Motion;
  /** One of `ZOOMS`; a browser has its own. */
  readonly zoomPercent: number;
  /** Whether the desktop says that a long import has ended while another window is looked at. */
  readonly notifies: boolean;
  /** What the user pays for 1 GB (10^9 bytes) that is written, and for 1 GB that is indexed; null while nothing was said. */
  readonly gbWritePrice: number | null;
  readonly gbIndexPrice: number | null;
}

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** `reduced` moves nothing, whatever the system asks for. */
export const MOTIONS = ['system', 'reduced'] as const;
export type Motion = (typeof MOTIONS)[number];

/** The steps of Chromium that leave a window of the least size usable. */
export const ZOOMS = [67, 75, 80, 90, 100, 110, 125, 150, 175, 200] as const;

export const DEFAULT_SETTINGS: Settings = {
  ...{ theme: 'system', zone: null, motion: 'system', zoomPercent: 100 },
  ...{ notifies: true, gbWritePrice: null, gbIndexPrice: null },
};

/** Some of the settings, which are to be others. */
export type SettingsChange = { readonly [K in keyof Settings]?: Settings[K] | undefined };

/** The settings as they hold, and what is wrong with where they are kept. */
export interface SettingsReport {
  readonly settings: Settings;
  /** Absolute path of the file; null in a browser. */
  readonly path: string | null;
  readonly fault: SettingsFault | null;
}

export type SettingsFault =
  /** The file could not be read; it is kept as `keptAs`, unless that failed. */
  | { readonly kind: 'damaged'; readonly keptAs: string | null; readonly used: 'backup' | 'defaults' }
  /** Values that do not fit, of another version or of a slip of the pen: those are as by default, and all others hold. */
  | { readonly kind: 'unknown'; readonly names: readonly string[] }
  /** What was chosen holds until the app ends. `why` is the system's code, such as `EROFS`. */
  | { readonly kind: 'unwritable'; readonly why: string };

export function isPrice(price: unknown): price is number {
  return typeof price === 'number' && Number.isFinite(price) && price >= 0;
}

export function isZone(zone: unknown): zone is string {
  try {
    return typeof zone === 'string' && new Intl.DateTimeFormat('en-US', { timeZone: zone }).format(0) !== '';
  } catch {
    return false;
  }
}

const FITS: { readonly [K in keyof Settings]: (value: unknown) => boolean } = {
  theme: (value) => THEMES.some((theme) => theme === value),
  zone: (value) => value === null || isZone(value),
  motion: (value) => MOTIONS.some((motion) => motion === value),
  zoomPercent: (value) => ZOOMS.some((zoom) => zoom === value),
  notifies: (value) => typeof value === 'boolean',
  gbWritePrice: (value) => value === null || isPrice(value),
  gbIndexPrice: (value) => value === null || isPrice(value),
};

const NAMES = Object.keys(FITS) as readonly (keyof Settings)[];

/**
 * @param written by whomever; what it has beside the settings is passed over
 * @returns the settings in it, those that are missing or wrong as they are by default; and the names of the wrong ones
 */
export function readSettings(written: Readonly<Record<string, unknown>>): {
  readonly settings: Settings;
  readonly wrong: readonly string[];
} {
  const given = NAMES.filter((name) => written[name] !== undefined);
  const right = given.filter((name) => FITS[name](written[name]));
  const values = Object.fromEntries(right.map((name) => [name, written[name]]));
  return { settings: { ...DEFAULT_SETTINGS, ...values }, wrong: given.filter((name) => !right.includes(name)) };
}

/** @returns the next larger or smaller zoom; the same at the end of them */
export function steppedZoom(zoomPercent: number, step: 1 | -1): number {
  const at = ZOOMS.findIndex((zoom) => zoom >= zoomPercent);
  return ZOOMS[Math.max(0, Math.min(at + step, ZOOMS.length - 1))] ?? zoomPercent;
}
