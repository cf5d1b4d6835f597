import type { CompareOperator, ParsedSearch, SearchError, SearchNode, SearchValue, Span } from './search-ast';
import { shownWord } from './shown-word';
import { lexSearch, type SearchToken, type SearchTokenKind } from './search-lexer';

/** Deeper nesting is refused, so that no text can exhaust the stack. Nobody writes it by hand. */
const MAX_DEPTH = 200;
/** Higher binds tighter: `and`, `not` and juxtaposition above `or`. @see sls-logstore.md §1.3 */
const POWER = { or: 1, and: 2 } as const;
const COMPARE_OPERATORS: readonly SearchTokenKind[] = ['=', '>', '>=', '<', '<='];
const VENDOR_BARE_SQL = 'sql query must follow search query,please read syntax doc';

const isCompareOperator = (kind: SearchTokenKind): kind is CompareOperator => COMPARE_OPERATORS.includes(kind);
const covering = (from: Span, to: Span): Span => ({ start: from.start, end: to.end });

class SearchParser {
  readonly errors: SearchError[] = [];
  readonly #tokens: readonly SearchToken[];
  #at = 0;
  #depth = 0;
  #isStopped = false;

  constructor(tokens: readonly SearchToken[]) {
    this.#tokens = tokens;
  }

  parse(): SearchNode {
    const start = this.#peek();
    if (start.kind === 'end') return { kind: 'all', span: start.span };
    if (this.#keyword(start) === 'select' && !this.#isKey()) this.#fail(start.span, VENDOR_BARE_SQL);
    const parts: SearchNode[] = [];
    for (let token = this.#peek(); token.kind !== 'end'; token = this.#peek()) {
      if (token.kind === ')' || token.kind === ']') {
        this.#fail(token.span, `Unexpected \`${shownWord(token.text)}\`: nothing is open that it could close.`);
        this.#next();
      } else parts.push(this.#expression(POWER.or));
    }
    return this.#joined('and', parts);
  }

  #expression(minPower: number): SearchNode {
    let left = this.#prefix();
    for (;;) {
      const operator = this.#infix();
      if (operator === null || POWER[operator] < minPower) return left;
      const operands = [left];
      while (this.#infix() === operator) {
        if (this.#keyword(this.#peek()) === operator) this.#next();
        operands.push(this.#expression(POWER[operator] + 1));
      }
      left = this.#joined(operator, operands);
    }
  }

  /** The operator that stands between the term just read and the next one; terms side by side are joined by `and`. */
  #infix(): 'and' | 'or' | null {
    const token = this.#peek();
    if (token.kind === 'end' || token.kind === ')' || token.kind === ']') return null;
    return this.#keyword(token) === 'or' ? 'or' : 'and';
  }

  #prefix(): SearchNode {
    const token = this.#peek();
    if (this.#keyword(token) === 'not') {
      this.#next();
      const operand = this.#nested(token.span, () => this.#prefix());
      return { kind: 'not', operand, span: covering(token.span, operand.span) };
    }
    if (token.kind === '(') return this.#group(this.#next());
    return this.#term();
  }

  #group(open: SearchToken): SearchNode {
    if (this.#peek().kind === ')') {
      const span = covering(open.span, this.#next().span);
      this.#fail(span, 'Expected a condition between the parentheses.');
      return { kind: 'error', span };
    }
    const inner = this.#nested(open.span, () => this.#expression(POWER.or));
    if (this.#peek().kind === ')') return { ...inner, span: covering(open.span, this.#next().span) };
    this.#fail(open.span, 'Expected `)`: this parenthesis is never closed.');
    return { ...inner, span: covering(open.span, inner.span) };
  }

  #nested(span: Span, read: () => SearchNode): SearchNode {
    if (this.#depth === MAX_DEPTH) {
      this.#fail(span, `Conditions are nested more than ${MAX_DEPTH} deep.`);
      this.#at = this.#tokens.length - 1;
      this.#isStopped = true;
      return { kind: 'error', span };
    }
    this.#depth++;
    const node = read();
    this.#depth--;
    return node;
  }

  #term(): SearchNode {
    const token = this.#peek();
    const keyword = this.#keyword(token);
    if (token.kind === 'end') return this.#hole(token, 'Expected a condition at the end of the search.');
    if (keyword === 'and' || keyword === 'or') {
      return this.#hole(
        token,
        `Expected a condition before \`${shownWord(token.text)}\`; quote it to search for the word.`,
      );
    }
    if (token.kind === 'phrase') return this.#phrase(null, this.#next());
    if (token.kind !== 'word' && token.kind !== 'string') {
      if (token.kind !== ')' && token.kind !== ']') this.#next();
      return this.#hole(token, `Expected a condition such as \`field:value\` instead of \`${shownWord(token.text)}\`.`);
    }
    const field = this.#value(this.#next());
    const operator = this.#peek();
    if (operator.kind === ':') return this.#match(field, this.#next());
    if (isCompareOperator(operator.kind)) return this.#compare(field, this.#next(), operator.kind);
    if (this.#isRange()) return this.#range(field);
    if (!field.quoted && field.text === '*') return { kind: 'all', span: field.span };
    return { kind: 'word', value: field, span: field.span };
  }

