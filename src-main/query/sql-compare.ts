import type { AppError } from '../contract/errors';
import {
  allSame,
  castNode,
  columnNode,
  constantNode,
  functionNode,
  joinNode,
  operatorNode,
  selectNode,
  subqueryTable,
  wholeConstantOf,
} from './sql-build';
import { isNode, isSameTree, jsonNumber, listAt, nodeAt, nodesAt, textAt, type Json, type JsonNode } from './sql-json';
import { foldName } from './sql-scope';
import { callsOf, itemIndex, plainItems, replaced } from './sql-tree';

const COMPARE = 'compare';
const TS_COMPARE = 'ts_compare';

/** Whether a statement compares anywhere, in subqueries too, so that its tables are read over other ranges as well. */
export function comparesTimes(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some(comparesTimes);
  if (!isNode(value)) return false;
  const name = value['function_name'];
  if (typeof name === 'string' && [COMPARE, TS_COMPARE].includes(foldName(name))) return true;
  return Object.values(value).some(comparesTimes);
}

type Fail = (node: JsonNode, message: string) => AppError;

interface Comparison {
  readonly call: JsonNode;
  readonly value: JsonNode;
  readonly shiftsSec: readonly number[];
}

function readCall(call: JsonNode, fail: Fail): Comparison {
  const [value, ...shifts] = nodesAt(call, 'children');
  const shiftsSec = shifts.map(wholeConstantOf).filter((shift) => shift !== null && shift > 0);
  if (value === undefined || shifts.length === 0 || shiftsSec.length < shifts.length) {
    throw fail(call, `${textAt(call, 'function_name')} takes a value and seconds back, as in compare(pv, 86400).`);
  }
  return { call, value, shiftsSec: shiftsSec.filter((shift) => shift !== null) };
}

/** What a row of the past is found by: the columns of GROUP BY, or without it those of the list. */
function keysOf(select: JsonNode, items: readonly JsonNode[]): readonly JsonNode[] {
  const groups = nodesAt(select, 'group_expressions');
  const isKey = (node: JsonNode): boolean => callsOf(node, [COMPARE, TS_COMPARE]).length === 0;
  if (groups.length === 0) return items.filter((item) => item['class'] === 'COLUMN_REF').map(bare);
  return groups
    .map((group) => {
      const index = itemIndex(group, items);
      return bare(index === null ? group : (items[index] ?? group));
    })
    .filter(isKey);
}

const bare = (node: JsonNode): JsonNode => ({ ...node, alias: '' });
const asDouble = (node: JsonNode): JsonNode => castNode(bare(node), 'DOUBLE');

/**
 * `compare` and `ts_compare` as a join of the table with itself of as many seconds ago, by the columns that the rows are
 * grouped by: `[now, then …, now/then …]`, and for `ts_compare` the time of each `then` behind it. Rows of the past that
 * have no counterpart now are left out, as at the vendor. Seconds that are whole days are days of the zone's calendar.
 *
 * @returns the SELECT in its place, whose table of the past says so in `shift_sec`; null without such a call
 * @see sls-logstore.md §3.5
 */
export function comparisonOf(select: JsonNode, fail: Fail): JsonNode | null {
  const calls = callsOf(nodesAt(select, 'select_list'), [COMPARE, TS_COMPARE]);
  const [first] = calls;
  if (first === undefined) return null;
  const name = foldName(textAt(first, 'function_name'));
  const items = plainItems(select, (message) => fail(first, message), name);
  const from = nodeAt(select, 'from_table');
  if (from['type'] !== 'SUBQUERY') {
    throw fail(
      first,
      `${name} compares what a subquery gives: SELECT ${name}(pv, 86400) FROM (SELECT count(*) AS pv FROM log).`,
    );
  }
  const comparisons = calls.map((call) => readCall(call, fail));
  const keys = keysOf(select, items);
  const isSeries = name === TS_COMPARE;
  if (isSeries && nodesAt(select, 'group_expressions').length === 0) {
    throw fail(first, 'ts_compare must gropu by timestamp: add GROUP BY with the column of date_trunc(…).');
  }
  const shifts = Array.from(new Set(comparisons.flatMap(({ shiftsSec }) => shiftsSec)));
  const table = textAt(from, 'alias') === '' ? { ...from, alias: 'λnow' } : from;
  const joined = shifts.reduce<JsonNode>((left, shift, at) => {
    const values = comparisons.map(({ value }, index) => ({ ...value, alias: `λx${index}` }));
    const past = selectNode({
      select_list: [...keys.map((key, index) => ({ ...key, alias: `λk${index}` })), ...values],
      from_table: { ...from, shift_sec: jsonNumber(shift) },
    });
    const alias = `λthen${at}`;
    // of the row, not of the past: so each row has one past, also where clocks skip an hour or show it twice
    const pastKeys = isSeries ? keys.map((key) => functionNode('λearlier', [key, seconds(shift)])) : keys;
    const pairs = pastKeys.map((key, index) => [key, columnNode(alias, `λk${index}`)] as const);
    return joinNode('LEFT', left, subqueryTable(past, alias, []), allSame(pairs));
  }, table);
  const resultOf = ({ value, shiftsSec }: Comparison, index: number): JsonNode => {
    const then = shiftsSec.map((shift) => asDouble(columnNode(`λthen${shifts.indexOf(shift)}`, `λx${index}`)));
    const ratios = then.map((past) => functionNode('/', [asDouble(value), past], true));
    const times = isSeries
      ? shiftsSec.map((shift) =>
          functionNode('to_unixtime', [functionNode('λearlier', [functionNode('λtime', keys), seconds(shift)])]),
        )
      : [];
    return operatorNode('ARRAY_CONSTRUCTOR', [asDouble(value), ...then, ...ratios, ...times]);
  };
  const list = replaced(items, (node) => {
    const index = comparisons.findIndex(({ call }) => call === node || isSameTree(bare(call), bare(node)));
    const found = comparisons[index];
    return found === undefined ? null : { ...resultOf(found, index), alias: node['alias'] ?? '' };
  });
  if (select['having'] !== null || listAt(select, 'group_sets').length > 1) {
    throw fail(first, `${name} goes with GROUP BY columns, without HAVING: put the condition around it.`);
  }
  return { ...select, select_list: list, from_table: joined, group_expressions: [], group_sets: [] };
}

const seconds = (count: number): JsonNode => constantNode(count < 2 ** 31 ? 'INTEGER' : 'BIGINT', count);
