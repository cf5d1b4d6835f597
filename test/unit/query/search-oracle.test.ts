import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { compileQuery } from '../../../src-main/query/compile';
import type { LogIndex, LogRelation } from '../../../src-main/query/log-relation';
import {
  naiveFinds,
  type NaiveField,
  type NaiveIndex,
  type NaiveRow,
  type NaiveSearch,
  type NaiveTerms,
} from '../../support/naive-search';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { addressNumber } from './sample-log';

/** Each run fills a table and runs six searches over it. */
const TIMEOUT_MS = 20_000 + PROPERTY_RUNS * 500;
const SEARCHES = 6;

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const TEXTS = ['a', 'Text_B', 'user.id', '__tag__:t'] as const;
const TYPES = { n: 'long', d: 'double', ip: 'ipv4' } as const;

const pieces = (...choices: string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...choices), { maxLength: 6 }).map((chosen) => chosen.join(''));
const TEXT_PIECES = [
  ...[
    'a',
    'A',
    'ab',
    'é',
    'É',
    'x',
    '日',
    '志',
    '-',
    '/',
    ' ',
    ',',
    '.',
    '_',
    '%',
    "'",
    '"',
    '(',
    '?',
    '*',
    '\\d',
    '\n',
  ],
  ...['1', '10.0.0.1', 'Text_B', 'GET'],
];
const addressText = fc.constantFrom(
  '10.0.0.1',
  '10.0.0.9',
  '10.0.1.1',
  '10.1.0.1',
  '192.168.10.1',
  '0.0.0.0',
  '255.255.255.255',
);

const terms: fc.Arbitrary<NaiveTerms> = fc.record({
  token: fc.constantFrom<readonly string[]>(
    [],
    [' ', '/', ','],
    ['-'],
    ['.', '\\', '^', ']', '['],
    ['x', '#'],
    [',', ' ', '?', '"', '\n'],
  ),
  caseSensitive: fc.boolean(),
  chn: fc.boolean(),
});

const naiveIndex: fc.Arbitrary<NaiveIndex> = fc
  .record({
    options: fc.tuple(terms, terms, terms, terms),
    line: fc.option(
      fc.tuple(terms, fc.subarray<string>(['a', 'Text_B', 'user.id', 'ip', 'only_line'], { minLength: 1 })),
    ),
  })
  .map(({ options, line }) => {
    const texts = TEXTS.map((name, at): NaiveField => ({ name, type: 'text', ...options[at]! }));
    const others = Object.entries(TYPES).map(([name, type]): NaiveField => ({
      name,
      type,
      token: [],
      caseSensitive: false,
      chn: false,
    }));
    return { fields: [...texts, ...others], line: line === null ? null : { ...line[0], names: line[1] } };
  });

const naiveRow: fc.Arbitrary<NaiveRow> = fc.record({
  a: fc.option(pieces(...TEXT_PIECES)),
  Text_B: fc.option(pieces(...TEXT_PIECES)),
  'user.id': fc.option(pieces('usr-', '9a', '/', 'X', '日')),
  '__tag__:t': fc.option(pieces('/', 'a', 'b')),
  only_line: fc.option(pieces(...TEXT_PIECES)),
  n: fc.option(fc.constantFrom(-5, 0, 1, 80, 443, 8080, 65_535)),
  d: fc.option(fc.constantFrom(-1.5, 0, 0.25, 1, 60, 60.5, 1e6)),
  ip: fc.option(addressText),
});

interface Written {
  readonly text: string;
  readonly meant: NaiveSearch;
}

