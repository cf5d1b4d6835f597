import { isNode, nodeAt, nodesAt, optionalNodeAt, textAt, type Json, type JsonNode } from '../sql-json';
import type { AddressScope, Value } from './address-scope';
import { addressText, asBigint, comparedConstant, constantNumber, textOfNumber } from './address-trees';

/** A query whose columns are numbers where it was asked for. */
export interface AddressQuery {
  readonly columns: readonly { readonly name: string; readonly isAddress: boolean }[];
  /** @param asNumber for columns that are addresses; the others, and those it is false for, stay what they are */
  build(asNumber: (index: number) => boolean): JsonNode;
}

/** What expressions need of the statement around them. */
export interface AddressHost {
  subquery(query: JsonNode, scope: AddressScope): AddressQuery;
}

const EQUALITIES: readonly string[] = [
  ...['COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_DISTINCT_FROM', 'COMPARE_NOT_DISTINCT_FROM'],
];
/** They tell values apart, and nothing more of them. */
const TELL_APART: readonly string[] = ['OPERATOR_IS_NULL', 'OPERATOR_IS_NOT_NULL', 'GROUPING_FUNCTION'];
/** They give their first argument of one of the entries, chosen by anything but itself. */
const CHOOSE: readonly string[] = ['any_value', 'arg_max_null', 'arg_min_null'];

const other = (node: JsonNode): Value => ({ kind: 'other', node });
const address = (number: JsonNode): Value => ({ kind: 'address', number });

/** The value as it was written. */
export function textOf(value: Value): JsonNode {
  return value.kind === 'address' ? addressText(value.number) : value.node;
}

/** The value where only matters which values are equal. */
function bareOf(value: Value): JsonNode {
  return value.kind === 'address' ? value.number : value.node;
}

/**
 * Finds the expressions that are addresses unchanged, and leaves them numbers where that gives the same: an address and
 * its text are one to one, so that equality, grouping and counting do not need the text. Whatever is not known here gets
 * the text.
 */
export class AddressExpressions {
  readonly #host: AddressHost;

  constructor(host: AddressHost) {
    this.#host = host;
  }

  text(node: JsonNode, scope: AddressScope): JsonNode {
    return textOf(this.value(node, scope));
  }

  optionalText(node: JsonNode | null, scope: AddressScope): JsonNode | null {
    return node === null ? null : this.text(node, scope);
  }

  bare(node: JsonNode, scope: AddressScope): JsonNode {
    return bareOf(this.value(node, scope));
  }

  /**
   * An argument that has a name, such as a field of a struct, is text under that name.
   *
   * @throws Unproved for a name that may mean several things
   */
  value(node: JsonNode, scope: AddressScope): Value {
    const value = this.#unnamed(node, scope);
    const alias = textAt(node, 'alias');
    return value.kind === 'address' && alias !== '' ? other({ ...addressText(value.number), alias }) : value;
  }

  #unnamed(node: JsonNode, scope: AddressScope): Value {
    switch (textAt(node, 'class')) {
      case 'CONSTANT':
      case 'PARAMETER':
        return other(node);
      case 'COLUMN_REF':
        return scope.resolve(node);
      case 'COMPARISON':
        return this.#comparison(node, scope);
      case 'OPERATOR':
        return this.#operator(node, scope);
      case 'CASE':
        return this.#case(node, scope);
      case 'CAST':
        return this.#cast(node, scope);
      case 'FUNCTION':
        return this.#call(node, scope);
      case 'WINDOW': {
        const partitions = nodesAt(node, 'partitions').map((partition) => this.bare(partition, scope));
        return other({ ...this.#within({ ...node, partitions: [] }, scope), partitions });
      }
      case 'SUBQUERY':
        return this.#subquery(node, scope);
      default:
        return other(this.#within(node, scope));
    }
  }

  #comparison(node: JsonNode, scope: AddressScope): Value {
    const sides = ['left', 'right'].map((key) => this.value(nodeAt(node, key), scope));
    const numbers = EQUALITIES.includes(textAt(node, 'type')) ? allNumbers(sides, comparedConstant) : null;
    const [left, right] = numbers ?? sides.map(textOf);
    return other({ ...node, left: left ?? null, right: right ?? null });
  }

  #operator(node: JsonNode, scope: AddressScope): Value {
    const type = textAt(node, 'type');
    const values = nodesAt(node, 'children').map((child) => this.value(child, scope));
    if (TELL_APART.includes(type)) return other({ ...node, children: values.map(bareOf) });
    if (type === 'COMPARE_IN' || type === 'COMPARE_NOT_IN') {
      return other({ ...node, children: allNumbers(values, comparedConstant) ?? values.map(textOf) });
    }
    const numbers = type === 'OPERATOR_COALESCE' ? allNumbers(values, constantNumber) : null;
    return numbers === null
      ? other({ ...node, children: values.map(textOf) })
      : address({ ...node, children: numbers });
  }

