import { isLosslessNumber } from 'lossless-json';
import { jsonNumber, nodeAt, type Json, type JsonNode } from './sql-json';
import { elementOf, isArray, isInstant, isMap, keyOf, valueOf, type SqlType } from './sql-types';

/** Nodes of DuckDB's tree, as its own parser would have made them. */

const typeOf = (id: string): JsonNode => ({ id, type_info: null });

export function constantNode(id: 'VARCHAR' | 'INTEGER' | 'BIGINT', value: string | number): JsonNode {
  const stored: Json = typeof value === 'number' ? jsonNumber(value) : value;
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type: typeOf(id), is_null: false, value: stored },
  };
}

export function castNode(child: JsonNode, id: string): JsonNode {
  return { class: 'CAST', type: 'OPERATOR_CAST', alias: '', child, cast_type: typeOf(id), try_cast: false };
}

/** DuckDB's types of those of the dialect; what is not here has none that a cast could name. */
const TYPE_IDS: Partial<Record<SqlType, string>> = {
  integer: 'BIGINT',
  double: 'DOUBLE',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
  date: 'DATE',
  binary: 'BLOB',
};

function typeNode(type: SqlType): JsonNode | null {
  if (isArray(type)) {
    const child = typeNode(elementOf(type));
    return child === null ? null : { id: 'LIST', type_info: listInfo(child) };
  }
  if (isMap(type)) {
    const [key, value] = [typeNode(keyOf(type)), typeNode(valueOf(type))];
    if (key === null || value === null) return null;
    const fields = [
      { first: 'key', second: key },
      { first: 'value', second: value },
    ];
    const entry = {
      id: 'STRUCT',
      type_info: { type: 'STRUCT_TYPE_INFO', alias: '', extension_info: null, child_types: fields },
    };
    return { id: 'MAP', type_info: listInfo(entry) };
  }
  const id = isInstant(type) ? 'TIMESTAMP' : TYPE_IDS[type];
  return id === undefined ? null : typeOf(id);
}

const listInfo = (child: JsonNode): JsonNode => ({
  type: 'LIST_TYPE_INFO',
  alias: '',
  extension_info: null,
  child_type: child,
});

/** A value as the type of the dialect, or as it is when no cast can name the type. */
export function castTo(child: JsonNode, type: SqlType): JsonNode {
  const target = typeNode(type);
  return target === null ? child : { ...castNode(child, ''), cast_type: target };
}

export function columnNode(...names: readonly string[]): JsonNode {
  return { class: 'COLUMN_REF', type: 'COLUMN_REF', alias: '', column_names: names };
}

export function nullNode(): JsonNode {
  return { class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', value: { type: typeOf('NULL'), is_null: true } };
}

export function structNode(fields: Readonly<Record<string, JsonNode>>): JsonNode {
  return functionNode(
    'struct_pack',
    Object.entries(fields).map(([alias, value]) => ({ ...value, alias })),
  );
}

export function lambdaNode(parameters: readonly string[], body: JsonNode): JsonNode {
  const [only, second] = parameters.map((name) => columnNode(name));
  const left = second === undefined || only === undefined ? only : functionNode('row', [only, second]);
  return { class: 'LAMBDA', type: 'LAMBDA', alias: '', lhs: left ?? null, expr: body };
}

/** @returns the text of a constant, or null for any other expression */
export function textConstantOf(node: JsonNode): string | null {
  if (node['class'] !== 'CONSTANT') return null;
  const value = nodeAt(node, 'value')['value'];
  return typeof value === 'string' ? value : null;
}

/** @returns the whole number from 0 on of a constant, or null for any other expression */
export function wholeConstantOf(node: JsonNode): number | null {
  if (node['class'] !== 'CONSTANT') return null;
  const value = nodeAt(node, 'value')['value'];
  return isLosslessNumber(value) && /^\d{1,15}$/u.test(value.value) ? Number(value.value) : null;
}

export function functionNode(name: string, children: readonly JsonNode[], isOperator = false): JsonNode {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: '',
    function_name: name,
    schema: '',
    children,
    filter: null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: isOperator,
    export_state: false,
    catalog: '',
  };
}

