import type { ResultBatch } from '../../src-main/contract/result-batch';

/** Texts that formats and their readers stumble over; null is NULL. */
export const HOSTILE_TEXTS: readonly (string | null)[] = [
  'plain',
  '',
  null,
  'a "quoted" one, with comma\tand tab',
  'lines\r\nof\nboth kinds\r',
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\tcmd',
  '\r=1',
  ' leading and trailing ',
  '中文 🦆 e\u0301 \u200f‮rtl',
  '<a href="x">&amp;</a> ]]> _x000D_',
  '\u0001\u001b[31m\u007f\ufffe',
  "'apostrophe",
  'null',
  '007',
];

const { length } = HOSTILE_TEXTS;
const INTEGERS = [2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n, -1n, 0n];
const MICROS = [1_773_133_200_123_000n, -1n, 0n, 253_402_271_999_999_999n];
const DOUBLES = [0.1, -1e300, 5e-324, 1e21, 123_456_789.125];
const WIDE = ['340282366920938463463374607431768211455', '-1', '[1,\n"x"]', '{"a":"=1"}'];

const every = <T>(values: readonly T[]): T[] => Array.from({ length }, (_, row) => values[row % values.length]!);
/** NULL in every seventh row. */
const validity = (): Uint8Array => Uint8Array.from({ length }, (_, row) => (row % 7 === 6 ? 0 : 1));

/** One row for each hostile text, with extremes of every type beside it; the name of one column is hostile too. */
export const HOSTILE_BATCH: ResultBatch = {
  rowCount: length,
  columns: [
    {
      name: 'note',
      type: 'text',
      data: Uint32Array.from({ length }, (_, row) => row),
      dictionary: HOSTILE_TEXTS.map((text) => text ?? ''),
      validity: Uint8Array.from(HOSTILE_TEXTS, (text) => (text === null ? 0 : 1)),
    },
    { name: 'n', type: 'int64', data: BigInt64Array.from(every(INTEGERS)), validity: validity() },
    { name: 'ratio', type: 'float64', data: Float64Array.from(every(DOUBLES)), validity: validity() },
    { name: 'ok', type: 'bool', data: Uint8Array.from(every([1, 0])), validity: validity() },
    { name: 'ip', type: 'ipv4', data: Uint32Array.from(every([0xcb007101, 0, 0xffffffff])), validity: validity() },
    { name: 'at', type: 'timestamp', data: BigInt64Array.from(every(MICROS)), validity: validity() },
    { name: '=wide,"x"', type: 'json', data: Uint32Array.from(every([0, 1, 2, 3])), dictionary: WIDE },
    { name: 'n', type: 'int64', data: BigInt64Array.from(every([1n])) },
  ],
};

const shown = <T>(values: readonly T[], text: (value: T) => string): (string | null)[] =>
  every(values).map((value, row) => (row % 7 === 6 ? null : text(value)));

/** The values of `HOSTILE_BATCH` by column, as exact text, times in +08:00. */
export const HOSTILE_COLUMNS: readonly (readonly (string | null)[])[] = [
  HOSTILE_TEXTS,
  shown(INTEGERS, String),
  shown(DOUBLES, String),
  shown([true, false], String),
  shown(['203.0.113.1', '0.0.0.0', '255.255.255.255'], String),
  shown(
    [
      '2026-03-10T17:00:00.123+08:00',
      '1970-01-01T07:59:59.999999+08:00',
      '1970-01-01T08:00:00.000+08:00',
      '9999-12-31T23:59:59.999999+08:00',
    ],
    String,
  ),
  every(WIDE),
  every(['1']),
];
export const HOSTILE_NAMES = ['note', 'n', 'ratio', 'ok', 'ip', 'at', '=wide,"x"', 'n_2'];
