import { PROTOCOL } from '../capture/packet-batch';
import type { CaptureClock } from '../contract/capture-details';
import { compareClocks, expectedNsec, MATCH_NSEC, median, timeOf, type LegClocks, type SurePair } from './leg-clocks';
import { WAY, type LegLog, type Way } from './leg-log';

/** Pairs that have to agree: one alone may be a packet that comes again, of which each capture has another one. */
const MIN_PAIRS = 2;
/** As many tell an offset for sure. */
const MANY_PAIRS = 32;
/** Captures have to be compared for so long until a drift shows, by so many pairs. */
const DRIFT_SEC = 60;
const DRIFT_PAIRS = 200;
/** A drift below may be that of delays; within an hour it comes to less than half of what two sides may be apart. */
const LEAST_DRIFT_PER_SEC = 5e3;

export interface ClockComparison {
  /** Of the capture outside; null where the two are alike as far as packets of both sides show. */
  readonly clock: CaptureClock | null;
  /** Nothing that follows would change it. */
  readonly isSettled: boolean;
}

/**
 * Compares the clocks of the two sides of a gateway by packets that are beyond doubt. They are alike when no packet seems to
 * leave the gateway before it came, and none to be inside for more than 50 ms, as most of those show that go the same way.
 *
 * @param found what `surePairs` gives for either way
 * @returns null where too few packets tell it, or too many contradict
 */
export function compareSides(inside: LegLog, outside: LegLog, found: readonly SurePair[]): ClockComparison | null {
  const numbered = found.filter((pair) => inside.protocol[pair.inside] === PROTOCOL.tcp);
  const sure = numbered.length >= MIN_PAIRS ? numbered : found;
  const clocks = compareClocks(inside, outside, sure);
  if (clocks === null) return null;
  const near = sure.filter((pair) => isNear(inside, outside, clocks, pair));
  if (near.length < MIN_PAIRS || near.length * 2 < sure.length) return null;
  const { baseSec, offsetNsec } = clocks;
  const isMany = near.length >= MANY_PAIRS;
  if (areAlike(inside, outside, near, baseSec)) return { clock: null, isSettled: isMany };
  const driftPerSec = Math.abs(clocks.driftPerSec) < LEAST_DRIFT_PER_SEC ? 0 : clocks.driftPerSec;
  const clock = { baseSec, aheadNsec: Math.round(offsetNsec), driftPerSec, pairs: near.length };
  return {
    clock,
    isSettled: isMany && near.length >= DRIFT_PAIRS && spanNsec(inside, near, baseSec) >= DRIFT_SEC * 1e9,
  };
}

function isNear(inside: LegLog, outside: LegLog, clocks: LegClocks, pair: SurePair): boolean {
  const expected = expectedNsec(clocks, timeOf(inside, pair.inside, clocks.baseSec), pair.way);
  return Math.abs(timeOf(outside, pair.outside, clocks.baseSec) - expected) <= MATCH_NSEC;
}

function areAlike(inside: LegLog, outside: LegLog, pairs: readonly SurePair[], baseSec: number): boolean {
  const delayNsec = (way: Way): number => {
    const delays = pairs
      .filter((pair) => pair.way === way)
      .map(({ inside: at, outside: other }) => {
        const aheadNsec = timeOf(outside, other, baseSec) - timeOf(inside, at, baseSec);
        return way === WAY.out ? aheadNsec : -aheadNsec;
      });
    return delays.length === 0 ? 0 : median(delays);
  };
  return [WAY.out, WAY.in].every((way) => delayNsec(way) >= 0 && delayNsec(way) <= MATCH_NSEC);
}

function spanNsec(inside: LegLog, pairs: readonly SurePair[], baseSec: number): number {
  let from = Infinity;
  let to = -Infinity;
  for (const { inside: at } of pairs) {
    const nsec = timeOf(inside, at, baseSec);
    from = Math.min(from, nsec);
    to = Math.max(to, nsec);
  }
  return to - from;
}
