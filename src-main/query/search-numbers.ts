import type { Interval } from './search-intervals';

/** One end of a range: `> 1.5` is not included, `>= 1.5` is. */
export interface Bound {
  readonly text: string;
  readonly isIncluded: boolean;
}

interface Decimal {
  readonly floor: bigint;
  readonly isWhole: boolean;
}

function parseDecimal(text: string): Decimal | null {
  const [, sign = '', digits, fraction = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/u.exec(text) ?? [];
  if (digits === undefined) return null;
  const isWhole = /^0*$/u.test(fraction);
  const size = BigInt(digits);
  if (sign !== '-') return { floor: size, isWhole };
  return { floor: isWhole ? -size : -size - 1n, isWhole };
}

/** @returns the number, or null for what is no whole number */
export function parseInteger(text: string): bigint | null {
  const decimal = parseDecimal(text);
  return decimal?.isWhole === true ? decimal.floor : null;
}

/** The whole numbers between two bounds, null for none; null instead of them when a bound is no number. */
export function integersBetween(low: Bound | null, high: Bound | null): Interval | null {
  const lowDecimal = low === null ? null : parseDecimal(low.text);
  const highDecimal = high === null ? null : parseDecimal(high.text);
  if ((low !== null && lowDecimal === null) || (high !== null && highDecimal === null)) return null;
  return {
    low: lowDecimal === null ? null : lowDecimal.floor + (lowDecimal.isWhole && low?.isIncluded === true ? 0n : 1n),
    high:
      highDecimal === null ? null : highDecimal.floor - (highDecimal.isWhole && high?.isIncluded !== true ? 1n : 0n),
  };
}

/** @returns the finite number that a text stands for, or null */
export function parseDouble(text: string): number | null {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** Cuts `80,443,8000-8999` at its commas into single numbers (`low` equals `high`) and ranges, none of them read yet. */
export function splitNumberList(text: string): readonly { readonly low: string; readonly high: string }[] {
  return text.split(',').map((item) => {
    const [, low = item, high = item] = /^([+-]?\d[\d.]*)-([+-]?\d[\d.]*)$/u.exec(item) ?? [];
    return { low, high };
  });
}
