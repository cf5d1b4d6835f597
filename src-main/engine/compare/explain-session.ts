import type { DifferencePlace, DifferenceReason } from '../../contract/compare';
import { ENTRY_FLAG } from '../../contract/log-entry';
import { COUNTERS, type ComparedEntry } from './compared-entry';

/** Clocks that are further apart are no explanation. */
const MOST_SHIFT_SEC = 300n;
/** Windows whose starts are further apart are not neighbours. */
const WINDOW_SEC = 600n;
/** Of an IPv4 header without options, which each fragment has one of. */
const HEADER_BYTES = 20n;

/** What a log says of the time and the host of an entry that it does not have. */
export interface OtherLog {
  /** Whether it has entries of windows before and after this one, or of it. */
  covers(windowStartSec: bigint): boolean;
  /** Whether entries of this window are known to have been lost on the way to it. */
  hasLost(windowStartSec: bigint): boolean;
  /** Whether the host leaves by something else than SNAT there. */
  excludes(host: number | null): boolean;
}

export interface Difference {
  readonly place: DifferencePlace;
  readonly reason: DifferenceReason;
  /** From the first log; null where only the second has it. */
  readonly a: ComparedEntry | null;
  readonly b: ComparedEntry | null;
  /** Names of the fields in which the two differ. */
  readonly fields: readonly string[];
}

type Rest = [ComparedEntry[], ComparedEntry[]];
type Pair = readonly [a: ComparedEntry, b: ComparedEntry];

/**
 * Says what became of the entries of one five-tuple that have no equal on the other side. Of these, those belong together
 * that are of the same window and translation, then those of the same window, then those that a shifted clock explains.
 *
 * @param first from the first log, `second` from the second, each by time
 * @param others what the second log says of an entry of the first, and the first of one of the second
 */
export function explainSession(
  host: number | null,
  first: readonly ComparedEntry[],
  second: readonly ComparedEntry[],
  others: readonly [OtherLog, OtherLog],
): readonly Difference[] {
  const once = [first, second].map((entries) => entries.filter(({ isRepeated }) => !isRepeated)) as Rest;
  const rest: Rest = [...once];
  const pairs = [
    ...takePairs(rest, (a, b) => isSameWindow(a, b) && isSameTranslation(a, b)),
    ...takePairs(rest, isShifted),
    ...takePairs(rest, isSameWindow),
  ];
  const moved = movedEntries(...once);
  const reasonOf = (entry: ComparedEntry, other: OtherLog): DifferenceReason =>
    moved.get(entry) ?? reasonOfMissing(host, entry, other);
  return [
    ...repeated('A', first),
    ...repeated('B', second),
    ...pairs.map(([a, b]) => differencePair(a, b, moved.get(a) ?? null)),
    ...rest[0].map((a) => ({ place: 'A' as const, reason: reasonOf(a, others[0]), a, b: null, fields: [] })),
    ...rest[1].map((b) => ({ place: 'B' as const, reason: reasonOf(b, others[1]), a: null, b, fields: [] })),
  ];
}

function repeated(place: 'A' | 'B', entries: readonly ComparedEntry[]): readonly Difference[] {
  return entries
    .filter(({ isRepeated }) => isRepeated)
    .map((entry): Difference => {
      const [a, b] = place === 'A' ? [entry, null] : [null, entry];
      return { place, reason: 'duplicate', a, b, fields: [] };
    });
}

const isSameWindow = (a: ComparedEntry, b: ComparedEntry): boolean => a.windowStartSec === b.windowStartSec;
export const isSameTranslation = (a: ComparedEntry, b: ComparedEntry): boolean =>
  a.natIp === b.natIp && a.natPort === b.natPort;
export const isSameCount = (a: ComparedEntry, b: ComparedEntry): boolean =>
  a.counters.every((count, index) => count === b.counters[index]);

/** Equal but for times that are shifted alike, and not further than clocks may be apart. */
function isShifted(a: ComparedEntry, b: ComparedEntry): boolean {
  const shift = b.startSec - a.startSec;
  return (
    (shift < 0n ? -shift : shift) <= MOST_SHIFT_SEC &&
    b.endSec - a.endSec === shift &&
    isSameTranslation(a, b) &&
    isSameCount(a, b)
  );
}

/** Takes those out of the rest that belong together, each with the first that it may be with. */
function takePairs(rest: Rest, belong: (a: ComparedEntry, b: ComparedEntry) => boolean): readonly Pair[] {
  const pairs: Pair[] = [];
  const taken = new Set<ComparedEntry>();
  let from = 0;
  for (const a of rest[0]) {
    // Both are by time, so what is too early for this one is too early for those after it.
    while (from < rest[1].length && rest[1][from]!.startSec < a.startSec - 2n * MOST_SHIFT_SEC) from++;
    for (let index = from; index < rest[1].length; index++) {
      const b = rest[1][index]!;
      if (b.startSec > a.startSec + 2n * MOST_SHIFT_SEC) break;
      if (taken.has(b) || !belong(a, b)) continue;
      taken.add(a).add(b);
      pairs.push([a, b]);
      break;
    }
  }
  if (pairs.length > 0) {
    rest[0] = rest[0].filter((entry) => !taken.has(entry));
    rest[1] = rest[1].filter((entry) => !taken.has(entry));
  }
  return pairs;
}

