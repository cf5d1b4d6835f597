import { castNode, constantNode, functionNode, textConstantOf, wholeConstantOf } from '../sql-build';
import { instantAt, localTime } from '../sql-clock';
import { plusInterval } from '../sql-intervals';
import { asLocal } from '../sql-times';
import { isInstant, isTime, vendorName } from '../sql-types';
import { refused, rewritten, type FunctionCall, type FunctionTable, type TypedNode } from './entry';
import { duckdbFormat } from './date-format';

const DAY_SEC = 86_400;
/** The start of a window of `$2` seconds that `$1`, local epoch seconds, lies in, as text. */
const WINDOW = 'strftime(make_timestamp(($1 // $2) * $2 * 1000000), $3)';
/** The windows that start at `$2`, by their text; those written alike are one, at the time of the first. */
export const GRID = `(SELECT strftime(make_timestamp(λb * 1000000), $1) AS λt, min(λb) AS λb
  FROM (SELECT unnest($2) AS λb) AS λw GROUP BY 1)`;

export function seriesFormat(call: Pick<FunctionCall, 'fail'>, format: string): string {
  const { format: converted, unknown } = duckdbFormat(format, 'print');
  if (unknown === null) return converted;
  throw call.fail('QUERY_UNSUPPORTED', `%${unknown} not supported in date format string`);
}

function windowText(call: FunctionCall): TypedNode {
  const [time, width, format] = call.arguments;
  if (time === undefined || width === undefined || format === undefined)
    throw call.fail('INTERNAL', 'a window without a time');
  const local =
    time.type === 'integer'
      ? localTime(call.clock, instantAt(time.node, 'integer'))
      : isInstant(time.type)
        ? asLocal(time, call.clock)
        : time.node;
  const seconds = castNode(functionNode('epoch', [local]), 'BIGINT');
  const text = constantNode('VARCHAR', seriesFormat(call, textConstantOf(format.node) ?? ''));
  return {
    node: call.expand(WINDOW, [
      call.clock.zone === 'UTC' && time.type === 'integer' ? time.node : seconds,
      width.node,
      text,
    ]),
    type: 'text',
  };
}

/** The first time among the columns that rows are compared by. */
function timeKey(call: FunctionCall): TypedNode {
  const found = call.arguments.find(({ type }) => isTime(type));
  if (found !== undefined) return found;
  const [first] = call.arguments;
  // the vendor's sentence, @see sls-logstore.md §3.5
  const message = `ts_compare must gropu by timestamp,your grouping by type is :${vendorName(first?.type ?? 'null')}`;
  throw call.fail('QUERY_WRONG_TYPE', message);
}

/** A time as many seconds earlier, which are days of the calendar where they are whole ones; any other column as it is. */
function earlier(call: FunctionCall): TypedNode {
  const [key, shift] = call.arguments;
  if (key === undefined || shift === undefined) throw call.fail('INTERNAL', 'a comparison without a key');
  if (!isTime(key.type)) return key;
  const seconds = wholeConstantOf(shift.node) ?? 0;
  const isDays = seconds % DAY_SEC === 0;
  const count = constantNode('INTEGER', isDays ? seconds / DAY_SEC : seconds);
  const interval = functionNode(isDays ? 'to_days' : 'to_seconds', [count]);
  return { node: plusInterval('-', key, interval, call.clock), type: isInstant(key.type) ? key.type : 'timestamp' };
}

const ITS_PLACE = 'it stands where its page shows it:';
/** `compare`, `ts_compare` and `time_series` change the SELECT around them; what is left of them here stands elsewhere. */
export const SERIES: FunctionTable = {
  compare: refused(`${ITS_PLACE} in the list of a SELECT over a subquery`),
  search: refused(`${ITS_PLACE} in WHERE, alone or beside AND`),
  time_series: refused(`${ITS_PLACE} in the list of a SELECT, with GROUP BY and ORDER BY`),
  ts_compare: refused(`${ITS_PLACE} in the list of a SELECT over a subquery`),
  λearlier: rewritten(earlier),
  λtime: rewritten(timeKey),
  λwindow: rewritten(windowText, { templates: [WINDOW] }),
};
