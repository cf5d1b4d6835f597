const NANOS_PER_SEC = 1_000_000_000n;

/** @returns epoch seconds with nine digits behind the point, as `frame.time_epoch` prints them */
export function formatTime(sec: number, nsec: number): string {
  return `${sec}.${String(nsec).padStart(9, '0')}`;
}

/** @returns a whole second since 1970 as RFC 3339 has it, in UTC */
export function formatInstant(sec: number): string {
  return new Date(sec * 1000).toISOString().replace('.000Z', 'Z');
}

/** As `formatTime`, of nanoseconds since 1970; floored, as the digits count upwards before it too. */
export function formatNanos(epochNs: bigint): string {
  const nsec = ((epochNs % NANOS_PER_SEC) + NANOS_PER_SEC) % NANOS_PER_SEC;
  return formatTime(Number((epochNs - nsec) / NANOS_PER_SEC), Number(nsec));
}

/** @param time as `formatTime` gives it, or with fewer digits behind the point. @returns nanoseconds since 1970 */
export function nanosOf(time: string): bigint {
  const [sec = '0', nsec = '0'] = time.split('.');
  return BigInt(sec) * NANOS_PER_SEC + BigInt(nsec.padEnd(9, '0'));
}
