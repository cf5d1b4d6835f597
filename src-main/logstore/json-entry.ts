import { LineError, type EntryField } from './entry-fields';
import { faultOfFieldName } from './schema';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const SPACE = 0x20;

/**
 * One JSON object as the fields of a log entry, without loss: numbers keep their digits, and objects and lists their text.
 * A field that is null is none. Of fields of one name, those after the first are called `name_0`, `name_1` …, as the vendor
 * shows them.
 *
 * @throws LineError SYNTAX, NOT_AN_OBJECT, NO_FIELDS, FIELD_NAME
 * @see sls-logstore.md §1.8, §5.1
 */
export function readJsonEntry(text: string): readonly EntryField[] {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new LineError('SYNTAX', cause instanceof Error ? cause.message : 'it is no JSON', { cause });
  }
  // From here on it is known to be JSON, so that nothing has to be checked.
  const scanner = new ObjectScanner(text);
  const fields = scanner.fields();
  if (fields.length === 0) throw new LineError('NO_FIELDS', 'it has no fields');
  return fields;
}

class ObjectScanner {
  readonly #text: string;
  /** Most logs have none, and so no text that has to be decoded. */
  readonly #hasEscapes: boolean;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#hasEscapes = text.includes('\\');
  }

  fields(): EntryField[] {
    this.#skipSpace();
    if (this.#code() !== OPEN_BRACE) throw new LineError('NOT_AN_OBJECT', 'it is no object, in braces');
    this.#at++;
    const fields: EntryField[] = [];
    const taken = new Set<string>();
    this.#skipSpace();
    while (this.#code() !== CLOSE_BRACE) {
      const name = this.#string();
      this.#skipSpace();
      this.#at++;
      this.#skipSpace();
      const value = this.#value();
      this.#skipSpace();
      if (this.#code() === COMMA) this.#at++;
      this.#skipSpace();
      const fault = KNOWN_NAMES.has(name) ? null : faultOfName(name);
      if (fault !== null) throw new LineError('FIELD_NAME', `the name of a field ${fault}`);
      if (value !== null) fields.push({ ...value, name: freeName(name, taken) });
    }
    return fields;
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #skipSpace(): void {
    while (this.#code() <= SPACE) this.#at++;
  }

  /** @returns null for null */
  #value(): Omit<EntryField, 'name'> | null {
    const code = this.#code();
    if (code === QUOTE) return { kind: 'text', text: this.#string() };
    if (code === OPEN_BRACE || code === OPEN_BRACKET) return { kind: 'json', text: this.#nested() };
    const start = this.#at;
    while (!isEnd(this.#code())) this.#at++;
    const text = this.#text.slice(start, this.#at);
    if (text === 'null') return null;
    return { kind: text === 'true' || text === 'false' ? 'boolean' : 'number', text };
  }

  #string(): string {
    const start = this.#at;
    const hasEscapes = this.#skipString();
    const quoted = this.#text.slice(start, this.#at);
    return hasEscapes ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  }

  /** @returns whether it has escapes */
  #skipString(): boolean {
    const start = this.#at + 1;
    let end = this.#text.indexOf('"', start);
    const hasEscapes = this.#hasEscapes && this.#text.slice(start, end).includes('\\');
    // A quote behind an odd number of backslashes is one of the text.
    while (hasEscapes && this.#backslashesBefore(end) % 2 === 1) end = this.#text.indexOf('"', end + 1);
    this.#at = end + 1;
    return hasEscapes;
  }

  #backslashesBefore(at: number): number {
    let count = 0;
    while (this.#text.charCodeAt(at - 1 - count) === BACKSLASH) count++;
    return count;
  }

  #nested(): string {
    const start = this.#at;
    let depth = 0;
    do {
      const code = this.#code();
      if (code === QUOTE) {
        this.#skipString();
        continue;
      }
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
      this.#at++;
    } while (depth > 0);
    return this.#text.slice(start, this.#at);
  }
}

/** Names that were looked at before: a log has the same in every entry, as long as there are not too many. */
const KNOWN_NAMES = new Set<string>();
const MAX_KNOWN_NAMES = 5000;

function faultOfName(name: string): string | null {
  const fault = faultOfFieldName(name);
  if (fault === null && KNOWN_NAMES.size < MAX_KNOWN_NAMES) KNOWN_NAMES.add(name);
  return fault;
}

function isEnd(code: number): boolean {
  return code <= SPACE || code === COMMA || code === CLOSE_BRACE || Number.isNaN(code);
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 0; taken.has(free); count++) free = `${name}_${count}`;
  taken.add(free);
  return free;
}