/** What may stand without quotes, and what then has a meaning of its own. */
const BARE = /^[^\s"()[\]:=<>#|]+$/u;
const KEYWORD = /^(?:and|or|not|in|\*|select|sort|asc|desc|avg|sum|min|max|limit|group)$/iu;
const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

/** A value with the quotes that it needs or, sometimes, does not need; without them `*` and `?` are wild. */
const value = fc
  .tuple(pieces(...TEXT_PIECES.filter((piece) => !piece.includes('\\'))), fc.boolean())
  .map(([text, isQuoted]) => ({ text, isLiteral: isQuoted || !BARE.test(text) || KEYWORD.test(text) }));
const shown = ({ text, isLiteral }: { text: string; isLiteral: boolean }): string => (isLiteral ? quoted(text) : text);

const textField = fc.constantFrom(...TEXTS);
const operator = fc.constantFrom('=', '>', '>=', '<', '<=');
const number = fc.constantFrom(
  '-5',
  '0',
  '1',
  '79.5',
  '80',
  '443',
  '8080.0',
  '65535',
  '0.25',
  '60',
  '99999999999999999999',
);
const numberField = fc.constantFrom('n', 'd');
const list = fc.constantFrom('80', '80,443', '0-100', '-5-1,8080', '1,2,3,65535-65536', '60');
const addresses = fc.constantFrom(
  ...[
    '10.0.0.1',
    '10.0.0.0/8',
    '10.0.7.7/16',
    '0.0.0.0/0',
    '10.0.*',
    '10.*',
    '10.0.0.?',
    '1?.0.0.1',
    '10.0.*.1',
    '10.*1',
    '*.1',
  ],
  ...['10.0.0.1,192.168.0.0/16', '10.0.0.2-10.0.1.5', '10.0.0.1-10.0.0.9,255.255.255.255', '19*.168.1*.1', '*5'],
);

const leaf: fc.Arbitrary<Written> = fc.oneof(
  fc.constant<Written>({ text: '*', meant: { kind: 'all' } }),
  value.map((word): Written => ({
    text: shown(word),
    meant: { kind: 'word', value: word.text, isLiteral: word.isLiteral },
  })),
  fc.tuple(textField, value).map(([field, asked]): Written => ({
    text: `${field.toUpperCase().replace('__TAG__', '__tag__')} : ${shown(asked)}`,
    meant: { kind: 'match', field, value: asked.text, isLiteral: asked.isLiteral },
  })),
  fc
    .constantFrom(...TEXTS, 'n', 'd', 'ip')
    .map((field): Written => ({ text: `${field}:*`, meant: { kind: 'exists', field } })),
  fc
    .tuple(
      fc.option(textField),
      value.filter(({ text }) => text !== ''),
    )
    .map(([field, { text }]): Written => ({
      text: `${field === null ? '' : `${field}:`}#${quoted(text)}`,
      meant: { kind: 'phrase', field, value: text },
    })),
  fc.tuple(numberField, list).map(([field, text]): Written => ({
    text: `${field}:${text}`,
    meant: { kind: 'match', field, value: text, isLiteral: true },
  })),
  fc
    .tuple(numberField, operator, number)
    .filter(([field, sign, text]) => field !== 'n' || sign !== '=' || /^\d{1,5}$/u.test(text))
    .map(([field, sign, text]): Written => ({
      text: `${field} ${sign}${text}`,
      meant: { kind: 'compare', field, operator: sign as '=', value: text },
    })),
  addresses.map((text): Written => ({
    text: `ip:${text}`,
    meant: { kind: 'match', field: 'ip', value: text, isLiteral: false },
  })),
  fc.tuple(operator, addressText).map(([sign, text]): Written => ({
    text: `ip${sign}${text}`,
    meant: { kind: 'compare', field: 'ip', operator: sign as '=', value: text },
  })),
  fc
    .tuple(fc.constantFrom('a', 'n'), operator, fc.constantFrom('GET', '10.0.0.1', 'x'))
    .filter(([field, sign]) => field === 'a' || sign !== '=')
    .map(([field, sign, text]): Written => ({
      text: `${field}${sign}${text}`,
      meant: { kind: 'compare', field, operator: sign as '=', value: text },
    })),
  fc
    .tuple(
      fc.constantFrom('n', 'd', 'ip', 'a'),
      fc.constantFrom('[', '('),
      fc.constantFrom(']', ')'),
      fc.tuple(number, number),
      fc.tuple(addressText, addressText),
    )
    .map(([field, open, close, numbers, ends]): Written => {
      const [low, high] = field === 'ip' ? ends : numbers;
      return {
        text: `${field} in ${open}${low} ${high}${close}`,
        meant: {
          kind: 'range',
          field,
          low: [open === '[' ? '>=' : '>', low],
          high: [close === ']' ? '<=' : '<', high],
        },
      };
    }),
);

/** In parentheses where precedence asks for them: `not` and a single condition need none, `and` none below `or`. */
function enclosed({ text, meant }: Written, isBelowOr: boolean): string {
  return meant.kind === 'or' || (meant.kind === 'and' && !isBelowOr) ? `(${text})` : text;
}

const { search } = fc.letrec<{ search: Written }>((tie) => ({
  search: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('search'), fc.constantFrom(' and ', ' ', ' AND '), tie('search'))
      .map(([left, sign, right]): Written => ({
        text: `${enclosed(left, false)}${sign}${enclosed(right, false)}`,
        meant: { kind: 'and', operands: [left.meant, right.meant] },
      })),
    fc.tuple(tie('search'), fc.constantFrom(' or ', ' Or '), tie('search')).map(([left, sign, right]): Written => ({
      text: `${enclosed(left, true)}${sign}${enclosed(right, true)}`,
      meant: { kind: 'or', operands: [left.meant, right.meant] },
    })),
    tie('search').map((inner): Written => ({
      text: `not ${enclosed(inner, false)}`,
      meant: { kind: 'not', operand: inner.meant },
    })),
  ),
}));

