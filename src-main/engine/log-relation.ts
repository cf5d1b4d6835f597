import { logTable } from '../duckdb/log-table';
import { unindexedRuns, type IndexState } from '../duckdb/index-rows';
import type { IndexConfig, IndexKey, JsonKey } from '../contract/index-config';
import { indexKeyOf } from '../logstore/index-config';
import { isReservedField } from '../logstore/schema';
import { foldName } from '../query/sql-scope';
import type { LogIndex, LogRelation, LogRelationField, LogRelationLine } from '../query/log-relation';
import { asDouble, asLong, leafOf, unpackedValues, type StoredValue } from './stored-values';

/**
 * A Logstore as queries see it: the fields of its index, in the order of its schema, each read as the index types it from
 * the column that it is stored in. Entries under an older index are found as that says, and those under none not at all.
 *
 * @param runs what is committed, without regard to the index
 */
export function logRelation(
  logstoreId: number,
  values: readonly StoredValue[],
  index: IndexState & { readonly config: string },
  runs: LogRelation['visibleRuns'],
): LogRelation {
  const older = index.generations.flatMap(({ untilRun, config }) =>
    // Runs without an index are hidden, so that none has to hold for them.
    config === null ? [] : [{ untilRun, ...logIndex(values, parseIndex(config)) }],
  );
  const unindexed = unindexedRuns(index).filter((run) => run <= runs.maxRun && !runs.hidden.includes(run));
  const unpacked = unpackedValues(values);
  const config = parseIndex(index.config);
  return {
    table: logTable(logstoreId),
    ...(unpacked === undefined ? {} : { unpacked }),
    ...logIndex(values, config),
    entry: entryFields(values, config),
    stored: storedFields(values),
    visibleRuns: { maxRun: runs.maxRun, hidden: [...runs.hidden, ...unindexed].toSorted((a, b) => a - b) },
    ...(older.length === 0 ? {} : { olderIndexes: older }),
  };
}

/** As it was written, which is after it was read by `readIndexConfig`. */
export function parseIndex(config: string): IndexConfig {
  return JSON.parse(config) as IndexConfig;
}

/** What can be searched under one configuration. */
export function logIndex(values: readonly StoredValue[], { keys, line }: IndexConfig): LogIndex {
  const known = new Set(values.map(({ name }) => name));
  const fields = values.flatMap((value) => {
    const key = indexKeyOf(keys, value.name);
    if (key !== undefined) return indexedFields(value, key);
    return isReservedField(value.name) ? [reservedField(value)] : [];
  });
  // Keys of fields that no entry has so far: nothing is found by them, and they are no mistake.
  const awaited = Object.entries(keys).flatMap(([name, key]) =>
    known.has(name) ? [] : indexedFields(absentValue(name), key),
  );
  const index = { fields: [...fields, ...awaited] };
  return line === undefined ? index : { ...index, line: lineOf(values, keys, line) };
}

/**
 * All that an entry has, as it is stored: of a field in the index also its leaves, and a number where that is no less than what
 * was written.
 */
function entryFields(values: readonly StoredValue[], { keys }: IndexConfig): readonly LogRelationField[] {
  return values.flatMap((value) => {
    const key = indexKeyOf(keys, value.name);
    const [, ...ofLeaves] = key === undefined ? [] : indexedFields(value, key);
    return [wholeField(value), ...ofLeaves];
  });
}

function wholeField(value: StoredValue): LogRelationField {
  const { name, type, column, isMixed, hasMisfits, text } = value;
  if (type === 'ipv4' && column !== null && !isMixed) return { name, type, expression: column };
  if (type === 'long' && !hasMisfits) return { name, type, expression: asLong(value) };
  if (type === 'double' && !hasMisfits) return { name, type, expression: asDouble(value) };
  return { name, type: 'text', expression: text };
}

/** Every field that SQL can name: of names that differ in case alone, none can be told from the other. */
function storedFields(values: readonly StoredValue[]): readonly LogRelationField[] {
  const times = new Map<string, number>();
  for (const { name } of values) times.set(foldName(name), (times.get(foldName(name)) ?? 0) + 1);
  return values
    .filter(({ name }) => times.get(foldName(name)) === 1)
    .map(({ name, type, column, isMixed, text }) =>
      type === 'ipv4' && column !== null && !isMixed
        ? { name, type, expression: column }
        : { name, type: 'text', expression: text },
    );
}

