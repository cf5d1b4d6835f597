import { PROTOCOL } from '../capture/packet-batch';
import type { LegIndex } from './leg-index';
import { nearAddressOf, WAY, type LegLog, type Way } from './leg-log';

/** Two packets that are one beyond doubt, since nothing else in either capture is like them. */
export interface SurePair {
  readonly inside: number;
  readonly outside: number;
  readonly way: Way;
}

/** Packets beyond that are too many to be told apart by their identifications. */
const MAX_ALIKE = 256;
/** How far from its time a packet may be seen on the other side. @see nat-gateway reference §6.2 */
export const MATCH_NSEC = 50e6;
/** Pieces of time that each have their median. */
const PIECES = 60;
/** Below that, the drift of two clocks cannot be told from delays. */
const DRIFT_MIN_NSEC = 60e9;
const DRIFT_MIN_PAIRS = 200;

/** What the clock of the capture outside shows when that of the one inside shows a time; nanoseconds since `baseSec`. */
export interface LegClocks {
  readonly baseSec: number;
  /** Of the clocks alone, as far as packets take as long one way as the other. */
  readonly offsetNsec: number;
  /** Nanoseconds that it gains in a second. */
  readonly driftPerSec: number;
  /** By way: median of what packets take beyond the offset; of one that goes in it is negative. */
  readonly delayNsec: readonly [outgoing: number, incoming: number];
  readonly pairs: number;
}

/** Of both captures, seen as going one way. */
interface WayIndexes {
  readonly inside: LegIndex;
  readonly outside: LegIndex;
}

export function timeOf({ sec, nsec }: LegLog, at: number, baseSec: number): number {
  return (sec[at]! - baseSec) * 1e9 + nsec[at]!;
}

/** @returns when a packet that was inside at a time should be seen outside */
export function expectedNsec({ offsetNsec, driftPerSec, delayNsec }: LegClocks, insideNsec: number, way: Way): number {
  return insideNsec + offsetNsec + (insideNsec / 1e9) * driftPerSec + delayNsec[way];
}

/**
 * @param indexes of both captures, seen as going `way`
 * @param rows of the capture inside that are looked at; without them, all
 */
export function surePairs(
  inside: LegLog,
  outside: LegLog,
  way: Way,
  indexes: WayIndexes,
  { from, to } = { from: 0, to: inside.length },
): SurePair[] {
  const pairs: SurePair[] = [];
  for (let at = from; at < to; at++) {
    const matches = indexes.outside.matches(inside, at, 2);
    const [only] = matches;
    if (only === undefined || matches.length > 1 || indexes.inside.matches(inside, at, 2).length > 1) continue;
    if (nearAddressOf(inside, at, way) === nearAddressOf(outside, only, way)) continue;
    pairs.push({ inside: at, outside: only, way });
  }
  return pairs;
}

/**
 * Where every packet is like another: those that are the only ones of their kind with an identification, which a gateway may keep.
 * Of one that numbers packets anew, hardly any would be on both sides with the same.
 *
 * @param indexes, rows as for `surePairs`
 * @returns none unless most of the rows that could be on both sides have theirs there
 */
export function numberedPairs(
  inside: LegLog,
  outside: LegLog,
  way: Way,
  indexes: WayIndexes,
  { from, to } = { from: 0, to: inside.length },
): SurePair[] {
  const pairs: SurePair[] = [];
  let [candidates, kept] = [0, 0];
  for (let at = from; at < to; at++) {
    const ipId = inside.ipId[at]!;
    if (ipId === 0) continue;
    const copies = indexes.outside.matches(inside, at, MAX_ALIKE);
    if (copies.length === 0 || copies.length === MAX_ALIKE) continue;
    candidates++;
    const same = copies.filter((other) => outside.ipId[other] === ipId);
    const [only] = same;
    if (only === undefined) continue;
    kept++;
    const equals = indexes.inside.matches(inside, at, MAX_ALIKE).filter((other) => inside.ipId[other] === ipId);
    if (same.length > 1 || equals.length > 1) continue;
    if (nearAddressOf(inside, at, way) === nearAddressOf(outside, only, way)) continue;
    pairs.push({ inside: at, outside: only, way });
  }
  return kept * 2 > candidates ? pairs : [];
}

/**
 * Compares the clocks of two captures by pairs that are beyond doubt, of TCP if there are any: nothing but a copy has the
 * same sequence numbers. Steps of a clock are not followed.
 *
 * @returns null without any pair
 */
export function compareClocks(inside: LegLog, outside: LegLog, sure: readonly SurePair[]): LegClocks | null {
  const numbered = sure.filter((pair) => inside.protocol[pair.inside] === PROTOCOL.tcp);
  const pairs = numbered.length > 0 ? numbered : sure;
  const [first] = pairs;
  if (first === undefined) return null;
  const baseSec = inside.sec[first.inside]!;
  const samples = pairs.map(({ inside: at, outside: other, way }) => {
    const nsec = timeOf(inside, at, baseSec);
    return { nsec, aheadNsec: timeOf(outside, other, baseSec) - nsec, way };
  });
  const driftPerSec = driftOf(samples);
  const medianOf = (way: Way): number | null => {
    const ofWay = samples.filter((sample) => sample.way === way);
    return ofWay.length === 0
      ? null
      : median(ofWay.map(({ nsec, aheadNsec }) => aheadNsec - (nsec / 1e9) * driftPerSec));
  };
  const out = medianOf(WAY.out) ?? medianOf(WAY.in) ?? 0;
  const back = medianOf(WAY.in) ?? out;
  const offsetNsec = (out + back) / 2;
  return { baseSec, offsetNsec, driftPerSec, delayNsec: [out - offsetNsec, back - offsetNsec], pairs: pairs.length };
}

interface Sample {
  readonly nsec: number;
  readonly aheadNsec: number;
  readonly way: Way;
}

/** The median of the slopes between the medians of pieces of time, of packets that go one way. @see Theil and Sen */
function driftOf(samples: readonly Sample[]): number {
  const outgoing = samples.filter(({ way }) => way === WAY.out);
  const ofWay = (outgoing.length > 0 ? outgoing : samples).toSorted((a, b) => a.nsec - b.nsec);
  const span = (ofWay.at(-1)?.nsec ?? 0) - (ofWay[0]?.nsec ?? 0);
  if (span < DRIFT_MIN_NSEC || ofWay.length < DRIFT_MIN_PAIRS) return 0;
  const perPiece = Math.ceil(ofWay.length / PIECES);
  const pieces: { readonly nsec: number; readonly aheadNsec: number }[] = [];
  for (let from = 0; from < ofWay.length; from += perPiece) {
    const piece = ofWay.slice(from, from + perPiece);
    pieces.push({
      nsec: median(piece.map(({ nsec }) => nsec)),
      aheadNsec: median(piece.map((each) => each.aheadNsec)),
    });
  }
  const slopes = pieces.flatMap((one, index) =>
    pieces
      .slice(index + 1)
      .filter((other) => other.nsec > one.nsec)
      .map((other) => ((other.aheadNsec - one.aheadNsec) / (other.nsec - one.nsec)) * 1e9),
  );
  return slopes.length === 0 ? 0 : median(slopes);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