function logIndex({ fields, line }: NaiveIndex): LogIndex {
  const expression = (name: string): string => `entry."${name}"`;
  return {
    fields: fields.map(({ name, type, token, caseSensitive, chn }) => ({
      ...{ name, type, expression: expression(name) },
      ...(type === 'text' ? { token, caseSensitive, chn } : {}),
    })),
    ...(line === null
      ? {}
      : { line: { ...line, fields: line.names.map((name) => ({ name, expression: expression(name) })) } }),
  };
}

async function fill(rows: readonly NaiveRow[], runs: number): Promise<void> {
  await connection.run(`CREATE OR REPLACE TABLE log_1 (a VARCHAR, Text_B VARCHAR, "user.id" VARCHAR, "__tag__:t" VARCHAR,
    only_line VARCHAR, n INTEGER, d DOUBLE, ip UINTEGER, __time__ BIGINT, run_id UINTEGER, entry_no UBIGINT)`);
  for (const [at, row] of rows.entries()) {
    const ip = typeof row['ip'] === 'string' ? addressNumber(row['ip']) : null;
    await connection.run(
      'INSERT INTO log_1 VALUES ($1, $2, $3, $4, $5, $6, $7, $8::BIGINT, 1, $9::BIGINT, $10::BIGINT)',
      [
        ...TEXTS.map((name) => row[name]!),
        row['only_line']!,
        row['n']!,
        row['d']!,
        ip,
        BigInt((at % runs) + 1),
        BigInt(at),
      ],
    );
  }
}

/** Ordinals of the rows found; null when the search asks for nothing, as a value of delimiters alone does. */
async function found(text: string, relation: LogRelation): Promise<number[] | null> {
  const noParser = { serialize: () => Promise.reject(new Error()), print: () => Promise.reject(new Error()) };
  const request = { text, range: { fromSec: 0, toSec: 9 }, limit: null, offset: 0, reverse: false, entryIds: true };
  try {
    const { sql, params } = await compileQuery(request, relation, noParser);
    const reader = await connection.runAndReadAll(sql, [...params]);
    return reader
      .getRows()
      .map(([id]) => Number(String(id).split('-')[1]))
      .sort((one, other) => one - other);
  } catch (cause) {
    if (cause instanceof AppError && cause.message.includes('and so no term')) return null;
    throw cause;
  }
}

async function checkAll(
  indexes: readonly NaiveIndex[],
  rows: readonly NaiveRow[],
  searches: readonly Written[],
): Promise<void> {
  await fill(rows, indexes.length);
  const generations = indexes.map(logIndex);
  const relation: LogRelation = {
    ...generations.at(-1)!,
    table: 'log_1',
    visibleRuns: { maxRun: 99, hidden: [] },
    olderIndexes: generations.slice(0, -1).map((index, at) => ({ ...index, untilRun: at + 1 })),
  };
  for (const { text, meant } of searches) {
    const ordinals = await found(text, relation);
    if (ordinals === null) continue;
    const expected = rows.flatMap((row, at) => (naiveFinds(meant, row, indexes[at % indexes.length]!) ? [at] : []));
    expect({ text, found: ordinals }).toEqual({ text, found: expected });
  }
}

const rows = fc.array(naiveRow, { minLength: 6, maxLength: 12 });
const searches = fc.array(search, { minLength: SEARCHES, maxLength: SEARCHES });

test(
  'any search over any index finds the same entries as reading them one by one',
  async () => {
    const property = fc.asyncProperty(naiveIndex, rows, searches, (index, entries, texts) =>
      checkAll([index], entries, texts),
    );
    await fc.assert(property, { numRuns: PROPERTY_RUNS });
  },
  TIMEOUT_MS,
);

test(
  'entries are found by the index of their own run',
  async () => {
    const indexes = fc.array(naiveIndex, { minLength: 2, maxLength: 3 });
    await fc.assert(fc.asyncProperty(indexes, rows, searches, checkAll), { numRuns: PROPERTY_RUNS });
  },
  TIMEOUT_MS,
);
