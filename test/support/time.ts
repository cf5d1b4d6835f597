/** Instants in tests are nanoseconds since 1970 as bigint: exact, and easy to add to. */
export type TimeNs = bigint;

export const MICROSECOND = 1_000n;
export const MILLISECOND = 1_000_000n;
export const SECOND = 1_000_000_000n;

/** @param text RFC 3339 in UTC with up to nine decimals, such as `2026-03-10T08:57:00.000000001Z` */
export function timeNs(text: string): TimeNs {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (match === null) throw new RangeError(`not a UTC time: ${text}`);
  return BigInt(Date.parse(`${match[1]}Z`)) * MILLISECOND + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** @returns the whole seconds and the nanoseconds within the second */
export function splitNs(atNs: TimeNs): { readonly sec: number; readonly nsec: number } {
  return { sec: Number(atNs / SECOND), nsec: Number(atNs % SECOND) };
}
