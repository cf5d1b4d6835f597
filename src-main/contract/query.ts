import type { Notice, ResultBatch } from './result-batch';

/**
 * The imports that an answer rests on. A log only grows between two calls that name the same one, and neither sees the
 * growth; entries of it that were deleted since make the later call fail.
 */
export interface LogSnapshot {
  /** Runs after this one are not seen; null when there was none. */
  readonly maxRun: number | null;
  /** When that one began, milliseconds since 1970: what tells it from one of the same number in another workspace. */
  readonly startedMs: number | null;
  /** Runs up to `maxRun` that were under way, in ascending order. */
  readonly hidden: readonly number[];
  /** How many runs are seen. */
  readonly runs: number;
}

export interface QueryRequest {
  readonly text: string;
  readonly project: string;
  readonly logstore: string;
  /** Half-open range as the user wrote it (`-15m`, RFC 3339, epoch seconds, …); null means the end of the log. */
  readonly from: string | null;
  readonly to: string | null;
  /** IANA name, `UTC` or an offset such as `+08:00`. */
  readonly zone: string;
  /** `console`: the caps of the vendor's console hold, what its language lacks is refused, and the report says what was cut. */
  readonly limits?: 'console' | undefined;
  /** At most this many rows; null for all of them. */
  readonly limit: number | null;
  /** Entries passed over before the first; 0 for a statement, which has an OFFSET of its own. */
  readonly offset: number;
  /** Entries newest first. */
  readonly reverse: boolean;
  /** Begin each entry with its identity, in a column `ENTRY_ID_COLUMN`; not for a statement. */
  readonly entryIds?: boolean | undefined;
  /** End each entry with why its session ended, see `END_REASON_FIELD`; not for a statement, and of session logs alone. */
  readonly entryEnds?: boolean | undefined;
  /**
   * Begin each entry with its time, epoch seconds in a column `__time__`, where that is none of its fields; without effect on a
   * statement, and on session logs, of which it is `start_time`.
   */
  readonly entryTime?: boolean | undefined;
  /**
   * How a statement's columns of times come: as clocks of the zone show them, or, for those who write an offset behind them, as
   * the instants that they are, in UTC. Default `local`.
   */
  readonly times?: 'local' | 'instant' | undefined;
  /**
   * For a file of any size: a statement runs with little memory, and fails with QUERY_FAILED where that is not enough; it is
   * then to be asked without this. A search needs little in any case.
   */
  readonly littleMemory?: boolean | undefined;
  /** Of an answer that this belongs to; null for the log as it is now. */
  readonly snapshot: LogSnapshot | null;
}

/** What a column of a statement means, as far as the statement tells. */
export interface ColumnMeaning {
  /** Its numbers are epoch seconds, or its texts times. */
  readonly isTime: boolean;
  /** The rows are grouped by it. */
  readonly isKey: boolean;
}

export interface QueryReport {
  readonly rowCount: number;
  readonly columns: readonly { readonly name: string; readonly type: ResultBatch['columns'][number]['type'] }[];
  /** Of a statement, by position; none for entries, and where that is not known. */
  readonly meanings?: readonly ColumnMeaning[] | undefined;
  /** The range that was searched, epoch seconds, half-open; null for a log without entries. */
  readonly range: { readonly fromSec: number; readonly toSec: number } | null;
  readonly snapshot: LogSnapshot;
  readonly notices: readonly Notice[];
  readonly sql: string;
}

export type ExplainRequest = Pick<
  QueryRequest,
  'text' | 'project' | 'logstore' | 'from' | 'to' | 'zone' | 'limits' | 'snapshot'
>;

export interface ExplainReport {
  /** As in `QueryReport`. */
  readonly range: QueryReport['range'];
  /** Of the search part, with UTF-16 positions in the query. */
  readonly tokens: readonly {
    readonly kind: string;
    readonly text: string;
    readonly start: number;
    readonly end: number;
  }[];
  /** The indexed fields that the search compares or the statement reads. */
  readonly indexes: readonly {
    readonly field: string;
    readonly type: string;
    readonly search: boolean;
    readonly sql: boolean;
  }[];
  /** The statement as DuckDB is given it, with the values of `$1`, `$2`, … as text. */
  readonly sql: string;
  readonly params: readonly string[];
  /** DuckDB's drawing of how it runs. */
  readonly plan: string;
}

export type HistogramRequest = Pick<
  QueryRequest,
  'text' | 'project' | 'logstore' | 'from' | 'to' | 'zone' | 'limits' | 'snapshot'
> & {
  /** Whether `scanned` is wanted; default false. */
  readonly withScanned?: boolean | undefined;
};

export interface HistogramReport {
  /** As in `QueryReport`. */
  readonly range: QueryReport['range'];
  readonly snapshot: LogSnapshot;
  /** Width of a bin: one of the fixed widths, aligned to the epoch in the zone. */
  readonly binSec: number;
  /** Every bin that the range touches, in order and without gaps; the first and the last may lie partly outside of it. */
  readonly bins: readonly { readonly startSec: number; readonly entries: number }[];
  /** Entries in the range that were found, which is the sum over the bins. */
  readonly entries: number;
  /** All entries in the range, whatever the search finds of them; null where it was not asked for. */
  readonly scanned: number | null;
  /** Windows in the range of which entries were not delivered, ascending; half-open, epoch seconds. */
  readonly incomplete: readonly { readonly startSec: number; readonly endSec: number }[];
  readonly notices: readonly Notice[];
}
