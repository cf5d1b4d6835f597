/** A longer word says no more of itself in an error, whose place in the query tells the rest. */
const MAX_LENGTH = 48;

/** @returns a word of a query as an error names it: whole, or its beginning and `…` */
export function shownWord(word: string): string {
  if (word.length <= MAX_LENGTH) return word;
  // Half of a character at the cut is left out.
  return `${word.slice(0, MAX_LENGTH).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Names that an error gives before it counts the others. */
const MOST_NAMES = 20;

/** @returns the names of a list, or the first of a long one and how many more there are */
export function shownNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  if (more <= 0) return names.join(', ');
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more`;
}
