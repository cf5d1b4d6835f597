import type { TypedNode } from './functions/entry';
import { textConstantOf } from './sql-build';
import { isArray, isMap, isNumber, vendorName, type SqlType } from './sql-types';

const SIGNS: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHAN: '>',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_DISTINCT_FROM: 'IS DISTINCT FROM',
  COMPARE_NOT_DISTINCT_FROM: 'IS NOT DISTINCT FROM',
};
const ARITHMETIC: readonly string[] = ['+', '-', '*'];

const isUnknown = (type: SqlType): boolean => type === 'null' || type === 'other';
const isCollection = (type: SqlType): boolean => isArray(type) || isMap(type);

/** A number in quotes is read as one, which the vendor does not do. */
function isQuotedNumber({ node }: TypedNode): boolean {
  const text = textConstantOf(node);
  return text !== null && text.trim() !== '' && !Number.isNaN(Number(text));
}

function areForeign(one: TypedNode, other: TypedNode): boolean {
  if (isUnknown(one.type) || isUnknown(other.type)) return false;
  if (isCollection(one.type) !== isCollection(other.type)) return textConstantOf(one.node) === null;
  if (one.type !== 'text' || !isNumber(other.type)) return false;
  return !isQuotedNumber(one);
}

const areMixed = (one: TypedNode, other: TypedNode): boolean => areForeign(one, other) || areForeign(other, one);

function fault(sign: string, operands: readonly TypedNode[]): string {
  const types = operands.map(({ type }) => vendorName(type)).join(', ');
  const texts = operands.filter(({ type }) => type === 'text').length;
  const remedy = operands.some(({ type }) => isCollection(type))
    ? 'take an element, as in x[1]'
    : texts === operands.length
      ? 'cast them, as in cast(x as bigint)'
      : 'cast one of them, as in cast(x as varchar) or cast(x as bigint)';
  return `'${sign}' cannot be applied to ${types}: ${remedy}.`;
}

/**
 * What is wrong with two values that are compared.
 *
 * @param kind of the comparison in DuckDB's tree
 * @returns the vendor's sentence, or null when nothing is known to be wrong
 * @see sls-logstore.md §3.8
 */
export function comparisonFault(kind: string, left: TypedNode, right: TypedNode): string | null {
  return areMixed(left, right) ? fault(SIGNS[kind] ?? kind, [left, right]) : null;
}

/** As `comparisonFault`, for the operators of arithmetic that DuckDB types itself; null for any other function. */
export function arithmeticFault(name: string, operands: readonly TypedNode[]): string | null {
  if (!ARITHMETIC.includes(name)) return null;
  const isText = ({ node, type }: TypedNode): boolean => type === 'text' && textConstantOf(node) === null;
  const [left, right] = operands;
  const isWrong = operands.some(isText) || (left !== undefined && right !== undefined && areMixed(left, right));
  return isWrong ? fault(name, operands) : null;
}

/** The results of CASE, of which a text that is no number cannot become the number that another one is. */
export function resultsFault(results: readonly TypedNode[]): string | null {
  const text = results.find((result) => textConstantOf(result.node) !== null && !isQuotedNumber(result));
  const number = results.find(({ type }) => isNumber(type));
  if (text === undefined || number === undefined) return null;
  return `All CASE results must be the same type: varchar, not ${vendorName(number.type)}: cast the number, as in cast(x as varchar).`;
}
