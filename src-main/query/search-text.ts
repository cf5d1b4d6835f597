import type { TermOptions } from './log-relation';
import type { BindValue } from './search-bind';
import {
  isHanTerm,
  isWildPattern,
  longestLiteral,
  patternText,
  termRegex,
  termsOf,
  type TermPattern,
} from './search-terms';

/** A text as the index compares it: as it is, or in lower case on both sides, which only the database lowers. */
function folding(options: TermOptions): (sql: string) => string {
  return (sql) => (options.caseSensitive ? sql : `lower(${sql})`);
}

/**
 * Looking for the longest stretch of the term first spares most texts the regular expression: that took 3 to 7 times as
 * long, and cutting the text into a list of terms 20 to 40 times [measured].
 */
function termCondition(text: string, term: TermPattern, options: TermOptions, bind: BindValue): string {
  const fold = folding(options);
  const contains = (part: string): string => `contains(${fold(text)}, ${fold(bind(part, 'VARCHAR'))})`;
  if (isHanTerm(term, options)) return contains(patternText(term));
  if (options.token.length === 0 && !options.chn && !isWildPattern(term)) {
    return `${fold(text)} = ${fold(bind(patternText(term), 'VARCHAR'))}`;
  }
  const literal = longestLiteral(term);
  const conditions = literal === '' ? [] : [contains(literal)];
  conditions.push(`regexp_matches(${fold(text)}, ${fold(bind(termRegex(term, options), 'VARCHAR'))})`);
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' AND ')})`;
}

/**
 * @param text SQL of the text
 * @returns a condition that the text has every term of the value, in any order; null when the value has none
 */
export function termsCondition(text: string, value: TermPattern, options: TermOptions, bind: BindValue): string | null {
  const conditions = termsOf(value, options).map((term) => termCondition(text, term, options, bind));
  return conditions.length > 1 ? `(${conditions.join(' AND ')})` : (conditions[0] ?? null);
}

/**
 * @param text SQL of the text
 * @returns a condition that the text has every term of the phrase, and the phrase itself with all its delimiters
 * @see sls-logstore.md §1.7
 */
export function phraseCondition(text: string, phrase: TermPattern, options: TermOptions, bind: BindValue): string {
  const fold = folding(options);
  const contains = `contains(${fold(text)}, ${fold(bind(patternText(phrase), 'VARCHAR'))})`;
  const terms = termsCondition(text, phrase, options, bind);
  return terms === null ? contains : `(${contains} AND ${terms})`;
}
