import { Buffer } from 'node:buffer';
import { LineError } from '../../logstore/entry-fields';

/** How a file is cut: at every line end, at those outside of quotes, or around JSON objects. */
export type RecordKind = 'lines' | 'csv' | 'objects';

/** The vendor takes values of 1 MB; what is longer than this is no entry, and must not fill the memory. */
const MAX_RECORD_BYTES = 16 << 20;
/** Of one that is too long, enough is held to show which it is. */
const KEPT_BYTES = 64 << 10;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/**
 * Cuts octets into records, pieces of a file that should be one log entry each. Octets lie in one array from its beginning
 * on, and come in whatever pieces; what has to stay between two is one record at most, see `keep`.
 *
 * A byte below 128 is never a part of another character in UTF-8, so records are found before the text is decoded.
 */
export class RecordSplitter {
  /** The record that `next` found: where it is, and the line that it begins in, from 1. */
  start = 0;
  end = 0;
  line = 1;
  /** What keeps it from being looked at; the octets are then what there is of it. */
  fault: LineError | null = null;
  readonly #kind: RecordKind;
  /** Where the record begins that is being looked for, and how far that has come. */
  #begin = 0;
  #at = 0;
  #line = 1;
  #recordLine = 1;
  #isTooLong = false;
  #isQuoted = false;
  #isEscaped = false;
  #depth = 0;
  #isBare = false;
  #openLists = 0;
  #isOver = false;
  #view: Buffer = Buffer.alloc(0);

  constructor(kind: RecordKind) {
    this.#kind = kind;
  }

  /** @returns whether another record ends before `filled`; `start`, `end`, `line` and `fault` are then of it */
  next(octets: Uint8Array, filled: number): boolean {
    while (this.#find(octets, filled)) if (this.#take(octets, null)) return true;
    return false;
  }

  /** The same for what is left at the end of the file. */
  last(octets: Uint8Array, filled: number): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    const isCut = this.#kind === 'objects' ? this.#depth > 0 || this.#isQuoted : this.#isQuoted;
    this.end = filled;
    if (this.#take(octets, isCut ? new LineError('CUT_OFF', 'the file ends within it') : null)) return true;
    if (this.#openLists <= 0) return false;
    this.start = this.end = filled;
    this.line = this.#line;
    this.fault = new LineError('CUT_OFF', 'the file ends before the list does');
    return true;
  }

  /** Moves what has to stay to the beginning of the array. @returns how much it is */
  keep(octets: Uint8Array, filled: number): number {
    octets.copyWithin(0, this.#begin, filled);
    let kept = filled - this.#begin;
    this.#at -= this.#begin;
    this.#begin = 0;
    if (kept > MAX_RECORD_BYTES) {
      this.#isTooLong = true;
      kept = KEPT_BYTES;
      this.#at = kept;
    }
    return kept;
  }

  /** Sets `end`. @returns whether there is one */
  #find(octets: Uint8Array, filled: number): boolean {
    if (this.#kind === 'lines') return this.#findLine(octets, filled);
    for (let at = this.#at; at < filled; at++) {
      const octet = octets[at]!;
      const end = this.#kind === 'csv' ? this.#lineEnd(octet) : this.#objectEnd(octet);
      if (octet === LINE_FEED) this.#line++;
      if (end === GOES_ON) continue;
      this.#at = at + 1;
      this.end = end === ENDS_BEHIND ? at + 1 : at;
      if (end !== IS_BETWEEN) return true;
      this.#begin = at + 1;
      this.#recordLine = this.#line;
    }
    this.#at = filled;
    return false;
  }

  #findLine(octets: Uint8Array, filled: number): boolean {
    // Several times as fast as the method of other arrays of octets.
    if (this.#view.buffer !== octets.buffer) this.#view = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    const end = this.#view.indexOf(LINE_FEED, this.#at);
    const isThere = end !== -1 && end < filled;
    if (isThere) this.#line++;
    this.#at = isThere ? end + 1 : filled;
    this.end = end;
    return isThere;
  }

  #lineEnd(octet: number): RecordEnd {
    if (octet === QUOTE) this.#isQuoted = !this.#isQuoted;
    return octet === LINE_FEED && !this.#isQuoted ? ENDS_BEFORE : GOES_ON;
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

  /** Makes the record that ends at `end` the one that was found. @returns false for an empty line, which is none, and no fault */
  #take(octets: Uint8Array, cut: LineError | null): boolean {
    this.start = this.#begin;
    this.line = this.#recordLine;
    if (this.#kind !== 'objects' && this.end > this.start && octets[this.end - 1] === RETURN) this.end--;
    const isTooLong = this.#isTooLong || this.end - this.start > MAX_RECORD_BYTES;
    this.fault = isTooLong ? new LineError('TOO_LONG', `it has more than ${MAX_RECORD_BYTES} bytes`) : cut;
    this.#isTooLong = false;
    this.#begin = this.#at;
    this.#recordLine = this.#line;
    return this.fault !== null || !isBlank(octets, this.start, this.end);
  }
}

/** What an octet is to a record: within it, its last, the first behind it, or between two. */
type RecordEnd = typeof GOES_ON | typeof ENDS_BEHIND | typeof ENDS_BEFORE | typeof IS_BETWEEN;
const GOES_ON = 0;
const ENDS_BEHIND = 1;
const ENDS_BEFORE = 2;
const IS_BETWEEN = 3;

function isBlank(octets: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (octets[at]! > 0x20) return false;
  return true;
}
