import { arrayOf, isArray, isNumber, mapOf, type SqlType } from '../sql-types';
import {
  first,
  macro,
  native,
  refused,
  rewritten,
  type FunctionCall,
  type FunctionTable,
  type TypedNode,
  type TypeRule,
} from './entry';

const sum: TypeRule = ([type]) =>
  type === 'integer' || type === 'boolean' ? 'integer' : isNumber(type) ? 'double' : 'other';
const toBigint = { castWhen: { result: 'integer', to: 'BIGINT' } } as const;
const double = native('double');
/** One value, or an array of them when `n` of them are asked for. */
const orSeveral =
  (count: number): TypeRule =>
  (types) =>
    types.length > count ? arrayOf(types[0] ?? 'other') : (types[0] ?? 'other');
const several = (types: readonly SqlType[]): SqlType =>
  isArray(types[1]) ? arrayOf(types[0] ?? 'other') : (types[0] ?? 'other');
const once = (value: string, body: string, name = 'λt'): string =>
  `list_extract(list_transform(list_value(${value}), ${name} -> ${body}), 1)`;

/** Of each key the first value, in the order of the values. */
const MAP_AGG = `map_from_entries(${once(
  'list_sort(list(struct_pack(k := $1, v := $2)) FILTER (WHERE $1 IS NOT NULL))',
  "list_filter(λt, (λe, λi) -> λi = 1 OR struct_extract(list_extract(λt, λi - 1), 'k') <> struct_extract(λe, 'k'))",
)})`;

/** The key at a place of the sorted entries `λs`, and the value of the entry of `λt` that it is from. */
const sortedKey = (place: string): string => `struct_extract(list_extract(λs, ${place}), 'k')`;
const sortedValue = (place: string): string =>
  `struct_extract(list_extract(λt, struct_extract(list_extract(λs, ${place}), 'i')), 'v')`;
/**
 * Of each key its values, in the order of the rows: the entries are sorted once and cut at `λc`, where the key changes.
 * Elements are taken one by one, since `list_slice` in a lambda copies the whole list at each call.
 */
const MULTIMAP_AGG = once(
  'list(struct_pack(k := $1, v := $2)) FILTER (WHERE $1 IS NOT NULL)',
  `CASE WHEN λt IS NOT NULL THEN ${once(
    "list_sort(list_transform(λt, (λe, λi) -> struct_pack(k := struct_extract(λe, 'k'), i := λi)))",
    once(
      `list_append(list_filter(range(1, len(λs) + 1), λi -> λi = 1 OR ${sortedKey('λi - 1')} <> ${sortedKey('λi')}), len(λs) + 1)`,
      `map_from_entries(list_transform(range(1, len(λc)), λb -> struct_pack(
        k := ${sortedKey('list_extract(λc, λb)')},
        v := list_transform(range(list_extract(λc, λb), list_extract(λc, λb + 1)), λi -> ${sortedValue('λi')}))))`,
      'λc',
    ),
    'λs',
  )} END`,
);

const KEYS = "struct_extract(λh, 'keys')";
const COUNTS = "struct_extract(λh, 'counts')";
const CUTS = "struct_extract(λh, 'cuts')";
/** How many values a bin has whose places are `λr`. */
const BIN_COUNT = `list_sum(list_transform(λr, λi -> list_extract(${COUNTS}, λi)))`;
/**
 * At most `$1` bins, from the mean of each to how many values it has: the values cut at their widest gaps, `λc`. Of gaps
 * that are alike, those are taken that lie evenly, as the multiples of the golden ratio do in their fractions. The vendor's
 * bins depend on the order in which rows come; with no more than `$1` different values both have one bin for each.
 */
const NUMERIC_HISTOGRAM = once(
  'histogram(CAST($2 AS DOUBLE))',
  `CASE WHEN λt IS NOT NULL THEN ${once(
    `struct_pack(keys := map_keys(λt), counts := map_values(λt),
      cuts := list_slice(list_transform(list_sort(list_transform(range(1, len(map_keys(λt))), λi -> struct_pack(
          gap := list_extract(map_keys(λt), λi) - list_extract(map_keys(λt), λi + 1), spread := (λi * 0.6180339887498949) % 1, at := λi))),
        λg -> struct_extract(λg, 'at')), 1, CAST($1 AS BIGINT) - 1))`,
    once(
      `list_append(list_prepend(0, list_sort(${CUTS})), len(${KEYS}))`,
      `map_from_entries(list_transform(
        list_transform(range(1, len(λc)), λb -> range(list_extract(λc, λb) + 1, list_extract(λc, λb + 1) + 1)),
        λr -> struct_pack(
          k := list_sum(list_transform(λr, λi -> list_extract(${KEYS}, λi) * list_extract(${COUNTS}, λi))) / ${BIN_COUNT},
          v := CAST(${BIN_COUNT} AS DOUBLE))))`,
      'λc',
    ),
    'λh',
  )} END`,
);

