import { isLosslessNumber } from 'lossless-json';
import { AppError, type ErrorDetail } from '../contract/errors';
import { AGGREGATE_FUNCTIONS, resultType, SCALAR_FUNCTIONS, WINDOW_FUNCTIONS, type SqlFunction } from './functions';
import { shownWord } from './shown-word';
import { castNode, checkedDivision, constantNode, functionNode } from './sql-build';
import { flagAt, isNode, nodeAt, nodesAt, optionalNodeAt, textAt, textsAt, type Json, type JsonNode } from './sql-json';
import { commonType, foldName, type CteScope, type Scope, type SqlColumn, type SqlType } from './sql-scope';

export interface TypedNode {
  readonly node: JsonNode;
  readonly type: SqlType;
}

export interface QueryResult {
  readonly node: JsonNode;
  readonly columns: readonly SqlColumn[];
}

/** Names an expression can use. */
export interface Names {
  readonly scope: Scope;
  readonly ctes: CteScope;
}

/** What expressions need of the statement around them. */
export interface ExpressionHost {
  subquery(query: JsonNode, names: Names): QueryResult;
  /** Position and length in the query for the detail of an error; empty when the node was not written. */
  placeOf(node: JsonNode): ErrorDetail;
}

const CAST_TYPES: ReadonlyMap<string, SqlType> = new Map([
  ['TINYINT', 'integer'],
  ['SMALLINT', 'integer'],
  ['INTEGER', 'integer'],
  ['BIGINT', 'integer'],
  ['FLOAT', 'double'],
  ['DOUBLE', 'double'],
  ['VARCHAR', 'text'],
  ['BOOLEAN', 'boolean'],
  ['DATE', 'date'],
  ['TIMESTAMP', 'timestamp'],
]);
const COMPARISONS: readonly string[] = [
  ...['COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_LESSTHAN', 'COMPARE_GREATERTHAN', 'COMPARE_LESSTHANOREQUALTO'],
  ...['COMPARE_GREATERTHANOREQUALTO', 'COMPARE_DISTINCT_FROM', 'COMPARE_NOT_DISTINCT_FROM'],
];
const OPERATORS: readonly string[] = [
  ...['OPERATOR_NOT', 'OPERATOR_IS_NULL', 'OPERATOR_IS_NOT_NULL', 'COMPARE_IN', 'COMPARE_NOT_IN', 'OPERATOR_COALESCE'],
];
const FRAME_BOUNDS: readonly string[] = ['ROWS', 'RANGE']
  .flatMap((unit) => [`CURRENT_ROW_${unit}`, `EXPR_PRECEDING_${unit}`, `EXPR_FOLLOWING_${unit}`])
  .concat('UNBOUNDED_PRECEDING', 'UNBOUNDED_FOLLOWING');

const EXPRESSION_KEYS = ['class', 'type', 'alias', 'query_location'] as const;
/** Larger expressions come only from divisions nested in divisions, which double at each level. */
const MAX_DIVISION_NODES = 5000;

/** @throws AppError QUERY_UNSUPPORTED for a property that this version of the list does not know */
export function checkKeys(node: JsonNode, keys: readonly string[]): void {
  const foreign = Object.keys(node).find((key) => !keys.includes(key));
  if (foreign !== undefined) {
    throw new AppError('QUERY_UNSUPPORTED', `The statement has a part that is not supported (${foreign}).`, {
      construct: foreign,
    });
  }
}

const checkExpressionKeys = (node: JsonNode, keys: readonly string[]): void => {
  checkKeys(node, [...EXPRESSION_KEYS, ...keys]);
};

function sizeOf(value: Json | undefined): number {
  if (Array.isArray(value)) return (value as readonly Json[]).reduce<number>((sum, item) => sum + sizeOf(item), 0);
  if (!isNode(value)) return 0;
  return Object.values(value).reduce<number>((sum, item) => sum + sizeOf(item), 1);
}

function isNonZeroConstant(node: JsonNode): boolean {
  if (node['class'] !== 'CONSTANT') return false;
  const value = nodeAt(node, 'value')['value'];
  return isLosslessNumber(value) && Number(value.value) !== 0;
}

/**
 * Rewrites expressions of DuckDB's tree and refuses every kind, operator, function, type and property that is not
 * listed here. The result has no aliases, DuckDB's function names, and the dialect's arithmetic.
 */
export class ExpressionRewriter {
  readonly #host: ExpressionHost;

  constructor(host: ExpressionHost) {
    this.#host = host;
  }

