import type { Database } from '../duckdb/database';
import { readStream } from '../duckdb/read-stream';
import { compileHistogram } from '../query/compile-histogram';
import type { LogRelation } from '../query/log-relation';
import type { TimeRange } from '../query/time-range';

/** Entries of a slice, which are sorted in memory at once. */
const SLICE_ENTRIES = 200_000;
/** Stretches of time that are counted; a slice is some of them. */
const STRETCHES = 4096;

interface Slicing {
  /** Of the query; its statement is left out. */
  readonly text: string;
  readonly range: TimeRange;
  readonly relation: LogRelation;
  /** Entries of the log, found or not. */
  readonly entries: number;
  readonly reverse: boolean;
}

/** A part of a range, and how much was found in it; null where nothing was counted. */
export interface TimeSlice {
  readonly range: TimeRange;
  readonly entries: number | null;
}

/**
 * Cuts a range by time, so that of what a search finds no slice has much more than can be sorted in memory, unless it comes
 * within one stretch. One after the other they give what the whole range gives, and the first rows at once.
 *
 * @param sliceEntries at most, where no stretch has more
 * @throws AppError as `readStream`
 */
export async function timeSlices(
  database: Database,
  { text, range, relation, entries, reverse }: Slicing,
  signal: AbortSignal,
  sliceEntries = SLICE_ENTRIES,
): Promise<readonly TimeSlice[]> {
  const whole = [{ range, entries: null }];
  if (entries <= sliceEntries) return whole;
  const { extent } = relation;
  const fromSec = Math.max(range.fromSec, extent?.firstSec ?? range.fromSec);
  const toSec = Math.min(range.toSec, extent === undefined ? range.toSec : extent.lastSec + 1);
  if (toSec <= fromSec) return whole;
  const widthSec = Math.max(1, Math.ceil((toSec - fromSec) / STRETCHES));
  const bins = { startsSec: [fromSec], quantumSec: widthSec };
  const { sql, params } = compileHistogram(text, { fromSec, toSec }, bins, relation);
  const counts = new Float64Array(Math.ceil((toSec - fromSec) / widthSec));
  for await (const { rowCount, columns } of readStream(database, sql, params, { signal })) {
    const [stretches, found] = columns.map(({ data }) => data);
    for (let row = 0; row < rowCount; row++) counts[Number(stretches?.[row])]! += Number(found?.[row]);
  }
  const slices = slicesOf(counts, { fromSec, toSec }, widthSec, sliceEntries);
  return reverse ? slices.toReversed() : slices;
}

function slicesOf(
  counts: Float64Array,
  { fromSec, toSec }: TimeRange,
  widthSec: number,
  most: number,
): readonly TimeSlice[] {
  const slices: TimeSlice[] = [];
  let startSec = fromSec;
  let entries = 0;
  for (const [stretch, count] of counts.entries()) {
    const atSec = fromSec + stretch * widthSec;
    if (entries > 0 && entries + count > most) {
      slices.push({ range: { fromSec: startSec, toSec: atSec }, entries });
      startSec = atSec;
      entries = 0;
    }
    entries += count;
  }
  return [...slices, { range: { fromSec: startSec, toSec }, entries }];
}
