import type { Attribution, AttributionQuestion } from '../../../src-main/contract/attribution';
import type { Candidate } from './candidates';
import { isReleaseKnown } from './port-release';

/** A stretch of the axis, both as shares of its length, 0 to 1. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface LifeBar extends Stretch {
  readonly candidate: Candidate;
  /** The end of the mapping is not known: the bar ends with what is, the last packet or the end of the capture. */
  readonly isOpen: boolean;
}

export interface Tick {
  readonly sec: number;
  /** On the axis, 0 to 1. */
  readonly at: number;
  /** Windows of the default phase meet there. */
  readonly isBoundary: boolean;
}

/** When candidates had the endpoint, beside the time that was asked for. */
export interface MappingLife {
  /** Epoch seconds. */
  readonly fromSec: number;
  readonly toSec: number;
  /** Gridlines, epoch seconds: some of those between windows, or what is left of one. */
  readonly ticks: readonly Tick[];
  /** In the order of the candidates. */
  readonly bars: readonly LifeBar[];
  readonly asked: Stretch;
}

const WINDOW_SEC = 600;
/** Distances of gridlines, from parts of a window to a hundred days. */
const STEPS_SEC = [10, 60, 120, WINDOW_SEC, 1800, 3600, 10_800, 43_200, 86_400, 864_000, 8_640_000] as const;
const MOST_TICKS = 6;

/** @returns null for a question whose time means nothing in an empty log */
export function mappingLife(
  { skewSec }: AttributionQuestion,
  { at }: Attribution,
  candidates: readonly Candidate[],
): MappingLife | null {
  if (at === null) return null;
  const askedSec = Number(at);
  const lives = candidates.map(({ session }) => {
    const fromSec = Number(session.from);
    const lastSec = Math.max(fromSec, ...session.entries.map(({ lastTime }) => Number(lastTime)));
    return { fromSec, toSec: session.until === null ? lastSec : Math.max(lastSec, Number(session.until)) };
  });
  const first = Math.min(askedSec - skewSec, ...lives.map(({ fromSec }) => fromSec));
  const last = Math.max(askedSec + skewSec, ...lives.map(({ toSec }) => toSec));
  const stepSec = stepFor(last - first);
  const fromSec = Math.floor(first / stepSec) * stepSec;
  // Never none, and what ends at a boundary is seen to end.
  const toSec = (Math.floor(last / stepSec) + 1) * stepSec;
  const share = (sec: number): number => (sec - fromSec) / (toSec - fromSec);
  return {
    fromSec,
    toSec,
    ticks: Array.from({ length: Math.round((toSec - fromSec) / stepSec) + 1 }, (_, index) => {
      const sec = fromSec + index * stepSec;
      return { sec, at: share(sec), isBoundary: sec % WINDOW_SEC === 0 };
    }),
    bars: candidates.map((candidate, index) => {
      const life = lives[index] ?? { fromSec: askedSec, toSec: askedSec };
      const isOpen = !isReleaseKnown(candidate.session);
      return { candidate, isOpen, from: share(life.fromSec), to: share(life.toSec) };
    }),
    asked: { from: share(askedSec - skewSec), to: share(askedSec + skewSec) },
  };
}

function stepFor(lengthSec: number): number {
  return STEPS_SEC.find((step) => lengthSec / step < MOST_TICKS - 1) ?? 8_640_000;
}
