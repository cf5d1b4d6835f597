import type { ColumnMeaning } from '../contract/query';
import { isNode, isSameTree, nodesAt, textAt, textsAt, type Json, type JsonNode } from './sql-json';
import { foldName } from './sql-scope';
import { callsOf, itemIndex, itemName } from './sql-tree';

/** Fields of entries that are epoch seconds. */
const TIME_FIELDS: readonly string[] = ['__time__', 'start_time', 'end_time'];
/** What keeps a time a time. */
const KEEPERS: readonly string[] = [
  ...['min', 'max', 'arbitrary', 'any_value', 'floor', 'ceil', 'ceiling', 'round', 'truncate', 'date_trunc'],
  ...['from_unixtime', 'date_parse', 'parse_datetime', 'date_add'],
];
/** Texts that times are written as. */
const WRITERS: readonly string[] = ['date_format', 'format_datetime', 'time_series'];
const NONE: ReadonlySet<string> = new Set();

/**
 * What the columns of a statement mean, as far as its text tells: which are times, such as `__time__ - __time__ % 600`, though
 * they are numbers or texts, and which its rows are grouped by.
 *
 * @param node the statement as it was written
 * @returns none where their places are not known, as with `*`
 */
export function columnMeanings(node: JsonNode): readonly ColumnMeaning[] {
  if (node['type'] !== 'SELECT_NODE') return [];
  const items = nodesAt(node, 'select_list');
  if (items.some((item) => item['class'] === 'STAR')) return [];
  const times = timesOf(node);
  const groups = nodesAt(node, 'group_expressions').map((group) => itemIndex(group, items));
  return items.map((item, index) => ({ isTime: isTime(item, times), isKey: groups.includes(index) }));
}

/** Folded names of what a SELECT reads that are times. */
function timesOf(select: JsonNode): ReadonlySet<string> {
  const from = select['from_table'];
  if (!isNode(from) || ['EMPTY', 'BASE_TABLE'].includes(textAt(from, 'type'))) return new Set(TIME_FIELDS);
  const query = from['subquery'];
  const inner = isNode(query) ? query['node'] : undefined;
  if (!isNode(inner) || inner['type'] !== 'SELECT_NODE') return NONE;
  const items = nodesAt(inner, 'select_list');
  if (items.some((item) => item['class'] === 'STAR')) return timesOf(inner);
  const times = timesOf(inner);
  return new Set(items.filter((item) => isTime(item, times)).map((item) => foldName(itemName(item))));
}

function isTime(node: Json | undefined, times: ReadonlySet<string>): boolean {
  if (!isNode(node)) return false;
  switch (node['class']) {
    case 'COLUMN_REF':
      return times.has(foldName(textsAt(node, 'column_names').at(-1) ?? ''));
    case 'CAST':
      return isTime(node['child'], times);
    case 'FUNCTION':
      return isTimeCall(foldName(textAt(node, 'function_name')), nodesAt(node, 'children'), times);
    default:
      return false;
  }
}

function isTimeCall(name: string, children: readonly JsonNode[], times: ReadonlySet<string>): boolean {
  const [left, right] = children;
  const [isLeft, isRight] = [isTime(left, times), isTime(right, times)];
  // A time less another is a duration, and what is left of a division is none either.
  if (name === '-') return isLeft && !isRight;
  if (name === '+') return isLeft !== isRight;
  if (name === '*') return isRounded(left, right, times) || isRounded(right, left, times);
  if (name === 'to_unixtime') return true;
  if (KEEPERS.includes(name) || WRITERS.includes(name)) return children.some((child) => isTime(child, times));
  return false;
}

/** Whether `quotient * factor` is a time rounded down, as in `__time__ / 600 * 600`. */
function isRounded(quotient: Json | undefined, factor: Json | undefined, times: ReadonlySet<string>): boolean {
  if (quotient === undefined || factor === undefined) return false;
  return callsOf(quotient, ['/', '//']).some((call) => {
    const [dividend, divisor] = nodesAt(call, 'children');
    return isTime(dividend, times) && isSameTree(divisor, factor);
  });
}
