import type { ErrorCode } from '../contract/errors';

/** Half-open range of UTF-16 positions in the search text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A key or a value as written. `text` is without quotes and escapes. */
export interface SearchValue {
  readonly text: string;
  readonly quoted: boolean;
  readonly span: Span;
}

export type CompareOperator = '=' | '>' | '>=' | '<' | '<=';

/** The whole search language; what a version cannot execute yet is refused where it is compiled, not where it is read. */
export type SearchNode =
  | { readonly kind: 'all'; readonly span: Span }
  | { readonly kind: 'word'; readonly value: SearchValue; readonly span: Span }
  | { readonly kind: 'phrase'; readonly field: SearchValue | null; readonly value: SearchValue; readonly span: Span }
  | { readonly kind: 'exists'; readonly field: SearchValue; readonly span: Span }
  | { readonly kind: 'match'; readonly field: SearchValue; readonly value: SearchValue; readonly span: Span }
  | {
      readonly kind: 'compare';
      readonly field: SearchValue;
      readonly operator: CompareOperator;
      readonly value: SearchValue;
      readonly span: Span;
    }
  | {
      readonly kind: 'range';
      readonly field: SearchValue;
      readonly low: SearchValue;
      readonly high: SearchValue;
      readonly lowIncluded: boolean;
      readonly highIncluded: boolean;
      readonly span: Span;
    }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly SearchNode[]; readonly span: Span }
  | { readonly kind: 'not'; readonly operand: SearchNode; readonly span: Span }
  /** A hole that an error was reported for. */
  | { readonly kind: 'error'; readonly span: Span };

export interface SearchError {
  readonly code: Extract<ErrorCode, 'QUERY_SYNTAX' | 'QUERY_UNSUPPORTED'>;
  /** One sentence: what stands there and what was expected. */
  readonly message: string;
  readonly span: Span;
}

export interface ParsedSearch {
  readonly root: SearchNode;
  /** In the order of the text; the tree is complete, with `error` nodes as holes, even when there are some. */
  readonly errors: readonly SearchError[];
}

/** True for a value with `*` or `?`; inside quotes they stand for themselves. */
export function hasWildcard(value: SearchValue): boolean {
  return !value.quoted && /[*?]/u.test(value.text);
}
