import type { CompareOperator, SearchError, SearchFix, Span } from './search-ast';
import { VENDOR_TEXT } from './search-errors';
import { lexSearch, type SearchToken, type SearchTokenKind } from './search-lexer';
import { shownWord } from './shown-word';

const COMPARE_OPERATORS: readonly SearchTokenKind[] = ['=', '>', '>=', '<', '<='];

export const isCompareOperator = (kind: SearchTokenKind): kind is CompareOperator => COMPARE_OPERATORS.includes(kind);

/** The tokens of a search, read one after the other, and the errors found on the way. */
export class SearchReader {
  readonly errors: SearchError[] = [];
  readonly #text: string;
  readonly #tokens: readonly SearchToken[];
  #at = 0;
  #isStopped = false;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = lexSearch(text);
  }

  /** The next token, or one after it; `end` where there is none. */
  peek(ahead = 0): SearchToken {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1);
    if (token === undefined) throw new RangeError('a token list ends with `end`');
    return token;
  }

  next(): SearchToken {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** The word in lower case when it is unquoted. All operators but `in` are case-insensitive. */
  keyword(token: SearchToken): string | null {
    return token.kind === 'word' ? token.text.toLowerCase() : null;
  }

  /** Whether the next token is a key, that is, followed by `:` or a comparison. */
  isKey(): boolean {
    const after = this.peek(1).kind;
    return after === ':' || isCompareOperator(after);
  }

  textOf({ start, end }: Span): string {
    return this.#text.slice(start, end);
  }

  /** Notes an error; the vendor's text is that of any syntax error unless another is given. */
  fail(
    span: Span,
    message: string,
    {
      code = 'QUERY_SYNTAX',
      vendorText = VENDOR_TEXT.syntax(span, shownWord(this.textOf(span))),
      fix,
    }: { code?: SearchError['code']; vendorText?: string; fix?: SearchFix } = {},
  ): void {
    if (!this.#isStopped) this.errors.push({ code, vendorText, message, span, ...(fix === undefined ? {} : { fix }) });
  }

  /** Leaves the rest of the text unread, and takes no more errors. */
  stop(): void {
    this.#at = this.#tokens.length - 1;
    this.#isStopped = true;
  }
}
