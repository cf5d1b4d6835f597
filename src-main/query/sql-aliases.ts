import type { Token } from './sql-tokens';

/** Presto's reserved words: the only ones that are no alias. @see https://prestodb.io/docs/current/language/reserved.html */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'alter and as between by case cast constraint create cross cube current_date current_role current_time ' +
    'current_timestamp current_user deallocate delete describe distinct drop else end escape except execute exists ' +
    'extract false for from full group grouping having in inner insert intersect into is join left like localtime ' +
    'localtimestamp natural normalize not null on or order outer prepare recursive right rollup select table then ' +
    'true uescape union unnest using values when where with'
  ).split(' '),
);
/** Reserved words that are values, or end one. */
const VALUES: readonly string[] = ['end', 'false', 'null', 'true', 'localtime', 'localtimestamp'];
/** Words that are not reserved in Presto and yet stand between or behind values in DuckDB. */
const OPERATORS: readonly string[] = ['all', 'at', 'collate', 'glob', 'ilike', 'similar', 'to'];
const SUFFIXES: readonly string[] = ['isnull', 'notnull', 'precision', 'varying'];
/** What follows an item of a select list. */
const ENDS: readonly string[] = [
  ...[',', ')', 'from', 'where', 'group', 'having', 'order', 'limit', 'offset', 'union', 'except', 'intersect'],
];
/** Words before a bracket behind which no alias is: the unit of an interval, and the list of DISTINCT ON. */
const MORE: readonly string[] = ['interval', 'on'];

const isWord = (text: string): boolean => /^[a-z_\u0080-\uffff]/u.test(text);

/** Whether a value can end with a token. */
function endsValue(text: string): boolean {
  if (VALUES.includes(text) || text.startsWith('current_')) return true;
  if (isWord(text)) return !RESERVED.has(text) && !OPERATORS.includes(text);
  return /^(?:[)\]'"]|\.?\d.*)$/u.test(text);
}

/** Whether a word is the unit of an interval, or belongs to the name of a type. */
function belongsToValue(tokens: readonly Token[], at: number): boolean {
  const [before, previous] = [tokens[at - 2]?.text ?? '', tokens[at - 1]?.text ?? ''];
  if (before === 'interval') return true;
  return tokens[at]?.text === 'zone' && previous === 'time' && ['with', 'without', 'at'].includes(before);
}

function isAlias(tokens: readonly Token[], at: number): boolean {
  const text = tokens[at]?.text ?? '';
  if (!isWord(text) || RESERVED.has(text) || SUFFIXES.includes(text)) return false;
  const next = tokens[at + 1]?.text;
  if (next !== undefined && !ENDS.includes(next)) return false;
  const previous = tokens[at - 1]?.text ?? '';
  if (!endsValue(previous) || belongsToValue(tokens, at)) return false;
  // in `a b c` it is no second alias
  const isName = previous === '"' || (isWord(previous) && !RESERVED.has(previous));
  return !isName || belongsToValue(tokens, at - 1) || !endsValue(tokens[at - 2]?.text ?? '');
}

/**
 * The aliases of select lists that have no AS: DuckDB's parser needs it before each word that is one of its own, such as
 * `source`, `time` and `value`.
 *
 * @returns indexes of their tokens
 */
export function bareAliases(tokens: readonly Token[]): readonly number[] {
  const found: number[] = [];
  /** For each open bracket, whether a select list goes on in it, and whether what is behind it belongs to it. */
  const open = [{ isList: false, hasMore: false }];
  let isContinued = false;
  tokens.forEach(({ text }, at) => {
    const inner = open.at(-1);
    const isEnd = ENDS.includes(text) && text !== ',';
    if (text === '(' || text === '[') open.push({ isList: false, hasMore: MORE.includes(tokens[at - 1]?.text ?? '') });
    else if ((text === ')' || text === ']') && open.length > 1) open.pop();
    else if (inner !== undefined && (text === 'select' || isEnd)) inner.isList = text === 'select';
    else if (inner?.isList === true && !isContinued && isAlias(tokens, at)) found.push(at);
    isContinued = text === ')' && inner?.hasMore === true;
  });
  return found;
}
