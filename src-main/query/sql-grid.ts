import { AppError, type ErrorDetail } from '../contract/errors';
import { GRID, seriesFormat } from './functions/series';
import { castNode, constantNode, subqueryTable, textConstantOf } from './sql-build';
import type { Clock } from './sql-clock';
import { nodeAt, numberAt, type JsonNode } from './sql-json';
import { expandTemplate } from './sql-macro';
import { zoneOffset } from './zone';

/** Windows of a series at most: its rows beside those of the log. */
const MAX_WINDOWS = 1_000_000;

/**
 * The windows of `time_series` over the range of a query, as a table of their texts and starts.
 *
 * @throws AppError QUERY_UNSUPPORTED for more than a million of them, or a format that DuckDB cannot write
 */
export function gridTable(
  grid: JsonNode,
  context: {
    readonly clock: Clock;
    readonly range: { readonly fromSec: number; readonly toSec: number };
    readonly placeOf: (node: JsonNode) => ErrorDetail;
  },
  shiftSec: number,
): JsonNode {
  const windowSec = numberAt(grid, 'window_sec');
  const place = context.placeOf(nodeAt(grid, 'format'));
  const fail = (code: 'QUERY_UNSUPPORTED', message: string): AppError => new AppError(code, message, place);
  const format = seriesFormat(
    { fail: (_, message) => fail('QUERY_UNSUPPORTED', message) },
    textConstantOf(nodeAt(grid, 'format')) ?? '',
  );
  const offsetAt = zoneOffset(context.clock.zone);
  const local = (epochSec: number): number => epochSec + offsetAt(epochSec);
  const { fromSec, toSec } = context.range;
  const first = Math.floor(local(fromSec - shiftSec) / windowSec) * windowSec;
  const end = toSec > fromSec ? local(toSec - 1 - shiftSec) + 1 : first;
  if ((end - first) / windowSec > MAX_WINDOWS) {
    const message = `time_series would give more than ${MAX_WINDOWS} windows of ${windowSec} s over this range: widen the window or narrow the range.`;
    throw fail('QUERY_UNSUPPORTED', message);
  }
  const bound = (value: number): JsonNode => castNode(constantNode('VARCHAR', String(value)), 'BIGINT');
  const query = expandTemplate(GRID, [constantNode('VARCHAR', format), bound(first), bound(end), bound(windowSec)]);
  return subqueryTable(nodeAt(nodeAt(query, 'subquery'), 'node'), 'λgrid', []);
}
