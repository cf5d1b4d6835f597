import { describe, expect, test } from 'vitest';
import type { IndexState } from '../../../src-main/duckdb/index-rows';
import { logRelation } from '../../../src-main/engine/log-relation';
import { storedValues } from '../../../src-main/engine/stored-values';
import { DEFAULT_DELIMITERS } from '../../../src-main/contract/index-config';
import { recommendedIndex } from '../../../src-main/logstore/index-config';
import { readIndexConfig } from '../../../src-main/logstore/read-index-config';
import type { StoredField } from '../../../src-main/logstore/schema';
import { logRows } from '../../../src-main/query/log-sql';
import { sharedDatabase, temporaryDatabase } from '../duckdb/temporary-workspace';

const DIMENSIONS = { instance: [], vpc_id: [] };
const FIELDS: readonly StoredField[] = [
  { name: 'n', type: 'long', column: 'f1', hints: {} },
  { name: 'd', type: 'double', column: 'f2', hints: {} },
  { name: 't', type: 'text', column: 'f3', hints: {} },
  { name: 'j', type: 'json', column: 'f4', hints: { leaves: { 'a.b': 'long', c: 'text' } } },
  { name: 'ip', type: 'ipv4', column: 'f5', hints: {} },
  { name: 'x/~', type: 'long', column: null, hints: {} },
  { name: '__tag__:h', type: 'text', column: null, hints: {} },
];
const VALUES = storedValues('custom', FIELDS, DIMENSIONS);

const state = (
  config: unknown,
  changes: Partial<Omit<IndexState, 'config'>> = {},
): IndexState & { readonly config: string } => ({
  config: JSON.stringify(readIndexConfig(config)),
  updatedMs: 0,
  generations: [],
  runs: [],
  ...changes,
});
const RUNS = { maxRun: 9, hidden: [4] };
const textKeys = (...names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, { type: 'text', token: [' '] }]));

