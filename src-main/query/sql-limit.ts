import { isLosslessNumber } from 'lossless-json';
import { limitModifier } from './sql-build';
import { nodeAt, nodesAt, optionalNodeAt, textAt, type JsonNode } from './sql-json';

/** @returns the constant of a LIMIT, or null when it is no whole number from 0 on */
export function rowCountOf(node: JsonNode): bigint | null {
  if (node['class'] !== 'CONSTANT') return null;
  const constant = nodeAt(node, 'value');
  const value = constant['value'];
  const isInteger = ['INTEGER', 'BIGINT'].includes(textAt(nodeAt(constant, 'type'), 'id'));
  return isInteger && isLosslessNumber(value) && /^\d+$/u.test(value.value) ? BigInt(value.value) : null;
}

/** Adds a limit to the outermost query, or lowers the one it has; order and offset stay as they are. */
export function limited(query: JsonNode, limit: number): JsonNode {
  const modifiers = nodesAt(query, 'modifiers');
  const own = modifiers.find((modifier) => modifier['type'] === 'LIMIT_MODIFIER');
  if (own === undefined) return { ...query, modifiers: [...modifiers, limitModifier(limit)] };
  const ownLimit = optionalNodeAt(own, 'limit');
  const ownCount = ownLimit === null ? null : rowCountOf(ownLimit);
  if (ownCount !== null && ownCount <= BigInt(limit)) return query;
  const lowered = { ...own, limit: nodeAt(limitModifier(limit), 'limit') };
  return { ...query, modifiers: modifiers.map((modifier) => (modifier === own ? lowered : modifier)) };
}
