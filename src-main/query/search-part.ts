import type { SearchNode } from './search-ast';
import { searchError } from './search-errors';
import { checkConsoleSearch, type SearchLimits } from './search-limits';
import { parseSearch } from './search-parser';

/**
 * The tree of a query's search part, which begins at the start of the text.
 *
 * @throws AppError QUERY_SYNTAX and its like for the first error, with `position` and `length` in UTF-16 units, and with
 * `fix`, `fixPosition` and `fixLength` where a change of the text would do away with it; QUERY_UNSUPPORTED for what goes
 * beyond `limits`
 */
export function readSearchPart(search: string, limits?: SearchLimits, isBeforeSql = false): SearchNode {
  const parsed = parseSearch(search);
  const [error] = parsed.errors;
  if (error !== undefined) throw searchError(error.code, error);
  if (limits === 'console') checkConsoleSearch(parsed, isBeforeSql);
  return parsed.root;
}
