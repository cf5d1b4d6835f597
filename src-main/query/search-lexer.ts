import type { Span } from './search-ast';
import { quotedEnd } from './split-query';

export type SearchTokenKind =
  'word' | 'string' | 'phrase' | '(' | ')' | '[' | ']' | ':' | '=' | '>' | '>=' | '<' | '<=' | 'end';

export interface SearchToken {
  readonly kind: SearchTokenKind;
  /** Value of a word, string or phrase, without quotes and escapes; else the token as written. */
  readonly text: string;
  readonly span: Span;
  /** False for a string or phrase whose closing quote is missing. */
  readonly closed: boolean;
}

const WHITESPACE = /\s/u;
/** A single quote has no meaning in the search part, and an escaped one is a letter. @see sls-logstore.md §1.3 */
const WORD = /(?:\\"|[^\s"()[\]:=<>])+/uy;
const unescaped = (text: string): string => text.replaceAll('\\"', '"');
const SINGLE: readonly SearchTokenKind[] = ['(', ')', '[', ']', ':', '='];

function quoted(text: string, kind: 'string' | 'phrase', start: number): SearchToken {
  const open = kind === 'phrase' ? start + 1 : start;
  const closing = quotedEnd(text, open);
  const end = closing < 0 ? text.length : closing;
  const raw = text.slice(open + 1, closing < 0 ? end : end - 1);
  return { kind, text: unescaped(raw), span: { start, end }, closed: closing >= 0 };
}

function tokenAt(text: string, start: number): SearchToken {
  const plain = (kind: SearchTokenKind, end: number): SearchToken => ({
    kind,
    text: text.slice(start, end),
    span: { start, end },
    closed: true,
  });
  const character = text[start] ?? '';
  if (character === '"') return quoted(text, 'string', start);
  if (character === '#' && text[start + 1] === '"') return quoted(text, 'phrase', start);
  const single = SINGLE.find((kind) => kind === character);
  if (single !== undefined) return plain(single, start + 1);
  if (character === '>' || character === '<') {
    return text[start + 1] === '=' ? plain(`${character}=`, start + 2) : plain(character, start + 1);
  }
  WORD.lastIndex = start;
  const word = plain('word', start + (WORD.exec(text)?.[0].length ?? 1));
  return { ...word, text: unescaped(word.text) };
}

/** Cuts a search text into tokens; never fails. The last token is always `end`, an empty span after the text. */
export function lexSearch(text: string): readonly SearchToken[] {
  const tokens: SearchToken[] = [];
  for (let at = 0; at < text.length;) {
    if (WHITESPACE.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.span.end;
  }
  tokens.push({ kind: 'end', text: '', span: { start: text.length, end: text.length }, closed: true });
  return tokens;
}
