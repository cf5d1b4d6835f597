import type { EntryBatch } from './entry-batch';
import { LineError, VALUE_KIND } from './entry-fields';
import type { FieldNames } from './field-names';
import { JsonOctets, QUOTE } from './json-octets';
import { writeUtf8 } from './utf8';

const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const COLON = 0x3a;
const COMMA = 0x2c;
const LETTER_U = 0x75;
const REPLACEMENT = 0xfffd;
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
 * vendor shows them. Halves of characters, which UTF-8 does not have, become U+FFFD.
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
   * @returns why they are no log entry: SYNTAX, NOT_AN_OBJECT, NO_FIELDS, FIELD_NAME; its cells are then to be dropped
   */
  read(start: number, end: number): LineError | null {
    const before = this.#batch.cells;
    this.#entries++;
    this.#repeats.clear();
    this.#badName = -1;
    this.#json.begin(this.#batch.octets, start, end);
    if (!this.#object()) return faultOf(this.#batch.textOf(start, end));
    if (this.#badName !== -1) {
      return new LineError('FIELD_NAME', `the name of a field ${this.#names.faultOf(this.#badName) ?? ''}`);
    }
    return this.#batch.cells === before ? new LineError('NO_FIELDS', 'it has no fields') : null;
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
        at += 6;
        const low = isHigh(unit) && octets[at] === BACKSLASH && octets[at + 1] === LETTER_U ? hexAt(octets, at + 2) : 0;
        if (isLow(low)) at += 6;
        into = writeUtf8(
          isLow(low) ? joined(unit, low) : isHigh(unit) || isLow(unit) ? REPLACEMENT : unit,
          octets,
          into,
        );
      } else {
        octets[into++] = ESCAPED[octets[at + 1]!]!;
        at += 2;
      }
    }
    this.#batch.spelled(into);
    return begin;
  }
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
const joined = (high: number, low: number): number => 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);

/** Of four digits that are known to be there. */
function hexAt(octets: Uint8Array, at: number): number {
  let value = 0;
  for (let digit = at; digit < at + 4; digit++) {
    const code = octets[digit]!;
    value = value * 16 + (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57);
  }
  return value;
}

/** What JSON.parse says of what is no object. */
function faultOf(text: string): LineError {
  try {
    JSON.parse(text);
  } catch (cause) {
    return new LineError('SYNTAX', cause instanceof Error ? cause.message : 'it is no JSON', { cause });
  }
  return new LineError('NOT_AN_OBJECT', 'it is no object, in braces');
}
