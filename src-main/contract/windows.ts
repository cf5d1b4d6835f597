import type { Notice } from './result-batch';

/** What windows of a Logstore hold, so that whoever has rows of them can tell whether these are all. */
export interface WindowsRequest {
  readonly project: string;
  readonly logstore: string;
  /** One import; null for all of them. */
  readonly run: number | null;
}

/**
 * Streams the completeness marker of each window, `run, instance, epoch, window_start, window_end, entries, packets, bytes,
 * in_log_entries, in_log_packets, in_log_bytes, is_partial`, in batches, at least one; by run, capture epoch and time.
 *
 * Windows are half-open, epoch seconds: an entry is in the one that its `start_time` is in. The first three counts are what
 * the gateway sealed, bytes are IP bytes of both directions, and `in_log` is what of that is in the Logstore; they are equal
 * when nothing was lost on the way, or expired. `is_partial` is 1 for a window that the captures do not cover whole.
 */
export interface WindowsReport {
  /** Rows that were sent. */
  readonly windows: number;
  /** Of these, those of which the Logstore lacks something. */
  readonly incomplete: number;
  /** Imports whose windows do not add up to their ledger, though no retention has deleted entries of them. */
  readonly unbalanced: readonly number[];
  /** Imports of which a retention has deleted entries, and how many. */
  readonly expired: readonly { readonly run: number; readonly entries: number }[];
  readonly notices: readonly Notice[];
}
