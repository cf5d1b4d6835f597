/** A result as columns: what a query streams to whoever asked, and what a chart or a table reads. */

interface ColumnBase {
  readonly name: string;
  /** One byte per row, 1 where the value is present; absent when every value is. A slot without a value is stale. */
  readonly validity?: Uint8Array;
}

export type ResultColumn =
  | (ColumnBase & { readonly type: 'int64'; readonly data: BigInt64Array })
  | (ColumnBase & { readonly type: 'float64'; readonly data: Float64Array })
  | (ColumnBase & { readonly type: 'bool'; readonly data: Uint8Array })
  /** `data` are indexes into `dictionary`. */
  | (ColumnBase & { readonly type: 'text'; readonly data: Uint32Array; readonly dictionary: readonly string[] })
  /** IPv4 in host order. */
  | (ColumnBase & { readonly type: 'ipv4'; readonly data: Uint32Array })
  /** Microseconds since 1970. */
  | (ColumnBase & { readonly type: 'timestamp'; readonly data: BigInt64Array })
  /** Lists, maps, decimals and integers beyond 64 bits, as exact JSON text; coded like `text`. */
  | (ColumnBase & { readonly type: 'json'; readonly data: Uint32Array; readonly dictionary: readonly string[] });

export type ColumnType = ResultColumn['type'];

/** Columns in the order of the statement. Names may repeat. */
export interface ResultBatch {
  readonly rowCount: number;
  readonly columns: readonly ResultColumn[];
}

/** Windows that captures do not cover whole, among those that an answer rests on. */
export interface PartialWindows {
  readonly partial: number;
  /** That captures reach over; null where windows begin with their sessions. */
  readonly all: number | null;
  /** When the first of the partial ones start, epoch seconds, each once; `otherStarts` are not named. */
  readonly startsSec: readonly number[];
  readonly otherStarts: number;
}

/**
 * A fact about a result that its reader must know: rows cut, runs left out, losses behind the data; or windows that the
 * captures cover in part, as nearly every first and last one is, which is no loss.
 */
export interface Notice {
  readonly kind: 'limited' | 'losses' | 'info' | 'partial';
  readonly text: string;
  /** The numbers of a `partial` one. */
  readonly windows?: PartialWindows;
  /** Of losses of an import that none of its numbers shows, neither those of the ledger nor of the delivery. */
  readonly isBesideLedger?: boolean;
}
