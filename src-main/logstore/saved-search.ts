import { AppError } from '../contract/errors';
import type { SavedSearch } from '../contract/saved-search';

const LONGEST_NAME = 64;
/** As queries have it between `${` and `}`. */
const VARIABLE_NAME = /^[A-Za-z_]\w*$/u;

/**
 * A name that can be read in a list and typed: 1 to 64 characters, without control characters, and no spaces at its ends.
 *
 * @throws AppError SAVED_SEARCH_INVALID that says what is wrong
 */
export function checkSavedSearchName(name: string): void {
  const fault = faultOf(name);
  if (fault === null) return;
  throw new AppError('SAVED_SEARCH_INVALID', `this is no name of a saved search: ${fault}`, { fault });
}

function faultOf(name: string): string | null {
  if (name.trim() === '') return 'it has no characters';
  if (name.length > LONGEST_NAME) return `it has ${name.length} characters instead of at most ${LONGEST_NAME}`;
  if (/\p{Cc}/u.test(name)) return 'a control character is not allowed';
  return name === name.trim() ? null : 'it begins or ends with a space';
}

/** @throws AppError SAVED_SEARCH_INVALID that says what is wrong */
export function checkSavedSearch(saved: SavedSearch): void {
  checkSavedSearchName(saved.name);
  const wrong = Object.keys(saved.variables).find((name) => !VARIABLE_NAME.test(name));
  if (wrong === undefined) return;
  const message = `"${wrong}" is no name of a variable: use letters, digits and _, and no digit at its beginning`;
  throw new AppError('SAVED_SEARCH_INVALID', message, { variable: wrong });
}
