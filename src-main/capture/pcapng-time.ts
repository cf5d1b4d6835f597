/** How an interface counts time. */
export interface TimeResolution {
  /** `if_tsresol`: with the top bit clear, ticks of 10^-n seconds; with it set, of 2^-n. */
  readonly code: number;
  /** `if_tsoffset`, whole seconds added to each time. */
  readonly offsetSec: number;
}

/** Ticks per second up to which the division below stays exact in doubles. */
const MAX_EXACT_UNITS = 2 ** 30;

const time = { sec: 0, nsec: 0 };

/**
 * Splits a pcapng time stamp, exactly: 64 bits of nanoseconds do not fit a double, so it is divided in pieces of 16
 * bits, each of which does.
 *
 * @returns one object that the next call overwrites
 * @see draft-ietf-opsawg-pcapng §4.2 (if_tsresol, if_tsoffset)
 */
export function secondsAndNanos(
  high: number,
  low: number,
  resolution: TimeResolution,
): { readonly sec: number; readonly nsec: number } {
  const unitsPerSec = (resolution.code & 0x80) === 0 ? 10 ** resolution.code : 2 ** (resolution.code & 0x7f);
  if (unitsPerSec > MAX_EXACT_UNITS) return splitWide(high, low, resolution);
  const highRest = high % unitsPerSec;
  const middle = highRest * 0x10000 + (low >>> 16);
  const middleRest = middle % unitsPerSec;
  const last = middleRest * 0x10000 + (low & 0xffff);
  const units = last % unitsPerSec;
  time.sec =
    ((high - highRest) / unitsPerSec) * 0x1_0000_0000 +
    ((middle - middleRest) / unitsPerSec) * 0x10000 +
    (last - units) / unitsPerSec +
    resolution.offsetSec;
  time.nsec = Math.floor((units * 1e9) / unitsPerSec);
  return time;
}

/** Resolutions finer than 2^-30 s; rare enough that each packet may cost a few bigints. */
function splitWide(high: number, low: number, { code, offsetSec }: TimeResolution): typeof time {
  const unitsPerSec = (code & 0x80) === 0 ? 10n ** BigInt(code) : 2n ** BigInt(code & 0x7f);
  const ticks = (BigInt(high) << 32n) | BigInt(low);
  time.sec = Number(ticks / unitsPerSec) + offsetSec;
  time.nsec = Number(((ticks % unitsPerSec) * 1_000_000_000n) / unitsPerSec);
  return time;
}
