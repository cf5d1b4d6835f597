import { AppError, type ErrorDetail } from '../contract/errors';
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS, WINDOW_FUNCTIONS } from './functions';
import {
  parameterCount,
  resultType,
  type LambdaShape,
  type MacroFunction,
  type RefusedFunction,
  type SqlFunction,
  type TypedNode,
} from './functions/entry';
import { checkExpressionKeys, refusal, sizeOf } from './sql-check';
import { parameterNames } from './functions/lambdas';
import { shownWord } from './shown-word';
import { castNode, checkedDivision, columnNode, constantNode, functionNode, lambdaNode } from './sql-build';
import { instantAt, type Clock } from './sql-clock';
import { timeArithmetic } from './sql-intervals';
import { flagAt, isNode, nodeAt, nodesAt, optionalNodeAt, textAt, type Json, type JsonNode } from './sql-json';
import { expandTemplate, type AggregateParts } from './sql-macro';
import { arithmeticFault } from './sql-operands';
import { foldName, Scope, type SqlColumn } from './sql-scope';
import { asShown, sideBySide } from './sql-times';
import { callsOf, windowsOf } from './sql-tree';
import { commonType, isArray, isMap, vendorName, type SqlType } from './sql-types';
import type { Names } from './sql-expression';
import { isLosslessNumber } from 'lossless-json';

/** What calls need of the expressions around them. */
export interface CallHost {
  readonly clock: Clock;
  rewrite(node: JsonNode, names: Names): TypedNode;
  optional(node: JsonNode | null, names: Names): JsonNode | null;
  condition(node: JsonNode | null, words: string, names: Names): JsonNode | null;
  /** @throws AppError QUERY_WRONG_TYPE for what is no condition */
  checkTruth(value: TypedNode, words: string, node: JsonNode): void;
  orders(orders: readonly JsonNode[], names: Names): readonly JsonNode[];
  placeOf(node: JsonNode): ErrorDetail;
}

type KnownFunction = Exclude<SqlFunction, RefusedFunction>;

const FRAME_BOUNDS: readonly string[] = ['ROWS', 'RANGE']
  .flatMap((unit) => [`CURRENT_ROW_${unit}`, `EXPR_PRECEDING_${unit}`, `EXPR_FOLLOWING_${unit}`])
  .concat('UNBOUNDED_PRECEDING', 'UNBOUNDED_FOLLOWING');
/** Larger expressions come only from calls nested in calls that repeat their arguments, which double at each level. */
const MAX_CALL_NODES = 5000;
/** What their lambda says of an element is a condition. */
const ASKING: readonly string[] = ['filter', 'map_filter', 'any_match', 'all_match', 'none_match'];
/** They make much of little, and a lambda would do so for each element. */
const NOT_IN_LAMBDAS: readonly string[] = ['sequence', 'repeat', 'lpad', 'rpad'];
/** Their arguments become one type. */
const OF_ONE_TYPE: readonly string[] = ['greatest', 'least', 'nullif', 'list_value'];
const LIKES: readonly string[] = ['~~', '!~~', 'like_escape', 'not_like_escape'];

function isNonZeroConstant(node: JsonNode): boolean {
  if (node['class'] !== 'CONSTANT') return false;
  const value = nodeAt(node, 'value')['value'];
  return isLosslessNumber(value) && Number(value.value) !== 0;
}

/** Whether a tree reads a column that is no parameter of a lambda. */
function readsColumns(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some(readsColumns);
  if (!isNode(value)) return false;
  const path = value['column_names'];
  if (value['class'] === 'COLUMN_REF' && Array.isArray(path)) return !String(path[0]).startsWith('λ');
  return Object.values(value).some(readsColumns);
}

/** The aggregates and windows in an expression, those in subqueries left out. */
export function aggregationsIn(value: Json): readonly JsonNode[] {
  return [...callsOf(value, [...AGGREGATE_FUNCTIONS.keys()]), ...windowsOf(value)];
}

