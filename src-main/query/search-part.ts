import { AppError } from '../contract/errors';
import type { SearchNode } from './search-ast';
import { parseSearch } from './search-parser';

/**
 * The tree of a query's search part, which begins at the start of the text.
 *
 * @throws AppError QUERY_SYNTAX and its like for the first error, with `position` and `length` in UTF-16 units
 */
export function readSearchPart(search: string): SearchNode {
  const { root, errors } = parseSearch(search);
  const [error] = errors;
  if (error === undefined) return root;
  const { start, end } = error.span;
  throw new AppError(error.code, error.message, { position: start, length: end - start });
}
