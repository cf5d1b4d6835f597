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

/** `field in [low high)` and its like. */
export interface RangeNode {
  readonly kind: 'range';
  readonly field: SearchValue;
  readonly low: SearchValue;
  readonly high: SearchValue;
  readonly lowIncluded: boolean;
  readonly highIncluded: boolean;
  readonly span: Span;
}

export interface CompareNode {
  readonly kind: 'compare';
  readonly field: SearchValue;
  readonly operator: CompareOperator;
  readonly value: SearchValue;
  readonly span: Span;
}

/** A phrase in one field, or in any when `field` is null. */
export interface PhraseNode {
  readonly kind: 'phrase';
  readonly field: SearchValue | null;
  readonly value: SearchValue;
  readonly span: Span;
}

/** The whole search language. What the index cannot answer is refused where it is compiled, not where it is read. */
export type SearchNode =
  | { readonly kind: 'all'; readonly span: Span }
  | { readonly kind: 'word'; readonly value: SearchValue; readonly span: Span }
  | PhraseNode
  | { readonly kind: 'exists'; readonly field: SearchValue; readonly span: Span }
  | { readonly kind: 'match'; readonly field: SearchValue; readonly value: SearchValue; readonly span: Span }
  | CompareNode
  | RangeNode
  | { readonly kind: 'and' | 'or'; readonly operands: readonly SearchNode[]; readonly span: Span }
  | { readonly kind: 'not'; readonly operand: SearchNode; readonly span: Span }
  /** A hole that an error was reported for. */
  | { readonly kind: 'error'; readonly span: Span };

/** A change of the text that does away with an error: what stands at the span is replaced. */
export interface SearchFix {
  readonly span: Span;
  readonly text: string;
}

export interface SearchError {
  readonly code: Extract<ErrorCode, 'QUERY_SYNTAX' | 'QUERY_UNSUPPORTED'>;
  /** What the vendor's product says of it. */
  readonly vendorText: string;
  /** One sentence: what stands there and what was expected. */
  readonly message: string;
  readonly span: Span;
  readonly fix?: SearchFix;
}

/**
 * What the vendor's language lacks. The last three are meant only where the field holds addresses or numbers; in a field
 * of text the same characters are plain text, as at the vendor.
 */
export type SearchExtensionKind = 'leading_wildcard' | 'phrase' | 'network' | 'list' | 'address_range';

export interface SearchExtension {
  readonly kind: SearchExtensionKind;
  /** One sentence: what it is, and what the vendor's product does with it. */
  readonly message: string;
  readonly span: Span;
}

export interface ParsedSearch {
  readonly root: SearchNode;
  /** In the order of the text; the tree is complete, with `error` nodes as holes, even when there are some. */
  readonly errors: readonly SearchError[];
  /** In the order of the text. */
  readonly extensions: readonly SearchExtension[];
}

/** True for a value with `*` or `?`; inside quotes they stand for themselves. */
export function hasWildcard(value: SearchValue): boolean {
  return !value.quoted && /[*?]/u.test(value.text);
}
