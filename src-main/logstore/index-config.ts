import { SESSION_LOG_FIELDS } from '../contract/log-entry';

interface TextIndexOptions {
  /** Characters at which a value is cut into terms; empty: the whole value is one term. */
  readonly token: readonly string[];
  readonly caseSensitive: boolean;
  /** Segment Chinese text. */
  readonly chn: boolean;
}

interface AnalyticsOptions {
  /** Whether SQL can read the field. */
  readonly doc_value: boolean;
  /** Second name in SQL; empty for none. */
  readonly alias: string;
}

/** One field in the index. Booleans are indexed as text, addresses too. */
export type IndexKey =
  | ({ readonly type: 'text' } & TextIndexOptions & AnalyticsOptions)
  | ({ readonly type: 'long' | 'double' } & AnalyticsOptions)
  | ({
      readonly type: 'json';
      readonly index_all: boolean;
      readonly max_depth: number;
      readonly json_keys: Readonly<Record<string, { readonly type: 'text' | 'long' | 'double' } & AnalyticsOptions>>;
    } & TextIndexOptions &
      AnalyticsOptions);

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
  /** SQL sees this many bytes of a text value, 64 to 16384. */
  readonly max_text_len: number;
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
const DEFAULT_MAX_TEXT_LEN = 2048;

function indexKey(type: 'text' | 'long' | 'ipv4'): IndexKey {
  const analytics: AnalyticsOptions = { doc_value: true, alias: '' };
  switch (type) {
    case 'long':
      return { type: 'long', ...analytics };
    case 'text':
      return { type: 'text', token: DEFAULT_DELIMITERS, caseSensitive: false, chn: false, ...analytics };
    case 'ipv4':
      return { type: 'text', token: [], caseSensitive: false, chn: false, ...analytics };
  }
}

/**
 * The index that a Logstore of session logs is given on its first import: every field, with analytics; numbers as
 * `long`, everything else as text. Addresses have no delimiters, as the reference advises for IP fields.
 */
export function recommendedSessionLogIndex(): IndexConfig {
  return {
    line: { token: DEFAULT_DELIMITERS, caseSensitive: false, chn: false },
    keys: Object.fromEntries(SESSION_LOG_FIELDS.map((field) => [field.name, indexKey(field.type)])),
    max_text_len: DEFAULT_MAX_TEXT_LEN,
  };
}
