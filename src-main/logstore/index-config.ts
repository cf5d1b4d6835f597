import { SESSION_LOG_FIELDS } from '../contract/log-entry';
import type { SchemaKind, StoredType } from '../contract/logstore';
import { isReservedField, type FieldHints } from './schema';

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

/** The longest configuration that the vendor takes, in bytes; ours may be longer. @see sls-logstore.md §2 */
export const VENDOR_MAX_CONFIG_BYTES = 64 << 10;

/** Default of the vendor. @see sls-logstore.md §2 */
export const DEFAULT_MAX_TEXT_LEN = 2048;

const ANALYTICS: AnalyticsOptions = { doc_value: true, alias: '' };

function textOptions(token: readonly string[]): TextIndexOptions {
  return { token, caseSensitive: false, chn: false };
}

/** A field as the recommended index needs to know it. */
export interface IndexedField {
  readonly name: string;
  readonly type: StoredType;
  readonly hints: FieldHints;
}

function indexKey({ name, type, hints }: IndexedField): IndexKey {
  switch (type) {
    case 'long':
    case 'double':
      return { type, ...ANALYTICS };
    case 'ipv4':
      return { type: 'text', ...textOptions([]), ...ANALYTICS };
    case 'text': {
      const isWhole = hints.isAddress === true || isReservedField(name);
      return { type: 'text', ...textOptions(isWhole ? [] : DEFAULT_DELIMITERS), ...ANALYTICS };
    }
    case 'json': {
      const leaves = Object.entries(hints.leaves ?? {});
      return {
        type: 'json',
        ...textOptions(DEFAULT_DELIMITERS),
        ...ANALYTICS,
        index_all: true,
        max_depth: -1,
        json_keys: Object.fromEntries(leaves.map(([path, leaf]) => [path, { type: leaf, ...ANALYTICS }])),
      };
    }
  }
}

/** @returns the key of a field, whose name may be one that every object has, such as `constructor`; undefined for none */
export function indexKeyOf(keys: IndexConfig['keys'], name: string): IndexKey | undefined {
  return Object.hasOwn(keys, name) ? keys[name] : undefined;
}

/**
 * The index that a Logstore is given on its first import or load: every field, with analytics; numbers as `long` or
 * `double`, JSON by its leaves, everything else as text. Addresses have no delimiters, as the reference advises for IP
 * fields. Of fields whose names differ in case alone, which no query can tell apart, the first is in it.
 *
 * @param fields of the Logstore, beyond those of session logs
 */
export function recommendedIndex(schema: SchemaKind, fields: readonly IndexedField[]): IndexConfig {
  const product = schema === 'session_log' ? SESSION_LOG_FIELDS.map((field) => ({ ...field, hints: {} })) : [];
  const taken = new Set<string>();
  const all = [...product, ...fields].filter(({ name }) => {
    const folded = name.toLowerCase();
    return !taken.has(folded) && taken.add(folded);
  });
  return {
    line: textOptions(DEFAULT_DELIMITERS),
    keys: Object.fromEntries(all.map((field) => [field.name, indexKey(field)])),
    max_text_len: DEFAULT_MAX_TEXT_LEN,
  };
}
