import { castNode, functionNode } from '../sql-build';
import { asShown } from '../sql-times';
import { isArray } from '../sql-types';
import type { FunctionCall, TypedNode } from './entry';
import { joined } from './operators';

/**
 * `concat` as a chain of `||`, which is NULL when one operand is, as the vendor's is; DuckDB's own passes over NULL. A value
 * beside arrays is an element of its own.
 */
export function concatenation(call: FunctionCall): TypedNode {
  const types = call.arguments.map(({ type }) => type);
  const type = joined(types);
  const operands = call.arguments.map((argument) => {
    if (!isArray(type)) {
      return argument.type === 'text' ? argument.node : castNode(asShown(argument, call.clock), 'VARCHAR');
    }
    return isArray(argument.type) ? argument.node : functionNode('list_value', [argument.node]);
  });
  const [head, ...rest] = operands;
  if (head === undefined) throw call.fail('QUERY_UNSUPPORTED', 'There must be two or more concatenation arguments');
  return { node: rest.reduce((left, right) => functionNode('||', [left, right], true), head), type };
}
