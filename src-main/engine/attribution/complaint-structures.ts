import { labelOf, plain, type TextLine } from './complaint-lines';

/** Values of JSON or XML with their names, and the line behind them, from 0. */
export interface Structure {
  readonly fields: readonly TextLine[];
  readonly end: number;
}

/** A report is not longer, and nothing that is no report is read farther than that. */
const MOST_LINES = 10_000;

/** Finds what is JSON or XML from one line to another. A name has those around it before it, as in `Source.Port`. */
export class StructureReader {
  readonly #lines: readonly string[];
  /** What begins like a structure and is none was looked at up to here. */
  #none = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** @returns null where none begins at the line, or it has no values, or no end */
  readAt(start: number): Structure | null {
    if (start < this.#none) return null;
    const first = this.#lines[start] ?? '';
    const tokens = /^\s*(?:[[{]\s*(?:["[{]|$))/u.test(first)
      ? jsonTokens
      : /^\s*<[?!A-Za-z]/u.test(first)
        ? xmlTokens
        : null;
    if (tokens === null) return null;
    const fields: TextLine[] = [];
    const names: string[] = [];
    const last = Math.min(this.#lines.length, start + MOST_LINES);
    for (let index = start; index < last; index++) {
      const text = this.#lines[index] ?? '';
      for (const token of tokens(text)) {
        if (token.kind === 'open') names.push(token.name);
        else if (token.kind === 'close') names.pop();
        else if (token.value !== '' && (names.length > 0 || token.name !== '')) {
          const name = [...names, token.name].filter((each) => each !== '').join('.');
          fields.push({ line: index + 1, text, written: `${name}: ${plain(token.value)}`, label: labelOf(name) });
        }
      }
      if (names.length === 0 && fields.length > 0) return { fields, end: index + 1 };
    }
    this.#none = last;
    return null;
  }
}

type Token =
  | { readonly kind: 'open'; readonly name: string }
  | { readonly kind: 'close' }
  | { readonly kind: 'value'; readonly name: string; readonly value: string };

const JSON_TOKEN =
  /(?:"(?<name>(?:[^"\\]|\\.){0,200})"\s*:\s*)?(?:(?<open>[[{])|"(?<string>(?:[^"\\]|\\.)*)(?:"|$)|(?<bare>[\w.+-]+))|(?<close>[\]}])/gu;

function* jsonTokens(text: string): Generator<Token> {
  for (const { groups = {} } of text.matchAll(JSON_TOKEN)) {
    const { name = '', open, close, string, bare } = groups;
    if (open !== undefined) yield { kind: 'open', name };
    else if (close !== undefined) yield { kind: 'close' };
    else yield { kind: 'value', name, value: string?.replaceAll('\\/', '/') ?? bare ?? '' };
  }
}

const XML_TOKEN = /<(?<slash>\/?)(?<name>[A-Za-z][\w:.-]*)[^<>]*?(?<empty>\/?)>|<[?!][^<>]*>/gu;

/** Names of elements stand for what is in them. */
function* xmlTokens(text: string): Generator<Token> {
  let from = 0;
  for (const match of text.matchAll(XML_TOKEN)) {
    const { slash, name, empty } = match.groups ?? {};
    yield { kind: 'value', name: '', value: text.slice(from, match.index).trim() };
    from = match.index + match[0].length;
    if (name === undefined) continue;
    if (slash === '/') yield { kind: 'close' };
    else if (empty !== '/') yield { kind: 'open', name };
  }
  yield { kind: 'value', name: '', value: text.slice(from).trim() };
}