function absentValue(name: string): StoredValue {
  return {
    name,
    type: 'text',
    leaves: {},
    column: null,
    isMixed: false,
    hasMisfits: false,
    isUnpacked: false,
    text: 'CAST(NULL AS VARCHAR)',
  };
}

/** Tags can be searched without an index, and SQL reads them only with one. @see sls-logstore.md §1.8 */
function reservedField({ name, text }: StoredValue): LogRelationField {
  const field: LogRelationField = { name, type: 'text', expression: text, token: [], caseSensitive: false, chn: false };
  return name.startsWith('__tag__:') ? { ...field, docValue: false } : field;
}

function indexedFields(value: StoredValue, key: IndexKey): readonly LogRelationField[] {
  const analytics = analyticsOf(key);
  const { name } = value;
  switch (key.type) {
    case 'long':
      return [{ name, type: 'long', expression: asLong(value), ...analytics }];
    case 'double':
      return [{ name, type: 'double', expression: asDouble(value), ...analytics }];
    case 'json':
      return [{ name, type: 'text', expression: value.text, ...termsOf(key), ...analytics }, ...leaves(value, key)];
    case 'text':
      // Addresses that are one term are compared as the numbers that they are stored as.
      return value.type === 'ipv4' && value.column !== null && !value.isMixed && key.token.length === 0
        ? [{ name, type: 'ipv4', expression: value.column, ...termsOf(key), ...analytics }]
        : [{ name, type: 'text', expression: value.text, ...termsOf(key), ...analytics }];
  }
}

function leaves(value: StoredValue, key: JsonKey): readonly LogRelationField[] {
  const named = Object.entries(key.json_keys).map(([path, leaf]): LogRelationField => {
    const expression = leafOf(value, path, leaf.type);
    const terms = leaf.type === 'text' ? termsOf(key) : {};
    return { name: `${value.name}.${path}`, type: leaf.type, expression, ...terms, ...analyticsOf(leaf) };
  });
  if (!key.index_all) return named;
  const taken = new Set(Object.keys(key.json_keys).map((path) => path.toLowerCase()));
  const others = Object.entries(value.leaves).flatMap(([path, type]): LogRelationField[] => {
    const isTooDeep = key.max_depth !== -1 && path.split('.').length > key.max_depth;
    if (type !== 'text' || isTooDeep || taken.has(path.toLowerCase())) return [];
    taken.add(path.toLowerCase());
    const expression = leafOf(value, path, 'text');
    return [{ name: `${value.name}.${path}`, type: 'text', expression, ...termsOf(key), ...analyticsOf(key, false) }];
  });
  return [...named, ...others];
}

function termsOf({
  token,
  caseSensitive,
  chn,
}: Extract<IndexKey, { readonly token: unknown }>): Pick<LogRelationField, 'token' | 'caseSensitive' | 'chn'> {
  return { token, caseSensitive, chn };
}

function analyticsOf(
  { doc_value, alias }: Pick<IndexKey, 'doc_value' | 'alias'>,
  hasAlias = true,
): Pick<LogRelationField, 'alias' | 'docValue'> {
  return { ...(alias === '' || !hasAlias ? {} : { alias }), ...(doc_value ? {} : { docValue: false }) };
}

/** Full text has everything but numbers and tags. @see sls-logstore.md §1.4 */
function lineOf(
  values: readonly StoredValue[],
  keys: IndexConfig['keys'],
  { token, caseSensitive, chn, include_keys, exclude_keys = [] }: NonNullable<IndexConfig['line']>,
): LogRelationLine {
  const fields = values.filter(({ name }) => {
    const type = indexKeyOf(keys, name)?.type;
    if (type === 'long' || type === 'double' || name.startsWith('__tag__:')) return false;
    return !exclude_keys.includes(name) && (include_keys?.includes(name) ?? true);
  });
  return { token, caseSensitive, chn, fields: fields.map(({ name, text }) => ({ name, expression: text })) };
}
