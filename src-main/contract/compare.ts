import type { Notice } from './result-batch';

/** One of the two logs of a comparison: a Logstore of session logs, or a file of them, which is read and left alone. */
export type CompareSide = { readonly logstore: string } | { readonly file: string };

export interface CompareRequest {
  readonly project: string;
  /** Standard input can be one of them. */
  readonly sides: readonly [CompareSide, CompareSide];
  /** As of a load. */
  readonly streams?: readonly { readonly capture: string; readonly socketPath: string }[] | undefined;
}

/** Where a difference is: in the first log only, in the second only, or in two entries that belong together. */
export const DIFFERENCE_PLACES = ['A', 'B', 'both'] as const;
export type DifferencePlace = (typeof DIFFERENCE_PLACES)[number];

/**
 * Why an entry has no equal on the other side, as far as the two logs tell:
 *
 * - `window_edge`: packets counted in the window beside; over these windows both logs have the same sums.
 * - `split`: other entries of the same window, with the same sums.
 * - `clock`: equal counters, both times shifted by the same seconds.
 * - `time_zone`: equal but for whole quarters of an hour, up to 14 hours, by which most entries are apart.
 * - `times`: equal counters, and times that differ otherwise.
 * - `translation`: the same session at another translated address or port.
 * - `gateway`: the same entry of another gateway or VPC.
 * - `fragment`: one side counts fragments, the other what they were put together to: 20 octets less for each one less.
 * - `late`: the entry counts packets that came too late, or was corrected after its window had closed.
 * - `partial_window`: the capture does not cover the whole window.
 * - `missing_packets`: one side has less of everything that differs.
 * - `dnat`: the host leaves by DNAT or by its own EIP on the other side, where such sessions are in no session log.
 * - `duplicate`: the other log has the same entry once, or as often as it was found equal.
 * - `not_covered`: the other log has nothing so early, or so late.
 * - `missing_delivery`: the other log has entries around that time, or is known to have lost some of it, and not this one.
 * - `unexplained`: none of these.
 */
export const DIFFERENCE_REASONS = [
  'window_edge',
  'split',
  'clock',
  'time_zone',
  'times',
  'translation',
  'gateway',
  'fragment',
  'late',
  'partial_window',
  'missing_packets',
  'dnat',
  'duplicate',
  'not_covered',
  'missing_delivery',
  'unexplained',
] as const;
export type DifferenceReason = (typeof DIFFERENCE_REASONS)[number];

/** Differences of one kind; two entries that belong together are one. */
export interface DifferenceCount {
  readonly place: DifferencePlace;
  readonly reason: DifferenceReason;
  readonly differences: number;
}

export interface CompareReport {
  /** Entries of each side. */
  readonly entries: readonly [number, number];
  /** Entries that have an equal on the other side. */
  readonly equal: number;
  readonly onlyIn: readonly [number, number];
  readonly different: number;
  /** The most frequent first. */
  readonly counts: readonly DifferenceCount[];
  /** By how much times of the second log are later where all else is equal: the most frequent shift; null without one. */
  readonly clock: { readonly shiftSec: number; readonly entries: number } | null;
  /** What a reader of the result must know, with the side that it is about. */
  readonly notices: readonly Notice[];
}
