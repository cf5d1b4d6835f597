import { MAX_STATE } from './bounds';
import {
  castTo,
  choiceNode,
  columnNode,
  comparisonNode,
  constantNode,
  functionNode,
  lambdaNode,
  nullNode,
  structNode,
} from '../sql-build';
import { isNode, nodeAt, nodesAt, textsAt, type Json, type JsonNode } from '../sql-json';
import { commonType, isArray, keyOf, mapOf, valueOf, type SqlType } from '../sql-types';
import type { FunctionCall, TypedNode } from './entry';

/** The names of a lambda's parameters, as DuckDB writes them: a column, or a row of them. */
export function parameterNames(lambda: JsonNode): readonly string[] {
  const left = nodeAt(lambda, 'lhs');
  const columns = left['class'] === 'COLUMN_REF' ? [left] : nodesAt(left, 'children');
  return columns.map((column) => textsAt(column, 'column_names')[0] ?? '');
}

/** The body of a lambda with other expressions in the places of its parameters. */
export function applied(lambda: JsonNode, values: readonly JsonNode[]): JsonNode {
  const byName = new Map(parameterNames(lambda).map((name, index) => [name, values[index]]));
  const replace = (value: Json): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map(replace);
    if (!isNode(value)) return value;
    const path = value['column_names'];
    const name =
      value['class'] === 'COLUMN_REF' && Array.isArray(path) && path.length === 1 ? (path as readonly Json[])[0] : null;
    const found = typeof name === 'string' ? byName.get(name) : undefined;
    return found ?? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]));
  };
  return replace(nodeAt(lambda, 'expr')) as JsonNode;
}

/**
 * `reduce(array, state, (s, x) -> …, s -> …)`. DuckDB's own wants the state to have the type of the elements, so each
 * element is put beside a state, and such pairs are reduced.
 */
export function reduction(call: FunctionCall): TypedNode {
  const [list, initial, step, finish] = call.arguments;
  if (list === undefined || initial === undefined || step === undefined || finish === undefined) {
    throw call.fail('QUERY_WRONG_TYPE', 'reduce needs an array, a first state and two lambdas: (s, x) -> … and s -> …');
  }
  const state = commonType(initial.type, step.type);
  const start = castTo(initial.node, state);
  const field = (name: string, key: string): JsonNode =>
    functionNode('struct_extract', [columnNode(name), constantNode('VARCHAR', key)]);
  const pairs = functionNode('list_transform', [
    list.node,
    lambdaNode(['λx'], structNode({ s: start, x: columnNode('λx') })),
  ]);
  const next = boundedState(castTo(applied(step.node, [field('λp', 's'), field('λq', 'x')]), state), state);
  const reduced = functionNode('list_reduce', [
    pairs,
    lambdaNode(['λp', 'λq'], structNode({ s: next, x: field('λq', 'x') })),
    structNode({ s: start, x: nullNode() }),
  ]);
  const end = functionNode('struct_extract', [reduced, constantNode('VARCHAR', 's')]);
  const whole = functionNode('list_extract', [
    functionNode('list_transform', [functionNode('list_value', [end]), finish.node]),
    constantNode('INTEGER', 1),
  ]);
  return { node: whole, type: finish.type };
}

function boundedState(next: JsonNode, type: SqlType): JsonNode {
  if (type !== 'text' && !isArray(type)) return next;
  const length = functionNode(type === 'text' ? 'strlen' : 'len', [next]);
  const isLong = comparisonNode('COMPARE_GREATERTHAN', length, constantNode('INTEGER', MAX_STATE));
  const unit = type === 'text' ? 'bytes' : 'elements';
  const failure = functionNode('error', [
    constantNode('VARCHAR', `the state of reduce may have ${MAX_STATE} ${unit} at most`),
  ]);
  return choiceNode(isLong, failure, next);
}

/** `map_filter(map, (k, v) -> …)` over the entries of the map. */
export function mapFiltering(call: FunctionCall): TypedNode {
  const [map, keeps] = call.arguments;
  if (map === undefined || keeps === undefined)
    throw call.fail('QUERY_WRONG_TYPE', 'map_filter needs a map and a lambda: (k, v) -> …');
  const entries = functionNode('list_filter', [functionNode('map_entries', [map.node]), keeps.node]);
  return { node: functionNode('map_from_entries', [entries]), type: mapOf(keyOf(map.type), valueOf(map.type)) };
}
