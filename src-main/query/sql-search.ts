import type { AppError } from '../contract/errors';
import { textConstantOf } from './sql-build';
import { isNode, nodesAt, optionalNodeAt, textAt, type Json, type JsonNode } from './sql-json';
import { foldName } from './sql-scope';
import { callsOf } from './sql-tree';

const SEARCH = 'search';

/** The texts of all `search('…')` in a statement, each with a call of it. */
export function searchTexts(tree: Json): ReadonlyMap<string, JsonNode> {
  const texts = new Map<string, JsonNode>();
  const visit = (value: Json): void => {
    if (Array.isArray(value)) return (value as readonly Json[]).forEach(visit);
    if (!isNode(value)) return;
    const [argument] = isSearch(value) ? nodesAt(value, 'children') : [];
    const text = argument === undefined ? null : textConstantOf(argument);
    if (text !== null) texts.set(text, value);
    Object.values(value).forEach(visit);
  };
  visit(tree);
  return texts;
}

const isSearch = (node: JsonNode): boolean =>
  node['class'] === 'FUNCTION' && foldName(textAt(node, 'function_name')) === SEARCH;

/**
 * The `search('…')` of a WHERE, which may stand alone or among conditions joined by AND, and the rest of it.
 * @returns null when there is none
 * @throws what `fail` makes of a sentence @see sls-logstore.md §1.10
 */
export function searchOf(
  select: JsonNode,
  fail: (node: JsonNode, message: string) => AppError,
): { readonly text: string; readonly rest: JsonNode | null } | null {
  const where = optionalNodeAt(select, 'where_clause');
  const [call, second] = callsOf(where, [SEARCH]);
  if (where === null || call === undefined) return null;
  if (second !== undefined) throw fail(second, 'A SELECT may have one search(…) only: join its words with `and`.');
  const conditions = where['type'] === 'CONJUNCTION_AND' ? nodesAt(where, 'children') : [where];
  const own = conditions.find(isSearch);
  if (own === undefined) throw fail(call, 'search(…) stands alone in WHERE or beside AND, not under OR or NOT.');
  const [argument, more] = nodesAt(own, 'children');
  const text = argument === undefined || more !== undefined ? null : textConstantOf(argument);
  if (text === null) throw fail(own, "search(…) takes one text as it stands: search('status: 200').");
  const others = conditions.filter((condition) => condition !== own);
  const [only, further] = others;
  if (only === undefined) return { text, rest: null };
  return { text, rest: further === undefined ? only : { ...where, children: others } };
}
