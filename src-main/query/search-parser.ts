import type { CompareOperator, ParsedSearch, SearchNode, SearchValue, Span } from './search-ast';
import { VENDOR_TEXT } from './search-errors';
import { searchExtensions } from './search-extensions';
import type { SearchToken } from './search-lexer';
import { isCompareOperator, SearchReader } from './search-reader';
import { shownWord } from './shown-word';

/** Deeper nesting is refused, so that no text can exhaust the stack. Nobody writes it by hand. */
const MAX_DEPTH = 200;
/** Higher binds tighter: `and`, `not` and juxtaposition above `or`. @see sls-logstore.md §1.3 */
const POWER = { or: 1, and: 2 } as const;
/** Words that are searched only in quotes, beside `and`, `or` and `not`; and `group` before `by`. @see sls-logstore.md §1.3 */
const RESERVED = new Set(['sort', 'asc', 'desc', 'avg', 'sum', 'min', 'max', 'limit']);
/** The key that is one of two words: `__tag__:name`. @see sls-logstore.md §1.8 */
const TAG = '__tag__';

const covering = (from: Span, to: Span): Span => ({ start: from.start, end: to.end });
const after = ({ end }: Span): Span => ({ start: end, end });
const inQuotes = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

class SearchParser {
  readonly reader: SearchReader;
  #depth = 0;

  constructor(text: string) {
    this.reader = new SearchReader(text);
  }

  parse(): SearchNode {
    const { reader } = this;
    const start = reader.peek();
    if (start.kind === 'end') return { kind: 'all', span: start.span };
    if (reader.keyword(start) === 'select' && !reader.isKey()) this.#bareSql(start);
    const parts: SearchNode[] = [];
    for (let token = reader.peek(); token.kind !== 'end'; token = reader.peek()) {
      if (token.kind === ')' || token.kind === ']') {
        const fix = { span: token.span, text: '' };
        reader.fail(token.span, `Unexpected \`${token.text}\`: nothing is open that it could close.`, { fix });
        reader.next();
      } else parts.push(this.#expression(POWER.or));
    }
    return this.#joined('and', parts);
  }

  #bareSql({ span }: SearchToken): void {
    const message = 'Expected a search before the statement: write `* | ` in front of it.';
    const fix = { span: { start: span.start, end: span.start }, text: '* | ' };
    this.reader.fail(span, message, { vendorText: VENDOR_TEXT.bareSql, fix });
  }

  #expression(minPower: number): SearchNode {
    let left = this.#prefix();
    for (;;) {
      const operator = this.#infix();
      if (operator === null || POWER[operator] < minPower) return left;
      const operands = [left];
      while (this.#infix() === operator) {
        if (this.reader.keyword(this.reader.peek()) === operator) this.reader.next();
        operands.push(this.#expression(POWER[operator] + 1));
      }
      left = this.#joined(operator, operands);
    }
  }