/** At more than this, the squares that a variance sums up may pass the largest double, where DuckDB fails. */
const MAX_SQUARED = '1e140';
const X = 'CAST($1 AS DOUBLE)';
const SCALED = `CASE WHEN isfinite(${X}) THEN ${X} * 1e-170 WHEN ${X} IS NOT NULL THEN 0 END`;
/** A variance, or the root of one, that overflows to Infinity as Presto's does, and is NaN with a value that is not finite. */
const spread = (name: string, variance: string, root: string) =>
  macro('double', [
    { sql: `${name}($1)`, when: ([type]) => type === 'integer' },
    `CASE WHEN max(abs(${X})) > ${MAX_SQUARED}
      THEN ${root}(${variance}(${SCALED}) * 1e170 * 1e170 * CASE WHEN isfinite(max(abs(${X}))) THEN 1 ELSE CAST('NaN' AS DOUBLE) END)
      ELSE ${name}(CASE WHEN abs(${X}) <= ${MAX_SQUARED} THEN ${X} END) END`,
  ]);
const NAN = "CAST('NaN' AS DOUBLE)";
const LARGEST = `max(abs(${X}))`;
const upTo = (most: string, scaled = X): string => `CASE WHEN abs(${X}) <= ${most} THEN ${scaled} END`;
/** Of the whole population, as Presto's is; DuckDB's corrects for a sample. */
const skewnessOf = (value: string): string =>
  `skewness(${value}) * (count(${value}) - 2) / sqrt(count(${value}) * (count(${value}) - 1))`;
/**
 * NaN where the third powers of Presto's overflow, as they do of values that are not finite. DuckDB's own is 0 from 1e52 on,
 * since it cubes a variance, and fails from 1e103 on; it does not depend on the scale.
 */
const SKEWNESS = `CASE WHEN ${LARGEST} <= 1e50 THEN ${skewnessOf(upTo('1e50'))} WHEN count(${X}) < 3 THEN NULL
  WHEN ${LARGEST} <= 1e102 THEN ${skewnessOf(upTo('1e102', `${X} * 1e-60`))} ELSE ${NAN} END`;
/** NaN where the fourth powers of Presto's overflow, where DuckDB's fails, and for values that are all the same. */
const KURTOSIS = `CASE WHEN count(${X}) < 4 THEN NULL
  WHEN ${LARGEST} <= 1e60 THEN coalesce(kurtosis(${upTo('1e60')}), ${NAN})
  WHEN ${LARGEST} <= 1e76 THEN coalesce(kurtosis(${upTo('1e76', `${X} * 1e-40`)}), ${NAN}) ELSE ${NAN} END`;

const Y = 'CAST($2 AS DOUBLE)';
const largestOf = (value: string, other: string): string =>
  `max(abs(CASE WHEN ${other} IS NOT NULL THEN ${value} END))`;
/** A measure of pairs that is NULL, as Presto's, where the squares overflow, a value is not finite, or all are the same. */
const ofPairs = (name: string) =>
  macro(
    'double',
    `CASE WHEN ${largestOf(X, Y)} <= ${MAX_SQUARED} AND ${largestOf(Y, X)} <= ${MAX_SQUARED} THEN nullif(
      ${name}(CASE WHEN abs(${X}) <= ${MAX_SQUARED} AND abs(${Y}) <= ${MAX_SQUARED} THEN ${X} END, ${Y}), ${NAN}) END`,
  );

/** As Presto computes it: 0 with a zero among the values, NaN with a negative one, where DuckDB's own fails. */
const GEOMETRIC_MEAN = `exp(avg(CASE WHEN $1 > 0 THEN ln($1) WHEN $1 = 0 THEN CAST('-Infinity' AS DOUBLE)
  WHEN $1 < 0 THEN CAST('NaN' AS DOUBLE) END))`;

const DISTINCT_COUNT = 'count(DISTINCT $1)';

