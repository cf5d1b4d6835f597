import type { Database } from '../duckdb/database';
import { compileHistogram } from '../query/compile-histogram';
import type { LogRelation } from '../query/log-relation';
import type { TimeRange } from '../query/time-range';
import { readModestly } from './modest-reading';

/** Entries of a slice, which are sorted in memory at once. */
const SLICE_ENTRIES = 200_000;
/** Values that are unpacked of the rows of a slice: 2,048 rows at once, as DuckDB takes them, of 2,000 are more than its memory [measured]. */
const SLICE_VALUES = 1_500_000;
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

/** A slice, or one page of what was found in it. */
export interface SlicePage extends TimeSlice {
  readonly page: { readonly limit: number; readonly offset: number } | null;
}

/** Entries of a slice at most: fewer of those that have many fields to unpack. */
export function sliceEntriesOf({ unpacked, fields }: Pick<LogRelation, 'unpacked' | 'fields'>): number {
  if (unpacked === undefined) return SLICE_ENTRIES;
  return Math.max(1, Math.min(SLICE_ENTRIES, Math.floor(SLICE_VALUES / Math.max(1, fields.length))));
}

/** The pages of a slice that has more than can be unpacked at once, since it comes within one stretch; or else the slice. */
export function slicePages(slice: TimeSlice, { unpacked }: Pick<LogRelation, 'unpacked'>, most: number): SlicePage[] {
  const { range, entries } = slice;
  if (unpacked === undefined || entries === null || entries <= most) return [{ ...slice, page: null }];
  return Array.from({ length: Math.ceil(entries / most) }, (_, index) => {
    const offset = index * most;
    return { range, entries: Math.min(most, entries - offset), page: { limit: most, offset } };
  });
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
  for await (const { rowCount, columns } of readModestly(database, { sql, params }, { signal })) {
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
