import { castNode, constantNode, functionNode, textConstantOf } from '../sql-build';
import { epochOf, instantAt, instantOfLocal, isExactUnit, localTime, presentTime, truncatedTime } from '../sql-clock';
import { plusInterval } from '../sql-intervals';
import { asInstant, asLocal, clockOf, instantOfText } from '../sql-times';
import { isInstant, isTime, zoned } from '../sql-types';
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
  const isKnown = argument !== undefined && isTime(argument.type) && argument.type !== 'mixed zones';
  if (isKnown || argument?.type === 'null') return argument;
  if (argument?.type === 'other') return { node: asInstant(argument, call.clock), type: 'timestamp' };
  const what = argument === undefined ? 'nothing' : argument.type;
  throw call.fail(
    'QUERY_WRONG_TYPE',
    `${call.name} needs a time (or epoch seconds) as argument ${index + 1}, not ${what}: use date_parse.`,
  );
}

function truncated(call: FunctionCall): TypedNode {
  const unit = unitOf(call);
  const { node, type } = timeOf(call, 1);
  // of a date, DuckDB makes a timestamp
  if (type === 'date')
    return { node: castNode(functionNode('date_trunc', [constantNode('VARCHAR', unit), node]), 'DATE'), type };
  return { node: truncatedTime(clockOf(type, call.clock), unit, node), type };
}

function added(call: FunctionCall): TypedNode {
  const unit = unitOf(call);
  const [, count] = call.arguments;
  if (count === undefined) throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a unit, a number and a time.`);
  const time = timeOf(call, 2);
  const interval = functionNode(INTERVALS[unit] ?? '', [
    castNode(count.node, isExactUnit(unit) ? 'BIGINT' : 'INTEGER'),
  ]);
  if (time.type === 'date')
    return { node: castNode(functionNode('+', [time.node, interval], true), 'DATE'), type: 'date' };
  return { node: plusInterval('+', time, interval, call.clock), type: time.type };
}

/** Whole units between two times, as Presto counts them; DuckDB's `date_diff` counts the borders passed. */
function difference(call: FunctionCall): TypedNode {
  const unit = unitOf(call);
  const times = [timeOf(call, 1), timeOf(call, 2)];
  const zone = times.find(({ type }) => isInstant(type))?.type ?? 'timestamp';
  const clock = clockOf(zone, call.clock);
  const [from, to] = times.map((time) => {
    if (times.every(({ type }) => type === 'date' || type === 'null')) return castNode(time.node, 'TIMESTAMP');
    const instant = castNode(asInstant(time, call.clock), 'TIMESTAMP');
    return isExactUnit(unit) ? instant : localTime(clock, instant);
  });
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
  node: functionNode('strftime', [asLocal(timeOf(call, 0), call.clock), formatOf(call, 1, 'print')]),
  type: 'text',
});

function parsed(call: FunctionCall): TypedNode {
  const [text] = call.arguments;
  if (text === undefined) throw call.fail('QUERY_WRONG_TYPE', 'date_parse needs a text and a format.');
  const local = functionNode('strptime', [text.node, formatOf(call, 1, 'parse')]);
  return { node: instantOfLocal(call.clock, local), type: 'timestamp' };
}

function fromUnixTime(call: FunctionCall): TypedNode {
  const [seconds, zone] = call.arguments;
  if (seconds === undefined || ![...NUMBERS, 'null', 'other'].includes(seconds.type))
    throw call.fail('QUERY_WRONG_TYPE', 'from_unixtime needs epoch seconds.');
  const node = instantAt(seconds.node, seconds.type === 'integer' ? 'integer' : 'double');
  if (zone === undefined) return { node, type: 'timestamp' };
  const name = textConstantOf(zone.node);
  if (name === null)
    throw call.fail('QUERY_UNSUPPORTED', "The zone of from_unixtime is a text as it stands, such as 'Asia/Shanghai'.");
  zoneOffset(name);
  return { node, type: zoned(name) };
}
const NUMBERS: readonly string[] = ['integer', 'double'];

const toUnixTime = (call: FunctionCall): TypedNode => ({
  node: epochOf(asInstant(timeOf(call, 0), call.clock)),
  type: 'double',
});

const present = (id: 'TIMESTAMP' | 'DATE' | 'TIME') =>
  rewritten(({ clock }) => {
    const now = presentTime(clock);
    if (id === 'TIMESTAMP') return { node: now, type: 'timestamp' };
    return { node: castNode(localTime(clock, now), id), type: id === 'DATE' ? 'date' : 'other' };
  });

/** Names that are no calls: `current_date` and its like, in the place of a column that no table has. */
export const PRESENT_NAMES: FunctionTable = {
  current_date: present('DATE'),
  current_time: present('TIME'),
  current_timestamp: present('TIMESTAMP'),
  localtime: present('TIME'),
  localtimestamp: present('TIMESTAMP'),
};

function isoTime(call: FunctionCall): TypedNode {
  const [text] = call.arguments;
  if (text === undefined) throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a text.`);
  return { node: instantOfText(call.clock, text.node), type: 'timestamp' };
}

const ISO_FORMAT = '%Y-%m-%dT%H:%M:%S.%g';

function isoText(call: FunctionCall): TypedNode {
  const time = timeOf(call, 0);
  if (time.type === 'date') return { node: castNode(time.node, 'VARCHAR'), type: 'text' };
  const format = constantNode('VARCHAR', ISO_FORMAT);
  return { node: functionNode('strftime', [asLocal(time, call.clock), format]), type: 'text' };
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
  from_iso8601_timestamp: rewritten(isoTime),
  from_unixtime: rewritten(fromUnixTime, { maxArguments: 2 }),
  hour: partOfTime(),
  last_day_of_month: native('date', { rename: 'last_day', timeArguments: [0] }),
  millisecond: macro('integer', 'millisecond($1) % 1000', { timeArguments: [0] }),
  minute: partOfTime(),
  month: partOfTime(),
  now: present('TIMESTAMP'),
  quarter: partOfTime(),
  second: partOfTime(),
  to_iso8601: rewritten(isoText),
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
