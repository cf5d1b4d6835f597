import { AppError, type ErrorDetail } from '../contract/errors';
import { isNode, type Json, type JsonNode } from './sql-json';

const EXPRESSION_KEYS = ['class', 'type', 'alias', 'query_location'] as const;

/** @throws AppError QUERY_UNSUPPORTED for a property that this version of the list does not know */
export function checkKeys(node: JsonNode, keys: readonly string[]): void {
  const foreign = Object.keys(node).find((key) => !keys.includes(key));
  if (foreign !== undefined) {
    throw new AppError('QUERY_UNSUPPORTED', `The statement has a part that is not supported (${foreign}).`, {
      construct: foreign,
    });
  }
}

export function checkExpressionKeys(node: JsonNode, keys: readonly string[]): void {
  checkKeys(node, [...EXPRESSION_KEYS, ...keys]);
}

/** The error for a construct that the dialect does not have; it is said as it stands at the start of the sentence. */
export function refusal(construct: string, place: ErrorDetail): AppError {
  return new AppError('QUERY_UNSUPPORTED', `${construct} is not part of the dialect.`, { construct, ...place });
}

/** Nodes of a tree. */
export function sizeOf(value: Json | undefined): number {
  if (Array.isArray(value)) return (value as readonly Json[]).reduce<number>((sum, item) => sum + sizeOf(item), 0);
  if (!isNode(value)) return 0;
  return Object.values(value).reduce<number>((sum, item) => sum + sizeOf(item), 1);
}