  /** The operator that stands between the term just read and the next one; terms side by side are joined by `and`. */
  #infix(): 'and' | 'or' | null {
    const token = this.reader.peek();
    if (token.kind === 'end' || token.kind === ')' || token.kind === ']') return null;
    return this.reader.keyword(token) === 'or' ? 'or' : 'and';
  }

  #prefix(): SearchNode {
    const token = this.reader.peek();
    if (this.reader.keyword(token) === 'not') {
      this.reader.next();
      const operand = this.#nested(token.span, () => this.#prefix());
      return { kind: 'not', operand, span: covering(token.span, operand.span) };
    }
    if (token.kind === '(') return this.#group(this.reader.next());
    return this.#term();
  }

  #group(open: SearchToken): SearchNode {
    const { reader } = this;
    if (reader.peek().kind === ')') {
      const span = covering(open.span, reader.next().span);
      reader.fail(span, 'Expected a condition between the parentheses.', { fix: { span, text: '' } });
      return { kind: 'error', span };
    }
    const inner = this.#nested(open.span, () => this.#expression(POWER.or));
    if (reader.peek().kind === ')') return { ...inner, span: covering(open.span, reader.next().span) };
    const fix = { span: after(inner.span), text: ')' };
    reader.fail(open.span, 'Expected `)`: this parenthesis is never closed.', { fix });
    return { ...inner, span: covering(open.span, inner.span) };
  }

  #nested(span: Span, read: () => SearchNode): SearchNode {
    if (this.#depth === MAX_DEPTH) {
      this.reader.fail(span, `Conditions are nested more than ${MAX_DEPTH} deep.`);
      this.reader.stop();
      return { kind: 'error', span };
    }
    this.#depth++;
    const node = read();
    this.#depth--;
    return node;
  }

  #term(): SearchNode {
    const { reader } = this;
    const token = reader.peek();
    const keyword = reader.keyword(token);
    if (token.kind === 'end') return this.#hole(token, 'Expected a condition at the end of the search.');
    if (keyword === 'and' || keyword === 'or') {
      const message = `Expected a condition before \`${token.text}\`; quote it to search for the word.`;
      return this.#hole(token, message, inQuotes(token.text));
    }
    if (token.kind === 'phrase') return this.#phrase(null, reader.next());
    if (token.kind !== 'word' && token.kind !== 'string') {
      if (token.kind !== ')' && token.kind !== ']') reader.next();
      return this.#hole(token, `Expected a condition such as \`field:value\` instead of \`${token.text}\`.`);
    }
    const field = this.#key();
    const operator = reader.peek();
    if (operator.kind === ':') return this.#match(field, reader.next());
    if (isCompareOperator(operator.kind)) return this.#compare(field, reader.next(), operator.kind);
    if (this.#isRange()) return this.#range(field);
    return this.#word(field, token);
  }

  /** A key, or what will turn out to be a word. `__tag__:name` is a key when something follows that a key has. */
  #key(): SearchValue {
    const { reader } = this;
    const key = this.#value(reader.next());
    const [colon, name, operator] = [reader.peek(), reader.peek(1), reader.peek(2)];
    const isTag =
      key.text.toLowerCase() === TAG && colon.kind === ':' && (name.kind === 'word' || name.kind === 'string');
    if (!isTag || !(operator.kind === ':' || isCompareOperator(operator.kind))) return key;
    reader.next();
    const { text, span } = this.#value(reader.next());
    return { text: `${TAG}:${text}`, quoted: key.quoted, span: covering(key.span, span) };
  }

  #word(value: SearchValue, token: SearchToken): SearchNode {
    if (!value.quoted && value.text === '*') return { kind: 'all', span: value.span };
    const keyword = this.reader.keyword(token) ?? '';
    const isGroupBy = keyword === 'group' && this.reader.keyword(this.reader.peek()) === 'by';
    if (RESERVED.has(keyword) || isGroupBy) {
      const message = `Unexpected \`${value.text}\`, a reserved word: SQL stands behind \`|\`, and quotes make it a word to search for.`;
      this.reader.fail(value.span, message, { fix: { span: value.span, text: inQuotes(value.text) } });
      return { kind: 'error', span: value.span };
    }
    return { kind: 'word', value, span: value.span };
  }

  #match(field: SearchValue, colon: SearchToken): SearchNode {
    const { reader } = this;
    if (reader.peek().kind === 'phrase') return this.#phrase(field, reader.next());
    if (reader.peek().kind === '(') return this.#valueGroup(field, reader.next());
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
    const { reader } = this;
    const token = reader.peek();
    const keyword = reader.keyword(token);
    const isOperator = keyword === 'and' || keyword === 'or' || keyword === 'not';
    if ((token.kind !== 'word' && token.kind !== 'string') || isOperator) {
      const found = token.kind === 'end' ? 'the end' : `\`${shownWord(token.text)}\``;
      const span = token.kind === 'end' ? operator.span : token.span;
      const fix = isOperator ? { fix: { span, text: inQuotes(token.text) } } : {};
      reader.fail(span, `Expected a value after \`${operator.text}\`, not ${found}.`, fix);
      return null;
    }
    const value = this.#value(reader.next());
    this.#afterValue(value);
    return value;
  }

  /** Reads over what would have to be in quotes to belong to the value before it. */
  #afterValue(value: SearchValue): void {
    const { reader } = this;
    const first = reader.peek();
    if (first.kind !== ':' && !isCompareOperator(first.kind)) return;
    let last = first.span;
    for (let next = first; next.kind === ':' || isCompareOperator(next.kind); next = reader.peek()) {
      last = reader.next().span;
      if (reader.peek().kind === 'word' || reader.peek().kind === 'string') last = reader.next().span;
    }
    const whole = covering(value.span, last);
    const message = `Expected a space or an operator: a value with \`${first.text}\` must be in double quotes.`;
    const written = reader.textOf(whole).replaceAll('"', '');
    reader.fail(first.span, message, { fix: { span: whole, text: inQuotes(written) } });
  }

  /** `k:(a or b)`: the vendor's pages always repeat the key, so nobody knows what it would mean. */
  #valueGroup(field: SearchValue, open: SearchToken): SearchNode {
    const { reader } = this;
    const errors = reader.errors.length;
    const group = this.#group(open);
    const key = reader.textOf(field.span);
    const text = reader.errors.length > errors ? null : this.#withKey(group, key);
    const whole = covering(field.span, group.span);
    reader.fail(
      open.span,
      `Values in parentheses are not supported: repeat the field, as in \`${shownWord(key)}:a or ${shownWord(key)}:b\`.`,
      { code: 'QUERY_UNSUPPORTED', ...(text === null ? {} : { fix: { span: whole, text } }) },
    );
    return { kind: 'error', span: whole };
  }

  /** The text of a group with a key before each word; null when there is more than words in it. */
  #withKey(node: SearchNode, key: string): string | null {
    const starts: number[] = [];
    const collect = (inner: SearchNode): boolean => {
      if (inner.kind === 'and' || inner.kind === 'or') return inner.operands.every(collect);
      if (inner.kind === 'not') return collect(inner.operand);
      if (inner.kind !== 'word') return false;
      starts.push(inner.value.span.start);
      return true;
    };
    if (!collect(node)) return null;
    const cuts = [node.span.start, ...starts, node.span.end];
    return cuts
      .slice(1)
      .map((end, at) => this.reader.textOf({ start: cuts[at] ?? 0, end }))
      .join(`${key}:`);
  }

  /** `in` is a keyword only in lower case and before a bracket. @see sls-logstore.md §1.3 */
  #isRange(): boolean {
    const token = this.reader.peek();
    const bracket = this.reader.peek(1).kind;
    return token.kind === 'word' && token.text === 'in' && (bracket === '[' || bracket === '(');
  }

  #range(field: SearchValue): SearchNode {
    const { reader } = this;
    reader.next();
    const open = reader.next();
    const bounds: SearchValue[] = [];
    while (reader.peek().kind === 'word' || reader.peek().kind === 'string') bounds.push(this.#value(reader.next()));
    const close = reader.peek();
    const [low, high] = bounds;
    const isClosed = close.kind === ']' || close.kind === ')';
    if (isClosed) reader.next();
    const last = bounds.at(-1)?.span ?? open.span;
    const span = covering(field.span, isClosed ? close.span : last);
    const hasComma = bounds.some(({ text, quoted }) => !quoted && text.includes(','));
    if (low === undefined || high === undefined || bounds.length > 2 || !isClosed || hasComma) {
      const message =
        'Expected two numbers with a space between and no comma, closed by `]` or `)`, as in `in [1 10)`.';
      const texts = bounds.flatMap(({ text }) => text.split(',')).filter((text) => text !== '');
      const closing = isClosed ? close.text : ']';
      const text = `${reader.textOf(field.span)} in ${open.text}${texts.join(' ')}${closing}`;
      reader.fail(span, message, texts.length === 2 ? { fix: { span, text } } : {});
      return { kind: 'error', span };
    }
    const included = { lowIncluded: open.kind === '[', highIncluded: close.kind === ']' };
    return { kind: 'range', field, low, high, ...included, span };
  }

  #value(token: SearchToken): SearchValue {
    if (!token.closed) {
      const fix = { span: after(token.span), text: '"' };
      const message = 'Expected a closing `"`: this quote is never closed.';
      this.reader.fail(token.span, message, { vendorText: VENDOR_TEXT.unclosedQuote, fix });
    }
    return { text: token.text, quoted: token.kind !== 'word', span: token.span };
  }

  #joined(kind: 'and' | 'or', operands: readonly SearchNode[]): SearchNode {
    const [first] = operands;
    const last = operands.at(-1);
    if (first === undefined || last === undefined) return { kind: 'error', span: this.reader.peek().span };
    return operands.length === 1 ? first : { kind, operands, span: covering(first.span, last.span) };
  }

  #hole({ span }: SearchToken, message: string, fixed?: string): SearchNode {
    this.reader.fail(span, message, fixed === undefined ? {} : { fix: { span, text: fixed } });
    return { kind: 'error', span };
  }
}

/**
 * Reads the search part of a query. Never fails: what it cannot read becomes an `error` node and an entry in
 * `errors`, and reading goes on behind it. Empty text is `all`.
 * @see sls-logstore.md §1.2 and §1.3
 */
export function parseSearch(text: string): ParsedSearch {
  const parser = new SearchParser(text);
  const root = parser.parse();
  const errors = parser.reader.errors.sort((one, other) => one.span.start - other.span.start);
  return { root, errors, extensions: searchExtensions(root) };
}
