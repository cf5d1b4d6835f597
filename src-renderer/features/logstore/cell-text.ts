import type { ResultColumn } from '../../../src-main/contract/result-batch';

/** The latest instant that `Date` has, in milliseconds. */
const LAST_DATE_MS = 8.64e15;

/** DuckDB's infinite timestamps. */
const INFINITE = 2n ** 63n - 1n;

function timestampText(micros: bigint): string {
  if (micros === INFINITE || micros === -INFINITE) return micros > 0n ? 'infinity' : '-infinity';
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const ms = Number((micros - rest) / 1000n);
  if (Math.abs(ms) > LAST_DATE_MS) return String(micros);
  const [date = '', clock = ''] = new Date(ms).toISOString().split('T');
  const digits = rest === 0n ? '' : String(rest).padStart(3, '0');
  return `${date} ${clock.replace('Z', '')}${digits}`;
}

export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** @returns the value as it is queried and exported, or null where there is none */
export function cellText(column: ResultColumn, row: number): string | null {
  if (column.validity?.[row] === 0) return null;
  switch (column.type) {
    case 'int64':
    case 'float64':
      return String(column.data[row]);
    case 'bool':
      return column.data[row] === 0 ? 'false' : 'true';
    case 'ipv4':
      return ipv4Text(column.data[row]!);
    case 'timestamp':
      return timestampText(column.data[row]!);
    case 'text':
    case 'json':
      return column.dictionary[column.data[row]!] ?? '';
  }
}

/** @returns the number of a cell, or null where there is none */
export function cellNumber(column: ResultColumn, row: number): number | null {
  if (column.validity?.[row] === 0) return null;
  return column.type === 'int64' || column.type === 'float64' ? Number(column.data[row]) : null;
}
