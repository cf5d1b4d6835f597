import { commonType } from '../sql-types';
import { first, macro, native, refused, type FunctionTable, type TypeRule } from './entry';
import { numeric } from './operators';

const widest: TypeRule = (types) => types.reduce(commonType, 'null');
const isWhole: (types: readonly string[]) => boolean = ([type]) => type === 'integer';
/** Rounding a whole number changes nothing, its type included. */
const rounding = (name: string) => macro(first, [{ sql: '$1', when: isWhole }, `${name}(CAST($1 AS DOUBLE))`]);
const NAN = "CAST('NaN' AS DOUBLE)";
/** Where DuckDB fails, Java's functions behind Presto give NaN. */
const within = (name: string, condition: string) =>
  macro('double', `CASE WHEN ${condition} THEN ${NAN} ELSE ${name}($1) END`);
const logarithm = (name: string) =>
  macro('double', `CASE WHEN $1 < 0 THEN ${NAN} WHEN $1 = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE ${name}($1) END`);
/** The largest or smallest of 2 to 8 values, NULL when one of them is: DuckDB passes over those. */
const extreme = (name: string) =>
  macro(
    widest,
    Array.from({ length: 8 }, (_, index) => {
      const all = Array.from({ length: index + 1 }, (__, at) => `$${at + 1}`);
      const missing = all.map((value) => `${value} IS NULL`).join(' OR ');
      return `CASE WHEN ${missing} THEN NULL ELSE ${name}(${all.join(', ')}) END`;
    }),
  );

export const MATHS: FunctionTable = {
  abs: native(first),
  acos: within('acos', '$1 < -1 OR $1 > 1'),
  asin: within('asin', '$1 < -1 OR $1 > 1'),
  atan: native('double'),
  atan2: native('double'),
  bit_count: macro('integer', [
    'CAST(bit_count(CAST($1 AS BIGINT)) AS BIGINT)',
    // the low `$2` bits of the two's complement
    `CASE WHEN $2 < 2 OR $2 > 64 THEN error('Bits specified in bit_count must be between 2 and 64')
      WHEN $2 = 64 THEN CAST(bit_count(CAST($1 AS BIGINT)) AS BIGINT)
      ELSE CAST(bit_count(CAST($1 AS BIGINT) & ((CAST(1 AS BIGINT) << $2) - 1)) AS BIGINT) END`,
  ]),
  bitwise_and: macro('integer', 'CAST($1 AS BIGINT) & CAST($2 AS BIGINT)'),
  bitwise_not: macro('integer', '~CAST($1 AS BIGINT)'),
  bitwise_or: macro('integer', 'CAST($1 AS BIGINT) | CAST($2 AS BIGINT)'),
  bitwise_xor: macro('integer', 'xor(CAST($1 AS BIGINT), CAST($2 AS BIGINT))'),
  // DuckDB's misses the roots of cubes by a hair
  cbrt: macro('double', 'CASE WHEN power(round(cbrt($1)), 3) = $1 THEN round(cbrt($1)) ELSE cbrt($1) END'),
  ceil: rounding('ceil'),
  ceiling: rounding('ceil'),
  cos: native('double'),
  cosh: native('double'),
  degrees: native('double'),
  e: macro('double', 'exp(1)'),
  exp: native('double'),
  floor: rounding('floor'),
  from_base: refused('reading numbers of another base is not part of this dialect'),
  greatest: extreme('greatest'),
  infinity: macro('double', "CAST('Infinity' AS DOUBLE)"),
  is_finite: macro('boolean', 'isfinite(CAST($1 AS DOUBLE))'),
  is_infinite: macro('boolean', 'isinf(CAST($1 AS DOUBLE))'),
  is_nan: macro('boolean', 'isnan(CAST($1 AS DOUBLE))'),
  least: extreme('least'),
  ln: logarithm('ln'),
  /** Logarithm of the second to the base of the first; of one, to the base of 10. */
  log: macro('double', [
    `CASE WHEN $1 < 0 THEN ${NAN} WHEN $1 = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE log10($1) END`,
    `CASE WHEN $1 <= 0 OR $1 = 1 OR $2 < 0 THEN ${NAN} WHEN $2 = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE log($1, $2) END`,
  ]),
  log10: logarithm('log10'),
  log2: logarithm('log2'),
  mod: native(numeric),
  nan: macro('double', NAN),
  pi: native('double'),
  pow: native('double', { rename: 'power' }),
  power: native('double'),
  radians: native('double'),
  /** From 0 up to 1, or a whole number from 0 up to the argument. */
  rand: macro('double', ['random()', { sql: 'CAST(floor(random() * $1) AS BIGINT)', result: 'integer' }]),
  random: macro('double', ['random()', { sql: 'CAST(floor(random() * $1) AS BIGINT)', result: 'integer' }]),
  round: macro(first, [
    { sql: '$1', when: isWhole },
    'round(CAST($1 AS DOUBLE))',
    { sql: 'CAST(round($1, $2) AS BIGINT)', when: isWhole },
    'round(CAST($1 AS DOUBLE), CAST($2 AS INTEGER))',
  ]),
  sign: macro(first, [{ sql: 'CAST(sign($1) AS BIGINT)', when: isWhole }, 'CAST(sign($1) AS DOUBLE)']),
  sin: native('double'),
  sinh: native('double'),
  sqrt: within('sqrt', '$1 < 0'),
  tan: native('double'),
  tanh: native('double'),
  to_base: macro('text', 'lower(to_base(CAST($1 AS BIGINT), CAST($2 AS INTEGER)))'),
  // behind INTERVAL '1' DAY, as DuckDB's parser reads it
  trunc: native(first),
  truncate: macro(first, [
    { sql: '$1', when: isWhole },
    'trunc(CAST($1 AS DOUBLE))',
    'trunc(CAST($1 AS DOUBLE) * power(10, $2)) / power(10, $2)',
  ]),
  /** The bin of `$1` among `$4` equal ones from `$2` to `$3`, 0 below and `$4 + 1` above. */
  width_bucket: macro(
    'integer',
    `CASE WHEN $1 < $2 THEN 0 WHEN $1 >= $3 THEN $4 + 1
      ELSE CAST(floor((CAST($1 AS DOUBLE) - $2) * $4 / (CAST($3 AS DOUBLE) - $2)) AS BIGINT) + 1 END`,
  ),
};
