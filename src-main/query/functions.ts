import { commonType, type SqlType } from './sql-scope';

type TypeRule = (types: readonly SqlType[]) => SqlType;
/** Type of a call by the types of its arguments. */
type ResultRule = SqlType | TypeRule;

export interface SqlFunction {
  readonly result: ResultRule;
  /** DuckDB's name where it is not the vendor's. */
  readonly rename?: string;
  /** Most arguments the dialect takes; DuckDB checks the rest. Above it, some functions turn into another one. */
  readonly maxArguments?: number;
  /** Index of an argument that is a time and may be given as epoch seconds, as the vendor's date functions do. */
  readonly timeArgument?: number;
  /**
   * Cast put around the call: DuckDB's sums are HUGEINT and its times zoned (in UTC, as the database is set), where the
   * vendor has bigint and timestamp.
   */
  readonly castWhen?: { readonly result: SqlType; readonly to: 'BIGINT' | 'TIMESTAMP' };
}

const isNumber = (type: SqlType | undefined): boolean => type === 'integer' || type === 'double';
const isTime = (type: SqlType | undefined): boolean => type === 'date' || type === 'timestamp';

const first: TypeRule = (types) => types[0] ?? 'other';
const widest: TypeRule = (types) => types.reduce(commonType, 'null');
const numeric: TypeRule = (types) =>
  types.every((type) => isNumber(type) || type === 'null') ? types.reduce(commonType, 'null') : 'other';

const plus: TypeRule = ([left, right]) => {
  if (right === undefined) return isNumber(left) ? (left ?? 'other') : 'other';
  if (left === undefined) return 'other';
  if (isTime(left) && right === 'interval') return 'timestamp';
  if (left === 'interval' && isTime(right)) return 'timestamp';
  if (left === 'date' && right === 'integer') return 'date';
  if (left === 'interval' && right === 'interval') return 'interval';
  return numeric([left, right]);
};
const minus: TypeRule = ([left, right]) => {
  if (left === 'date' && right === 'date') return 'integer';
  if (isTime(left) && isTime(right)) return 'interval';
  if (left === 'interval' && right === undefined) return 'interval';
  return plus([left, right].filter((type) => type !== undefined));
};
const sum: TypeRule = ([type]) =>
  type === 'integer' || type === 'boolean' ? 'integer' : isNumber(type) ? 'double' : 'other';

const scalar = (result: ResultRule, options: Omit<SqlFunction, 'result'> = {}): SqlFunction => ({ result, ...options });
const toBigint = { castWhen: { result: 'integer', to: 'BIGINT' } } as const;

const OPERATORS: Readonly<Record<string, SqlFunction>> = {
  '+': scalar(plus),
  '-': scalar(minus),
  '*': scalar(numeric),
  '/': scalar(numeric),
  '%': scalar(numeric),
  '||': scalar('text'),
  '~~': scalar('boolean'),
  '!~~': scalar('boolean'),
  like_escape: scalar('boolean'),
  not_like_escape: scalar('boolean'),
};

const MATHS: Readonly<Record<string, SqlFunction>> = {
  abs: scalar(first),
  acos: scalar('double'),
  asin: scalar('double'),
  atan: scalar('double'),
  atan2: scalar('double'),
  cbrt: scalar('double'),
  ceil: scalar('double'),
  ceiling: scalar('double', { rename: 'ceil' }),
  cos: scalar('double'),
  degrees: scalar('double'),
  exp: scalar('double'),
  floor: scalar('double'),
  greatest: scalar(widest),
  least: scalar(widest),
  ln: scalar('double'),
  log10: scalar('double'),
  log2: scalar('double'),
  mod: scalar(numeric),
  nullif: scalar(first),
  pi: scalar('double'),
  pow: scalar('double', { rename: 'power' }),
  power: scalar('double'),
  radians: scalar('double'),
  round: scalar(first),
  sign: scalar('integer'),
  sin: scalar('double'),
  sqrt: scalar('double'),
  tan: scalar('double'),
  trunc: scalar(first),
  truncate: scalar(first, { rename: 'trunc' }),
};

