/** A value that a statement is bound with; `$1` is the first. */
export type SqlParam = bigint | string | number;

/** How a text is cut into terms and how terms are compared. @see sls-logstore.md §1.4 */
export interface TermOptions {
  /**
   * Delimiters, each one character of ASCII, which belong to no term; none: the whole value is one term. Without regard to case, a
   * letter among them cuts in either case.
   */
  readonly token: readonly string[];
  readonly caseSensitive: boolean;
  /** Chinese text: each Chinese character is a term of its own. */
  readonly chn: boolean;
}

/**
 * A field of the index. What it does not say of its terms is as with the vendor's fields without delimiters: the whole
 * value is one term, compared without regard to case.
 */
export interface LogRelationField extends Partial<TermOptions> {
  /** Name in queries, which compare names without regard to case: `status`, a JSON leaf `user.id`, a tag `__tag__:path`. */
  readonly name: string;
  readonly type: 'text' | 'long' | 'double' | 'ipv4';
  /**
   * SQL over the physical row, trusted: columns bare or as `entry.column`. It yields text for `text`, any integer for
   * `long`, DOUBLE for `double`, UINTEGER in host order for `ipv4`; NULL where the entry lacks the field or holds something
   * else than the type. DuckDB's printer must keep it (it does not keep IS TRUE and literals such as 1e0), else every
   * statement is refused.
   */
  readonly expression: string;
  /** Second name in SQL; absent for none. */
  readonly alias?: string;
  /** False when SQL cannot read the field. Default true. */
  readonly docValue?: boolean;
}

/** The full-text index: what words without a field are searched in. */
export interface LogRelationLine extends TermOptions {
  /** Text expressions, in SQL as that of a field. One that is a field too is searched as that field is indexed. */
  readonly fields: readonly { readonly name: string; readonly expression: string }[];
}

/** What of an entry can be searched, and how. */
export interface LogIndex {
  /** The indexed fields in the order of the schema. */
  readonly fields: readonly LogRelationField[];
  /** Absent when there is no full-text index. */
  readonly line?: LogRelationLine;
}

/** A Logstore's table as a query sees it: which fields are indexed and how each is read from the physical row. */
export interface LogRelation extends LogIndex {
  /** Physical name, already quoted. Its rows have `__time__` (epoch seconds), `run_id` and `entry_no`. */
  readonly table: string;
  /**
   * A struct of values that rows keep beside their columns, made of a row once, as there may be thousands: expressions have
   * it as `UNPACKED` of `entry`. Absent where they need none.
   */
  readonly unpacked?: string;
  /**
   * What rows have beside all fields, whatever is indexed: a search finds entries by it, and can end them with it. Of the
   * names, none is the vendor's. Absent for nothing.
   */
  readonly beside?: readonly LogRelationField[];
  /** The time of an entry, where it is none of what `entry` has and may stand beside it. Absent where fields tell it. */
  readonly time?: LogRelationField;
  /**
   * What a row of a whole entry has, in the schema's order: all that is stored, whatever is indexed, whose expressions hold for
   * the entries of older indexes too. Absent where that is the indexed fields alone.
   */
  readonly entry?: readonly LogRelationField[];
  /** Runs after `maxRun` and those in `hidden` do not exist for queries: not committed, or deleted. */
  readonly visibleRuns: { readonly maxRun: number; readonly hidden: readonly number[] };
  /**
   * All that is stored, in any index or none, as text or as addresses: what statements read that scan. Absent where that is
   * the indexed fields alone.
   */
  readonly stored?: readonly LogRelationField[];
  /**
   * `__time__` of the first and the last visible entry, where it is known: what all of them fulfil is not asked of each, for
   * which the column would have to be read.
   */
  readonly extent?: { readonly firstSec: number; readonly lastSec: number };
  /**
   * Indexes that the entries of earlier runs still have: each holds for the runs up to `untilRun` that no index before it
   * holds for, ascending; the relation's own holds for the runs after the last. Nothing is found of runs whose index has
   * neither fields nor full text. Absent or empty once all entries are indexed anew.
   */
  readonly olderIndexes?: readonly (LogIndex & { readonly untilRun: number })[];
}

/** Quoted. */
export const UNPACKED = '"λextra"';

/** The time of an entry, epoch seconds; every Logstore has it beside its fields. @see sls-logstore.md §3.4 */
export const TIME_COLUMN = '__time__';
