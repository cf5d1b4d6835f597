import { isCompareOperator } from './search-reader';
import { lexSearch, type SearchToken } from './search-lexer';
import type { Span } from './search-ast';

/**
 * What can be written at a place of a search: a field or a word, where a condition may begin; a value of a field; an
 * operator behind a whole condition. `replaced` is what stands there already, up to the place and behind it.
 */
export type SearchCompletion =
  | { readonly kind: 'condition'; readonly written: string; readonly replaced: Span }
  | { readonly kind: 'value'; readonly field: string; readonly written: string; readonly replaced: Span }
  | { readonly kind: 'operator'; readonly replaced: Span };

const OPERATORS = new Set(['and', 'or', 'not']);

const isText = ({ kind }: SearchToken): boolean => kind === 'word' || kind === 'string' || kind === 'phrase';

function endsCondition(token: SearchToken): boolean {
  if (token.kind === ')' || token.kind === ']') return true;
  return isText(token) && !(token.kind === 'word' && OPERATORS.has(token.text.toLowerCase()));
}

/** The key before an operator, which is of two words for a tag. */
function keyBefore(tokens: readonly SearchToken[], operator: number): string | null {
  const [tag, colon, name] = [tokens[operator - 3], tokens[operator - 2], tokens[operator - 1]];
  if (name === undefined || !isText(name)) return null;
  return colon?.kind === ':' && tag?.text.toLowerCase() === '__tag__' ? `__tag__:${name.text}` : name.text;
}

/** @returns what can be written at a UTF-16 position of a search, which may be half written or wrong */
export function completeSearch(text: string, position: number): SearchCompletion {
  const tokens = lexSearch(text).filter(({ kind }) => kind !== 'end');
  const within = tokens.findIndex(
    (token) => isText(token) && token.span.start < position && position <= token.span.end,
  );
  const current = within < 0 ? undefined : tokens[within];
  const before = within < 0 ? tokens.filter(({ span }) => span.end <= position).length - 1 : within - 1;
  const replaced = current?.span ?? { start: position, end: position };
  const written = text.slice(replaced.start, position).replace(/^#?"/u, '');
  const previous = tokens[before];
  if (previous !== undefined && (previous.kind === ':' || isCompareOperator(previous.kind))) {
    const field = keyBefore(tokens, before);
    if (field !== null) return { kind: 'value', field, written, replaced };
  }
  const isBehindCondition = previous !== undefined && endsCondition(previous);
  if (current === undefined && isBehindCondition) return { kind: 'operator', replaced };
  return { kind: 'condition', written, replaced };
}
