/** 64-bit integers as pairs of 32-bit halves, low half first: no bigint, no allocation per row. */

const TWO_32 = 4_294_967_296;
const NSEC_PER_SEC = 1_000_000_000;
/** The last second whose nanoseconds all fit a signed 64-bit integer is the one before: 2262-04-11T23:47:16Z. */
const LAST_NANO_SEC = 9_223_372_036;
const LAST_NANO_NSEC = 854_775_807;

/**
 * Writes whole numbers of magnitude below 2^53 as two's complement.
 *
 * @param pairs at least `2 * count` elements
 */
export function widen(values: Float64Array, from: number, count: number, pairs: Uint32Array): void {
  for (let row = 0; row < count; row++) {
    const value = values[from + row]!;
    pairs[2 * row] = value >>> 0;
    pairs[2 * row + 1] = Math.floor(value / TWO_32) >>> 0;
  }
}

/**
 * Writes `sec * 10^9 + nsec` exactly as a signed 64-bit integer; what is later than that can hold becomes its maximum.
 *
 * @param sec whole seconds of magnitude below 2^34, or later than 2262
 * @param pairs at least `2 * count` elements
 */
export function joinNanos(sec: Float64Array, nsec: Uint32Array, from: number, count: number, pairs: Uint32Array): void {
  for (let row = 0; row < count; row++) {
    const seconds = sec[from + row]!;
    const rest = nsec[from + row]!;
    if (seconds >= LAST_NANO_SEC && (seconds > LAST_NANO_SEC || rest > LAST_NANO_NSEC)) {
      pairs[2 * row] = 0xffffffff;
      pairs[2 * row + 1] = 0x7fffffff;
      continue;
    }
    const low = (Math.imul(seconds, NSEC_PER_SEC) + rest) >>> 0;
    // Below 2^63 and hence off by some 2^10, which is far less than half of what the upper word counts in.
    const sum = seconds * NSEC_PER_SEC + rest;
    pairs[2 * row] = low;
    pairs[2 * row + 1] = Math.floor((sum - low) / TWO_32 + 0.5) >>> 0;
  }
}