/** The error that the second argument bounds is 0. */
function distinctCount(call: FunctionCall): TypedNode {
  const [value] = call.arguments;
  if (value === undefined) throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a value.`);
  return { node: call.expand(DISTINCT_COUNT, [value.node]), type: 'integer' };
}

/** Aggregates, alone or with OVER. */
export const AGGREGATES: FunctionTable = {
  any_value: native(first),
  // exact: DuckDB's sketch is 25 % off, where the vendor's is 2.3 %
  approx_distinct: rewritten(distinctCount, { templates: [DISTINCT_COUNT], maxArguments: 2 }),
  // exact: DuckDB's sketch costs 13 KB a group
  approx_percentile: native(several, { rename: 'quantile_disc', maxArguments: 2 }),
  /** A set of values, exactly: DuckDB gives no sketch away. */
  approx_set: macro(arrayOf('text'), 'list(DISTINCT CAST($1 AS VARCHAR)) FILTER (WHERE $1 IS NOT NULL)'),
  arbitrary: native(first, { rename: 'any_value' }),
  array_agg: native(([type]) => arrayOf(type ?? 'other'), { rename: 'list', maxArguments: 1 }),
  avg: double,
  bitwise_and_agg: native('integer', { rename: 'bit_and' }),
  bitwise_or_agg: native('integer', { rename: 'bit_or' }),
  bitwise_xor_agg: native('integer', { rename: 'bit_xor' }),
  bool_and: native('boolean'),
  bool_or: native('boolean'),
  corr: ofPairs('corr'),
  count: native('integer', { maxArguments: 1 }),
  count_if: native('integer', toBigint),
  count_star: native('integer'),
  covar_pop: double,
  covar_samp: double,
  entropy: double,
  every: native('boolean', { rename: 'bool_and' }),
  geometric_mean: macro('double', GEOMETRIC_MEAN),
  histogram: native(([type]) => mapOf(type ?? 'other', 'integer'), { maxArguments: 1 }),
  kurtosis: macro('double', KURTOSIS),
  map_agg: macro(([key, value]) => mapOf(key ?? 'other', value ?? 'other'), MAP_AGG),
  max: native(orSeveral(1), { maxArguments: 2 }),
  max_by: macro(orSeveral(2), ['arg_max_null($1, $2)', 'arg_max($1, $2, $3)']),
  merge: macro(arrayOf('text'), 'list_distinct(flatten(list($1)))'),
  min: native(orSeveral(1), { maxArguments: 2 }),
  // with the value of the first even where that is NULL, which DuckDB's own passes over
  min_by: macro(orSeveral(2), ['arg_min_null($1, $2)', 'arg_min($1, $2, $3)']),
  multimap_agg: macro(([key, value]) => mapOf(key ?? 'other', arrayOf(value ?? 'other')), MULTIMAP_AGG),
  numeric_histogram: macro(mapOf('double', 'double'), NUMERIC_HISTOGRAM),
  regr_intercept: ofPairs('regr_intercept'),
  regr_slope: ofPairs('regr_slope'),
  set_agg: refused('use array_distinct(array_agg(…))'),
  skewness: macro('double', [{ sql: skewnessOf('$1'), when: ([type]) => type === 'integer' }, SKEWNESS]),
  stddev: spread('stddev', 'var_samp', 'sqrt'),
  stddev_pop: spread('stddev_pop', 'var_pop', 'sqrt'),
  stddev_samp: spread('stddev_samp', 'var_samp', 'sqrt'),
  sum: native(sum, toBigint),
  var_pop: spread('var_pop', 'var_pop', ''),
  var_samp: spread('var_samp', 'var_samp', ''),
  variance: spread('variance', 'var_samp', ''),
};

/** The empty set that `approx_set` gives for no value. */
export const SKETCHES: FunctionTable = {
  empty_approx_set: macro(arrayOf('text'), "list_filter(list_value(''), λe -> (1 = 0))"),
};

/** Functions that exist only with OVER. */
export const WINDOWS: FunctionTable = {
  cume_dist: double,
  dense_rank: native('integer'),
  first_value: native(first),
  lag: native(first),
  last_value: native(first),
  lead: native(first),
  nth_value: native(first),
  ntile: native('integer'),
  percent_rank: double,
  rank: native('integer'),
  row_number: native('integer'),
};

/** DuckDB's aggregates in the expressions above, which take over what a call has of DISTINCT, FILTER and OVER. */
export const AGGREGATES_WITHIN: readonly string[] = [
  ...['list', 'histogram', 'skewness', 'count', 'arg_max', 'arg_max_null', 'arg_min', 'arg_min_null'],
  ...[
    'avg',
    'corr',
    'kurtosis',
    'max',
    'regr_intercept',
    'regr_slope',
    'stddev',
    'stddev_pop',
    'stddev_samp',
    'var_pop',
    'var_samp',
    'variance',
  ],
];
