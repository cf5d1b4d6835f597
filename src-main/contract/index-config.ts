/** The index of a Logstore as calls speak of it: the vendor's own JSON. */

export interface TextIndexOptions {
  /** Characters at which a value is cut into terms; empty: the whole value is one term. */
  readonly token: readonly string[];
  readonly caseSensitive: boolean;
  /** Segment Chinese text. */
  readonly chn: boolean;
}

export interface AnalyticsOptions {
  /** Whether SQL can read the field. */
  readonly doc_value: boolean;
  /** Second name in SQL; empty for none. */
  readonly alias: string;
}

/** A leaf of JSON values; text is cut into terms as its field says. */
export type JsonLeaf = { readonly type: 'text' | 'long' | 'double' } & AnalyticsOptions;

export interface JsonKey extends TextIndexOptions, AnalyticsOptions {
  readonly type: 'json';
  /** Whether all leaves that are text are indexed, besides those of `json_keys`. */
  readonly index_all: boolean;
  /** Objects in each other down to which `index_all` goes; -1 for all of them. */
  readonly max_depth: number;
  /** By their path, as `info.param.name`. */
  readonly json_keys: Readonly<Record<string, JsonLeaf>>;
}

/** One field in the index. Booleans are indexed as text, addresses too. */
export type IndexKey =
  | ({ readonly type: 'text' } & TextIndexOptions & AnalyticsOptions)
  | ({ readonly type: 'long' | 'double' } & AnalyticsOptions)
  | JsonKey;

/**
 * Index of a Logstore in the vendor's own JSON, so that what is written here can be pasted there. `keys` are in the
 * order of the fields and spelled exactly as the fields are.
 * @see sls-logstore.md §2, API CreateIndex
 */
export interface IndexConfig {
  /** The full-text index; absent when only fields are indexed. */
  readonly line?: TextIndexOptions & {
    readonly include_keys?: readonly string[];
    readonly exclude_keys?: readonly string[];
  };
  readonly keys: Readonly<Record<string, IndexKey>>;
  /** SQL at the vendor sees this many bytes of a text value, 64 to 16384; here it sees all of them. */
  readonly max_text_len: number;
  /** Kept for the vendor, and without effect here. */
  readonly scan_index?: boolean;
  readonly log_reduce?: boolean;
  readonly log_reduce_white_list?: readonly string[];
  readonly log_reduce_black_list?: readonly string[];
}

/**
 * Delimiters of the console, the SDKs and the sample index of the vendor. `.`, `-` and `_` are not among them, so an
 * IPv4 address or an instance ID is one term.
 * @see sls-logstore.md §1.4
 */
export const DEFAULT_DELIMITERS: readonly string[] = [
  ...[',', ' ', "'", '"', ';', '=', '(', ')', '[', ']', '{', '}', '?', '@', '&', '<', '>', '/', ':'],
  ...['\n', '\t', '\r'],
];

/** Default of the vendor. @see sls-logstore.md §2 */
export const DEFAULT_MAX_TEXT_LEN = 2048;

/** Bounds of the vendor. @see sls-logstore.md §2 */
export const LEAST_TEXT_LEN = 64;
export const MOST_TEXT_LEN = 16_384;

/** One difference between two indexes. */
export interface IndexChange {
  readonly part: 'text' | 'field' | 'setting';
  /** Of the field, or of the setting; null for the index of the whole text. */
  readonly name: string | null;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Keys of the vendor's JSON that are another; none for what was added or removed. */
  readonly settings: readonly string[];
}

/** What setting an index would mean. */
export interface IndexPreview {
  /** With everything in it that may be left out. */
  readonly config: IndexConfig;
  /** Against the index that is set. */
  readonly changes: readonly IndexChange[];
  /** Entries that are in the Logstore: they keep what they have until they are reindexed. */
  readonly entries: number;
}
