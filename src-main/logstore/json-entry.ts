import type { EntryBatch } from './entry-batch';
import { LineError, VALUE_KIND } from './entry-fields';
import type { FieldNames } from './field-names';
import { hexAt, isHighHalf, JsonOctets, QUOTE } from './json-octets';
import { writeUtf8 } from './utf8';

const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const COLON = 0x3a;
const COMMA = 0x2c;
const LETTER_U = 0x75;
const TRUE = 0x74;
const FALSE = 0x66;

/** What an escape of two octets stands for. @see RFC 8259 §7 */
const ESCAPED: readonly number[] = Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).reduce(
  (codes, [letter, character]) => codes.with(letter.charCodeAt(0), character.charCodeAt(0)),
  Array.from({ length: 128 }, (_, code) => code),
);

/**
 * Reads JSON objects as the fields of log entries, without loss: numbers keep their digits, and objects and lists their
 * text. A field that is null is none. Of fields of one name, those after the first are called `name_0`, `name_1` …, as the
 * vendor shows them. Halves of characters, which UTF-8 does not have, are refused wherever they stand, as are octets that are no
 * text.
 *
 * @see sls-logstore.md §1.8, §5.1, RFC 8259
 */
export class JsonEntryReader {
  readonly #batch: EntryBatch;
  readonly #names: FieldNames;
  readonly #json: JsonOctets;
  #entries = 0;
  /** By name: the last entry that has it. */
  readonly #lastEntry: number[] = [];
  /** Of names that the entry has more than once: the next number to try. */
  readonly #repeats = new Map<number, number>();
  /** The first name of the entry that may be none; -1 for none. */
  #badName = -1;

  constructor(batch: EntryBatch, names: FieldNames) {
    this.#batch = batch;
    this.#names = names;
    this.#json = new JsonOctets();
  }

  /**
   * Adds the cells of the object that these octets of the batch are, all of them valid UTF-8.
   *
   * @returns why they are no log entry: SYNTAX, ENCODING, NOT_AN_OBJECT, NO_FIELDS, FIELD_NAME; its cells are then to be dropped
   */
  read(start: number, end: number): LineError | null {
    const before = this.#batch.cells;
    this.#entries++;
    this.#repeats.clear();
    this.#badName = -1;
    this.#json.begin(this.#batch.octets, start, end);
    if (!this.#object()) return faultOf(this.#batch.textOf(start, end), this.#half());
    if (this.#badName !== -1) {
      return new LineError('FIELD_NAME', `the name of a field ${this.#names.faultOf(this.#badName) ?? ''}`);
    }
    return this.#batch.cells === before ? new LineError('NO_FIELDS', 'it has no fields') : null;
  }

  /** @returns the escape of half of a character that was found; null for none */
  #half(): string | null {
    const { halfAt } = this.#json;
    return halfAt === -1 ? null : this.#batch.textOf(halfAt, halfAt + 6);
  }

  #object(): boolean {
    const json = this.#json;
    json.skipSpace();
    if (!json.take(OPEN_BRACE)) return false;
    json.skipSpace();
    if (json.take(CLOSE_BRACE)) return json.isAtEnd();
    let before = -1;
    for (;;) {
      const name = this.#name(before);
      if (name === -1) return false;
      json.skipSpace();
      if (!json.take(COLON)) return false;
      json.skipSpace();
      if (!this.#value(name)) return false;
      json.skipSpace();
      if (json.take(CLOSE_BRACE)) return json.isAtEnd();
      if (!json.take(COMMA)) return false;
      json.skipSpace();
      before = name;
    }
  }

  /** @returns -1 for none */
  #name(before: number): number {
    const expected = this.#names.followerOf(before);
    if (expected !== -1 && this.#json.takeString(this.#names.octetsOf(expected))) return expected;
    const start = this.#json.at + 1;
    if (!this.#json.string()) return -1;
    const id = this.#names.idOf(this.#stringText(start, this.#json.at - 1));
    if (this.#names.faultOf(id) === null) this.#names.follow(before, id);
    else if (this.#badName === -1) this.#badName = id;
    return id;
  }

  #stringText(start: number, end: number): string {
    if (!this.#json.hasEscapes) return this.#batch.textOf(start, end);
    const at = this.#spell(start, end);
    return this.#batch.textOf(at, this.#batch.spelledEnd);
  }

  #value(name: number): boolean {
    const json = this.#json;
    const start = json.at;
    const code = json.code();
    if (code === QUOTE) {
      if (!json.string()) return false;
      if (json.hasEscapes) this.#addSpelled(name, start + 1, json.at - 1);
      else this.#batch.addCell(this.#unused(name), VALUE_KIND.text, start + 1, json.at - 1);
      return true;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (!json.nested()) return false;
      this.#batch.addCell(this.#unused(name), VALUE_KIND.json, start, json.at);
      return true;
    }
    if (!json.scalar()) return false;
    const kind = code === TRUE || code === FALSE ? VALUE_KIND.boolean : VALUE_KIND.number;
    if (!json.wasNull) this.#batch.addCell(this.#unused(name), kind, start, json.at);
    return true;
  }

  /** @returns the name, or that by which a further value of it goes */
  #unused(name: number): number {
    if (this.#lastEntry[name] !== this.#entries) {
      this.#lastEntry[name] = this.#entries;
      return name;
    }
    let count = this.#repeats.get(name) ?? 0;
    let free = name;
    while (this.#lastEntry[free] === this.#entries) free = this.#names.idOf(`${this.#names.textOf(name)}_${count++}`);
    this.#repeats.set(name, count);
    this.#lastEntry[free] = this.#entries;
    return free;
  }

  #addSpelled(name: number, start: number, end: number): void {
    const at = this.#spell(start, end);
    this.#batch.addCell(this.#unused(name), VALUE_KIND.text, at, this.#batch.spelledEnd);
  }

  /** Writes what a string with escapes stands for, which is never longer. @returns where it begins */
  #spell(start: number, end: number): number {
    const begin = this.#batch.spell(end - start);
    const { octets } = this.#batch;
    this.#json.moveTo(octets);
    let into = begin;
    let at = start;
    while (at < end) {
      const code = octets[at]!;
      if (code !== BACKSLASH) {
        octets[into++] = code;
        at++;
      } else if (octets[at + 1] === LETTER_U) {
        const unit = hexAt(octets, at + 2);
        const isPair = isHighHalf(unit);
        into = writeUtf8(isPair ? joined(unit, hexAt(octets, at + 8)) : unit, octets, into);
        at += isPair ? 12 : 6;
      } else {
        octets[into++] = ESCAPED[octets[at + 1]!]!;
        at += 2;
      }
    }
    this.#batch.spelled(into);
    return begin;
  }
}

const joined = (high: number, low: number): number => 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);

/** What JSON.parse says of what is no object, or has half of a character. */
function faultOf(text: string, half: string | null): LineError {
  try {
    JSON.parse(text);
  } catch (cause) {
    return new LineError('SYNTAX', cause instanceof Error ? cause.message : 'it is no JSON', { cause });
  }
  if (half !== null) return new LineError('ENCODING', `it has half of a character, ${half}, which is no text in UTF-8`);
  return new LineError('NOT_AN_OBJECT', 'it is no object, in braces');
}
