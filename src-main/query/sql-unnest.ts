import { columnNode, constantNode, functionNode, lambdaNode, selectNode, subqueryTable } from './sql-build';
import type { TypedNode } from './functions/entry';
import type { JsonNode } from './sql-json';
import type { SqlColumn } from './sql-scope';
import { elementOf, fieldsOf, isArray, isMap, keyOf, valueOf } from './sql-types';

/** One field of each row of an array. */
function memberOf(list: JsonNode, index: number): JsonNode {
  const name = 'λr';
  const member = functionNode('struct_extract_at', [columnNode(name), constantNode('INTEGER', index + 1)]);
  return functionNode('list_transform', [list, lambdaNode([name], member)]);
}

const unnest = (list: JsonNode): JsonNode => functionNode('unnest', [list]);

/**
 * `UNNEST(array, …, map, …)` of FROM as a subquery beside the table whose columns it reads: a column for each array, two
 * for each map, one for each field of an array of rows, as many rows as the longest has with NULL in those of the others,
 * and their ordinals for WITH ORDINALITY.
 *
 * @returns null for what is no array or map
 */
export function unnested(
  values: readonly TypedNode[],
  names: readonly string[],
  alias: string,
  withOrdinality: boolean,
): { readonly node: JsonNode; readonly columns: readonly SqlColumn[] } | null {
  const lists: TypedNode[] = [];
  for (const { node, type } of values) {
    const fields = fieldsOf(elementOf(type));
    if (fields.length > 0)
      lists.push(...fields.map((field, index) => ({ node: memberOf(node, index), type: field.type })));
    else if (isArray(type)) lists.push({ node, type: elementOf(type) });
    else if (isMap(type)) {
      lists.push({ node: functionNode('map_keys', [node]), type: keyOf(type) });
      lists.push({ node: functionNode('map_values', [node]), type: valueOf(type) });
    } else return null;
  }
  if (withOrdinality) {
    const lengths = lists.map(({ node }) => functionNode('len', [node]));
    const longest = functionNode('greatest', lengths);
    const past = functionNode('+', [longest, constantNode('INTEGER', 1)], true);
    lists.push({ node: functionNode('range', [constantNode('INTEGER', 1), past]), type: 'integer' });
  }
  const columns = lists.map(({ type }, index) => ({ name: names[index] ?? `_col${index}`, type }));
  const select = selectNode({
    select_list: lists.map(({ node }, index) => ({ ...unnest(node), alias: columns[index]?.name ?? '' })),
  });
  return { node: subqueryTable(select, alias, []), columns };
}
