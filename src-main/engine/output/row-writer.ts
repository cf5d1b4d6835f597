import type { QueryReport } from '../../contract/query';
import type { ResultBatch } from '../../contract/result-batch';

export type ColumnHeads = QueryReport['columns'];

/** Writes a result as it comes, holding no more of it than a batch. */
export interface RowWriter {
  rows(batch: ResultBatch): Promise<void>;
  /** Writes what is left; only now is the output complete. */
  end(columns: ColumnHeads): Promise<void>;
  /** What the reader must know about how values were written. */
  readonly notes: readonly string[];
}
