import {
  DEFAULT_DELIMITERS,
  DEFAULT_MAX_TEXT_LEN,
  type AnalyticsOptions,
  type IndexConfig,
  type IndexKey,
  type TextIndexOptions,
} from '../contract/index-config';
import { SESSION_LOG_FIELDS } from '../contract/log-entry';
import type { SchemaKind, StoredType } from '../contract/logstore';
import { isReservedField, type FieldHints } from './schema';

/** The longest configuration that the vendor takes, in bytes; ours may be longer. @see sls-logstore.md §2 */
export const VENDOR_MAX_CONFIG_BYTES = 64 << 10;

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