  #case(node: JsonNode, scope: AddressScope): Value {
    const read = textOfNumber(node);
    const source = read === null ? null : this.value(read, scope);
    if (source?.kind === 'address') return other(asBigint(source.number));
    const checks = nodesAt(node, 'case_checks');
    const conditions = checks.map((check) => this.text(nodeAt(check, 'when_expr'), scope));
    const results = [...checks.map((check) => nodeAt(check, 'then_expr')), nodeAt(node, 'else_expr')];
    const values = results.map((result) => this.value(result, scope));
    const rebuilt = (chosen: readonly JsonNode[]): JsonNode => ({
      ...node,
      case_checks: conditions.map((when, index) => ({ when_expr: when, then_expr: chosen[index] ?? null })),
      else_expr: chosen.at(-1) ?? null,
    });
    const numbers = allNumbers(values, constantNumber);
    return numbers === null ? other(rebuilt(values.map(textOf))) : address(rebuilt(numbers));
  }

  /** The text of an address as text is no other. */
  #cast(node: JsonNode, scope: AddressScope): Value {
    const child = this.value(nodeAt(node, 'child'), scope);
    const isText = textAt(nodeAt(node, 'cast_type'), 'id') === 'VARCHAR';
    return child.kind === 'address' && isText ? child : other({ ...node, child: textOf(child) });
  }

  #call(node: JsonNode, scope: AddressScope): Value {
    const name = textAt(node, 'function_name');
    const values = nodesAt(node, 'children').map((child) => this.value(child, scope));
    const call = (children: readonly JsonNode[]): JsonNode => ({
      ...this.#within({ ...node, children: [] }, scope),
      children,
    });
    if (name === 'count') return other(call(values.map(bareOf)));
    const [first, ...rest] = values;
    if (CHOOSE.includes(name) && first?.kind === 'address') return address(call([first.number, ...rest.map(textOf)]));
    return other(call(values.map(textOf)));
  }

  #subquery(node: JsonNode, scope: AddressScope): Value {
    const wrapper = nodeAt(node, 'subquery');
    const query = this.#host.subquery(nodeAt(wrapper, 'node'), scope);
    const child = optionalNodeAt(node, 'child');
    const value = child === null ? null : this.value(child, scope);
    const built = (isNumber: boolean, side: JsonNode | null): JsonNode => ({
      ...node,
      subquery: { ...wrapper, node: query.build(() => isNumber) },
      child: side,
    });
    const isAddress = query.columns[0]?.isAddress === true;
    switch (textAt(node, 'subquery_type')) {
      case 'SCALAR':
        return isAddress ? address(built(true, null)) : other(built(false, null));
      case 'ANY': {
        const isEqual = EQUALITIES.includes(textAt(node, 'comparison_type'));
        if (isEqual && isAddress && value?.kind === 'address') return other(built(true, value.number));
        return other(built(false, value === null ? null : textOf(value)));
      }
      default:
        return other(built(true, value === null ? null : textOf(value)));
    }
  }

  /** A node with the text of all that it holds. */
  #within(node: JsonNode, scope: AddressScope): JsonNode {
    const inner = (value: Json): Json => {
      if (Array.isArray(value)) return (value as readonly Json[]).map(inner);
      if (!isNode(value)) return value;
      return 'class' in value ? this.text(value, scope) : mapped(value, inner);
    };
    return mapped(node, inner);
  }
}

function mapped(node: JsonNode, map: (value: Json) => Json): JsonNode {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, map(value)]));
}

/** @returns the values as numbers, if one of them is an address and all others are too or are constants that can be; else null */
function allNumbers(
  values: readonly Value[],
  constantOf: (node: JsonNode) => JsonNode | null,
): readonly JsonNode[] | null {
  if (!values.some(({ kind }) => kind === 'address')) return null;
  const numbers = values.map((value) => (value.kind === 'address' ? value.number : constantOf(value.node)));
  const known = numbers.filter((number) => number !== null);
  return known.length === numbers.length ? known : null;
}
