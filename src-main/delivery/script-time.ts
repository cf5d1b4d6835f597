import type { ScriptTime } from '../contract/delivery';

const UNIT_SEC: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/u;

/** The year 2262, where nanoseconds in 64 bits end. */
export const LARGEST_SEC = 9_223_372_036;

export const TIME_RULE =
  'must be a time: "+10m" after the first window begins (s, m, h or d), an RFC 3339 time with its zone, or epoch seconds';

/** @returns null for what is no time of a script */
export function readScriptTime(value: unknown): ScriptTime | null {
  if (typeof value === 'number') return epoch(value);
  if (typeof value !== 'string') return null;
  const [, amount, unit] = /^\+(\d{1,9})([smhd]?)$/u.exec(value) ?? [];
  if (amount !== undefined) return { base: 'start', sec: Number(amount) * UNIT_SEC[unit ?? '']! };
  return RFC_3339.test(value) ? epoch(Math.floor(Date.parse(value) / 1000)) : null;
}

function epoch(sec: number): ScriptTime | null {
  return Number.isInteger(sec) && sec >= 0 && sec <= LARGEST_SEC ? { base: 'epoch', sec } : null;
}

/** @param startSec where the first window of the capture begins */
export function placedTime({ base, sec }: ScriptTime, startSec: number): number {
  return base === 'start' ? startSec + sec : sec;
}
