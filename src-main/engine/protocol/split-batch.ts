import { MAX_FRAME_BYTES } from '../../contract/frame-codec';
import type { ResultBatch, ResultColumn } from '../../contract/result-batch';

/** UTF-8 takes up to 3 bytes per UTF-16 unit, and JSON's escapes up to 6. */
const BYTES_PER_UNIT = 6;

/** An upper bound, so that a batch below it always fits its frame. */
function boundOf({ columns }: ResultBatch): number {
  return columns.reduce((bytes, column) => {
    const own = column.data.byteLength + (column.validity?.byteLength ?? 0) + column.name.length * BYTES_PER_UNIT + 128;
    if (!('dictionary' in column)) return bytes + own;
    return column.dictionary.reduce((sum, text) => sum + text.length * BYTES_PER_UNIT + 3, bytes + own);
  }, 1024);
}

function sliceColumn(column: ResultColumn, from: number, to: number): ResultColumn {
  const data = column.data.slice(from, to);
  const validity = column.validity === undefined ? {} : { validity: column.validity.slice(from, to) };
  if (!('dictionary' in column)) return { ...column, data, ...validity } as ResultColumn;
  // Only the texts in use, or halving a batch would not halve its frame.
  const dictionary: string[] = [];
  const codes = new Map<number, number>();
  const coded = data as Uint32Array;
  for (let row = 0; row < coded.length; row++) {
    if (column.validity?.[from + row] === 0) continue;
    const old = coded[row]!;
    let code = codes.get(old);
    if (code === undefined) {
      code = dictionary.push(column.dictionary[old] ?? '') - 1;
      codes.set(old, code);
    }
    coded[row] = code;
  }
  return { ...column, data: coded, dictionary, ...validity };
}

/** @returns the rows of `batch` in order, in pieces that fit a frame each; a single row may still be too long */
export function splitBatch(batch: ResultBatch, maxBytes = MAX_FRAME_BYTES): readonly ResultBatch[] {
  if (batch.rowCount <= 1 || boundOf(batch) <= maxBytes) return [batch];
  const middle = batch.rowCount >>> 1;
  const piece = (from: number, to: number): ResultBatch => ({
    rowCount: to - from,
    columns: batch.columns.map((column) => sliceColumn(column, from, to)),
  });
  return [...splitBatch(piece(0, middle), maxBytes), ...splitBatch(piece(middle, batch.rowCount), maxBytes)];
}
