import type { HistogramReport } from '../../../src-main/contract/query';

/** Entries in fewer of the bins than this part of them are hardly told apart. */
const SEEN_PART = 1 / 4;

/** Seconds `[fromSec, toSec)` since 1970. */
interface Seconds {
  readonly fromSec: number;
  readonly toSec: number;
}

/** @returns the bins that have entries, where they are a small part of all; null where the range is as it should be */
export function fittedRange({
  bins,
  binSec,
  entries,
}: Pick<HistogramReport, 'bins' | 'binSec' | 'entries'>): Seconds | null {
  if (entries === 0) return null;
  const first = bins.findIndex((bin) => bin.entries > 0);
  const last = bins.findLastIndex((bin) => bin.entries > 0);
  if (last - first + 1 >= bins.length * SEEN_PART) return null;
  return { fromSec: bins[first]!.startSec, toSec: bins[last]!.startSec + binSec };
}
