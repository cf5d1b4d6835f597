/** A longer word says no more of itself in an error, whose place in the query tells the rest. */
const MAX_LENGTH = 48;

/** @returns a word of a query as an error names it: whole, or its beginning and `…` */
export function shownWord(word: string): string {
  if (word.length <= MAX_LENGTH) return word;
  // Half of a character at the cut is left out.
  return `${word.slice(0, MAX_LENGTH).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
