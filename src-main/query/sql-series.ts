import type { AppError } from '../contract/errors';
import {
  allSame,
  castNode,
  choiceNode,
  columnNode,
  constantNode,
  functionNode,
  joinNode,
  operatorNode,
  selectNode,
  subqueryTable,
  tableNode,
  textConstantOf,
} from './sql-build';
import { jsonNumber, listAt, nodeAt, nodesAt, type JsonNode } from './sql-json';
import { callsOf, itemIndex, itemName, plainItems } from './sql-tree';

const TIME_SERIES = 'time_series';
const UNIT_SEC: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const PADDINGS = ['0', 'null', 'last', 'next', 'avg'] as const;
type Padding = (typeof PADDINGS)[number];

/** Our own table of a series: its rows, the windows of the range, and the groups beside it. */
const ROWS = 'λrows';
const GRID = 'λgrid';
const KEYS = 'λkeys';

type Fail = (node: JsonNode, message: string) => AppError;

interface Series {
  readonly time: JsonNode;
  readonly windowSec: number;
  readonly format: JsonNode;
  readonly padding: Padding;
}

function readCall(call: JsonNode, fail: Fail): Series {
  const [time, width, format, padding] = nodesAt(call, 'children');
  const [, count, unit] =
    /^([1-9]\d{0,8})([smhd])$/u.exec((width === undefined ? null : textConstantOf(width)) ?? '') ?? [];
  const pad = padding === undefined ? null : textConstantOf(padding);
  const known = PADDINGS.find((each) => each === pad);
  if (
    time === undefined ||
    format === undefined ||
    count === undefined ||
    known === undefined ||
    textConstantOf(format) === null
  ) {
    throw fail(
      call,
      `time_series takes a time, a window such as '30s', '5m', '2h' or '1d', a format, and '${PADDINGS.join("', '")}'.`,
    );
  }
  return { time, windowSec: Number(count) * (UNIT_SEC[unit ?? ''] ?? 1), format, padding: known };
}

/** The value of a window without rows, of the column of that name. */
function padded(name: string, padding: Padding, keys: readonly JsonNode[]): JsonNode {
  const value = columnNode(ROWS, name);
  if (padding === 'null') return value;
  const isMissing = operatorNode('OPERATOR_IS_NULL', [columnNode(ROWS, 'λhit')]);
  if (padding === '0') return choiceNode(isMissing, constantNode('INTEGER', 0), value);
  const last = neighbour(value, 'LAST', keys);
  const next = neighbour(value, 'FIRST', keys);
  if (padding === 'last') return choiceNode(isMissing, last, value);
  if (padding === 'next') return choiceNode(isMissing, next, value);
  const sum = functionNode('+', [last, next], true);
  return choiceNode(
    isMissing,
    functionNode('/', [castNode(sum, 'DOUBLE'), castNode(constantNode('INTEGER', 2), 'DOUBLE')], true),
    value,
  );
}

/** The last value up to a row, or the first from it on, that is not NULL. */
function neighbour(value: JsonNode, which: 'LAST' | 'FIRST', keys: readonly JsonNode[]): JsonNode {
  const isLast = which === 'LAST';
  return {
    class: 'WINDOW',
    type: `WINDOW_${which}_VALUE`,
    alias: '',
    function_name: `${which.toLowerCase()}_value`,
    schema: '',
    catalog: '',
    children: [value],
    partitions: keys,
    orders: [{ type: 'ASCENDING', null_order: 'NULLS LAST', expression: columnNode(GRID, 'λb') }],
    start: isLast ? 'UNBOUNDED_PRECEDING' : 'CURRENT_ROW_ROWS',
    end: isLast ? 'CURRENT_ROW_ROWS' : 'UNBOUNDED_FOLLOWING',
    start_expr: null,
    end_expr: null,
    offset_expr: null,
    default_expr: null,
    ignore_nulls: true,
    filter_expr: null,
    exclude_clause: 'NO_OTHER',
    distinct: false,
    arg_orders: [],
  };
}

const either = (one: JsonNode, other: JsonNode): JsonNode => operatorNode('OPERATOR_COALESCE', [one, other]);

/**
 * `time_series` as a join of the rows with all windows of the query's range, so that windows without rows are there too,
 * for each combination of the other columns of GROUP BY. Windows that the format writes alike are one.
 *
 * @returns the SELECT in its place, whose table of windows says so in `grid`; null without such a call
 * @see sls-logstore.md §3.4
 */