/** A table made of a statement, in the place of a name in FROM. */
export function subqueryTable(query: JsonNode, alias: string, columnNames: readonly Json[]): JsonNode {
  return {
    type: 'SUBQUERY',
    alias,
    sample: null,
    subquery: { node: query, named_param_map: [] },
    column_name_alias: columnNames,
  };
}

/** Typed as DuckDB types the same literal, so that the printed statement reads back the same. */
export function limitModifier(limit: number): JsonNode {
  const type = limit < 2 ** 31 ? 'INTEGER' : 'BIGINT';
  return { type: 'LIMIT_MODIFIER', limit: constantNode(type, limit), offset: null };
}

/** The reference to `log` that a statement without FROM is given. */
export function logTableName(): JsonNode {
  return {
    type: 'BASE_TABLE',
    alias: '',
    sample: null,
    schema_name: '',
    table_name: 'log',
    column_name_alias: [],
    catalog_name: '',
    at_clause: null,
  };
}

/**
 * `left operator right` that fails with the vendor's sentence when `right` is 0 and `left` is not NULL. DuckDB would
 * give NULL. Both operands are evaluated twice in the text; DuckDB evaluates common subexpressions once.
 */
export function checkedDivision(operator: '//' | '%', left: JsonNode, right: JsonNode): JsonNode {
  const divided = functionNode(operator, [left, right], true);
  const isZero: JsonNode = {
    class: 'COMPARISON',
    type: 'COMPARE_EQUAL',
    alias: '',
    left: right,
    right: constantNode('INTEGER', 0),
  };
  const isPresent: JsonNode = { class: 'OPERATOR', type: 'OPERATOR_IS_NOT_NULL', alias: '', children: [left] };
  const fails: JsonNode = { class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', children: [isZero, isPresent] };
  const failure = functionNode('error', [constantNode('VARCHAR', 'Division by zero')]);
  return {
    class: 'CASE',
    type: 'CASE_EXPR',
    alias: '',
    case_checks: [{ when_expr: fails, then_expr: failure }],
    else_expr: divided,
  };
}

/** A SELECT without any of its clauses but those given. */
export function selectNode(parts: JsonNode): JsonNode {
  return {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: [],
    from_table: { type: 'EMPTY', alias: '', sample: null },
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
    ...parts,
  };
}

export function tableNode(name: string): JsonNode {
  return { ...logTableName(), table_name: name };
}

/** A join by a condition. */
export function joinNode(
  kind: 'LEFT' | 'FULL' | 'INNER',
  left: JsonNode,
  right: JsonNode,
  condition: JsonNode,
): JsonNode {
  return {
    type: 'JOIN',
    alias: '',
    sample: null,
    left,
    right,
    condition,
    join_type: kind,
    ref_type: 'REGULAR',
    using_columns: [],
    delim_flipped: false,
    duplicate_eliminated_columns: [],
  };
}

/** `left IS NOT DISTINCT FROM right` for each pair; true without any. */
export function allSame(pairs: readonly (readonly [JsonNode, JsonNode])[]): JsonNode {
  const same = pairs.map(([left, right]) => comparisonNode('COMPARE_NOT_DISTINCT_FROM', left, right));
  const [only, second] = same;
  if (only === undefined)
    return comparisonNode('COMPARE_EQUAL', constantNode('INTEGER', 1), constantNode('INTEGER', 1));
  if (second === undefined) return only;
  return { class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', children: same };
}

export function comparisonNode(type: string, left: JsonNode, right: JsonNode): JsonNode {
  return { class: 'COMPARISON', type, alias: '', left, right };
}

export function operatorNode(type: string, children: readonly JsonNode[]): JsonNode {
  return { class: 'OPERATOR', type, alias: '', children };
}

/** `CASE WHEN condition THEN then ELSE otherwise END`. */
export function choiceNode(condition: JsonNode, then: JsonNode, otherwise: JsonNode): JsonNode {
  return {
    class: 'CASE',
    type: 'CASE_EXPR',
    alias: '',
    case_checks: [{ when_expr: condition, then_expr: then }],
    else_expr: otherwise,
  };
}
