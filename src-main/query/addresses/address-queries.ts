import { columnNode, constantNode, selectNode, subqueryTable, wholeConstantOf } from '../sql-build';
import { sizeOf } from '../sql-check';
import { nodeAt, nodesAt, optionalNodeAt, textAt, textsAt, type JsonNode } from '../sql-json';
import { foldName } from '../sql-scope';
import { itemName } from '../sql-tree';
import { AddressExpressions, textOf, type AddressQuery } from './address-expressions';
import { readFrom, renamedColumns, type AddressFrom } from './address-from';
import { AddressScope, Unproved, type AddressCtes, type Value } from './address-scope';
import { addressText, numberName } from './address-trees';

/** An item of a select list that gives one column. */
interface Item {
  readonly name: string;
  readonly alias: string;
  readonly value: Value;
}

/** Where a query stands: the names it sees. */
export interface AddressPlace {
  readonly ctes: AddressCtes;
  readonly outer: AddressScope | null;
}

const ROWS = 'λrows';
/** A statement may grow by the conversions that are repeated in it; beyond that it stays as it was. */
const MOST_GROWTH = 4;
const SPARE_NODES = 5000;

/**
 * The statement with addresses as numbers wherever that gives the same rows: `log` gives the numbers, and their text is
 * made where it is needed, at the latest in the outermost select list. A statement of which that is not proved is left as
 * it was.
 *
 * What it rests on: the text of an address and its number are one to one, so that equality, grouping, DISTINCT, joins, set
 * operations and counting give the same of both; order, minima and all functions get the text.
 *
 * @param query root of the statement, as `rewriteStatement` gives it
 */
export function keepAddressNumbers(query: JsonNode): JsonNode {
  try {
    const kept = new AddressQueries().outermost(query);
    return sizeOf(kept) <= MOST_GROWTH * sizeOf(query) + SPARE_NODES ? kept : query;
  } catch (cause) {
    if (cause instanceof Unproved) return query;
    throw cause;
  }
}

class AddressQueries {
  readonly #expressions = new AddressExpressions({
    subquery: (query, scope) => this.query(query, { ctes: scope.ctes, outer: scope }),
  });

  outermost(query: JsonNode): JsonNode {
    const place = { ctes: new Map(), outer: null };
    const isDistinct = nodesAt(query, 'modifiers').some(isDistinctModifier);
    if (query['type'] === 'SELECT_NODE' && !isDistinct) return this.query(query, place).build(() => false);
    const rows = this.query({ ...query, modifiers: nodesAt(query, 'modifiers').filter(isDistinctModifier) }, place);
    if (!rows.columns.some(({ isAddress }) => isAddress)) return this.query(query, place).build(() => false);
    return around(rows, nodesAt(query, 'modifiers'));
  }

  /** @throws Unproved */
  query(node: JsonNode, place: AddressPlace): AddressQuery {
    return node['type'] === 'SELECT_NODE' ? this.#select(node, place) : this.#setOperation(node, place);
  }

  #select(node: JsonNode, { ctes: outerCtes, outer }: AddressPlace): AddressQuery {
    const { map, ctes } = this.#ctes(nodeAt(node, 'cte_map'), { ctes: outerCtes, outer });
    const from = readFrom(nodeAt(node, 'from_table'), {
      ctes,
      query: (inner) => this.query(inner, { ctes, outer }),
      condition: (condition, relations) => this.#expressions.text(condition, new AddressScope(relations, ctes, outer)),
    });
    const scope = new AddressScope(from.relations, ctes, outer);
    const items = nodesAt(node, 'select_list').flatMap((item) => this.#items(item, from, scope));
    const groups = nodesAt(node, 'group_expressions').map((group) => {
      const item = itemAt(items, group);
      if (item !== null) return item.value.kind === 'address' ? item.value.number : group;
      return this.#expressions.bare(group, scope);
    });
    const rewritten: JsonNode = {
      ...node,
      cte_map: map,
      from_table: from.node,
      where_clause: this.#expressions.optionalText(optionalNodeAt(node, 'where_clause'), scope),
      group_expressions: groups,
      having: this.#expressions.optionalText(optionalNodeAt(node, 'having'), scope),
      modifiers: this.#modifiers(nodesAt(node, 'modifiers'), items, scope),
    };
    return {
      columns: items.map(({ name, value }) => ({ name, isAddress: value.kind === 'address' })),
      build: (asNumber) => ({
        ...rewritten,
        select_list: items.map(({ name, alias, value }, index) => {
          if (value.kind === 'other') return { ...value.node, alias };
          return asNumber(index)
            ? { ...value.number, alias: numberName(name) }
            : { ...addressText(value.number), alias: name };
        }),
      }),
    };
  }

  #items(item: JsonNode, from: AddressFrom, scope: AddressScope): readonly Item[] {
    if (item['class'] === 'STAR') return starItems(item, from, scope);
    const value = this.#expressions.value({ ...item, alias: '' }, scope);
    const alias = textAt(item, 'alias');
    if (alias !== '') scope.addAlias(alias, value);
    return [{ name: alias === '' ? (scope.spelledName(item) ?? itemName(item)) : alias, alias, value }];
  }

  #modifiers(modifiers: readonly JsonNode[], items: readonly Item[], scope: AddressScope): readonly JsonNode[] {
    const isDistinct = modifiers.some(isDistinctModifier);
    return modifiers.map((modifier) => {
      if (modifier['type'] !== 'ORDER_MODIFIER') return modifier;
      const orders = nodesAt(modifier, 'orders').map((order) => {
        const expression = nodeAt(order, 'expression');
        const item = itemAt(items, expression);
        const value = item?.value ?? this.#expressions.value(expression, scope);
        // DISTINCT has to have what it is ordered by in its list, where the number is.
        if (isDistinct && value.kind === 'address') throw new Unproved();
        if (item !== null && value.kind === 'other') return order;
        return { ...order, expression: textOf(value) };
      });
      return { ...modifier, orders };
    });
  }

  #setOperation(node: JsonNode, { ctes: outerCtes, outer }: AddressPlace): AddressQuery {
    const { map, ctes } = this.#ctes(nodeAt(node, 'cte_map'), { ctes: outerCtes, outer });
    const [left, right] = ['left', 'right'].map((side) => this.query(nodeAt(node, side), { ctes, outer }));
    if (left === undefined || right === undefined) throw new Unproved();
    const columns = left.columns.map(({ name, isAddress }, index) => ({
      name,
      isAddress: isAddress && right.columns[index]?.isAddress === true,
    }));
    if (columns.some(({ isAddress }) => isAddress) && hasOrder(node)) throw new Unproved();
    const build: AddressQuery['build'] = (asNumber) => {
      const isNumber = (index: number): boolean => columns[index]?.isAddress === true && asNumber(index);
      return { ...node, cte_map: map, left: left.build(isNumber), right: right.build(isNumber) };
    };
    return { columns, build };
  }

  #ctes(map: JsonNode, place: AddressPlace): { readonly map: JsonNode; readonly ctes: AddressCtes } {
    const ctes = new Map(place.ctes);
    const entries = nodesAt(map, 'map').map((entry) => {
      const value = nodeAt(entry, 'value');
      const wrapper = nodeAt(value, 'query');
      const query = this.query(nodeAt(wrapper, 'node'), { ctes: new Map(ctes), outer: place.outer });
      const { columns, names } = renamedColumns(query.columns, textsAt(value, 'aliases'));
      ctes.set(foldName(textAt(entry, 'key')), columns);
      return { ...entry, value: { ...value, aliases: names, query: { ...wrapper, node: query.build(() => true) } } };
    });
    return { map: { map: entries }, ctes };
  }
}