/**
 * Entries whose packets the other log has elsewhere: where the sums of neighbouring windows agree, their packets were
 * counted on the other side of a window's edge; where those of one window do, they were divided otherwise.
 */
function movedEntries(
  first: readonly ComparedEntry[],
  second: readonly ComparedEntry[],
): ReadonlyMap<ComparedEntry, DifferenceReason> {
  const moved = new Map<ComparedEntry, DifferenceReason>();
  const windows = differencesByWindow(first, second);
  // The sums of all windows before one, and which that was: the same sums again mean that those between add up to none.
  let before = new Map<string, number>();
  let sums = COUNTERS.map(() => 0n);
  for (const [index, window] of windows.entries()) {
    const isNeighbour = index > 0 && window.startSec - windows[index - 1]!.startSec <= WINDOW_SEC;
    if (!isNeighbour) before = new Map();
    before.set(sums.join(), index);
    sums = sums.map((sum, counter) => sum + window.differences[counter]!);
    const from = before.get(sums.join());
    if (from === undefined) continue;
    const reason = from === index ? 'split' : 'window_edge';
    for (const { entries } of windows.slice(from, index + 1)) {
      for (const entry of entries) if (!moved.has(entry)) moved.set(entry, reason);
    }
  }
  return moved;
}

interface WindowDifference {
  readonly startSec: bigint;
  readonly entries: ComparedEntry[];
  /** In the order of `COUNTERS`: the first log less the second. */
  differences: readonly bigint[];
}

function differencesByWindow(
  first: readonly ComparedEntry[],
  second: readonly ComparedEntry[],
): readonly WindowDifference[] {
  const windows = new Map<bigint, WindowDifference>();
  const add = (entry: ComparedEntry, sign: bigint): void => {
    const { windowStartSec: startSec, counters } = entry;
    const window = windows.get(startSec) ?? { startSec, entries: [], differences: COUNTERS.map(() => 0n) };
    windows.set(startSec, window);
    window.entries.push(entry);
    window.differences = window.differences.map((sum, counter) => sum + sign * counters[counter]!);
  };
  for (const entry of first) add(entry, 1n);
  for (const entry of second) add(entry, -1n);
  return [...windows.values()].toSorted((a, b) => compareBigints(a.startSec, b.startSec));
}

const compareBigints = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function differencePair(a: ComparedEntry, b: ComparedEntry, moved: DifferenceReason | null): Difference {
  const fields = [
    ...(a.gateway === b.gateway ? [] : ['gateway']),
    ...(a.natIp === b.natIp ? [] : ['nat_ip']),
    ...(a.natPort === b.natPort ? [] : ['nat_port']),
    ...COUNTERS.filter((_, index) => a.counters[index] !== b.counters[index]),
    ...(a.startSec === b.startSec ? [] : ['start_time']),
    ...(a.endSec === b.endSec ? [] : ['end_time']),
  ];
  return { place: 'both', reason: reasonOfPair(a, b, moved), a, b, fields };
}

function reasonOfPair(a: ComparedEntry, b: ComparedEntry, moved: DifferenceReason | null): DifferenceReason {
  if (!isSameTranslation(a, b)) return 'translation';
  if (a.gateway !== b.gateway) return 'gateway';
  if (isShifted(a, b)) return 'clock';
  if (isSameCount(a, b)) return 'times';
  if (moved !== null) return moved;
  if (isReassembled(a, b)) return 'fragment';
  const flags = a.flags | b.flags;
  if ((flags & (ENTRY_FLAG.lateCarried | ENTRY_FLAG.revised)) !== 0) return 'late';
  if ((flags & ENTRY_FLAG.partialWindow) !== 0) return 'partial_window';
  const deltas = differencesOf(a, b);
  const isOneSided = deltas.every((delta) => delta >= 0n) || deltas.every((delta) => delta <= 0n);
  return isOneSided ? 'missing_packets' : 'unexplained';
}

const differencesOf = (a: ComparedEntry, b: ComparedEntry): readonly bigint[] =>
  a.counters.map((count, index) => count - b.counters[index]!);

/** A datagram that is put together again is one packet with one header, where its fragments were n with n headers. */
function isReassembled(a: ComparedEntry, b: ComparedEntry): boolean {
  const [bytesFromPub = 0n, pktsFromPub = 0n, bytesFromVpc = 0n, pktsFromVpc = 0n] = differencesOf(a, b);
  return bytesFromPub === HEADER_BYTES * pktsFromPub && bytesFromVpc === HEADER_BYTES * pktsFromVpc;
}

function reasonOfMissing(
  host: number | null,
  { flags, windowStartSec }: ComparedEntry,
  other: OtherLog,
): DifferenceReason {
  if (other.excludes(host)) return 'dnat';
  if (!other.covers(windowStartSec) && !other.hasLost(windowStartSec)) return 'not_covered';
  return (flags & ENTRY_FLAG.lateCarried) === 0 ? 'missing_delivery' : 'late';
}