describe('a relation', () => {
  const shared = sharedDatabase();

  /** Reads one row of a table as the relation says. */
  async function readRow(config: unknown, row: string): Promise<Record<string, unknown>> {
    const { fields } = logRelation(1, VALUES, state(config), RUNS);
    const columns = fields.map(({ name, expression }) => `${expression} AS "${name}"`).join(', ');
    const types = 'f1::BIGINT f1, f2::DOUBLE f2, f3::VARCHAR f3, f4::VARCHAR f4, f5::UINTEGER f5, extra::VARCHAR extra';
    const sql = `SELECT ${columns} FROM (SELECT ${types} FROM (VALUES ${row}) AS raw(f1, f2, f3, f4, f5, extra)) AS entry`;
    return shared().withConnection(
      async (connection) => (await connection.runAndReadAll(sql)).getRowObjects()[0] ?? {},
    );
  }
  const ROW = String.raw`(7, 2.5, '12', '{"a":{"b":3,"l":[1]},"c":"x"}', 167772161, '{"x/~":"8","__tag__:h":"host"}')`;
  const MISFITS = `(NULL, NULL, 'abc', NULL, NULL, '{"n":"007","d":"much","ip":"::1","j":"plain"}')`;

  test('reads every field in the type of its column', async () => {
    const config = recommendedIndex('custom', FIELDS);
    expect(await readRow(config, ROW)).toEqual({
      ...{ n: 7n, d: 2.5, t: '12', j: '{"a":{"b":3,"l":[1]},"c":"x"}', 'j.a.b': 3n, 'j.c': 'x', ip: 167_772_161 },
      ...{ 'x/~': 8n, '__tag__:h': 'host' },
    });
  });

  test('reads text of what is stored as numbers, and numbers of what is stored as text', async () => {
    const keys = { ...textKeys('n', 'd', 'ip'), t: { type: 'long' }, j: { type: 'double' } };
    expect(await readRow({ keys }, ROW)).toMatchObject({ n: '7', d: '2.5', ip: '10.0.0.1', t: 12n, j: null });
    expect(await readRow({ keys: { n: { type: 'double' }, d: { type: 'long' } } }, ROW)).toMatchObject({
      n: 7,
      d: null,
    });
  });

  test('finds what does not fit its column where the index types it as text', async () => {
    expect(await readRow(recommendedIndex('custom', FIELDS), MISFITS)).toMatchObject({ n: null, d: null, ip: null });
    expect(await readRow({ keys: textKeys('n', 'd', 'ip', 'j') }, MISFITS)).toMatchObject({
      ...{ n: '007', d: 'much', ip: '::1', j: 'plain' },
    });
  });

  test('reads leaves of text that is JSON, and none of text that is not', async () => {
    const config = { keys: { t: { type: 'json', json_keys: { 'a.b': { type: 'text' }, a: { type: 'text' } } } } };
    expect(await readRow(config, `(NULL, NULL, '{"a":{"b":1}}', NULL, NULL, NULL)`)).toMatchObject({
      't.a.b': '1',
      't.a': null,
    });
    expect(await readRow(config, MISFITS)).toMatchObject({ 't.a.b': null });
  });

  test('has the fields of its index alone, with alias and terms, and tags for search only', () => {
    const keys = {
      t: { type: 'text', token: [','], caseSensitive: true, doc_value: false, alias: 'other' },
      later: { type: 'long' },
    };
    const { fields } = logRelation(1, VALUES, state({ keys }), RUNS);
    expect(fields).toMatchObject([
      { name: 't', type: 'text', token: [','], caseSensitive: true, chn: false, alias: 'other', docValue: false },
      { name: '__tag__:h', type: 'text', token: [], docValue: false },
      { name: 'later', type: 'long' },
    ]);
  });

  test('has all that is stored as text for statements that scan, but for names that differ in case alone', () => {
    const twins = ['Twin', 'twin'].map((name): StoredField => ({ name, type: 'text', column: null, hints: {} }));
    const values = storedValues('custom', [...FIELDS, ...twins], DIMENSIONS);
    const { stored } = logRelation(1, values, state({ keys: textKeys('t') }), RUNS);
    expect(stored?.map(({ name, type }) => [name, type])).toEqual([
      ...['n', 'd', 't', 'j'].map((name) => [name, 'text']),
      ...[
        ['ip', 'ipv4'],
        ['x/~', 'text'],
        ['__tag__:h', 'text'],
      ],
    ]);
  });

  test('has a full-text index of everything but numbers, tags and what is excluded', () => {
    const line = { token: DEFAULT_DELIMITERS, exclude_keys: ['ip'] };
    const keys = { n: { type: 'long' }, t: { type: 'text' } };
    const names = (config: unknown): unknown =>
      logRelation(1, VALUES, state(config), RUNS).line?.fields.map(({ name }) => name);
    expect(names({ line, keys })).toEqual(['d', 't', 'j', 'x/~']);
    expect(names({ line: { token: [], include_keys: ['t'] } })).toEqual(['t']);
    expect(names({ keys })).toBeUndefined();
  });

  test('of all leaves of JSON has those that are text, as deep as it says', () => {
    const names = (depth: number): readonly string[] => {
      const keys = { j: { type: 'json', index_all: true, max_depth: depth } };
      const deep: StoredField = {
        name: 'j',
        type: 'json',
        column: 'f4',
        hints: { leaves: { 'a.b': 'text', c: 'text', d: 'long' } },
      };
      const { fields } = logRelation(1, storedValues('custom', [deep], DIMENSIONS), state({ keys }), RUNS);
      return fields.map(({ name }) => name);
    };
    expect(names(-1)).toEqual(['j', 'j.a.b', 'j.c']);
    expect(names(1)).toEqual(['j', 'j.c']);
  });

  test('finds runs by the index of their time, and hides those that had none', () => {
    const older = JSON.stringify(readIndexConfig({ keys: { t: { type: 'text' } } }));
    const relation = logRelation(
      1,
      VALUES,
      state(
        { keys: { n: { type: 'long' } } },
        {
          generations: [
            { untilRun: 2, config: null },
            { untilRun: 5, config: older },
          ],
          runs: [1, 2, 3, 5, 8].map((run) => ({ run, entries: 1 })),
        },
      ),
      RUNS,
    );
    expect(relation.visibleRuns).toEqual({ maxRun: 9, hidden: [1, 2, 4] });
    expect(relation.olderIndexes?.map(({ untilRun, fields }) => [untilRun, fields[0]?.name])).toEqual([[5, 't']]);
    expect(relation.fields[0]?.name).toBe('n');
    expect(logRelation(1, VALUES, state({ keys: {} }), RUNS).olderIndexes).toBeUndefined();
  });
});

test('many fields without a column are unpacked from one reading of their text, whatever their names', async () => {
  const hostile = [
    'a"b',
    "it's",
    'A"B',
    'x/~',
    'λextra',
    'é',
    'É',
    '{"a":1}',
    'select',
    '日本',
    ' ',
    '$.a',
    'a.b',
    'a',
    'A',
  ];
  const names = [...hostile, ...Array.from({ length: 10 }, (_, index) => `f${index}`)];
  const fields = names.map((name) => ({
    ...{ name, type: 'text' as const, column: null, hints: {} },
  }));
  const extra = Object.fromEntries(names.map((name, index) => [name, `v${index}`]));
  const values = storedValues('custom', fields, DIMENSIONS);
  expect(values.filter(({ isUnpacked }) => isUnpacked).length).toBeGreaterThan(20);
  const relation = logRelation(1, values, state(recommendedIndex('custom', fields)), RUNS);
  const database = await temporaryDatabase();
  // An index has one of names that differ in case alone; the values are there all the same.
  const columns = values.map(({ text }, index) => `${text} AS c${index}`).join(', ');
  const rows = logRows(
    relation,
    `(VALUES ('${JSON.stringify(extra).replaceAll("'", "''")}'), (NULL), ('{}')) AS raw(extra)`,
  );
  const read = await database.withConnection(async (connection) =>
    (await connection.runAndReadAll(`SELECT ${columns} FROM ${rows} AS entry`)).getRows(),
  );
  const nothing = names.map(() => null);
  expect(read).toEqual([Object.values(extra), nothing, nothing]);
});