const isDistinctModifier = (modifier: JsonNode): boolean => modifier['type'] === 'DISTINCT_MODIFIER';
const hasOrder = (node: JsonNode): boolean =>
  nodesAt(node, 'modifiers').some((modifier) => modifier['type'] === 'ORDER_MODIFIER');

/** The item that an ordinal of GROUP BY or ORDER BY means. */
function itemAt(items: readonly Item[], expression: JsonNode): Item | null {
  const ordinal = wholeConstantOf(expression);
  return ordinal === null ? null : (items[ordinal - 1] ?? null);
}

/** `*` by the names of its columns, since those of numbers have others. */
function starItems(star: JsonNode, { relations, isJoinedByUsing }: AddressFrom, scope: AddressScope): readonly Item[] {
  const wanted = foldName(textAt(star, 'relation_name'));
  const chosen = wanted === '' ? relations : relations.filter(({ alias }) => alias === wanted);
  const isSingle = relations.length === 1;
  const aliases = new Set(relations.map(({ alias }) => alias));
  const isTold = isSingle || (!aliases.has('') && aliases.size === relations.length && !isJoinedByUsing);
  if (!isTold) throw new Unproved();
  return chosen.flatMap(({ alias, columns }) =>
    columns.map(({ name }): Item => {
      const column = isSingle ? columnNode(name) : columnNode(alias, name);
      return { name, alias: '', value: scope.resolve(column) };
    }),
  );
}

/** The outermost SELECT around rows that were told apart as numbers: their text, and the order, which is that of the text. */
function around(rows: AddressQuery, modifiers: readonly JsonNode[]): JsonNode {
  const names = rows.columns.map((_, index) => `λ${index + 1}`);
  return selectNode({
    select_list: rows.columns.map(({ name, isAddress }, index) => {
      const column = columnNode(names[index] ?? '');
      return { ...(isAddress ? addressText(column) : column), alias: name };
    }),
    from_table: subqueryTable(
      rows.build(() => true),
      ROWS,
      names,
    ),
    modifiers: modifiers
      .filter((modifier) => !isDistinctModifier(modifier))
      .map((modifier) => byOrdinal(modifier, rows)),
  });
}

function byOrdinal(modifier: JsonNode, { columns }: AddressQuery): JsonNode {
  if (modifier['type'] !== 'ORDER_MODIFIER') return modifier;
  const orders = nodesAt(modifier, 'orders').map((order) => {
    const expression = nodeAt(order, 'expression');
    const path = expression['class'] === 'COLUMN_REF' ? textsAt(expression, 'column_names') : [];
    const named = columns.flatMap(({ name }, index) =>
      path.length === 1 && foldName(name) === foldName(path[0] ?? '') ? [index + 1] : [],
    );
    const ordinal = wholeConstantOf(expression) ?? (named.length === 1 ? named[0] : undefined);
    if (ordinal === undefined) throw new Unproved();
    return { ...order, expression: constantNode('INTEGER', ordinal) };
  });
  return { ...modifier, orders };
}
