import { Buffer } from 'node:buffer';
import { LineError } from '../../logstore/entry-fields';
import { isEndOfWrapper } from './wrapped-list';
import { FoundRecord, MAX_RECORD_BYTES, type Splitter } from './found-record';

/** How a file is cut: at every line end, or around JSON objects; CSV has a splitter of its own. */
export type RecordKind = 'lines' | 'objects';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/** Cuts lines and JSON objects. */
export class RecordSplitter extends FoundRecord implements Splitter {
  readonly #kind: RecordKind;
  /** Where the record ends that was found. */
  #recordEnd = 0;
  #isQuoted = false;
  #isEscaped = false;
  #depth = 0;
  #isBare = false;
  #openLists = 0;
  #skipTo: number;
  #isOver = false;
  #view: Buffer = Buffer.alloc(0);

  /** Whether it is behind the only list that objects are in. */
  #isBehind = false;
  readonly #isWrapped: boolean;

  /** @param list where the list begins that has the objects; null where they are in one that is the whole file, or in none */
  constructor(kind: RecordKind, list: number | null = null) {
    super();
    this.#kind = kind;
    this.#isWrapped = list !== null;
    this.#skipTo = list ?? 0;
  }

  next(octets: Uint8Array, filled: number): boolean {
    while (this.#find(octets, filled)) if (this.#take(octets, this.#recordEnd, null)) return true;
    return false;
  }

  last(octets: Uint8Array, filled: number): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    if (this.#isBehind) return this.#takeRest(octets, filled);
    const isCut = this.#depth > 0 || this.#isQuoted;
    const cut = isCut ? new LineError('CUT_OFF', 'the file ends within it') : null;
    if (this.#take(octets, filled, cut)) return true;
    if (this.#openLists <= 0) return false;
    this.start = this.end = filled;
    this.line = this.lastLine = this.atLine;
    this.fault = new LineError('CUT_OFF', 'the file ends before the list does');
    return true;
  }

  keep(octets: Uint8Array, filled: number): number {
    const kept = this.moveDown(octets, filled);
    return kept > MAX_RECORD_BYTES ? this.cutLong() : kept;
  }

  /** Sets `#recordEnd`. @returns whether there is one */
  #find(octets: Uint8Array, filled: number): boolean {
    if (this.#kind === 'lines') return this.#findLine(octets, filled);
    for (let at = this.at; at < filled; at++) {
      const octet = octets[at]!;
      if (this.#skipTo > at || this.#isBehind) {
        if (octet === LINE_FEED) this.atLine++;
        continue;
      }
      const end = this.#objectEnd(octet);
      if (octet === LINE_FEED) this.atLine++;
      if (end === GOES_ON) continue;
      this.at = at + 1;
      this.#recordEnd = end === ENDS_BEHIND ? at + 1 : at;
      if (end !== IS_BETWEEN) return true;
      this.begin = at + 1;
      this.beginLine = this.atLine;
      this.#isBehind = this.#isWrapped && octet === CLOSE_BRACKET && this.#openLists === 0;
    }
    this.at = filled;
    return false;
  }

  #findLine(octets: Uint8Array, filled: number): boolean {
    // Several times as fast as the method of other arrays of octets.
    if (this.#view.buffer !== octets.buffer) this.#view = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    const end = this.#view.indexOf(LINE_FEED, this.at);
    const isThere = end !== -1 && end < filled;
    if (isThere) this.atLine++;
    this.at = isThere ? end + 1 : filled;
    this.#recordEnd = end;
    return isThere;
  }

  #objectEnd(octet: number): RecordEnd {
    if (this.#isQuoted) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (octet === BACKSLASH) this.#isEscaped = true;
      else if (octet === QUOTE) this.#isQuoted = false;
      return GOES_ON;
    }
    if (this.#depth > 0) {
      if (octet === QUOTE) this.#isQuoted = true;
      if (octet === OPEN_BRACE || octet === OPEN_BRACKET) this.#depth++;
      if (octet === CLOSE_BRACE || octet === CLOSE_BRACKET) this.#depth--;
      return this.#depth === 0 ? ENDS_BEHIND : GOES_ON;
    }
    const isBetween = octet <= 0x20 || octet === COMMA || octet === OPEN_BRACKET || octet === CLOSE_BRACKET;
    if (octet === OPEN_BRACKET) this.#openLists++;
    if (octet === CLOSE_BRACKET) this.#openLists--;
    if (isBetween) {
      const wasBare = this.#isBare;
      this.#isBare = false;
      return wasBare ? ENDS_BEFORE : IS_BETWEEN;
    }
    if (octet === OPEN_BRACE) this.#depth = 1;
    else this.#isBare = true;
    if (octet === QUOTE) this.#isQuoted = true;
    return GOES_ON;
  }

  /** Of what is behind the list, nothing but plain values and the end of the object goes without saying. */
  #takeRest(octets: Uint8Array, filled: number): boolean {
    const rest = Buffer.from(octets.subarray(this.begin, filled)).toString('latin1');
    if (!this.isTooLong && isEndOfWrapper(rest)) return false;
    return this.#take(octets, filled, new LineError('SYNTAX', 'it stands behind the list of entries'));
  }

  #take(octets: Uint8Array, end: number, cut: LineError | null): boolean {
    return this.take(octets, end, cut, this.#kind === 'lines');
  }
}

/** What an octet is to a record: within it, its last, the first behind it, or between two. */
type RecordEnd = typeof GOES_ON | typeof ENDS_BEHIND | typeof ENDS_BEFORE | typeof IS_BETWEEN;
const GOES_ON = 0;
const ENDS_BEHIND = 1;
const ENDS_BEFORE = 2;
const IS_BETWEEN = 3;
