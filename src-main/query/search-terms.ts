import type { TermOptions } from './log-relation';
import { hasWildcard, type SearchValue } from './search-ast';

/** A character of a value; a wild one is `*` or `?` outside of quotes. */
interface Glyph {
  readonly character: string;
  readonly isWild: boolean;
}

/** A term as it is searched: its characters, with wildcards among them. */
export type TermPattern = readonly Glyph[];

/** Blocks of Chinese characters: extension A, the unified ones, compatibility, and the planes of the extensions. */
const HAN = '\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{323af}';
const IS_HAN = new RegExp(`^[${HAN}]$`, 'u');

export function patternOf(value: SearchValue): TermPattern {
  const isPattern = hasWildcard(value);
  return Array.from(value.text, (character) => ({
    character,
    isWild: isPattern && (character === '*' || character === '?'),
  }));
}

export function patternText(pattern: TermPattern): string {
  return pattern.map(({ character }) => character).join('');
}

export const isWildPattern = (pattern: TermPattern): boolean => pattern.some(({ isWild }) => isWild);

/** Whether a pattern of nothing but `*` fits any term. */
const isAnything = (pattern: TermPattern): boolean =>
  pattern.every(({ character, isWild }) => isWild && character === '*');

/** A Chinese character that is a term of its own whatever stands beside it. */
export function isHanTerm(pattern: TermPattern, options: TermOptions): boolean {
  const [only, second] = pattern;
  return options.chn && second === undefined && only !== undefined && !only.isWild && IS_HAN.test(only.character);
}

/**
 * The terms that an entry must have for a value to be found in it: the value cut as the index cuts, each once. A `*` that
 * is left alone by the cut asks for nothing beside other terms. None when the value has delimiters only.
 * @see sls-logstore.md §1.4
 */
export function termsOf(pattern: TermPattern, options: TermOptions): readonly TermPattern[] {
  const fold = (text: string): string => (options.caseSensitive ? text : text.toLowerCase());
  const delimiters = new Set(options.token.map(fold));
  const terms: Glyph[][] = [];
  let open: Glyph[] = [];
  const close = (): void => {
    if (open.length > 0) terms.push(open);
    open = [];
  };
  for (const glyph of pattern) {
    if (!glyph.isWild && delimiters.has(fold(glyph.character))) close();
    else if (!glyph.isWild && options.chn && IS_HAN.test(glyph.character)) {
      close();
      terms.push([glyph]);
    } else open.push(glyph);
  }
  close();
  const asking = terms.filter((term) => !isAnything(term));
  const distinct = new Map((asking.length > 0 ? asking : terms.slice(0, 1)).map((term) => [patternText(term), term]));
  return [...distinct.values()];
}

const escaped = (text: string): string => text.replaceAll(/[!-/:-@[-`{-~]/gu, '\\$&');

/** Whether a term of one character fits, whichever it is. */
function fitsAnyCharacter(pattern: TermPattern): boolean {
  const single = pattern.filter(({ character, isWild }) => !isWild || character === '?');
  return single.length <= 1 && single.every(({ isWild }) => isWild);
}

/**
 * A regular expression (RE2) that fits a text with the term. Beside `(?s)` it has no letter but those of the term and of
 * the delimiters, so that it can be lowered like the text.
 */
export function termRegex(pattern: TermPattern, options: TermOptions): string {
  const delimiters = options.token.map(escaped).join('');
  if (isAnything(pattern)) return delimiters === '' ? '(?s).' : `[^${delimiters}]`;
  const ends = delimiters + (options.chn ? HAN : '');
  const any = ends === '' ? '.' : `[^${ends}]`;
  const term = pattern
    .map(({ character, isWild }) => (isWild ? (character === '*' ? `${any}*` : any) : escaped(character)))
    .join('');
  if (ends === '') return `(?s)^${term}$`;
  const whole = `(^|[${ends}])${term}($|[${ends}])`;
  return options.chn && fitsAnyCharacter(pattern) ? `${whole}|[${HAN}]` : whole;
}

/** A regular expression that fits a text which is the term, whatever the delimiters are. */
export function wholeTermRegex(pattern: TermPattern): string {
  const term = pattern.map(({ character, isWild }) => {
    if (!isWild) return escaped(character);
    return character === '*' ? '.*' : '.';
  });
  return `(?s)^${term.join('')}$`;
}

/** A regular expression that fits each term of a text; null when the whole text is one. */
export function pieceRegex({ token, chn }: TermOptions): string | null {
  if (token.length === 0 && !chn) return null;
  const delimiters = token.map(escaped).join('');
  return chn ? `[${HAN}]|[^${delimiters}${HAN}]+` : `[^${delimiters}]+`;
}

/** The longest stretch of a term without wildcards, which a text must have to be looked at more closely. */
export function longestLiteral(pattern: TermPattern): string {
  const stretches = pattern
    .map(({ character, isWild }) => (isWild ? '\0' : character))
    .join('')
    .split('\0');
  return stretches.reduce((longest, stretch) => (stretch.length > longest.length ? stretch : longest), '');
}

/** Whether a pattern fits a whole term, with regard to case as the index has it. */
export function fitsTerm(pattern: TermPattern, term: string, options: TermOptions): boolean {
  const fold = (text: string): string => (options.caseSensitive ? text : text.toLowerCase());
  const characters = Array.from(fold(term));
  let [at, star, starAt] = [0, -1, 0];
  for (let index = 0; index < characters.length;) {
    const glyph = pattern[at];
    if (glyph?.isWild === true && glyph.character === '*') [star, starAt] = [at++, index];
    else if (glyph?.isWild === true || (glyph !== undefined && fold(glyph.character) === characters[index])) {
      at++;
      index++;
    } else if (star >= 0) [at, index] = [star + 1, ++starAt];
    else return false;
  }
  return pattern.slice(at).every(({ character, isWild }) => isWild && character === '*');
}
