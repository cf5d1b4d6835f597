import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';
import { AppError } from '../contract/errors';

/** DuckDB's syntax tree as JSON. Numbers keep their digits, since 64-bit ones do not survive `JSON.parse`. */
export type Json = null | boolean | string | LosslessNumber | readonly Json[] | JsonNode;
export interface JsonNode {
  readonly [key: string]: Json;
}

/** The binding's value for "no position", the largest unsigned 64-bit number, and anything else past a text's end. */
const MAX_LOCATION = 2 ** 31;

export const jsonNumber = (value: number): LosslessNumber => new LosslessNumber(String(value));

export function parseJson(text: string): Json {
  return parse(text) as Json;
}

export function printJson(tree: Json): string {
  const text = stringify(tree);
  if (text === undefined) throw new AppError('INTERNAL', 'a syntax tree has no JSON');
  return text;
}

export function isNode(value: Json | undefined): value is JsonNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** A tree that is not shaped as DuckDB's own is not guessed at. */
function malformed(key: string, wanted: string): AppError {
  return new AppError('QUERY_UNSUPPORTED', `The statement has a part that is not supported (${key} is no ${wanted}).`, {
    construct: key,
  });
}

export function nodeAt(node: JsonNode, key: string): JsonNode {
  const value = node[key];
  if (!isNode(value)) throw malformed(key, 'node');
  return value;
}

export function optionalNodeAt(node: JsonNode, key: string): JsonNode | null {
  return node[key] === null ? null : nodeAt(node, key);
}

export function textAt(node: JsonNode, key: string): string {
  const value = node[key];
  if (typeof value !== 'string') throw malformed(key, 'text');
  return value;
}

/** @returns a number that a double holds, as trees of our own have it */
export function numberAt(node: JsonNode, key: string): number {
  const value = node[key];
  if (!isLosslessNumber(value)) throw malformed(key, 'number');
  return Number(value.value);
}

export function flagAt(node: JsonNode, key: string): boolean {
  const value = node[key];
  if (typeof value !== 'boolean') throw malformed(key, 'flag');
  return value;
}

export function listAt(node: JsonNode, key: string): readonly Json[] {
  const value = node[key];
  if (!Array.isArray(value)) throw malformed(key, 'list');
  return value as readonly Json[];
}

export function nodesAt(node: JsonNode, key: string): readonly JsonNode[] {
  return listAt(node, key).map((item) => {
    if (!isNode(item)) throw malformed(key, 'list of nodes');
    return item;
  });
}

export function textsAt(node: JsonNode, key: string): readonly string[] {
  return listAt(node, key).map((item) => {
    if (typeof item !== 'string') throw malformed(key, 'list of names');
    return item;
  });
}

/** @returns the byte offset at which the node stands in its statement, or null when it was not written there */
export function locationOf(node: JsonNode): number | null {
  const location = node['query_location'];
  if (!isLosslessNumber(location)) return null;
  const bytes = Number(location.value);
  return bytes < MAX_LOCATION ? bytes : null;
}

/** Whether two trees say the same, wherever in their texts it stands. */
export function isSameTree(one: Json | undefined, other: Json | undefined): boolean {
  if (isLosslessNumber(one)) return isLosslessNumber(other) && one.value === other.value;
  if (Array.isArray(one)) {
    const list = one as readonly Json[];
    if (!Array.isArray(other) || other.length !== list.length) return false;
    return list.every((item, index) => isSameTree(item, (other as readonly Json[])[index]));
  }
  if (!isNode(one)) return one === other;
  if (!isNode(other)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  keys.delete('query_location');
  return [...keys].every((key) => isSameTree(one[key], other[key]));
}
