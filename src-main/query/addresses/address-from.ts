import { isNode, nodeAt, nodesAt, optionalNodeAt, textAt, textsAt, type Json, type JsonNode } from '../sql-json';
import { foldName } from '../sql-scope';
import type { AddressQuery } from './address-expressions';
import { Unproved, type AddressColumn, type AddressCtes, type AddressRelation } from './address-scope';
import { numberName, numberOfText } from './address-trees';

/** What FROM gives: its tables, with addresses as numbers. */
export interface AddressFrom {
  readonly node: JsonNode;
  readonly relations: readonly AddressRelation[];
  readonly isJoinedByUsing: boolean;
}

/** What FROM needs of the statement around it. */
export interface FromHost {
  readonly ctes: AddressCtes;
  query(node: JsonNode): AddressQuery;
  condition(node: JsonNode, relations: readonly AddressRelation[]): JsonNode;
}

/** @throws Unproved for a table that is neither `log`, nor a WITH name, nor a subquery, nor a join of them */
export function readFrom(node: JsonNode, host: FromHost): AddressFrom {
  switch (textAt(node, 'type')) {
    case 'EMPTY':
      return { node, relations: [], isJoinedByUsing: false };
    case 'BASE_TABLE': {
      const columns = host.ctes.get(foldName(textAt(node, 'table_name')));
      if (columns === undefined) throw new Unproved();
      return table(node, columns, textAt(node, 'table_name'));
    }
    case 'SUBQUERY': {
      const wrapper = nodeAt(node, 'subquery');
      const inner = nodeAt(wrapper, 'node');
      const query = logQuery(inner) ?? host.query(inner);
      return table({ ...node, subquery: { ...wrapper, node: query.build(() => true) } }, query.columns, '');
    }
    case 'JOIN':
      return join(node, host);
    default:
      throw new Unproved();
  }
}

function table(node: JsonNode, given: readonly AddressColumn[], ownName: string): AddressFrom {
  const { columns, names } = renamedColumns(given, textsAt(node, 'column_name_alias'));
  const alias = textAt(node, 'alias');
  const relation = { alias: foldName(alias === '' ? ownName : alias), columns };
  return { node: { ...node, column_name_alias: names }, relations: [relation], isJoinedByUsing: false };
}

/** The SELECT that stands for `log`: the only one that reads a table in a schema. Null for any other. */
function logQuery(node: JsonNode): AddressQuery | null {
  const from = node['from_table'];
  if (!isNode(from) || from['type'] !== 'BASE_TABLE' || textAt(from, 'schema_name') === '') return null;
  const items = nodesAt(node, 'select_list').map((item) => ({ item, number: numberOfText(item) }));
  return {
    columns: items.map(({ item, number }) => ({ name: textAt(item, 'alias'), isAddress: number !== null })),
    build: () => ({
      ...node,
      select_list: items.map(({ item, number }) =>
        number === null ? item : { ...number, alias: numberName(textAt(item, 'alias')) },
      ),
    }),
  };
}

/** Columns and their written names after `t(a, b)`; names left over keep theirs. */
export function renamedColumns(
  columns: readonly AddressColumn[],
  names: readonly string[],
): { readonly columns: readonly AddressColumn[]; readonly names: readonly Json[] } {
  return {
    columns: columns.map(({ name, isAddress }, index) => ({ name: names[index] ?? name, isAddress })),
    names: names.map((name, index) => (columns[index]?.isAddress === true ? numberName(name) : name)),
  };
}

function join(node: JsonNode, host: FromHost): AddressFrom {
  const [left, right] = ['left', 'right'].map((side) => readFrom(nodeAt(node, side), host));
  if (left === undefined || right === undefined) throw new Unproved();
  const relations = [...left.relations, ...right.relations];
  const condition = optionalNodeAt(node, 'condition');
  const using = textsAt(node, 'using_columns');
  return {
    node: {
      ...node,
      left: left.node,
      right: right.node,
      condition: condition === null ? null : host.condition(condition, relations),
      using_columns: using.map((name) => sharedName(name, relations)),
    },
    relations,
    isJoinedByUsing: using.length > 0 || left.isJoinedByUsing || right.isJoinedByUsing,
  };
}

/** The name under which the tables share a column of USING. */
function sharedName(name: string, relations: readonly AddressRelation[]): string {
  const columns = relations
    .flatMap((relation) => relation.columns)
    .filter((each) => foldName(each.name) === foldName(name));
  if (columns.every(({ isAddress }) => !isAddress)) return name;
  if (columns.every(({ isAddress }) => isAddress)) return numberName(name);
  throw new Unproved();
}
