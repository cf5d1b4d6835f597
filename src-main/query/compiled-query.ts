import type { ColumnMeaning } from '../contract/query';
import type { ColumnType } from '../contract/result-batch';
import type { RowCap } from './console-limits';
import type { LogRelation, SqlParam } from './log-relation';
import type { BoundSql } from './log-sql';
import type { SearchLimits } from './search-limits';
import type { SearchNote } from './search-sql';

/** DuckDB's parser, which this folder does not call itself: `json_serialize_sql` and `json_deserialize_sql`. */
export interface SqlParser {
  serialize(sql: string): Promise<string>;
  /** The text of a tree, and what `serialize` gives of that text. */
  print(json: string): Promise<{ readonly sql: string; readonly json: string }>;
}

export interface CompileRequest {
  readonly text: string;
  /** Half-open, epoch seconds. */
  readonly range: { readonly fromSec: number; readonly toSec: number };
  /** Rows at most, for entries and statements alike; null for all of them. */
  readonly limit: number | null;
  /** Entries passed over before the first; 0 for a statement, which has an OFFSET of its own. */
  readonly offset: number;
  /** Entries newest first; a statement has its own order. */
  readonly reverse: boolean;
  /** Begin each entry with its identity; not for a statement. Default false. */
  readonly entryIds?: boolean;
  /** End each entry with what its Logstore keeps beside its fields, see `LogRelation.beside`; not for a statement. Default false. */
  readonly entryEnds?: boolean;
  /** Begin each entry with its time, where none of its fields is it; not of a statement. Default false. */
  readonly entryTime?: boolean;
  /** In which a statement's times of day are; `UTC` when absent. */
  readonly zone?: string;
  /**
   * How a statement's columns of times come out, as TIMESTAMPs: as clocks of the zone show them, or as the instants that they
   * are, in UTC; two instants may be shown alike where clocks are put back. Default `local`.
   */
  readonly times?: 'local' | 'instant';
  /** What `now()` gives, epoch milliseconds; the database's own clock when absent. */
  readonly nowMs?: number;
  /** Caps of the vendor's console; absent for none. */
  readonly limits?: SearchLimits | undefined;
  /** False to make the text of every address where the log is read, which is slower and gives the same rows. Default true. */
  readonly keepAddressNumbers?: boolean;
  /** The Logstores that a statement can name besides `log`. */
  readonly logstores?: LogstoreNames;
}

export interface LogstoreNames {
  /** The Logstore of the query, which is `log` under its own name. */
  readonly own: string;
  /** Another one of its project; null when there is none of the name. */
  find(name: string): Promise<LogRelation | null>;
}

export interface CompiledColumn {
  readonly name: string;
  readonly type: Extract<ColumnType, 'ipv4' | 'int64' | 'float64' | 'text'>;
}

export interface CompiledQuery {
  readonly kind: 'entries' | 'statement';
  readonly sql: string;
  /** Values of `$1`, `$2`, …; every one of them occurs. */
  readonly params: readonly SqlParam[];
  /** Known beforehand for entries, whose addresses are UINTEGER in host order; null for a statement. */
  readonly columns: readonly CompiledColumn[] | null;
  /** Of a statement, by position; none where that is not known. */
  readonly meanings: readonly ColumnMeaning[];
  /** Whether a limit or an offset of the request chooses among its rows. */
  readonly isCut: boolean;
  /** Of the limits that the query is under; null when none of them cuts its rows. */
  readonly cap: RowCap | null;
  /** Names of the fields that are read by their index; a few too many where a statement's own names are alike. */
  readonly fieldsRead: readonly string[];
  /** About the search: what is not wrong and yet may surprise, such as a range of text. */
  readonly notes: readonly SearchNote[];
  /** SELECTs of the shards of which its scans leave entries out: see `cutShardsSql`. */
  readonly cutShards: readonly BoundSql[];
}