  /**
   * @throws AppError QUERY_UNSUPPORTED naming the construct; QUERY_UNKNOWN_FIELD for a name that no table has;
   * QUERY_WRONG_TYPE for a division of something that is no number
   */
  rewrite(source: JsonNode, names: Names): TypedNode {
    const node: JsonNode = { ...source, alias: '' };
    switch (textAt(node, 'class')) {
      case 'CONSTANT':
        return this.#constant(node);
      case 'COLUMN_REF':
        return this.#column(node, names);
      case 'FUNCTION':
        return this.#function(node, names);
      case 'CAST':
        return this.#cast(node, names);
      case 'COMPARISON':
        checkExpressionKeys(node, ['left', 'right']);
        this.#checkType(node, COMPARISONS);
        return { node: this.#parts(node, ['left', 'right'], names).node, type: 'boolean' };
      case 'BETWEEN':
        checkExpressionKeys(node, ['input', 'lower', 'upper']);
        return { node: this.#parts(node, ['input', 'lower', 'upper'], names).node, type: 'boolean' };
      case 'CONJUNCTION':
        checkExpressionKeys(node, ['children']);
        this.#checkType(node, ['CONJUNCTION_AND', 'CONJUNCTION_OR']);
        return { node: this.#children(node, names).node, type: 'boolean' };
      case 'OPERATOR':
        return this.#operator(node, names);
      case 'CASE':
        return this.#case(node, names);
      case 'SUBQUERY':
        return this.#subquery(node, names);
      case 'WINDOW':
        return this.#window(node, names);
      case 'STAR':
        throw this.#refuse(node, '`*` or COLUMNS inside an expression');
      case 'PARAMETER':
        throw this.#refuse(node, 'A parameter');
      case 'POSITIONAL_REFERENCE':
        throw this.#refuse(node, 'A column by position (`#1`)');
      case 'LAMBDA':
        throw this.#refuse(node, 'A lambda');
      default:
        throw this.#refuse(node, `${textAt(node, 'class')} expressions`);
    }
  }

  rewriteAll(nodes: readonly JsonNode[], names: Names): readonly TypedNode[] {
    return nodes.map((node) => this.rewrite(node, names));
  }

  optional(node: JsonNode | null, names: Names): JsonNode | null {
    return node === null ? null : this.rewrite(node, names).node;
  }

  /** The orders of ORDER BY, in a statement, an aggregate or a window. */
  orders(orders: readonly JsonNode[], names: Names): readonly JsonNode[] {
    return orders.map((order) => {
      checkKeys(order, ['type', 'null_order', 'expression']);
      return { ...order, expression: this.rewrite(nodeAt(order, 'expression'), names).node };
    });
  }

  /** Constants that DuckDB's printer would turn into another type are written as casts; decimals are the vendor's doubles. */
  #constant(node: JsonNode): TypedNode {
    checkExpressionKeys(node, ['value']);
    const constant = nodeAt(node, 'value');
    checkKeys(constant, ['type', 'is_null', 'value']);
    const type = nodeAt(constant, 'type');
    const value = constant['value'] ?? null;
    switch (textAt(type, 'id')) {
      case 'INTEGER':
      case 'BIGINT':
        return { node, type: 'integer' };
      case 'VARCHAR':
        return { node, type: 'text' };
      case 'NULL':
        return { node, type: 'null' };
      case 'BOOLEAN':
        return { node: castNode(constantNode('VARCHAR', value === true ? 't' : 'f'), 'BOOLEAN'), type: 'boolean' };
      case 'DOUBLE':
        if (!isLosslessNumber(value)) break;
        return { node: castNode(constantNode('VARCHAR', value.value), 'DOUBLE'), type: 'double' };
      case 'DECIMAL': {
        const scale = nodeAt(type, 'type_info')['scale'];
        // wider decimals are stored as two halves
        if (!isLosslessNumber(value) || !isLosslessNumber(scale)) break;
        return { node: castNode(constantNode('VARCHAR', `${value.value}e-${scale.value}`), 'DOUBLE'), type: 'double' };
      }
    }
    throw this.#refuse(node, `A constant of type ${textAt(type, 'id')}, beyond 64 bits,`);
  }

  #column(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['column_names']);
    const path = textsAt(node, 'column_names');
    if (path.length > 2) throw this.#refuse(node, `The name ${shownWord(path.join('.'))} with a schema`);
    const found = names.scope.resolve(path);
    const name = path.join('.');
    if (found.kind === 'column') return { node, type: found.type };
    if (found.kind === 'whole-row') throw this.#refuse(node, `The whole row "${shownWord(name)}" as a value`);
    const fields = found.columns.join(', ');
    // the vendor's sentence, @see sls-logstore.md §3.8
    const message = `Column '${shownWord(name)}' cannot be resolved;please add the column in the index attribute. There are: ${fields}.`;
    throw new AppError('QUERY_UNKNOWN_FIELD', message, { field: shownWord(name), fields, ...this.#host.placeOf(node) });
  }

  #cast(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['child', 'cast_type', 'try_cast']);
    const target = nodeAt(node, 'cast_type');
    const id = textAt(target, 'id');
    const type = CAST_TYPES.get(id);
    if (type === undefined || target['type_info'] !== null) throw this.#refuse(node, `A cast to ${shownWord(id)}`);
    return { node: this.#parts(node, ['child'], names).node, type };
  }

  #operator(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['children']);
    this.#checkType(node, OPERATORS);
    const { node: rewritten, types } = this.#children(node, names);
    const isCoalesce = node['type'] === 'OPERATOR_COALESCE';
    return { node: rewritten, type: isCoalesce ? types.reduce(commonType, 'null') : 'boolean' };
  }

  #case(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['case_checks', 'else_expr']);
    const otherwise = this.rewrite(nodeAt(node, 'else_expr'), names);
    let type = otherwise.type;
    const checks = nodesAt(node, 'case_checks').map((check) => {
      checkKeys(check, ['when_expr', 'then_expr']);
      const then = this.rewrite(nodeAt(check, 'then_expr'), names);
      type = commonType(type, then.type);
      return { when_expr: this.rewrite(nodeAt(check, 'when_expr'), names).node, then_expr: then.node };
    });
    return { node: { ...node, case_checks: checks, else_expr: otherwise.node }, type };
  }

  #subquery(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['subquery_type', 'subquery', 'child', 'comparison_type']);
    const kind = textAt(node, 'subquery_type');
    if (!['SCALAR', 'EXISTS', 'NOT_EXISTS', 'ANY'].includes(kind))
      throw this.#refuse(node, `A subquery of kind ${kind}`);
    const comparison = textAt(node, 'comparison_type');
    if (comparison !== 'INVALID' && !COMPARISONS.includes(comparison)) throw this.#refuse(node, comparison);
    const result = this.#host.subquery(nodeAt(node, 'subquery'), names);
    const child = this.optional(optionalNodeAt(node, 'child'), names);
    const type = kind === 'SCALAR' ? (result.columns[0]?.type ?? 'other') : 'boolean';
    return { node: { ...node, subquery: result.node, child }, type };
  }

