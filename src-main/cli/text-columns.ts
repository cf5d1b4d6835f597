import type { ResultBatch, ResultColumn } from '../contract/result-batch';

/** How a column is written that has a meaning of its own. */
export interface ColumnTexts {
  readonly time: (epochNs: bigint) => string;
  /** Null for the number. */
  readonly protocol: ((protocol: number) => string) | null;
}

/** Of columns of nanoseconds since 1970. */
const NANOS = '_ns';

/** @returns the columns whose names end with `_ns` as text and without that, and the one named `protocol` as text */
export function withTexts(batch: ResultBatch, { time, protocol }: ColumnTexts): ResultBatch {
  const columns = batch.columns.map((column) => {
    if (column.type !== 'int64') return column;
    if (column.name.endsWith(NANOS)) return asText(column, column.name.slice(0, -NANOS.length), time);
    if (column.name !== 'protocol' || protocol === null) return column;
    return asText(column, column.name, (value) => protocol(Number(value)));
  });
  return { rowCount: batch.rowCount, columns };
}

/** Each different value is written once. */
function asText(
  { data, validity }: ResultColumn & { readonly type: 'int64' },
  name: string,
  textOf: (value: bigint) => string,
): ResultColumn {
  const codes = new Map<bigint, number>();
  const dictionary: string[] = [];
  const codeOf = (value: bigint): number => {
    const code = codes.get(value) ?? dictionary.push(textOf(value)) - 1;
    codes.set(value, code);
    return code;
  };
  // A slot without a value is stale.
  const coded = Uint32Array.from(data, (value, row) => (validity?.[row] === 0 ? 0 : codeOf(value)));
  return { name, type: 'text', data: coded, dictionary, ...(validity === undefined ? {} : { validity }) };
}
