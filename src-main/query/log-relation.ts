import type { FieldType } from '../contract/log-entry';

/** A value that a statement is bound with; `$1` is the first. */
export type SqlParam = bigint | string | number;

export interface LogRelationField {
  /** Name in queries, which compare names without regard to case. */
  readonly name: string;
  readonly type: FieldType;
  /**
   * SQL over the physical row, trusted: columns bare or as `entry.column`. It yields text for `text`, any integer for
   * `long`, UINTEGER in host order for `ipv4`; NULL where the entry lacks the field. DuckDB's printer must keep it (it
   * does not keep IS TRUE and literals such as 1e0), else every statement is refused.
   */
  readonly expression: string;
  /** Delimiters of the field's index; absent or empty when the whole value is one term. */
  readonly token?: readonly string[];
}

/** A Logstore's table as a query sees it: which fields are indexed and how each is read from the physical row. */
export interface LogRelation {
  /** Physical name, already quoted. Its rows have `__time__` (epoch seconds), `run_id` and `entry_no`. */
  readonly table: string;
  /** The indexed fields in the order of the schema. */
  readonly fields: readonly LogRelationField[];
  /** Runs after `maxRun` and those in `hidden` do not exist for queries: not committed, or deleted. */
  readonly visibleRuns: { readonly maxRun: number; readonly hidden: readonly number[] };
}

/** The time of an entry, epoch seconds; every Logstore has it beside its fields. @see sls-logstore.md §3.4 */
export const TIME_COLUMN = '__time__';