  #function(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, [
      ...['function_name', 'schema', 'catalog', 'children', 'filter', 'order_bys', 'distinct', 'is_operator'],
      'export_state',
    ]);
    const name = foldName(textAt(node, 'function_name'));
    const aggregate = AGGREGATE_FUNCTIONS.get(name);
    const entry = aggregate ?? SCALAR_FUNCTIONS.get(name);
    const hasAggregateParts =
      node['filter'] !== null || node['distinct'] !== false || nodesAt(nodeAt(node, 'order_bys'), 'orders').length > 0;
    if (entry === undefined || (aggregate === undefined && hasAggregateParts)) throw this.#unknownFunction(node, name);
    this.#checkCall(node, entry, name);
    const { types, children } = this.#arguments(nodesAt(node, 'children'), entry, names);
    const [left, right] = children;
    const division = name === 'mod' ? '%' : name;
    if ((division === '/' || division === '%') && left !== undefined && right !== undefined) {
      return this.#division(node, division, left, right, types);
    }
    const orderBys = nodeAt(node, 'order_bys');
    const call: JsonNode = {
      ...node,
      function_name: entry.rename ?? name,
      // what DuckDB's parser makes of EXTRACT, TRIM and their like is in its schema; printed, it would be quoted
      schema: '',
      children,
      filter: this.optional(optionalNodeAt(node, 'filter'), names),
      order_bys: { ...orderBys, orders: this.orders(nodesAt(orderBys, 'orders'), names) },
    };
    return this.#typedCall(call, entry, types);
  }

  #window(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, [
      ...['function_name', 'schema', 'catalog', 'children', 'partitions', 'orders', 'start', 'end', 'start_expr'],
      ...['end_expr', 'offset_expr', 'default_expr', 'ignore_nulls', 'filter_expr', 'exclude_clause', 'distinct'],
      'arg_orders',
    ]);
    const name = foldName(textAt(node, 'function_name'));
    const isAggregate = node['type'] === 'WINDOW_AGGREGATE';
    const entry = (isAggregate ? AGGREGATE_FUNCTIONS : WINDOW_FUNCTIONS).get(name);
    if (entry === undefined) throw this.#unknownFunction(node, name);
    this.#checkCall(node, entry, name);
    for (const bound of ['start', 'end']) {
      if (!FRAME_BOUNDS.includes(textAt(node, bound)))
        throw this.#refuse(node, `The frame bound ${textAt(node, bound)}`);
    }
    if (node['exclude_clause'] !== 'NO_OTHER') throw this.#refuse(node, 'EXCLUDE in a window');
    const { types, children } = this.#arguments(nodesAt(node, 'children'), entry, names);
    const expressions = ['start_expr', 'end_expr', 'offset_expr', 'default_expr', 'filter_expr'].map(
      (key) => [key, this.optional(optionalNodeAt(node, key), names)] as const,
    );
    const call: JsonNode = {
      ...node,
      ...Object.fromEntries(expressions),
      function_name: entry.rename ?? name,
      schema: '',
      children,
      partitions: this.rewriteAll(nodesAt(node, 'partitions'), names).map((partition) => partition.node),
      orders: this.orders(nodesAt(node, 'orders'), names),
      arg_orders: this.orders(nodesAt(node, 'arg_orders'), names),
    };
    return this.#typedCall(call, entry, types);
  }

  #checkCall(node: JsonNode, entry: SqlFunction, name: string): void {
    const isForeign = !['', 'main'].includes(textAt(node, 'schema')) || textAt(node, 'catalog') !== '';
    const isExported = node['export_state'] !== undefined && flagAt(node, 'export_state');
    if (isForeign || isExported) throw this.#refuse(node, `The function ${shownWord(name)} with a schema`);
    const children = nodesAt(node, 'children');
    if (children.some((child) => child['alias'] !== ''))
      throw this.#refuse(node, `A named argument of ${shownWord(name)}`);
    if (entry.maxArguments !== undefined && children.length > entry.maxArguments) {
      throw this.#refuse(node, `${shownWord(name)} with ${children.length} arguments`);
    }
  }

  #arguments(
    sources: readonly JsonNode[],
    entry: SqlFunction,
    names: Names,
  ): { readonly types: readonly SqlType[]; readonly children: readonly JsonNode[] } {
    const typed = this.rewriteAll(sources, names).map((argument, index): TypedNode => {
      if (index !== entry.timeArgument || argument.type !== 'integer') return argument;
      return { node: castNode(functionNode('to_timestamp', [argument.node]), 'TIMESTAMP'), type: 'timestamp' };
    });
    return { types: typed.map(({ type }) => type), children: typed.map(({ node }) => node) };
  }

  #typedCall(call: JsonNode, entry: SqlFunction, types: readonly SqlType[]): TypedNode {
    const type = resultType(entry, types);
    const cast = entry.castWhen;
    return { node: cast?.result === type ? castNode(call, cast.to) : call, type };
  }

  /**
   * Integers truncate and fail on zero, as Presto's do; doubles keep DuckDB's Infinity and NaN. DuckDB's own settings
   * for this give wrong answers.
   */
  #division(
    node: JsonNode,
    operator: '/' | '%',
    left: JsonNode,
    right: JsonNode,
    types: readonly SqlType[],
  ): TypedNode {
    const strange = types.find((type) => type !== 'integer' && type !== 'double' && type !== 'null');
    if (strange !== undefined) {
      const what = strange === 'other' ? 'a value whose type is not known' : `a ${strange}`;
      const message = `\`${operator}\` needs numbers, not ${what}: cast it to bigint or double.`;
      throw new AppError('QUERY_WRONG_TYPE', message, { operator, ...this.#host.placeOf(node) });
    }
    const type = types.reduce(commonType, 'null');
    if (type !== 'integer') return { node: functionNode(operator, [left, right], true), type };
    const integerOperator = operator === '/' ? '//' : '%';
    if (isNonZeroConstant(right)) return { node: functionNode(integerOperator, [left, right], true), type };
    if (sizeOf(left) + sizeOf(right) > MAX_DIVISION_NODES) {
      throw this.#refuse(node, 'A division nested in so many divisions');
    }
    return { node: checkedDivision(integerOperator, left, right), type };
  }

  #children(node: JsonNode, names: Names): { readonly node: JsonNode; readonly types: readonly SqlType[] } {
    const typed = this.rewriteAll(nodesAt(node, 'children'), names);
    return { node: { ...node, children: typed.map((child) => child.node) }, types: typed.map(({ type }) => type) };
  }

  #parts(node: JsonNode, keys: readonly string[], names: Names): { readonly node: JsonNode } {
    const rewritten = keys.map((key) => [key, this.rewrite(nodeAt(node, key), names).node] as const);
    return { node: { ...node, ...Object.fromEntries(rewritten) } };
  }

  #checkType(node: JsonNode, types: readonly string[]): void {
    if (!types.includes(textAt(node, 'type'))) throw this.#refuse(node, textAt(node, 'type'));
  }

  #unknownFunction(node: JsonNode, name: string): AppError {
    const detail = { construct: shownWord(name), ...this.#host.placeOf(node) };
    return new AppError(
      'QUERY_UNSUPPORTED',
      `Function ${shownWord(name)} not registered: it is not part of the dialect.`,
      detail,
    );
  }

  #refuse(node: JsonNode, construct: string): AppError {
    const detail = { construct, ...this.#host.placeOf(node) };
    return new AppError('QUERY_UNSUPPORTED', `${construct} is not part of the dialect.`, detail);
  }
}
