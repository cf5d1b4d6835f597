import type { SearchNode } from './search-ast';
import { searchError } from './search-errors';
import { parseSearch } from './search-parser';

/**
 * The tree of a query's search part, which begins at the start of the text.
 *
 * @throws AppError QUERY_SYNTAX and its like for the first error, with `position` and `length` in UTF-16 units, and with
 * `fix`, `fixPosition` and `fixLength` where a change of the text would do away with it
 */
export function readSearchPart(search: string): SearchNode {
  const { root, errors } = parseSearch(search);
  const [error] = errors;
  if (error !== undefined) throw searchError(error.code, error);
  return root;
}
