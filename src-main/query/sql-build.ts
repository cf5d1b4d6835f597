import { jsonNumber, type Json, type JsonNode } from './sql-json';

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
