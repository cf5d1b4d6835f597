import type { TermOptions } from './log-relation';
import { MOST_WILDCARD_TERMS } from './search-limits';
import type { SearchScope } from './search-scope';
import {
  isHanTerm,
  isWildPattern,
  longestLiteral,
  patternText,
  pieceRegex,
  termRegex,
  termsOf,
  wholeTermRegex,
  type TermPattern,
} from './search-terms';

/** A text as the index compares it: as it is, or in lower case on both sides, which only the database lowers. */
function folding(options: TermOptions): (sql: string) => string {
  return (sql) => (options.caseSensitive ? sql : `lower(${sql})`);
}

/**
 * Looking for the longest stretch of the term first spares most texts the regular expression, which alone takes up to
 * twice as long; cutting the texts into lists of terms takes 4 to 7 times as long [measured].
 */
function termCondition(text: string, term: TermPattern, options: TermOptions, scope: SearchScope): string {
  const fold = folding(options);
  const contains = (part: string): string => `contains(${fold(text)}, ${fold(scope.bind(part, 'VARCHAR'))})`;
  if (isHanTerm(term, options)) return contains(patternText(term));
  if (options.token.length === 0 && !options.chn && !isWildPattern(term)) {
    return `${fold(text)} = ${fold(scope.bind(patternText(term), 'VARCHAR'))}`;
  }
  if (scope.console !== undefined && isWildPattern(term)) return sampledTerms(text, term, options, scope);
  const literal = longestLiteral(term);
  const conditions = literal === '' ? [] : [contains(literal)];
  conditions.push(`regexp_matches(${fold(text)}, ${fold(scope.bind(termRegex(term, options), 'VARCHAR'))})`);
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' AND ')})`;
}

/** One of the terms that a pattern fits, of which the console looks for the first 100 only. @see sls-logstore.md §1.5 */
function sampledTerms(text: string, term: TermPattern, options: TermOptions, scope: SearchScope): string {
  const folded = folding(options)(text);
  const bindText = (value: string): string => scope.bind(value, 'VARCHAR');
  const pieces = pieceRegex(options);
  const terms =
    pieces === null ? `list_value(${folded})` : `regexp_extract_all(${folded}, ${folding(options)(bindText(pieces))})`;
  const fits = `regexp_matches(term, ${folding(options)(bindText(wholeTermRegex(term)))})`;
  const all = `SELECT DISTINCT unnest(${terms}) AS term FROM ${scope.console?.from ?? ''}`;
  const sample = `SELECT term FROM (${all}) AS piece WHERE ${fits} ORDER BY term LIMIT ${MOST_WILDCARD_TERMS}`;
  return `list_has_any(${terms}, (SELECT list(term) FROM (${sample}) AS sample))`;
}

/**
 * @param text SQL of the text
 * @returns a condition that the text has every term of the value, in any order; null when the value has none
 */
export function termsCondition(
  text: string,
  value: TermPattern,
  options: TermOptions,
  scope: SearchScope,
): string | null {
  const conditions = termsOf(value, options).map((term) => termCondition(text, term, options, scope));
  return conditions.length > 1 ? `(${conditions.join(' AND ')})` : (conditions[0] ?? null);
}

/**
 * @param text SQL of the text
 * @returns a condition that the text has every term of the phrase, and the phrase itself with all its delimiters
 * @see sls-logstore.md §1.7
 */
export function phraseCondition(text: string, phrase: TermPattern, options: TermOptions, scope: SearchScope): string {
  const fold = folding(options);
  const contains = `contains(${fold(text)}, ${fold(scope.bind(patternText(phrase), 'VARCHAR'))})`;
  const terms = termsCondition(text, phrase, options, scope);
  return terms === null ? contains : `(${contains} AND ${terms})`;
}
