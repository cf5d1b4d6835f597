import { castNode, constantNode, functionNode, textConstantOf } from '../sql-build';
import { epochOf, localTime, presentTime } from '../sql-clock';
import { isTime } from '../sql-types';
import { zoneOffset } from '../zone';
import { duckdbFormat } from './date-format';
import { macro, native, rewritten, type FunctionCall, type FunctionTable, type TypedNode } from './entry';

const UNITS: readonly string[] = ['millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
const INTERVALS: Readonly<Record<string, string>> = {
  millisecond: 'to_milliseconds',
  second: 'to_seconds',
  minute: 'to_minutes',
  hour: 'to_hours',
  day: 'to_days',
  week: 'to_weeks',
  month: 'to_months',
  quarter: 'to_quarters',
  year: 'to_years',
};

/** The unit that a date function is given, as a constant. @throws AppError QUERY_WRONG_TYPE */
function unitOf(call: FunctionCall): string {
  const [unit] = call.arguments;
  const text = unit === undefined ? null : textConstantOf(unit.node)?.toLowerCase();
  if (text != null && UNITS.includes(text)) return text;
  throw call.fail(
    'QUERY_WRONG_TYPE',
    `'${text ?? '…'}' is not a valid TIMESTAMP field: ${call.name} takes ${UNITS.join(', ')}, in quotes.`,
  );
}

/** An argument that is a time; epoch seconds have become one already. @throws AppError QUERY_WRONG_TYPE */
function timeOf(call: FunctionCall, index: number): TypedNode {
  const argument = call.arguments[index];
  if (argument !== undefined && (isTime(argument.type) || ['null', 'other'].includes(argument.type))) return argument;
  const what = argument === undefined ? 'nothing' : argument.type;
  throw call.fail(
    'QUERY_WRONG_TYPE',
    `${call.name} needs a time (or epoch seconds) as argument ${index + 1}, not ${what}: use date_parse.`,
  );
}

function truncated(call: FunctionCall): TypedNode {
  const unit = unitOf(call);
  const { node, type } = timeOf(call, 1);
  const start = functionNode('date_trunc', [constantNode('VARCHAR', unit), node]);
  // of a date, DuckDB makes a timestamp
  return type === 'date' ? { node: castNode(start, 'DATE'), type } : { node: start, type: 'timestamp' };
}

function added(call: FunctionCall): TypedNode {
  const unit = unitOf(call);
  const [, count] = call.arguments;
  if (count === undefined) throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a unit, a number and a time.`);
  const { node, type } = timeOf(call, 2);
  const whole = castNode(count.node, unit === 'month' || unit === 'year' || unit === 'quarter' ? 'INTEGER' : 'BIGINT');
  const days = unit === 'day' || unit === 'week' ? castNode(count.node, 'INTEGER') : whole;
  const sum = functionNode('+', [node, functionNode(INTERVALS[unit] ?? '', [days])], true);
  return type === 'date' ? { node: castNode(sum, 'DATE'), type } : { node: sum, type: 'timestamp' };
}

/** Whole units between two times, as Presto counts them; DuckDB's `date_diff` counts the borders passed. */
function difference(call: FunctionCall): TypedNode {
  const unit = unitOf(call);
  const [from, to] = [timeOf(call, 1), timeOf(call, 2)].map(({ node }) => castNode(node, 'TIMESTAMP'));
  if (from === undefined || to === undefined)
    throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a unit and two times.`);
  return { node: functionNode('date_sub', [constantNode('VARCHAR', unit), from, to]), type: 'integer' };
}

function formatOf(call: FunctionCall, index: number, use: 'print' | 'parse'): JsonText {
  const argument = call.arguments[index];
  const text = argument === undefined ? null : textConstantOf(argument.node);
  if (text === null)
    throw call.fail('QUERY_UNSUPPORTED', `${call.name} needs a format as it stands, such as '%Y-%m-%d %H:%i:%s'.`);
  const { format, unknown } = duckdbFormat(text, use);
  if (unknown === null) return constantNode('VARCHAR', format);
  throw call.fail('QUERY_UNSUPPORTED', `%${unknown} not supported in date format string`);
}
type JsonText = ReturnType<typeof constantNode>;

const formatted = (call: FunctionCall): TypedNode => ({
  node: functionNode('strftime', [castNode(timeOf(call, 0).node, 'TIMESTAMP'), formatOf(call, 1, 'print')]),
  type: 'text',
});

function parsed(call: FunctionCall): TypedNode {
  const [text] = call.arguments;
  if (text === undefined) throw call.fail('QUERY_WRONG_TYPE', 'date_parse needs a text and a format.');
  return { node: functionNode('strptime', [text.node, formatOf(call, 1, 'parse')]), type: 'timestamp' };
}

