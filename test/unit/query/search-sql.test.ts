import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { compileQuery } from '../../../src-main/query/compile';
import type { CompiledQuery } from '../../../src-main/query/compiled-query';
import type { SqlParam } from '../../../src-main/query/log-relation';
import { parseSearch } from '../../../src-main/query/search-parser';
import { compileSearch } from '../../../src-main/query/search-sql';
import { PROPERTY_RUNS } from '../../support/property-runs';
import {
  addressNumber,
  HOSTILE_FIELD,
  openSampleLog,
  RELATION,
  SAMPLE_ROWS,
  WHOLE,
  type SampleLog,
} from './sample-log';

/** Each run compiles and runs a statement or two. */
const TIMEOUT_MS = 10_000 + PROPERTY_RUNS * 100;

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

function compile(
  text: string,
  { reverse = false, limit = null as number | null, offset = 0, range = WHOLE } = {},
): Promise<CompiledQuery> {
  return compileQuery({ text, range, limit, offset, reverse }, RELATION, log.parser);
}

/** Indexes into SAMPLE_ROWS of the entries found, in the order of the result. */
async function found(text: string, options: Parameters<typeof compile>[1] = {}): Promise<number[]> {
  const { rows } = await log.run(await compile(text, options));
  const address = (value: string | null): number | null => (value === null ? null : Number(addressNumber(value)));
  return rows.map((values) =>
    SAMPLE_ROWS.findIndex((row) => {
      const expected = [
        row.instance,
        row.protocol,
        address(row.pri_ip),
        row.pri_port,
        address(row.pub_ip),
        row.bytes,
        row.bytes,
      ];
      return expected.every((value, index) => value === values[index]);
    }),
  );
}

describe('a condition has text as parameters only, and numbers as digits', () => {
  test.each([
    { text: 'protocol:6', sql: '(protocol) = 6', params: [] },
    { text: 'PRI_PORT >= +10', sql: '(pri_port) >= 10', params: [] },
    { text: 'pri_ip:10.0.0.1', sql: '(pri_ip) = 167772161', params: [] },
    { text: 'pri_ip:*', sql: '(pri_ip) IS NOT NULL', params: [] },
    { text: 'protocol:""', sql: 'FALSE', params: [] },
    { text: '*', sql: 'TRUE', params: [] },
    { text: 'not pri_port=1', sql: '(((pri_port) = 1) IS DISTINCT FROM TRUE)', params: [] },
    {
      text: 'protocol:6 protocol:7 or protocol:8',
      sql: '(((protocol) = 6 AND (protocol) = 7) OR (protocol) = 8)',
      params: [],
    },
    { text: '"a\\" OR 1=1 --":1', sql: '(entry.bytes) = 1', params: [] },
  ])('$text', ({ text, sql, params }) => {
    const bound: SqlParam[] = ['taken'];
    expect(compileSearch(parseSearch(text).root, RELATION, bound)).toBe(sql);
    expect(bound).toEqual(['taken', ...params]);
  });
});

