export interface SplitQuery {
  readonly search: string;
  /** Text after the first `|` outside quotes; null when there is none. */
  readonly sql: string | null;
  /** Index in the whole text at which `sql` begins; the length of the text when there is none. */
  readonly sqlOffset: number;
}

/**
 * Index just past the closing quote of the quoted value that begins at `start`, or -1 when it never closes.
 * A backslash escapes `"` and nothing else.
 * @see sls-logstore.md §1.3
 */
export function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (isEscapedQuote(text, at)) at++;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
}

/** Whether a quote is escaped here, which so begins and ends nothing; outside of quotes too: `nginx\\"01\\"` is one word. */
export function isEscapedQuote(text: string, at: number): boolean {
  return text[at] === '\\' && text[at + 1] === '"';
}

/**
 * Cuts a query at the first `|` that is not inside double quotes. A quote that never closes takes the rest with it,
 * which the search parser then reports.
 * @see sls-logstore.md §1.1
 */
export function splitQuery(text: string): SplitQuery {
  for (let at = 0; at < text.length; at++) {
    if (isEscapedQuote(text, at)) at++;
    else if (text[at] === '"') {
      const end = quotedEnd(text, at);
      if (end < 0) break;
      at = end - 1;
    } else if (text[at] === '|') {
      return { search: text.slice(0, at), sql: text.slice(at + 1), sqlOffset: at + 1 };
    }
  }
  return { search: text, sql: null, sqlOffset: text.length };
}