function fromUnixTime(call: FunctionCall): TypedNode {
  const [seconds, zone] = call.arguments;
  if (seconds === undefined) throw call.fail('QUERY_WRONG_TYPE', 'from_unixtime needs epoch seconds.');
  const name = zone === undefined ? call.clock.zone : textConstantOf(zone.node);
  if (name === null)
    throw call.fail('QUERY_UNSUPPORTED', "The zone of from_unixtime is a text as it stands, such as 'Asia/Shanghai'.");
  zoneOffset(name);
  return { node: localTime({ ...call.clock, zone: name }, seconds.node), type: 'timestamp' };
}

const toUnixTime = (call: FunctionCall): TypedNode => ({
  node: epochOf(call.clock, timeOf(call, 0).node),
  type: 'double',
});

const present = (id: 'TIMESTAMP' | 'DATE' | 'TIME') =>
  rewritten((call) => ({
    node: id === 'TIMESTAMP' ? presentTime(call.clock) : castNode(presentTime(call.clock), id),
    type: id === 'TIMESTAMP' ? 'timestamp' : id === 'DATE' ? 'date' : 'other',
  }));

/** Names that are no calls: `current_date` and its like, in the place of a column that no table has. */
export const PRESENT_NAMES: FunctionTable = {
  current_date: present('DATE'),
  current_time: present('TIME'),
  current_timestamp: present('TIMESTAMP'),
  localtime: present('TIME'),
  localtimestamp: present('TIMESTAMP'),
};

const HAS_OFFSET = String.raw`regexp_matches($1, '(?:[zZ]|[+-]\d\d:?\d\d)$')`;
const ISO_INSTANT = 'epoch(CAST($1 AS TIMESTAMP WITH TIME ZONE))';
const ISO = `CASE WHEN ${HAS_OFFSET} THEN $2 ELSE CAST($1 AS TIMESTAMP) END`;

function isoTime(call: FunctionCall): TypedNode {
  const [text] = call.arguments;
  if (text === undefined) throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a text.`);
  const instant = localTime(call.clock, call.expand(ISO_INSTANT, [text.node]));
  return { node: call.expand(ISO, [text.node, instant]), type: 'timestamp' };
}

const partOfTime = (rename?: string) =>
  native('integer', { timeArguments: [0], maxArguments: 1, ...(rename === undefined ? {} : { rename }) });
const toInterval = native('interval');

export const DATES: FunctionTable = {
  ...PRESENT_NAMES,
  current_timezone: rewritten(({ clock }) => ({ node: constantNode('VARCHAR', clock.zone), type: 'text' })),
  date: macro('date', 'CAST($1 AS DATE)', { timeArguments: [0] }),
  date_add: rewritten(added, { timeArguments: [2] }),
  date_diff: rewritten(difference, { timeArguments: [1, 2] }),
  date_format: rewritten(formatted, { timeArguments: [0] }),
  date_parse: rewritten(parsed),
  // EXTRACT(… FROM …): DOUBLE for some parts, BIGINT for others
  date_part: native('other', { timeArguments: [1] }),
  date_trunc: rewritten(truncated, { timeArguments: [1] }),
  day: partOfTime(),
  day_of_month: partOfTime('day'),
  day_of_week: partOfTime('isodow'),
  day_of_year: partOfTime('dayofyear'),
  dow: partOfTime('isodow'),
  doy: partOfTime('dayofyear'),
  from_iso8601_date: macro('date', 'CAST($1 AS DATE)'),
  from_iso8601_timestamp: rewritten(isoTime, { templates: [ISO, ISO_INSTANT] }),
  from_unixtime: rewritten(fromUnixTime, { maxArguments: 2 }),
  hour: partOfTime(),
  last_day_of_month: native('date', { rename: 'last_day', timeArguments: [0] }),
  millisecond: macro('integer', 'millisecond($1) % 1000', { timeArguments: [0] }),
  minute: partOfTime(),
  month: partOfTime(),
  now: present('TIMESTAMP'),
  quarter: partOfTime(),
  second: partOfTime(),
  to_iso8601: macro('text', [
    { sql: 'CAST($1 AS VARCHAR)', when: ([type]) => type === 'date' },
    "strftime(CAST($1 AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g')",
  ]),
  // what INTERVAL '1' DAY and its like are to DuckDB's parser
  to_days: toInterval,
  to_hours: toInterval,
  to_minutes: toInterval,
  to_months: toInterval,
  to_seconds: toInterval,
  to_unixtime: rewritten(toUnixTime),
  to_weeks: toInterval,
  to_years: toInterval,
  week: partOfTime(),
  week_of_year: partOfTime('week'),
  year: partOfTime(),
  year_of_week: partOfTime('isoyear'),
  yow: partOfTime('isoyear'),
};
