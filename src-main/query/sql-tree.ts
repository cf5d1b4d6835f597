import { textConstantOf, wholeConstantOf } from './sql-build';
import { isNode, isSameTree, nodesAt, textAt, textsAt, type Json, type JsonNode } from './sql-json';
import { foldName } from './sql-scope';

/** The calls of some functions in an expression, those in subqueries left out. */
export function callsOf(value: Json, names: readonly string[]): readonly JsonNode[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item) => callsOf(item, names));
  if (!isNode(value) || value['class'] === 'SUBQUERY') return [];
  const name = value['class'] === 'FUNCTION' ? foldName(textAt(value, 'function_name')) : '';
  const inner = Object.values(value).flatMap((item) => callsOf(item, names));
  return names.includes(name) ? [value, ...inner] : inner;
}

/** The windows in an expression, those in subqueries left out. */
export function windowsOf(value: Json): readonly JsonNode[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(windowsOf);
  if (!isNode(value) || value['class'] === 'SUBQUERY') return [];
  return value['class'] === 'WINDOW' ? [value] : Object.values(value).flatMap(windowsOf);
}

/** A tree with another in the place of each node that a function gives one for. */
export function replaced(value: Json, replacement: (node: JsonNode) => JsonNode | null): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => replaced(item, replacement));
  if (!isNode(value)) return value;
  const other = replacement(value);
  if (other !== null) return other;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, replacement)]));
}

const withoutAlias = (node: JsonNode): JsonNode => ({ ...node, alias: '' });

/** The name under which an item of a select list is known; empty for an expression without an alias. */
export function itemName(item: JsonNode): string {
  const alias = textAt(item, 'alias');
  if (alias !== '' || item['class'] !== 'COLUMN_REF') return alias;
  return textsAt(item, 'column_names').at(-1) ?? '';
}

/** The index of the item of a select list that an expression of GROUP BY or ORDER BY means: by ordinal, name or text. */
export function itemIndex(expression: JsonNode, items: readonly JsonNode[]): number | null {
  const ordinal = wholeConstantOf(expression);
  if (ordinal !== null) return ordinal >= 1 && ordinal <= items.length ? ordinal - 1 : null;
  if (textConstantOf(expression) !== null) return null;
  const path = expression['class'] === 'COLUMN_REF' ? textsAt(expression, 'column_names') : [];
  const [name] = path;
  const byName =
    name !== undefined && path.length === 1
      ? items.findIndex((item) => foldName(itemName(item)) === foldName(name))
      : -1;
  if (byName >= 0) return byName;
  const byText = items.findIndex((item) => isSameTree(withoutAlias(item), withoutAlias(expression)));
  return byText >= 0 ? byText : null;
}

/** Whether a statement names something with the letter that our own names begin with. */
export function usesReservedNames(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some(usesReservedNames);
  if (!isNode(value)) return false;
  const names: readonly Json[] = ['alias', 'function_name', 'table_name', 'key'].map((key) => value[key] ?? '');
  const listed = ['column_names', 'column_name_alias', 'aliases', 'using_columns'].flatMap((key) => {
    const list = value[key];
    return Array.isArray(list) ? (list as readonly Json[]) : [];
  });
  if ([...names, ...listed].some((name) => typeof name === 'string' && name.startsWith('λ'))) return true;
  return Object.values(value).some(usesReservedNames);
}

/** The items of a select list, refused where one stands for all columns. */
export function plainItems(select: JsonNode, fail: (message: string) => Error, name: string): readonly JsonNode[] {
  const items = nodesAt(select, 'select_list');
  if (items.some((item) => item['class'] === 'STAR'))
    throw fail(`${name} cannot stand beside \`*\`: name the columns.`);
  return items;
}
