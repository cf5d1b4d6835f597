/** What is longer would make a row of many screens, and a page that is slow to lay out. */
const MOST_CHARACTERS = 2000;

export interface LongText {
  readonly shown: string;
  /** Characters that are left out. */
  readonly more: number;
}

/** The beginning of a text, and how much of it that leaves out. */
export function longText(text: string): LongText {
  if (text.length <= MOST_CHARACTERS) return { shown: text, more: 0 };
  // Not between the two halves of one character.
  const end = /[\uD800-\uDBFF]$/u.test(text.slice(0, MOST_CHARACTERS)) ? MOST_CHARACTERS - 1 : MOST_CHARACTERS;
  return { shown: text.slice(0, end), more: text.length - end };
}
