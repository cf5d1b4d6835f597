import type { DeliveryScript } from '../contract/delivery';
import { CHANCE, chance } from './chance';
import { LATE_SEC } from './codes';
import type { Faults } from './faults';
import type { LogGroup } from './log-groups';

/** The groups of one window that are to be delivered still. */
export interface Job {
  readonly windowStartSec: number;
  /** When it is sent first; what the breaker kept back is due when that closes. */
  dueSec: number;
  /** Ordinals. */
  groups: number[];
}

/** @param holdSec before which nothing is sent. @returns the windows in the order in which they become due */
export function jobsOf(
  groups: readonly LogGroup[],
  windowSec: number,
  script: DeliveryScript,
  faults: Faults,
  holdSec: number,
): Job[] {
  const jobs: Job[] = [];
  let sealedSec: number | null = null;
  groups.forEach((group, ordinal) => {
    const last = jobs.at(-1);
    if (last !== undefined && group.sealedSec === sealedSec) {
      last.groups.push(ordinal);
      return;
    }
    sealedSec = group.sealedSec;
    const dueSec = Math.max(holdSec, sealedSec + delaySec(script, jobs.length));
    const slowSec = faults.at('network', dueSec)?.delaySec ?? 0;
    jobs.push({ windowStartSec: sealedSec - windowSec, dueSec: dueSec + slowSec, groups: [ordinal] });
  });
  return jobs.toSorted((one, other) => one.dueSec - other.dueSec);
}

/** Whole seconds from the end of a window to its delivery. @param window its ordinal */
function delaySec(
  { seed, delaySec: { least, most, tailMost, tailRate }, lateRate }: DeliveryScript,
  window: number,
): number {
  const between = (from: number, to: number): number =>
    from + Math.floor(chance(seed, CHANCE.delay, window) * (to - from + 1));
  const isTail = chance(seed, CHANCE.tail, window) < tailRate || chance(seed, CHANCE.late, window) < lateRate;
  // A tail below what is late is none.
  return isTail ? between(Math.min(tailMost, Math.max(most, LATE_SEC) + 1), tailMost) : between(least, most);
}
