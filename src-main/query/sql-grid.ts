import { AppError, type ErrorDetail } from '../contract/errors';
import { GRID, seriesFormat } from './functions/series';
import { castNode, constantNode, functionNode, subqueryTable, textConstantOf } from './sql-build';
import type { Clock } from './sql-clock';
import { nodeAt, numberAt, type JsonNode } from './sql-json';
import { expandTemplate } from './sql-macro';
import { secondsBefore, zoneOffset } from './zone';
import { stretchesBetween } from './zone-stretches';

/** Windows of a series at most: its rows beside those of the log. */
const MAX_WINDOWS = 1_000_000;

/**
 * The windows of `time_series` over the range of a query, as a table of their texts and starts: those that clocks of the zone
 * show in it. Windows of an hour that clocks skip are not among them; those of one that they show twice are so once.
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
  const { fromSec, toSec } = context.range;
  const offsetAt = zoneOffset(context.clock.zone);
  const parts = stretchesBetween(
    secondsBefore(fromSec, shiftSec, offsetAt),
    secondsBefore(Math.max(fromSec, toSec), shiftSec, offsetAt),
    offsetAt,
  ).map(({ offsetSec, ...stretch }) => ({
    first: Math.floor((stretch.fromSec + offsetSec) / windowSec) * windowSec,
    end: stretch.toSec + offsetSec,
  }));
  const windows = parts.reduce((sum, { first, end }) => sum + (end - first) / windowSec, 0);
  if (windows > MAX_WINDOWS) {
    const message = `time_series would give more than ${MAX_WINDOWS} windows of ${windowSec} s over this range: widen the window or narrow the range.`;
    throw fail('QUERY_UNSUPPORTED', message);
  }
  const bound = (value: number): JsonNode => castNode(constantNode('VARCHAR', String(value)), 'BIGINT');
  const rangeOf = ({ first, end }: { readonly first: number; readonly end: number }): JsonNode =>
    functionNode('range', [bound(first), bound(end), bound(windowSec)]);
  const starts = parts
    .map(rangeOf)
    .reduce((left, right) => functionNode('list_concat', [left, right]), rangeOf({ first: 0, end: 0 }));
  const query = expandTemplate(GRID, [constantNode('VARCHAR', format), starts]);
  return subqueryTable(nodeAt(nodeAt(query, 'subquery'), 'node'), 'λgrid', []);
}