describe('a search finds', () => {
  test.each([
    { name: 'everything, oldest first', text: '*', rows: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
    { name: 'everything for an empty text', text: '', rows: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
    { name: 'a number', text: 'protocol:17', rows: [2, 5] },
    { name: 'a number with equals', text: 'pri_port = 443', rows: [8, 9] },
    { name: 'a number beyond 2^53 exactly', text: 'bytes:9007199254740993', rows: [7] },
    { name: 'no neighbour of such a number', text: 'bytes:9007199254740992', rows: [] },
    { name: 'a negative number nowhere', text: 'pri_port:-1', rows: [] },
    { name: 'the largest number nowhere', text: 'pri_port:9223372036854775807', rows: [] },
    { name: 'an address', text: 'pri_ip:10.0.0.1', rows: [0, 2] },
    { name: 'the highest address', text: 'pri_ip:"255.255.255.255"', rows: [3] },
    { name: 'the lowest address', text: 'pub_ip:0.0.0.0', rows: [3] },
    { name: 'text without regard to case', text: 'instance:NGW-b', rows: [2, 3] },
    { name: 'field names without regard to case', text: 'PRI_IP:10.0.0.2', rows: [1] },
    { name: 'existence', text: 'pri_ip:* and not instance:*', rows: [] },
    { name: 'absence', text: 'not pri_ip:*', rows: [4, 5] },
    { name: 'entries without the field for not', text: 'not pri_ip:10.0.0.1', rows: [1, 3, 4, 5, 6, 7, 8, 9] },
    {
      name: 'them again for not of and',
      text: 'not (pri_ip:10.0.0.1 and protocol:6)',
      rows: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    },
    { name: 'what not of not finds', text: 'not not pri_ip:10.0.0.1', rows: [0, 2] },
    { name: 'comparisons', text: 'pri_port > 0 and pri_port <= 443', rows: [2, 7, 8, 9] },
    { name: 'or', text: 'protocol:47 or pri_ip:10.0.0.3', rows: [6, 8] },
    { name: 'hostile text', text: `instance:"1' OR '1'='1"`, rows: [6] },
    { name: 'text with quotes and backslash', text: 'instance:"a\\"b\\c"', rows: [7] },
    { name: 'hostile field names', text: '"a\\" OR 1=1 --":84', rows: [3] },
    { name: 'nothing of hidden and uncommitted runs', text: 'bytes:1000000', rows: [] },
    { name: 'no empty text', text: 'instance:""', rows: [] },
    { name: 'no empty number', text: 'not protocol:""', rows: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  ])('$name: $text', async ({ text, rows }) => {
    expect(await found(text)).toEqual(rows);
  });
});

describe('entries come', () => {
  test('newest first with reverse', async () => {
    expect(await found('*', { reverse: true })).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  test('up to the limit, counted in the order asked for', async () => {
    expect(await found('*', { limit: 2 })).toEqual([0, 1]);
    expect(await found('*', { limit: 2, reverse: true })).toEqual([9, 8]);
    expect(await found('*', { limit: 0 })).toEqual([]);
  });

  test('after an offset, counted in the order asked for', async () => {
    expect(await found('*', { offset: 7 })).toEqual([7, 8, 9]);
    expect(await found('*', { limit: 2, offset: 3 })).toEqual([3, 4]);
    expect(await found('*', { limit: 2, offset: 3, reverse: true })).toEqual([6, 5]);
    expect(await found('*', { offset: 10 })).toEqual([]);
  });

  test.each([1, 2, 3, 4])('in pages of %i, each once and in order', async (limit) => {
    for (const reverse of [false, true]) {
      const pages: number[] = [];
      for (let offset = 0; offset < SAMPLE_ROWS.length; offset += limit) {
        pages.push(...(await found('*', { limit, offset, reverse })));
      }
      expect(pages).toEqual(await found('*', { reverse }));
    }
  });

  test('a statement takes no offset', async () => {
    await expect(compile('* | select 1 from log', { offset: 1 })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      detail: { offset: 1 },
    });
    await expect(compile('* | select 1 from log', { offset: 0 })).resolves.toMatchObject({ kind: 'statement' });
  });

  test('from a half-open range', async () => {
    expect(await found('*', { range: { fromSec: 1060, toSec: 1120 } })).toEqual([2, 3, 4]);
  });

  test('with the indexed fields in order, and their types known beforehand', async () => {
    const query = await compile('*');
    expect(query.columns).toEqual([
      { name: 'instance', type: 'text' },
      { name: 'protocol', type: 'int64' },
      { name: 'pri_ip', type: 'ipv4' },
      { name: 'pri_port', type: 'int64' },
      { name: 'pub_ip', type: 'ipv4' },
      { name: 'bytes', type: 'int64' },
      { name: HOSTILE_FIELD, type: 'int64' },
    ]);
    const reader = await log.connection.runAndReadAll(query.sql, [...query.params]);
    expect(reader.columnNames()).toEqual(query.columns?.map(({ name }) => name));
    const typeOf = { text: 'VARCHAR', int64: 'BIGINT', float64: 'DOUBLE', ipv4: 'UINTEGER' } as const;
    expect(reader.columnTypes().map(String)).toEqual(query.columns?.map(({ type }) => typeOf[type]));
  });
});

test('a network that is asked of a text field is searched as text, with a note of what finds it', async () => {
  const { notes } = await compile('instance:10.0.0.0/8');
  expect(notes).toEqual([
    { span: { start: 9, end: 19 }, text: expect.stringContaining('is_subnet_of(\'10.0.0.0/8\', "instance")') },
  ]);
});

describe('whatever is indexed, entries have', () => {
  const line = {
    ...{ token: [' '], caseSensitive: false, chn: false },
    fields: [{ name: 'api', type: 'text' as const, expression: "concat('api ', protocol)" }],
  };
  const older = [{ untilRun: 2, fields: RELATION.fields }];

  test.each([
    {
      name: 'what is stored',
      text: 'api and 17',
      index: { line, entry: line.fields },
      names: ['api'],
      first: 'api 17',
    },
    {
      name: 'the same of older entries',
      text: '*',
      index: { line, entry: line.fields, olderIndexes: older },
      names: ['api'],
      first: 'api 6',
    },
    { name: 'the time, where nothing else is stored', text: '*', index: {}, names: ['__time__'], first: 1000n },
  ])('$name', async ({ text, index, names, first }) => {
    const relation = { ...RELATION, fields: [], ...index };
    const query = await compileQuery({ text, range: WHOLE, limit: 1, offset: 0, reverse: false }, relation, log.parser);
    expect(query.columns?.map((column) => column.name)).toEqual(names);
    expect((await log.run(query)).rows).toEqual([[first]]);
  });
});

test.each(['nosuch:1', '* | select nosuch'])(
  '%s names the first of many fields, and how many more there are',
  async (text) => {
    const names = Array.from({ length: 2000 }, (_, at) => `field_${at}`);
    const fields = names.map((name) => ({ name, type: 'long' as const, expression: 'entry.bytes' }));
    const query = { text, range: WHOLE, limit: null, offset: 0, reverse: false };
    await expect(compileQuery(query, { ...RELATION, fields }, log.parser)).rejects.toMatchObject({
      code: 'QUERY_UNKNOWN_FIELD',
      message: expect.stringMatching(/field_0, field_1, .*, field_19 and 198[01] more\./u),
    });
  },
);

describe('a search is refused for', () => {
  const TERMS = { ...RELATION, fields: RELATION.fields.map((field) => ({ ...field, token: [',', ' ', '/'] })) };
  test.each([
    {
      name: 'values in parentheses',
      text: 'protocol:(6 or 17)',
      code: 'QUERY_UNSUPPORTED',
      at: '(',
      says: 'repeat the field',
    },
    { name: 'a wildcard in a number', text: 'protocol:1*', code: 'QUERY_WRONG_TYPE', at: '1*', says: 'use a range' },
    { name: 'delimiters alone', text: 'instance:",/"', code: 'QUERY_WRONG_TYPE', at: '",/"', says: '`#",/"`' },
    { name: 'a word of delimiters', text: 'protocol:6 "; "', code: 'QUERY_WRONG_TYPE', at: '"; "', says: 'no term' },
    {
      name: 'an empty phrase',
      text: 'instance:#""',
      code: 'QUERY_SYNTAX',
      at: 'instance:#""',
      says: 'between its quotes',
    },
    {
      name: 'a list with a word',
      text: 'protocol:6,x',
      code: 'QUERY_WRONG_TYPE',
      at: '6,x',
      says: '"x" is no integer',
    },
    { name: 'a list that ends', text: 'protocol:6,', code: 'QUERY_WRONG_TYPE', at: '6,', says: '"" is no integer' },
    {
      name: 'a range backwards',
      text: 'pri_port:9-1',
      code: 'QUERY_WRONG_TYPE',
      at: '9-1',
      says: 'smaller bound first',
    },
    {
      name: 'addresses backwards',
      text: 'pri_ip:10.0.0.9-10.0.0.1',
      code: 'QUERY_WRONG_TYPE',
      at: '10.0.0.9-10.0.0.1',
      says: 'smaller bound first',
    },
    {
      name: 'a network too long',
      text: 'pri_ip:10.0.0.0/33',
      code: 'QUERY_WRONG_TYPE',
      at: '10.0.0.0/33',
      says: 'IPv4',
    },
    {
      name: 'an address in quotes with a star',
      text: 'pri_ip:"10.0.*"',
      code: 'QUERY_WRONG_TYPE',
      at: '"10.0.*"',
      says: 'IPv4',
    },
    {
      name: 'an unknown field',
      text: 'protocol:6 and nope:1',
      code: 'QUERY_UNKNOWN_FIELD',
      at: 'nope',
      says: 'instance, protocol, pri_ip',
    },
    { name: 'text in a number', text: 'protocol:TCP', code: 'QUERY_WRONG_TYPE', at: 'TCP', says: 'no integer' },
    { name: 'a fraction in a number', text: 'pri_port:1.5', code: 'QUERY_WRONG_TYPE', at: '1.5', says: 'no integer' },
    {
      name: 'single quotes in a number',
      text: "protocol:'6'",
      code: 'QUERY_WRONG_TYPE',
      at: "'6'",
      says: 'no integer',
    },
    {
      name: 'a number beyond 64 bits',
      text: 'bytes:9223372036854775808',
      code: 'QUERY_WRONG_TYPE',
      at: '9223372036854775808',
      says: '64 bits',
    },
    { name: 'part of an address', text: 'pri_ip:10.0.0', code: 'QUERY_WRONG_TYPE', at: '10.0.0', says: 'IPv4' },
    { name: 'an octet above 255', text: 'pri_ip:10.0.0.256', code: 'QUERY_WRONG_TYPE', at: '10.0.0.256', says: 'IPv4' },
    {
      name: 'an octet that may be octal',
      text: 'pri_ip:10.0.0.01',
      code: 'QUERY_WRONG_TYPE',
      at: '10.0.0.01',
      says: 'IPv4',
    },
    { name: 'a syntax error', text: 'protocol:6 and', code: 'QUERY_SYNTAX', at: '', says: 'Expected a condition' },
  ])('$name: $text', async ({ text, code, at, says }) => {
    const position = at === '' ? text.length : text.lastIndexOf(at);
    const attempt = compileQuery({ text, range: WHOLE, limit: null, offset: 0, reverse: false }, TERMS, log.parser);
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(says),
      detail: { position, length: at.length },
    });
  });
});

/** A generated search: its text, and which sample rows it means. */
interface Meant {
  readonly text: string;
  readonly holds: (row: (typeof SAMPLE_ROWS)[number]) => boolean;
}

const numberField = fc.constantFrom('protocol', 'pri_port', 'bytes');
const number = fc.constantFrom(
  -1n,
  0n,
  1n,
  6n,
  17n,
  84n,
  443n,
  65535n,
  4294967295n,
  9007199254740992n,
  9007199254740993n,
);
const anyField = fc.constantFrom('instance', 'protocol', 'pri_ip', 'pri_port', 'pub_ip', 'bytes');
const OPERATORS = {
  ':': (a: bigint, b: bigint) => a === b,
  '=': (a: bigint, b: bigint) => a === b,
  '>': (a: bigint, b: bigint) => a > b,
  '>=': (a: bigint, b: bigint) => a >= b,
  '<': (a: bigint, b: bigint) => a < b,
  '<=': (a: bigint, b: bigint) => a <= b,
} as const;
const operator = fc.constantFrom(...(Object.keys(OPERATORS) as (keyof typeof OPERATORS)[]));
const quote = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

const leaf: fc.Arbitrary<Meant> = fc.oneof(
  fc.tuple(numberField, operator, number).map(([field, sign, value]): Meant => ({
    text: `${field}${sign}${value}`,
    holds: (row) => {
      const stored = row[field as 'bytes'];
      return stored !== null && OPERATORS[sign](stored, value);
    },
  })),
  fc
    .tuple(fc.constantFrom('pri_ip', 'pub_ip'), fc.constantFrom('10.0.0.1', '198.51.100.1', '0.0.0.0', '9.9.9.9'))
    .map(([field, address]): Meant => ({
      text: `${field}:${address}`,
      holds: (row) => row[field as 'pri_ip'] === address,
    })),
  fc.constantFrom('ngw-a', 'NGW-A', 'ngw-B', "1' or '1'='1", 'a"b\\c', 'none').map((name): Meant => ({
    text: `instance:${quote(name)}`,
    holds: (row) => row.instance?.toLowerCase() === name.toLowerCase(),
  })),
  anyField.map((field): Meant => ({ text: `${field}:*`, holds: (row) => row[field as 'bytes'] !== null })),
  fc.constant<Meant>({ text: '*', holds: () => true }),
);

const { search } = fc.letrec<{ search: Meant }>((tie) => ({
  search: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('search'), fc.constantFrom(' and ', ' ', ' AND '), tie('search'))
      .map(([left, sign, right]): Meant => ({
        text: `(${left.text})${sign}(${right.text})`,
        holds: (row) => left.holds(row) && right.holds(row),
      })),
    fc.tuple(tie('search'), tie('search')).map(([left, right]): Meant => ({
      text: `(${left.text}) or (${right.text})`,
      holds: (row) => left.holds(row) || right.holds(row),
    })),
    fc.tuple(leaf, leaf, leaf).map(([a, b, c]): Meant => ({
      text: `${a.text} not ${b.text} or ${c.text}`,
      holds: (row) => (a.holds(row) && !b.holds(row)) || c.holds(row),
    })),
    tie('search').map((inner): Meant => ({ text: `not (${inner.text})`, holds: (row) => !inner.holds(row) })),
  ),
}));

test(
  'any search finds exactly the entries that it means, those without a field too',
  async () => {
    await fc.assert(
      fc.asyncProperty(search, async ({ text, holds }) => {
        const expected = SAMPLE_ROWS.flatMap((row, index) => (holds(row) ? [index] : []));
        expect(await found(text)).toEqual(expected);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'any search before a statement filters as it does alone',
  async () => {
    await fc.assert(
      fc.asyncProperty(search, async ({ text, holds }) => {
        const result = await log.run(await compile(`${text} | select count(*)`));
        expect(result.rows).toEqual([[BigInt(SAMPLE_ROWS.filter(holds).length)]]);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  },
  TIMEOUT_MS,
);
