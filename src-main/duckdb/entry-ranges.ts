/** Entries of a run by their ordinal: from the first, before the second. */
export type EntryRange = readonly [from: number, to: number];

/** Entries whose ordinals are in memory at a time, and those that are a list in the database. */
const BATCH_ENTRIES = 32_768;
const PIECE_ENTRIES = 4096;

/** Gives the same ranges, in parts of which each has so many entries at most; none of them empty. */
export function* batchesOf(ranges: readonly EntryRange[]): Generator<EntryRange[]> {
  let batch: EntryRange[] = [];
  let left = BATCH_ENTRIES;
  for (const [first, end] of ranges) {
    for (let from = first; from < end; from += PIECE_ENTRIES) {
      const to = Math.min(from + PIECE_ENTRIES, end);
      if (left < to - from) {
        yield batch;
        batch = [];
        left = BATCH_ENTRIES;
      }
      batch.push([from, to]);
      left -= to - from;
    }
  }
  if (batch.length > 0) yield batch;
}

/**
 * $1 ranges of a batch, as JSON; gives the ordinals of their entries. Losses by chance are as many ranges as entries, and each
 * entry compared with each range takes minutes where looking them up takes a second.
 */
const ENTRIES_IN_RANGES = `SELECT unnest(range(part[1], part[2]))::UBIGINT AS entry_no
  FROM (SELECT unnest(from_json($1::JSON, '[["BIGINT"]]')) AS part)`;

/** What entries of a batch are, with the parameters of `inBatch`: $1 the ranges, $2 run_id, $3 first and $4 end of them. */
export const IS_IN_BATCH = `run_id = $2::UINTEGER AND entry_no >= $3::UBIGINT AND entry_no < $4::UBIGINT
  AND entry_no IN (${ENTRIES_IN_RANGES})`;

export function inBatch(runId: number, batch: readonly EntryRange[]): (number | string)[] {
  return [JSON.stringify(batch), runId, batch[0]?.[0] ?? 0, batch.at(-1)?.[1] ?? 0];
}

/** @returns what of some ranges is in none of the others; all of them ascending, and none of either touches another */
export function withoutRanges(ranges: readonly EntryRange[], others: readonly EntryRange[]): EntryRange[] {
  const left: [from: number, to: number][] = [];
  let place = 0;
  for (const [begin, to] of ranges) {
    let from = begin;
    while (place < others.length && others[place]![1] <= from) place++;
    for (let at = place; at < others.length && others[at]![0] < to; at++) {
      const [otherFrom, otherTo] = others[at]!;
      if (otherFrom > from) left.push([from, otherFrom]);
      from = Math.max(from, otherTo);
    }
    if (from < to) left.push([from, to]);
  }
  return left;
}
