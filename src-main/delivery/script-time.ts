import type { ScriptTime } from '../contract/delivery';
import { LARGEST_SEC } from '../nat/configuration';

const UNIT_SEC: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/u;

export const TIME_RULE =
  'must be a time: "+10m" after the first window begins (s, m, h or d), an RFC 3339 time with its zone, or epoch seconds, until the year 2262';

/** @returns null for what is no time of a script */
export function readScriptTime(value: unknown): ScriptTime | null {
  if (typeof value === 'number') return timeFrom('epoch', value);
  if (typeof value !== 'string') return null;
  const [, amount, unit] = /^\+(\d{1,9})([smhd]?)$/u.exec(value) ?? [];
  if (amount !== undefined) return timeFrom('start', Number(amount) * UNIT_SEC[unit ?? '']!);
  return RFC_3339.test(value) ? timeFrom('epoch', Math.floor(Date.parse(value) / 1000)) : null;
}

function timeFrom(base: ScriptTime['base'], sec: number): ScriptTime | null {
  return Number.isInteger(sec) && sec >= 0 && sec <= LARGEST_SEC ? { base, sec } : null;
}

/** @param startSec where the first window of the capture begins */
export function placedTime({ base, sec }: ScriptTime, startSec: number): number {
  return base === 'start' ? startSec + sec : sec;
}
