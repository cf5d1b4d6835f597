import { isLosslessNumber } from 'lossless-json';
import { AppError, type ErrorDetail } from '../contract/errors';
import { PRESENT_NAMES } from './functions/dates';
import type { TypedNode } from './functions/entry';
import { shownNames, shownWord } from './shown-word';
import { castNode, constantNode, functionNode, nullNode } from './sql-build';
import { CallRewriter } from './sql-call';
import { castTarget, castValue } from './sql-cast';
import { checkExpressionKeys, checkKeys, refusal } from './sql-check';
import { isUtc, type Clock } from './sql-clock';
import { isNode, nodeAt, nodesAt, optionalNodeAt, textAt, textsAt, type Json, type JsonNode } from './sql-json';
import { expandTemplate } from './sql-macro';
import { comparisonFault, resultsFault } from './sql-operands';
import { foldName, type CteScope, type Scope, type SqlColumn } from './sql-scope';
import { sideBySide } from './sql-times';
import { arrayOf, commonType, isInstant, isNumber, vendorName, type SqlType } from './sql-types';

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
  readonly clock: Clock;
}

const COMPARISONS: readonly string[] = [
  ...['COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_LESSTHAN', 'COMPARE_GREATERTHAN', 'COMPARE_LESSTHANOREQUALTO'],
  ...['COMPARE_GREATERTHANOREQUALTO', 'COMPARE_DISTINCT_FROM', 'COMPARE_NOT_DISTINCT_FROM'],
];
const OPERATORS: readonly string[] = [
  ...[
    'ARRAY_CONSTRUCTOR',
    'ARRAY_EXTRACT',
    'OPERATOR_TRY',
    'GROUPING_FUNCTION',
    'OPERATOR_NOT',
    'OPERATOR_IS_NULL',
    'OPERATOR_IS_NOT_NULL',
    'COMPARE_IN',
    'COMPARE_NOT_IN',
    'OPERATOR_COALESCE',
  ],
];
/** Types of conditions, and of what is not known to be none. */
const TRUTHS: readonly string[] = ['boolean', 'null', 'other'];
/** Operators whose operands become one type. */
const OF_ONE_TYPE: readonly string[] = ['ARRAY_CONSTRUCTOR', 'OPERATOR_COALESCE', 'COMPARE_IN', 'COMPARE_NOT_IN'];
/** The most leaves of an expression, with those of the columns it reads: DuckDB repeats an alias wherever it is read. */
const MAX_WEIGHT = 1000;

/**
 * Rewrites expressions of DuckDB's tree and refuses every kind, operator, function, type and property that is not
 * listed here. The result has no aliases, DuckDB's function names, and the dialect's arithmetic.
 */
export class ExpressionRewriter {
  readonly #host: ExpressionHost;
  readonly #calls: CallRewriter;
  /** Of columns that are expressions themselves, by the node that reads them. */
  readonly #weights = new WeakMap<JsonNode, number>();