  #match(field: SearchValue, colon: SearchToken): SearchNode {
    if (this.#peek().kind === 'phrase') return this.#phrase(field, this.#next());
    if (this.#peek().kind === '(') return this.#valueGroup(field, this.#next());
    const value = this.#operand(colon);
    if (value === null) return { kind: 'error', span: covering(field.span, colon.span) };
    const span = covering(field.span, value.span);
    if (!value.quoted && value.text === '*') return { kind: 'exists', field, span };
    return { kind: 'match', field, value, span };
  }

  #compare(field: SearchValue, token: SearchToken, operator: CompareOperator): SearchNode {
    const value = this.#operand(token);
    if (value === null) return { kind: 'error', span: covering(field.span, token.span) };
    return { kind: 'compare', field, operator, value, span: covering(field.span, value.span) };
  }

  #phrase(field: SearchValue | null, token: SearchToken): SearchNode {
    const value = this.#value(token);
    return { kind: 'phrase', field, value, span: covering(field?.span ?? token.span, token.span) };
  }

  /** The value after an operator; reports and returns null when there is none. */
  #operand(operator: SearchToken): SearchValue | null {
    const token = this.#peek();
    const keyword = this.#keyword(token);
    const isOperator = keyword === 'and' || keyword === 'or' || keyword === 'not';
    if ((token.kind !== 'word' && token.kind !== 'string') || isOperator) {
      const found = token.kind === 'end' ? 'the end' : `\`${shownWord(token.text)}\``;
      this.#fail(
        token.kind === 'end' ? operator.span : token.span,
        `Expected a value after \`${operator.text}\`, not ${found}.`,
      );
      return null;
    }
    const value = this.#value(this.#next());
    for (let next = this.#peek(); next.kind === ':' || isCompareOperator(next.kind); next = this.#peek()) {
      this.#fail(next.span, `Expected a space or an operator: a value with \`${next.text}\` must be in double quotes.`);
      this.#next();
      if (this.#peek().kind === 'word' || this.#peek().kind === 'string') this.#next();
    }
    return value;
  }

  /** `k:(a or b)`: the vendor's pages always repeat the key, so nobody knows what it would mean. */
  #valueGroup(field: SearchValue, open: SearchToken): SearchNode {
    this.errors.push({
      code: 'QUERY_UNSUPPORTED',
      message: `Values in parentheses are not supported: repeat the field, as in \`${shownWord(field.text)}:a or ${shownWord(field.text)}:b\`.`,
      span: open.span,
    });
    this.#group(open);
    return { kind: 'error', span: covering(field.span, open.span) };
  }

  /** `in` is a keyword only in lower case and before a bracket. @see sls-logstore.md §1.3 */
  #isRange(): boolean {
    const token = this.#peek();
    const bracket = this.#tokens[this.#at + 1]?.kind;
    return token.kind === 'word' && token.text === 'in' && (bracket === '[' || bracket === '(');
  }

  #range(field: SearchValue): SearchNode {
    this.#next();
    const open = this.#next();
    const bounds: SearchValue[] = [];
    while (this.#peek().kind === 'word' || this.#peek().kind === 'string') bounds.push(this.#value(this.#next()));
    const close = this.#peek();
    const [low, high] = bounds;
    const isClosed = close.kind === ']' || close.kind === ')';
    if (isClosed) this.#next();
    const span = covering(field.span, isClosed ? close.span : open.span);
    if (low === undefined || high === undefined || bounds.length > 2 || !isClosed) {
      this.#fail(span, 'Expected two numbers with a space between, closed by `]` or `)`, as in `in [1 10)`.');
      return { kind: 'error', span };
    }
    const included = { lowIncluded: open.kind === '[', highIncluded: close.kind === ']' };
    return { kind: 'range', field, low, high, ...included, span };
  }

  #value(token: SearchToken): SearchValue {
    if (!token.closed) this.#fail(token.span, 'Expected a closing `"`: this quote is never closed.');
    return { text: token.text, quoted: token.kind !== 'word', span: token.span };
  }

  #joined(kind: 'and' | 'or', operands: readonly SearchNode[]): SearchNode {
    const [first] = operands;
    const last = operands.at(-1);
    if (first === undefined || last === undefined) return { kind: 'error', span: this.#peek().span };
    return operands.length === 1 ? first : { kind, operands, span: covering(first.span, last.span) };
  }

  #hole(token: SearchToken, message: string): SearchNode {
    this.#fail(token.span, message);
    return { kind: 'error', span: token.span };
  }

  #fail(span: Span, message: string): void {
    if (!this.#isStopped) this.errors.push({ code: 'QUERY_SYNTAX', message, span });
  }

  /** The word in lower case when it is unquoted. All operators but `in` are case-insensitive. */
  #keyword(token: SearchToken): string | null {
    return token.kind === 'word' ? token.text.toLowerCase() : null;
  }

  /** Whether the next token is a key, that is, followed by `:` or a comparison. */
  #isKey(): boolean {
    const after = this.#tokens[this.#at + 1]?.kind ?? 'end';
    return after === ':' || isCompareOperator(after);
  }

  #peek(): SearchToken {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw new RangeError('a token list ends with `end`');
    return token;
  }

  #next(): SearchToken {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

/**
 * Reads the search part of a query. Never fails: what it cannot read becomes an `error` node and an entry in
 * `errors`, and reading goes on behind it. Empty text is `all`.
 * @see sls-logstore.md §1.2 and §1.3
 */
export function parseSearch(text: string): ParsedSearch {
  const parser = new SearchParser(lexSearch(text));
  const root = parser.parse();
  return { root, errors: parser.errors.sort((one, other) => one.span.start - other.span.start) };
}
