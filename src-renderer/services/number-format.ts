import { t } from './messages/catalogue';

/** A narrow no-break space, which stands before units and `%`. */
export const BETWEEN = '\u202f';

/** All digits, grouped: `6,412,907`. */
export function grouped(count: number | bigint): string {
  return t.grouped(count);
}

/** A share of a whole; never 0 for something, never 100 for less than all. */
export function share(part: number, whole: number, digits = 1): string {
  const percent = (value: string): string => `${value}${BETWEEN}%`;
  if (whole === 0) return '–';
  if (part === 0 || part === whole) return percent(part === 0 ? '0' : '100');
  const least = 10 ** -digits;
  const value = (100 * part) / whole;
  if (value < least) return `<${BETWEEN}${percent(least.toFixed(digits))}`;
  if (value > 100 - least) return `>${BETWEEN}${percent((100 - least).toFixed(digits))}`;
  return percent(value.toFixed(digits));
}

/** Three digits and a decimal unit: `512 B`, `38.5 kB`, `4.62 GB`. */
export function byteText(bytes: number): string {
  return scaled(bytes, t.units.bytes);
}

/** Bytes per second, `150 MB/s`. */
export function byteRate(bytesPerSec: number): string {
  return t.units.perSecond(byteText(bytesPerSec));
}

/** In full up to 9,999,999, then three digits: `18.4 M`. */
export function countText(count: number): string {
  return count < 10_000_000 ? grouped(Math.round(count)) : scaled(count, t.units.counts).trimEnd();
}

/** Digits of a number that is no count: with fewer, the steps of an axis or an average would be another number. */
const DIGITS = 4;

/** A number that may have a fraction, or be of any size: `0.025`, `199.5`, `12,346`, `-20.0 M`, `1e+300`. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || (size > 0 && size < 1e-4) || size >= 999.5e12) return shortExponent(value);
  if (size >= 10_000_000) return `${value < 0 ? '-' : ''}${countText(size)}`;
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
  // A zero has no sign.
  return t.grouped(Number(value.toFixed(Math.max(0, DIGITS - whole))) + 0);
}

function shortExponent(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : String(value);
}

function scaled(amount: number, units: readonly string[]): string {
  let value = amount;
  let step = 0;
  // What would be rounded to 1000 belongs to the next unit.
  while (value >= (step === 0 ? 1000 : 999.5) && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}${BETWEEN}${units[step] ?? ''}`;
}