const TEXT: Readonly<Record<string, SqlFunction>> = {
  chr: scalar('text'),
  codepoint: scalar('integer', { rename: 'unicode' }),
  concat: scalar('text'),
  ends_with: scalar('boolean'),
  length: scalar('integer'),
  lower: scalar('text'),
  ltrim: scalar('text'),
  md5: scalar('text'),
  position: scalar('integer', { rename: 'strpos' }),
  regexp_extract: scalar('text'),
  regexp_like: scalar('boolean', { rename: 'regexp_matches' }),
  reverse: scalar('text'),
  rtrim: scalar('text'),
  sha256: scalar('text'),
  split_part: scalar('text'),
  starts_with: scalar('boolean'),
  strpos: scalar('integer'),
  substr: scalar('text'),
  substring: scalar('text', { rename: 'substr' }),
  trim: scalar('text'),
  upper: scalar('text'),
};

const partOfTime = scalar('integer', { timeArgument: 0 });
const toInterval = scalar('interval');
const DATES: Readonly<Record<string, SqlFunction>> = {
  date_diff: scalar('integer'),
  // DOUBLE for some parts, BIGINT for others
  date_part: scalar('other', { timeArgument: 1 }),
  date_trunc: scalar('timestamp', { timeArgument: 1 }),
  day: partOfTime,
  day_of_week: { ...partOfTime, rename: 'isodow' },
  day_of_year: { ...partOfTime, rename: 'dayofyear' },
  from_unixtime: scalar('timestamp', {
    rename: 'to_timestamp',
    maxArguments: 1,
    castWhen: { result: 'timestamp', to: 'TIMESTAMP' },
  }),
  hour: partOfTime,
  minute: partOfTime,
  month: partOfTime,
  quarter: partOfTime,
  second: partOfTime,
  // what INTERVAL '1' DAY and its like are to DuckDB's parser
  to_days: toInterval,
  to_hours: toInterval,
  to_minutes: toInterval,
  to_months: toInterval,
  to_seconds: toInterval,
  to_unixtime: scalar('double', { rename: 'epoch' }),
  to_weeks: toInterval,
  to_years: toInterval,
  week: partOfTime,
  year: partOfTime,
};

/**
 * Functions and operators of the dialect by the name in DuckDB's tree, folded. What is not here is refused: table
 * functions, settings, files, lists and lambdas, and everything whose result is not bounded by its arguments (`repeat`,
 * `lpad`, `replace`, `range`), since neither DuckDB's memory limit nor an interrupt stops those.
 * @see sls-logstore.md §3.7
 */
export const SCALAR_FUNCTIONS: ReadonlyMap<string, SqlFunction> = new Map(
  Object.entries({ ...OPERATORS, ...MATHS, ...TEXT, ...DATES }),
);

const double = scalar('double');
/** Aggregates, alone or with OVER. */
export const AGGREGATE_FUNCTIONS: ReadonlyMap<string, SqlFunction> = new Map(
  Object.entries({
    any_value: scalar(first),
    approx_distinct: scalar('integer', { rename: 'approx_count_distinct' }),
    // exact: DuckDB's sketch costs 13 KB a group
    approx_percentile: scalar(first, { rename: 'quantile_disc', maxArguments: 2 }),
    arbitrary: scalar(first, { rename: 'any_value' }),
    avg: double,
    bool_and: scalar('boolean'),
    bool_or: scalar('boolean'),
    corr: double,
    count: scalar('integer'),
    count_if: scalar('integer', toBigint),
    count_star: scalar('integer'),
    covar_pop: double,
    covar_samp: double,
    geometric_mean: { ...double, rename: 'geomean' },
    kurtosis: double,
    max: scalar(first, { maxArguments: 1 }),
    max_by: scalar(first, { maxArguments: 2 }),
    min: scalar(first, { maxArguments: 1 }),
    min_by: scalar(first, { maxArguments: 2 }),
    skewness: double,
    stddev: double,
    stddev_pop: double,
    stddev_samp: double,
    sum: scalar(sum, toBigint),
    var_pop: double,
    var_samp: double,
    variance: double,
  } satisfies Record<string, SqlFunction>),
);

/** Functions that exist only with OVER, by folded name. */
export const WINDOW_FUNCTIONS: ReadonlyMap<string, SqlFunction> = new Map(
  Object.entries({
    cume_dist: double,
    dense_rank: scalar('integer'),
    first_value: scalar(first),
    lag: scalar(first),
    last_value: scalar(first),
    lead: scalar(first),
    nth_value: scalar(first),
    ntile: scalar('integer'),
    percent_rank: double,
    rank: scalar('integer'),
    row_number: scalar('integer'),
  } satisfies Record<string, SqlFunction>),
);

export function resultType(entry: SqlFunction, types: readonly SqlType[]): SqlType {
  return typeof entry.result === 'function' ? entry.result(types) : entry.result;
}