export function seriesOf(select: JsonNode, fail: Fail): JsonNode | null {
  const [call, second] = callsOf(nodesAt(select, 'select_list'), [TIME_SERIES]);
  if (call === undefined) return null;
  if (second !== undefined) throw fail(second, 'A SELECT may have one time_series only.');
  const items = plainItems(select, (message) => fail(call, message), TIME_SERIES);
  const own = items.indexOf(call);
  const groups = nodesAt(select, 'group_expressions');
  const indexes = groups.map((group) => itemIndex(group, items));
  if (own < 0 || !indexes.includes(own)) {
    throw fail(
      call,
      'time_series is a column of its own and goes with GROUP BY: SELECT time_series(…) AS t, … GROUP BY t ORDER BY t.',
    );
  }
  const keyIndexes = indexes.filter((index) => index !== own);
  if (keyIndexes.includes(null) || listAt(select, 'group_sets').length > 1) {
    throw fail(call, 'time_series goes with GROUP BY columns that are in the list of SELECT.');
  }
  const series = readCall(call, fail);
  const windowText = functionNode('λwindow', [series.time, constantNode('INTEGER', series.windowSec), series.format]);
  const names = items.map((item, index) => (itemName(item) === '' ? `_col${index}` : itemName(item)));
  const inner: JsonNode = {
    ...select,
    modifiers: [],
    cte_map: { map: [] },
    select_list: [
      ...items.map((item, index) => ({ ...(index === own ? windowText : item), alias: names[index] ?? '' })),
      { ...constantNode('INTEGER', 1), alias: 'λhit' },
    ],
    group_expressions: groups.map((group, at) => (indexes[at] === own ? windowText : group)),
  };
  const keyNames = keyIndexes.map((index) => names[index ?? 0] ?? '');
  const keys = keyNames.map((name, at) => either(columnNode(KEYS, `λk${at}`), columnNode(ROWS, name)));
  const grid: JsonNode = {
    ...tableNode(GRID),
    grid: { window_sec: jsonNumber(series.windowSec), format: series.format },
  };
  const groupsTable = selectNode({
    select_list: keyNames.map((name, at) => ({ ...columnNode(name), alias: `λk${at}` })),
    from_table: tableNode(ROWS),
    modifiers: [{ type: 'DISTINCT_MODIFIER', distinct_on_targets: [] }],
  });
  const windows =
    keyNames.length === 0 ? grid : joinNode('INNER', grid, subqueryTable(groupsTable, KEYS, []), allSame([]));
  const pairs = [
    [columnNode(GRID, 'λt'), columnNode(ROWS, names[own] ?? '')] as const,
    ...keyNames.map((name, at) => [columnNode(KEYS, `λk${at}`), columnNode(ROWS, name)] as const),
  ];
  const outerItem = (index: number): JsonNode => {
    const name = names[index] ?? '';
    if (index === own) return either(columnNode(GRID, 'λt'), columnNode(ROWS, name));
    const key = keyIndexes.indexOf(index);
    return key >= 0 ? (keys[key] ?? columnNode(ROWS, name)) : padded(name, series.padding, keys);
  };
  const ctes = nodeAt(select, 'cte_map');
  const rows = {
    key: ROWS,
    value: {
      aliases: [],
      query: { node: inner, named_param_map: [] },
      materialized: 'CTE_MATERIALIZE_DEFAULT',
      key_targets: [],
    },
  };
  return selectNode({
    cte_map: { ...ctes, map: [...nodesAt(ctes, 'map'), rows] },
    select_list: items.map((_, index) => ({ ...outerItem(index), alias: names[index] ?? '' })),
    from_table: joinNode('FULL', windows, tableNode(ROWS), allSame(pairs)),
    modifiers: nodesAt(select, 'modifiers').map((modifier) => ordered(modifier, items)),
  });
}

/** ORDER BY what the list has, by ordinal. */
function ordered(modifier: JsonNode, items: readonly JsonNode[]): JsonNode {
  if (modifier['type'] !== 'ORDER_MODIFIER') return modifier;
  const orders = nodesAt(modifier, 'orders').map((order) => {
    const index = itemIndex(nodeAt(order, 'expression'), items);
    return index === null ? order : { ...order, expression: constantNode('INTEGER', index + 1) };
  });
  return { ...modifier, orders };
}