  constructor(host: ExpressionHost) {
    this.#host = host;
    this.#calls = new CallRewriter({
      clock: host.clock,
      rewrite: (node, names) => this.rewrite(node, names),
      optional: (node, names) => this.optional(node, names),
      condition: (node, words, names) => this.condition(node, words, names),
      checkTruth: (value, words, node) => this.#checkTruth(value, words, node),
      orders: (orders, names) => this.orders(orders, names),
      placeOf: (node) => host.placeOf(node),
    });
  }

  /**
   * How many leaves an expression has, with those of the columns that it reads: an alias that is read twice in the next
   * item, and so on, doubles with each.
   * @throws AppError QUERY_UNSUPPORTED for more than DuckDB can be given
   */
  weigh(expression: JsonNode, source: JsonNode): number {
    const weightIn = (value: Json): number => {
      if (Array.isArray(value))
        return (value as readonly Json[]).reduce<number>((sum, item) => sum + weightIn(item), 0);
      if (!isNode(value)) return 0;
      if (value['class'] === 'COLUMN_REF') return this.#weights.get(value) ?? 1;
      return Object.values(value).reduce<number>((sum, item) => sum + weightIn(item), 0);
    };
    const weight = Math.max(1, weightIn(expression));
    if (weight > MAX_WEIGHT) throw this.#refuse(source, 'An expression over aliases that repeat each other so often');
    return weight;
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
        return this.#calls.call(node, names);
      case 'CAST':
        return this.#cast(node, names);
      case 'COMPARISON':
        checkExpressionKeys(node, ['left', 'right']);
        this.#checkType(node, COMPARISONS);
        return this.#comparison(node, names);
      case 'BETWEEN':
        checkExpressionKeys(node, ['input', 'lower', 'upper']);
        return this.#between(node, names);
      case 'CONJUNCTION':
        checkExpressionKeys(node, ['children']);
        this.#checkType(node, ['CONJUNCTION_AND', 'CONJUNCTION_OR']);
        return this.#conjunction(node, names);
      case 'OPERATOR':
        return this.#operator(node, names);
      case 'CASE':
        return this.#case(node, names);
      case 'SUBQUERY':
        return this.#subquery(node, names);
      case 'WINDOW':
        return this.#calls.window(node, names);
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

  /**
   * What is asked of each row or group, which in Presto is a boolean and nothing that could be made one.
   *
   * @param words what stands before it, as `WHERE clause`
   */
  condition(node: JsonNode | null, words: string, names: Names): JsonNode | null {
    if (node === null) return null;
    const value = this.rewrite(node, names);
    this.#checkTruth(value, words, node);
    return value.node;
  }

  #checkTruth({ type }: TypedNode, words: string, node: JsonNode): void {
    if (TRUTHS.includes(type)) return;
    const message = `${words} must evaluate to a boolean (actual: ${vendorName(type)}): compare it with something.`;
    throw new AppError('QUERY_WRONG_TYPE', message, this.#host.placeOf(node));
  }

  /** The orders of ORDER BY, in a statement, an aggregate or a window. */
  orders(orders: readonly JsonNode[], names: Names): readonly JsonNode[] {
    return orders.map((order) => {
      checkKeys(order, ['type', 'null_order', 'expression']);
      const expression = this.rewrite(nodeAt(order, 'expression'), names).node;
      // Presto's own, whichever the direction and the database's settings
      const nullOrder = order['null_order'] === 'ORDER_DEFAULT' ? 'NULLS LAST' : (order['null_order'] ?? null);
      return { ...order, null_order: nullOrder, expression };
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
    if (found.kind === 'column') {
      const read = found.node ?? node;
      if (found.weight > 1) this.#weights.set(read, found.weight);
      return { node: read, type: found.type };
    }
    const present = found.kind === 'unknown' && path.length === 1 ? PRESENT_NAMES[foldName(name)] : undefined;
    if (present !== undefined) return this.#calls.own(node, foldName(name), []);
    if (found.kind === 'whole-row') throw this.#refuse(node, `The whole row "${shownWord(name)}" as a value`);
    const fields = shownNames(found.columns);
    // the vendor's sentence, @see sls-logstore.md §3.8
    const message = `Column '${shownWord(name)}' cannot be resolved;please add the column in the index attribute. There are: ${fields}.`;
    throw new AppError('QUERY_UNKNOWN_FIELD', message, { field: shownWord(name), fields, ...this.#host.placeOf(node) });
  }

  #cast(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['child', 'cast_type', 'try_cast']);
    const written = nodeAt(node, 'cast_type');
    const target = castTarget(written);
    if (target === null) throw this.#refuse(node, `A cast to ${shownWord(textAt(written, 'id'))}`);
    const child = this.rewrite(nodeAt(node, 'child'), names);
    const cast = { ...node, child: child.node };
    return { node: castValue(cast, child.type, target, this.#host.clock, expandTemplate), type: target.type };
  }

  #operator(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['children']);
    const kind = textAt(node, 'type');
    this.#checkType(node, OPERATORS);
    const values = this.#alike(this.rewriteAll(nodesAt(node, 'children'), names), kind);
    const types = values.map(({ type }) => type);
    const rewritten: JsonNode = { ...node, children: values.map((value) => value.node) };
    switch (kind) {
      case 'ARRAY_CONSTRUCTOR':
        return {
          node: functionNode('list_value', nodesAt(rewritten, 'children')),
          type: arrayOf(types.reduce(commonType, 'null')),
        };
      case 'ARRAY_EXTRACT':
        return this.#calls.own(node, ' subscript', values);
      case 'OPERATOR_TRY':
        return { node: withoutErrors(rewritten) as JsonNode, type: types[0] ?? 'other' };
      case 'OPERATOR_COALESCE':
        this.#checkSame(node, types, (type) => `All COALESCE operands must be the same type: ${type}`);
        return { node: rewritten, type: types.reduce(commonType, 'null') };
      case 'COMPARE_IN':
      case 'COMPARE_NOT_IN':
        this.#checkSame(node, types, (type) => `IN value and list items must be the same type: ${type}`);
        return { node: rewritten, type: 'boolean' };
      case 'OPERATOR_NOT':
        values.forEach((value) => this.#checkTruth(value, 'Value of logical NOT expression', node));
        return { node: rewritten, type: 'boolean' };
      case 'GROUPING_FUNCTION':
        return { node: rewritten, type: 'integer' };
      default:
        return { node: rewritten, type: 'boolean' };
    }
  }

  /** Operands that are of one type, with times as instants where one of them is. */
  #alike(operands: readonly TypedNode[], kind: string): readonly TypedNode[] {
    return OF_ONE_TYPE.includes(kind) ? sideBySide(operands, this.#host.clock) : operands;
  }

  #comparison(node: JsonNode, names: Names): TypedNode {
    const left = this.rewrite(nodeAt(node, 'left'), names);
    const right = this.rewrite(nodeAt(node, 'right'), names);
    this.#checkFault(node, comparisonFault(textAt(node, 'type'), left, right));
    const [one, other] = sideBySide([left, right], this.#host.clock);
    return { node: { ...node, left: (one ?? left).node, right: (other ?? right).node }, type: 'boolean' };
  }

  #between(node: JsonNode, names: Names): TypedNode {
    const keys = ['input', 'lower', 'upper'];
    const values = this.rewriteAll(
      keys.map((key) => nodeAt(node, key)),
      names,
    );
    const parts = sideBySide(values, this.#host.clock).map((value, at) => [keys[at] ?? '', value.node] as const);
    return { node: { ...node, ...Object.fromEntries(parts) }, type: 'boolean' };
  }

  #checkFault(node: JsonNode, fault: string | null): void {
    if (fault !== null) throw new AppError('QUERY_WRONG_TYPE', fault, this.#host.placeOf(node));
  }

  /** Text and numbers do not mix in the vendor's lists. */
  #checkSame(node: JsonNode, types: readonly SqlType[], sentence: (type: string) => string): void {
    const [known] = types.filter((type) => type !== 'null');
    const foreign = types.find((type) => known !== undefined && isForeign(known, type));
    if (known === undefined || foreign === undefined) return;
    const message = `${sentence(vendorName(known))}, not ${vendorName(foreign)}: cast one of them.`;
    throw new AppError('QUERY_WRONG_TYPE', message, this.#host.placeOf(node));
  }

  #case(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['case_checks', 'else_expr']);
    const checks = nodesAt(node, 'case_checks').map((check) => {
      checkKeys(check, ['when_expr', 'then_expr']);
      const then = this.rewrite(nodeAt(check, 'then_expr'), names);
      return { when: this.condition(nodeAt(check, 'when_expr'), 'CASE WHEN clause', names) ?? null, then };
    });
    const given = [this.rewrite(nodeAt(node, 'else_expr'), names), ...checks.map(({ then }) => then)];
    const results = sideBySide(given, this.#host.clock);
    // `if` has become a CASE that was not written
    this.#checkFault(
      this.#host.placeOf(node).position === undefined ? (results[1]?.node ?? node) : node,
      resultsFault(results),
    );
    const [otherwise, ...thens] = results.map((result) => result.node);
    const written = checks.map(({ when }, at) => ({ when_expr: when, then_expr: thens[at] ?? null }));
    const type = results.map((result) => result.type).reduce(commonType);
    return { node: { ...node, case_checks: written, else_expr: otherwise ?? null }, type };
  }

  #subquery(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, ['subquery_type', 'subquery', 'child', 'comparison_type']);
    const kind = textAt(node, 'subquery_type');
    if (!['SCALAR', 'EXISTS', 'NOT_EXISTS', 'ANY'].includes(kind))
      throw this.#refuse(node, `A subquery of kind ${kind}`);
    const comparison = textAt(node, 'comparison_type');
    if (comparison !== 'INVALID' && !COMPARISONS.includes(comparison)) throw this.#refuse(node, comparison);
    const result = this.#host.subquery(nodeAt(node, 'subquery'), names);
    const child = this.#besideSubquery(optionalNodeAt(node, 'child'), result.columns[0]?.type ?? 'other', names);
    const type = kind === 'SCALAR' ? (result.columns[0]?.type ?? 'other') : 'boolean';
    return { node: { ...node, subquery: result.node, child }, type };
  }

  /** What is compared with the rows of a subquery, whose type cannot be changed. */
  #besideSubquery(source: JsonNode | null, type: SqlType, names: Names): JsonNode | null {
    if (source === null) return null;
    const child = this.rewrite(source, names);
    const isOneTime = isInstant(child.type) !== isInstant(type) && child.type !== 'null' && type !== 'null';
    if (!isOneTime || isUtc(this.#host.clock)) return child.node;
    const message = `A ${vendorName(child.type)} cannot be compared with a subquery of ${vendorName(type)}: cast one of them.`;
    throw new AppError('QUERY_WRONG_TYPE', message, this.#host.placeOf(source));
  }

  #conjunction(node: JsonNode, names: Names): TypedNode {
    const values = this.rewriteAll(nodesAt(node, 'children'), names);
    values.forEach((value, index) => {
      const words = `${index === 0 ? 'Left' : 'Right'} side of logical expression`;
      this.#checkTruth(value, words, nodesAt(node, 'children')[index] ?? node);
    });
    return { node: { ...node, children: values.map((value) => value.node) }, type: 'boolean' };
  }

  #checkType(node: JsonNode, types: readonly string[]): void {
    if (!types.includes(textAt(node, 'type'))) throw this.#refuse(node, textAt(node, 'type'));
  }

  #refuse(node: JsonNode, construct: string): AppError {
    return refusal(construct, this.#host.placeOf(node));
  }
}

const isKnownScalar = (type: SqlType): boolean => isNumber(type) || type === 'text' || type === 'boolean';

/** Whether the vendor would refuse two types side by side. */
function isForeign(one: SqlType, other: SqlType): boolean {
  if (!isKnownScalar(one) || !isKnownScalar(other) || one === other) return false;
  return !(isNumber(one) && isNumber(other));
}

/** A tree with NULL in the place of the errors that we raise: what TRY makes of them, which DuckDB's own TRY refuses. */
function withoutErrors(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutErrors);
  if (!isNode(value)) return value;
  if (value['class'] === 'FUNCTION' && value['function_name'] === 'error') return nullNode();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutErrors(inner)]));
}
