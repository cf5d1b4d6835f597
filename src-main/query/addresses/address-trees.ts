import { ADDRESS_PATTERN } from '../functions/addresses';
import { ADDRESS_TEXT } from '../ipv4-text';
import { parseAddress } from '../search-addresses';
import { castNode, constantNode, textConstantOf } from '../sql-build';
import { isSameTree, nodeAt, nodesAt, textAt, type JsonNode } from '../sql-json';
import { expandTemplate } from '../sql-macro';

/** Above all addresses: what a text that is none is compared as. */
const NO_ADDRESS = 2 ** 32;
/** From here on DuckDB reads a number as one of 64 bits. */
const FIRST_BIGINT = 2 ** 31;

/** Columns of numbers have names of ours, so that one that was missed fails instead of giving a number. */
export const numberName = (name: string): string => `λ${name}`;

export function addressText(number: JsonNode): JsonNode {
  return expandTemplate(ADDRESS_TEXT, [number]);
}

/** @returns the number whose text an expression of `log` is, or null for any other expression */
export function numberOfText(node: JsonNode): JsonNode | null {
  if (node['class'] !== 'CASE') return null;
  const [check] = nodesAt(node, 'case_checks');
  const condition = check === undefined ? null : nodeAt(check, 'when_expr');
  if (condition?.['type'] !== 'OPERATOR_IS_NOT_NULL') return null;
  const [number] = nodesAt(condition, 'children');
  if (number === undefined) return null;
  return isSameTree({ ...node, alias: '' }, addressText(number)) ? number : null;
}

function numberConstant(value: number): JsonNode {
  return constantNode(value < FIRST_BIGINT ? 'INTEGER' : 'BIGINT', value);
}

const isNull = (node: JsonNode): boolean =>
  node['class'] === 'CONSTANT' && textAt(nodeAt(nodeAt(node, 'value'), 'type'), 'id') === 'NULL';

/** @returns a constant that is NULL or an address, as a number; null for any other expression */
export function constantNumber(node: JsonNode): JsonNode | null {
  if (isNull(node)) return node;
  const address = parseAddress(textConstantOf(node) ?? '');
  return address === null ? null : numberConstant(Number(address));
}

/** As `constantNumber`, for comparisons by equality: text that is no address equals none. */
export function comparedConstant(node: JsonNode): JsonNode | null {
  return constantNumber(node) ?? (textConstantOf(node) === null ? null : numberConstant(NO_ADDRESS));
}

/** @returns the text from which an expression of the `ip_*` functions reads a number; null for any other expression */
export function textOfNumber(node: JsonNode): JsonNode | null {
  if (node['class'] !== 'CASE') return null;
  const [check, second] = nodesAt(node, 'case_checks');
  const condition = check === undefined || second !== undefined ? null : nodeAt(check, 'when_expr');
  if (condition?.['function_name'] !== 'regexp_full_match') return null;
  const [text, pattern] = nodesAt(condition, 'children');
  return pattern !== undefined && textConstantOf(pattern) === ADDRESS_PATTERN ? (text ?? null) : null;
}

/** Signed, as the `ip_*` functions compute. */
export const asBigint = (number: JsonNode): JsonNode => castNode(number, 'BIGINT');