/** Rewrites calls of functions, aggregates and windows by the function table. */
export class CallRewriter {
  readonly #host: CallHost;
  /** Lambdas around the call, and how many there were so far: their parameters are numbered. */
  #lambdaDepth = 0;
  #lambdaCount = 0;

  constructor(host: CallHost) {
    this.#host = host;
  }

  /** @throws AppError QUERY_UNSUPPORTED or QUERY_WRONG_TYPE */
  call(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, [
      ...['function_name', 'schema', 'catalog', 'children', 'filter', 'order_bys', 'distinct', 'is_operator'],
      'export_state',
    ]);
    const name = foldName(textAt(node, 'function_name'));
    const aggregate = AGGREGATE_FUNCTIONS.get(name);
    const entry = this.#known(node, name, aggregate ?? SCALAR_FUNCTIONS.get(name));
    const hasAggregateParts =
      node['filter'] !== null || node['distinct'] !== false || nodesAt(nodeAt(node, 'order_bys'), 'orders').length > 0;
    if (aggregate === undefined && hasAggregateParts) throw this.#unknown(node, name);
    if (aggregate !== undefined) this.#checkNesting(node, name);
    const given = this.#arguments(node, name, entry, names);
    const values = OF_ONE_TYPE.includes(name) ? sideBySide(given, this.#host.clock) : given;
    if (name === '/' || name === '%' || name === 'mod') return this.#division(node, name === '/' ? '/' : '%', values);
    if (LIKES.includes(name)) this.#checkLike(node, values);
    const fault = arithmeticFault(name, values);
    if (fault !== null) throw new AppError('QUERY_WRONG_TYPE', fault, { operator: name, ...this.#host.placeOf(node) });
    const moved = timeArithmetic(name, values, this.#host.clock);
    if (moved !== null) return { ...moved, node: this.#bounded(node, name, moved.node) };
    const orderBys = nodeAt(node, 'order_bys');
    const parts = {
      filter: this.#host.condition(optionalNodeAt(node, 'filter'), 'FILTER expression', names),
      order_bys: { ...orderBys, orders: this.#host.orders(nodesAt(orderBys, 'orders'), names) },
      distinct: node['distinct'] ?? false,
    };
    return this.#apply(node, name, entry, values, {
      // what DuckDB's parser makes of EXTRACT, TRIM and their like is in its schema; printed, it would be quoted
      ofCall: (duckdbName, children) => ({ ...node, ...parts, function_name: duckdbName, schema: '', children }),
      ofAggregate: (inner) => (hasAggregateParts ? withParts(inner, parts) : inner),
    });
  }

  /** @throws AppError as `call` does */
  window(node: JsonNode, names: Names): TypedNode {
    checkExpressionKeys(node, [
      ...['function_name', 'schema', 'catalog', 'children', 'partitions', 'orders', 'start', 'end', 'start_expr'],
      ...['end_expr', 'offset_expr', 'default_expr', 'ignore_nulls', 'filter_expr', 'exclude_clause', 'distinct'],
      'arg_orders',
    ]);
    const name = foldName(textAt(node, 'function_name'));
    const isAggregate = node['type'] === 'WINDOW_AGGREGATE';
    const entry = this.#known(node, name, (isAggregate ? AGGREGATE_FUNCTIONS : WINDOW_FUNCTIONS).get(name));
    for (const bound of ['start', 'end']) {
      if (!FRAME_BOUNDS.includes(textAt(node, bound)))
        throw this.#refuse(node, `The frame bound ${textAt(node, bound)}`);
    }
    if (node['exclude_clause'] !== 'NO_OTHER') throw this.#refuse(node, 'EXCLUDE in a window');
    const values = this.#arguments(node, name, entry, names);
    const expressions = ['start_expr', 'end_expr', 'offset_expr', 'default_expr', 'filter_expr'].map(
      (key) => [key, this.#host.optional(optionalNodeAt(node, key), names)] as const,
    );
    const frame: JsonNode = {
      ...node,
      ...Object.fromEntries(expressions),
      schema: '',
      partitions: nodesAt(node, 'partitions').map((partition) => this.#host.rewrite(partition, names).node),
      orders: this.#host.orders(nodesAt(node, 'orders'), names),
      arg_orders: this.#host.orders(nodesAt(node, 'arg_orders'), names),
    };
    const over = (duckdbName: string, children: Json): JsonNode => ({ ...frame, function_name: duckdbName, children });
    return this.#apply(node, name, entry, values, {
      ofCall: over,
      ofAggregate: (inner) => ({
        ...over(textAt(inner, 'function_name'), inner['children'] ?? []),
        filter_expr: inner['filter'] ?? null,
        distinct: inner['distinct'] ?? false,
      }),
    });
  }

  /** `value[index]` or one of our own functions by its name in the table. */
  own(node: JsonNode, name: string, values: readonly TypedNode[]): TypedNode {
    const entry = this.#known({ ...node, schema: '', catalog: '', children: [] }, name, SCALAR_FUNCTIONS.get(name));
    return this.#apply(node, name, entry, values, { ofCall: () => node, ofAggregate: (inner) => inner });
  }

  #apply(
    node: JsonNode,
    name: string,
    entry: KnownFunction,
    values: readonly TypedNode[],
    make: { ofCall(name: string, children: readonly JsonNode[]): JsonNode; ofAggregate: AggregateParts },
  ): TypedNode {
    const types = values.map(({ type }) => type);
    const children = values.map((value) => value.node);
    const expand = (sql: string, parameters: readonly JsonNode[]): JsonNode =>
      this.#bounded(node, name, expandTemplate(sql, parameters, make.ofAggregate));
    switch (entry.kind) {
      case 'native': {
        const call = make.ofCall(entry.rename ?? name, children);
        const type = resultType(entry.result, types);
        return { node: entry.castWhen?.result === type ? castNode(call, entry.castWhen.to) : call, type };
      }
      case 'macro': {
        const variant = this.#variant(node, name, entry, types);
        return { node: expand(variant.sql, children), type: resultType(variant.result ?? entry.result, types) };
      }
      case 'rewritten': {
        const place = this.#host.placeOf(node);
        const replaced = entry.rewrite({
          name: shownWord(name),
          arguments: values,
          clock: this.#host.clock,
          expand,
          fail: (code, message) => new AppError(code, message, { construct: shownWord(name), ...place }),
        });
        return { node: this.#bounded(node, name, replaced.node), type: replaced.type };
      }
    }
  }

  #variant(
    node: JsonNode,
    name: string,
    entry: MacroFunction,
    types: readonly SqlType[],
  ): MacroFunction['variants'][number] {
    const found = entry.variants.find(
      ({ sql, when }) => parameterCount(sql) === types.length && (when?.(types) ?? true),
    );
    if (found !== undefined) return found;
    const given = types.map(vendorName).join(', ');
    const message =
      name === ' subscript'
        ? `'[]' cannot be applied to ${given}: only arrays and maps have elements.`
        : `Unexpected parameters (${given}) for function ${shownWord(name)}.`;
    throw new AppError('QUERY_WRONG_TYPE', message, { construct: shownWord(name.trim()), ...this.#host.placeOf(node) });
  }

  #bounded(node: JsonNode, name: string, expression: JsonNode): JsonNode {
    if (sizeOf(expression) <= MAX_CALL_NODES) return expression;
    throw this.#refuse(node, `${shownWord(name)} nested in so many calls`);
  }

  #known(node: JsonNode, name: string, entry: SqlFunction | undefined): KnownFunction {
    if (entry === undefined) throw this.#unknown(node, name);
    if (entry.kind === 'refused') {
      const message = `Function ${shownWord(name)} not registered: ${entry.why}.`;
      throw new AppError('QUERY_UNSUPPORTED', message, { construct: shownWord(name), ...this.#host.placeOf(node) });
    }
    const isForeign = !['', 'main'].includes(textAt(node, 'schema')) || textAt(node, 'catalog') !== '';
    const isExported = node['export_state'] !== undefined && flagAt(node, 'export_state');
    if (isForeign || isExported) throw this.#refuse(node, `The function ${shownWord(name)} with a schema`);
    const children = nodesAt(node, 'children');
    if (children.some((child) => child['alias'] !== ''))
      throw this.#refuse(node, `A named argument of ${shownWord(name)}`);
    if (entry.maxArguments !== undefined && children.length > entry.maxArguments) {
      throw this.#refuse(node, `${shownWord(name)} with ${children.length} arguments`);
    }
    if (this.#lambdaDepth > 0 && NOT_IN_LAMBDAS.includes(name)) {
      throw this.#refuse(node, `${shownWord(name)} inside a lambda`);
    }
    return entry;
  }

  /** Lambdas come after the other arguments, whose types are those of their parameters. */
  #arguments(node: JsonNode, name: string, entry: KnownFunction, names: Names): readonly TypedNode[] {
    const sources = nodesAt(node, 'children');
    const values: (TypedNode | undefined)[] = sources.map((source, index) => {
      if (source['class'] === 'LAMBDA') return undefined;
      const value = this.#host.rewrite(source, names);
      return entry.timeArguments?.includes(index) === true ? this.#time(entry, value) : value;
    });
    sources.forEach((source, index) => {
      if (values[index] !== undefined) return;
      const shape = entry.lambdas?.[index];
      if (shape === undefined) throw this.#refuse(source, `A lambda as argument ${index + 1} of ${shownWord(name)}`);
      const types = values.map((value) => value?.type ?? 'other');
      const value = this.#lambda(source, shape, shape.parameters(types), names);
      if (ASKING.includes(name)) this.#host.checkTruth(value, `Lambda of ${name}`, source);
      values[index] = value;
    });
    return values.filter((value) => value !== undefined);
  }

  /** Functions that are rewritten see instants; the others, which are DuckDB's, what clocks show. */
  #time(entry: KnownFunction, value: TypedNode): TypedNode {
    const { clock } = this.#host;
    const isNumber = value.type === 'integer' || value.type === 'double';
    const time: TypedNode = isNumber ? { node: instantAt(value.node, value.type), type: 'timestamp' } : value;
    return entry.kind === 'rewritten' ? time : { ...time, node: asShown(time, clock) };
  }

  #lambda(source: JsonNode, shape: LambdaShape, types: readonly SqlType[], names: Names): TypedNode {
    checkExpressionKeys(source, ['lhs', 'expr']);
    const written = parameterNames(source);
    const isSingle = shape.kind !== 'names';
    if (written.length !== types.length) {
      throw this.#refuse(source, `A lambda of ${written.length} parameters, where ${types.length} are given,`);
    }
    const own = `λ${++this.#lambdaCount}`;
    const ownNames = isSingle ? [own] : written.map((_, index) => `${own}_${index}`);
    const columns = written.map((name, index): SqlColumn => ({
      name,
      type: types[index] ?? 'other',
      node: isSingle ? part(own, shape.kind, index) : columnNode(ownNames[index] ?? own),
    }));
    this.#lambdaDepth++;
    const scope = new Scope([{ alias: '', columns }], names.scope);
    const body = this.#host.rewrite(nodeAt(source, 'expr'), { scope, ctes: names.ctes });
    this.#lambdaDepth--;
    if ((isArray(body.type) || isMap(body.type) || body.type === 'other') && readsColumns(body.node)) {
      throw this.#refuse(source, 'A lambda that makes arrays or maps of anything but its parameters');
    }
    return { node: lambdaNode(ownNames, body.node), type: body.type };
  }

  /**
   * Integers truncate and fail on zero, as Presto's do; doubles keep DuckDB's Infinity and NaN. DuckDB's own settings
   * for this give wrong answers.
   */
  #division(node: JsonNode, operator: '/' | '%', values: readonly TypedNode[]): TypedNode {
    const [left, right] = values;
    if (left === undefined || right === undefined) throw this.#refuse(node, `\`${operator}\` without two numbers`);
    const types = values.map(({ type }) => type);
    const strange = types.find((type) => type !== 'integer' && type !== 'double' && type !== 'null');
    if (strange !== undefined) {
      const what = strange === 'other' ? 'a value whose type is not known' : `a ${strange}`;
      const message = `\`${operator}\` needs numbers, not ${what}: cast it to bigint or double.`;
      throw new AppError('QUERY_WRONG_TYPE', message, { operator, ...this.#host.placeOf(node) });
    }
    const type = types.reduce(commonType, 'null');
    if (type !== 'integer') return { node: functionNode(operator, [left.node, right.node], true), type };
    const integerOperator = operator === '/' ? '//' : '%';
    if (isNonZeroConstant(right.node)) {
      return { node: functionNode(integerOperator, [left.node, right.node], true), type };
    }
    if (sizeOf(left.node) + sizeOf(right.node) > MAX_CALL_NODES) {
      throw this.#refuse(node, 'A division nested in so many divisions');
    }
    return { node: checkedDivision(integerOperator, left.node, right.node), type };
  }

  #checkNesting(node: JsonNode, name: string): void {
    const [inner] = aggregationsIn(node['children'] ?? []);
    if (inner === undefined) return;
    const message = `Cannot nest aggregations inside aggregation '${shownWord(name)}': put the inner one into a subquery.`;
    throw new AppError('QUERY_UNSUPPORTED', message, { construct: shownWord(name), ...this.#host.placeOf(inner) });
  }

  /** The second sentence is that of Presto, which the vendor's is. */
  #checkLike(node: JsonNode, values: readonly TypedNode[]): void {
    const sides = ['Left side of', 'Pattern for'].map((side, at) => ({ side, type: values[at]?.type ?? 'other' }));
    const wrong = sides.find(({ type }) => !['text', 'null', 'other'].includes(type));
    if (wrong === undefined) return;
    const message = `${wrong.side} LIKE expression must evaluate to a varchar (actual: ${vendorName(wrong.type)}): cast it to varchar.`;
    throw new AppError('QUERY_WRONG_TYPE', message, { construct: 'LIKE', ...this.#host.placeOf(node) });
  }

  #unknown(node: JsonNode, name: string): AppError {
    if (name === '|__postfix') return this.#refuse(node, 'A second `|`, which begins a pipeline of SPL,');
    const detail = { construct: shownWord(name), ...this.#host.placeOf(node) };
    return new AppError(
      'QUERY_UNSUPPORTED',
      `Function ${shownWord(name)} not registered: it is not part of the dialect.`,
      detail,
    );
  }

  #refuse(node: JsonNode, construct: string): AppError {
    return refusal(construct, this.#host.placeOf(node));
  }
}

/** A key, a value or an element of the one column that a lambda over entries or pairs has. */
function part(own: string, kind: LambdaShape['kind'], index: number): JsonNode {
  if (kind === 'pair') return functionNode('struct_extract_at', [columnNode(own), constantNode('INTEGER', index + 1)]);
  return functionNode('struct_extract', [columnNode(own), constantNode('VARCHAR', index === 0 ? 'key' : 'value')]);
}

/** DISTINCT, FILTER and ORDER BY of a call on an aggregate that stands for it, beside a filter of its own. */
function withParts(inner: JsonNode, parts: JsonNode): JsonNode {
  const own = optionalNodeAt(inner, 'filter');
  const given = optionalNodeAt(parts, 'filter');
  const both = [own, given].filter((filter) => filter !== null);
  const filter: Json =
    both.length < 2 ? (both[0] ?? null) : { class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', children: both };
  const order_bys = nodeAt(parts, 'order_bys');
  return { ...inner, filter, order_bys, distinct: inner['distinct'] === true || parts['distinct'] === true };
}
