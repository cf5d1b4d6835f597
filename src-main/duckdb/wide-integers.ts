/** 64-bit integers as pairs of 32-bit halves, low half first: no bigint, no allocation per row. */

const TWO_32 = 4_294_967_296;
const NSEC_PER_SEC = 1_000_000_000;
/** The last second whose nanoseconds all fit a signed 64-bit integer is the one before: 2262-04-11T23:47:16Z. */
const LAST_NANO_SEC = 9_223_372_036;
const LAST_NANO_NSEC = 854_775_807;

/**
 * Writes `sec * 10^9 + nsec` exactly as a signed 64-bit integer; what is later than that can hold becomes its maximum.
 *
 * @param sec whole seconds of magnitude below 2^34, or later than 2262
 * @param pair two elements, for the lower half and the upper one
 */
export function joinNanos(sec: number, nsec: number, pair: Uint32Array): void {
  if (sec >= LAST_NANO_SEC && (sec > LAST_NANO_SEC || nsec > LAST_NANO_NSEC)) {
    pair[0] = 0xffffffff;
    pair[1] = 0x7fffffff;
    return;
  }
  const low = (Math.imul(sec, NSEC_PER_SEC) + nsec) >>> 0;
  // Below 2^63 and hence off by some 2^10, which is far less than half of what the upper word counts in.
  const sum = sec * NSEC_PER_SEC + nsec;
  pair[0] = low;
  pair[1] = Math.floor((sum - low) / TWO_32 + 0.5) >>> 0;
}
