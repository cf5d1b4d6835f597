import { Buffer } from 'node:buffer';
import { LineError } from '../../logstore/entry-fields';
import { FoundRecord, MAX_RECORD_BYTES, type Splitter } from './found-record';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

/** Octets that are read more than once to find the lines behind a broken quote: so many, and so many times the file. */
const REREAD_BYTES = 64 << 20;
const REREADS = 4;

/** Most cells in quotes end so soon that looking at each octet is faster than a search. */
const NEAR_BYTES = 64;

/** Where in a record it is: a cell begins, goes on without quotes or within them, or its quote was closed. */
const PLACE = {
  cell: 0,
  bare: 1,
  quoted: 2,
  closed: 3,
  /** Behind a closing quote and a carriage return. */
  returned: 4,
  /** Of what is no record any more: it ends with the line. */
  broken: 5,
} as const;
type Place = (typeof PLACE)[keyof typeof PLACE];

/**
 * Cuts CSV at the line ends outside of quotes. Only a quote that a cell begins with opens one; another is a character.
 *
 * A quote that is not closed as it should be would take all lines behind it along. So a record ends with the line in which
 * such a cell begins, and the lines behind that are read again, where a closing quote is followed by anything else than a
 * delimiter or a line end, there are more cells than columns, the record becomes too long, or the file ends. It is for
 * whoever reads the records to tell what is wrong with them.
 *
 * @see RFC 4180 §2
 */
export class CsvSplitter extends FoundRecord implements Splitter {
  /** How many cells a record may have. */
  columns = Infinity;
  readonly #delimiter: number;
  #place: Place = PLACE.cell;
  #cells = 1;
  /** Where the line ends in which the cell began that is or was in quotes, and which it is; -1 while it has not ended. */
  #openEnd = -1;
  #openLine = 1;
  /** The same of the first cell of the record that has several lines. */
  #firstEnd = -1;
  #firstLine = 1;
  #recordEnd = 0;
  #view: Buffer = Buffer.alloc(0);
  /** The next quote and line end from `at` on, `filled` for none; what is before `at` is out of date. */
  #quoteAt = -1;
  #lineAt = -1;
  /** Octets of the file before those in the array. */
  #passedBytes = 0;
  #rereadBytes = 0;

  constructor(delimiter: string) {
    super();
    this.#delimiter = delimiter.charCodeAt(0);
  }

  next(octets: Uint8Array, filled: number): boolean {
    this.#look(octets, filled);
    while (this.#find(octets, filled)) if (this.take(octets, this.#recordEnd, null, true)) return true;
    return false;
  }

  last(octets: Uint8Array, filled: number): boolean {
    const isOpen = this.#place === PLACE.quoted;
    if (isOpen && this.#goBack(this.#openEnd, this.#openLine)) return this.take(octets, this.#recordEnd, null, true);
    const cut = isOpen ? new LineError('CUT_OFF', 'the file ends within it') : null;
    this.#beginRecord();
    return this.take(octets, filled, cut, true);
  }

  keep(octets: Uint8Array, filled: number): number {
    const from = this.begin;
    const kept = this.moveDown(octets, filled);
    this.#passedBytes += from;
    if (this.#openEnd !== -1) this.#openEnd -= from;
    if (this.#firstEnd !== -1) this.#firstEnd -= from;
    this.#view = Buffer.alloc(0);
    return kept > MAX_RECORD_BYTES ? this.cutLong() : kept;
  }

  /** Sets `#recordEnd`. @returns whether there is one */
  #find(octets: Uint8Array, filled: number): boolean {
    while (this.at < filled) if (this.#step(octets, filled)) return true;
    if (filled - this.begin <= MAX_RECORD_BYTES) return false;
    return this.#goBack(this.#place === PLACE.quoted ? this.#openEnd : -1, this.#openLine);
  }

  /** @returns whether the record ends there */
  #step(octets: Uint8Array, filled: number): boolean {
    switch (this.#place) {
      case PLACE.cell:
        if (octets[this.at] === QUOTE) this.#openQuote();
        else this.#place = PLACE.bare;
        return false;
      case PLACE.bare:
        return this.#passBare(octets, filled);
      case PLACE.quoted:
        this.#passQuoted(octets, filled);
        return false;
      case PLACE.closed:
      case PLACE.returned:
        return this.#passClosed(octets[this.at]!);
      case PLACE.broken:
        return this.#endLine(filled);
    }
  }

  #openQuote(): void {
    this.#place = PLACE.quoted;
    this.#openEnd = -1;
    this.#openLine = this.atLine;
    this.at++;
  }

  /** To the next cell that begins with a quote, or to the end of the line. */
  #passBare(octets: Uint8Array, filled: number): boolean {
    const lineEnd = this.#nextLineEnd(filled);
    // Most lines have none, and need not be looked at octet by octet; of one that goes on, the next piece may have some.
    if (lineEnd < filled && this.#nextQuote(filled) > lineEnd) return this.#endLine(filled);
    for (let at = this.at; at < lineEnd; at++) {
      if (octets[at] !== this.#delimiter) continue;
      this.#cells++;
      if (at + 1 < filled && octets[at + 1] !== QUOTE) continue;
      this.at = at + 1;
      return this.#beginCell();
    }
    return this.#endLine(filled);
  }

  #passQuoted(octets: Uint8Array, filled: number): void {
    const near = Math.min(this.at + NEAR_BYTES, filled);
    for (let at = this.at; at < near; at++) {
      if (octets[at] === LINE_FEED) this.#passLineEnd(at);
      if (octets[at] !== QUOTE) continue;
      this.at = at + 1;
      this.#place = PLACE.closed;
      return;
    }
    this.at = near;
    const quote = this.#nextQuote(filled);
    for (let end = this.#nextLineEnd(filled); end < quote; end = this.#nextLineEnd(filled)) {
      this.#passLineEnd(end);
      this.at = end + 1;
    }
    this.at = Math.min(quote + 1, filled);
    if (quote < filled) this.#place = PLACE.closed;
  }

  /** Within quotes. */
  #passLineEnd(end: number): void {
    if (this.#openEnd === -1) this.#openEnd = end;
    if (this.#firstEnd === -1) {
      this.#firstEnd = end;
      this.#firstLine = this.atLine;
    }
    this.atLine++;
  }

  #passClosed(octet: number): boolean {
    if (octet === LINE_FEED) {
      this.#lineAt = this.at;
      return this.#endLine(Infinity);
    }
    if (this.#place === PLACE.closed) {
      if (octet === this.#delimiter) {
        this.at++;
        this.#cells++;
        return this.#beginCell();
      }
      if (octet === QUOTE || octet === RETURN) {
        this.#place = octet === QUOTE ? PLACE.quoted : PLACE.returned;
        this.at++;
        return false;
      }
    }
    return this.#goBack(this.#openEnd, this.#openLine);
  }

  #beginCell(): boolean {
    this.#place = PLACE.cell;
    const isBeyond = this.#cells > this.columns && this.#firstEnd !== -1;
    return isBeyond && this.#goBack(this.#firstEnd, this.#firstLine);
  }

  #endLine(filled: number): boolean {
    const end = this.#nextLineEnd(filled);
    if (end === filled) {
      this.at = filled;
      return false;
    }
    this.#recordEnd = end;
    this.at = end + 1;
    this.atLine++;
    this.#beginRecord();
    return true;
  }

  #beginRecord(): void {
    this.#place = PLACE.cell;
    this.#cells = 1;
    this.#openEnd = -1;
    this.#firstEnd = -1;
  }

  /**
   * Ends the record with one of its lines, behind which reading goes on.
   *
   * @param end of that line; -1 where it is the one that is being read
   * @returns false where the record ends with the line that is being read
   */
  #goBack(end: number, line: number): boolean {
    const again = this.at - end - 1;
    const mostBytes = REREAD_BYTES + REREADS * (this.#passedBytes + this.at);
    if (end === -1 || this.#rereadBytes + again > mostBytes) {
      this.#place = PLACE.broken;
      return false;
    }
    this.#rereadBytes += again;
    this.#recordEnd = end;
    this.at = end + 1;
    this.atLine = line + 1;
    this.#quoteAt = -1;
    this.#lineAt = -1;
    this.#beginRecord();
    return true;
  }

  #look(octets: Uint8Array, filled: number): void {
    if (this.#view.buffer === octets.buffer && this.#view.length === filled) return;
    // Several times as fast as the methods of other arrays of octets.
    this.#view = Buffer.from(octets.buffer, octets.byteOffset, filled);
    this.#quoteAt = -1;
    this.#lineAt = -1;
  }

  #nextQuote(filled: number): number {
    if (this.#quoteAt < this.at) this.#quoteAt = orEnd(this.#view.indexOf(QUOTE, this.at), filled);
    return this.#quoteAt;
  }

  #nextLineEnd(filled: number): number {
    if (this.#lineAt < this.at) this.#lineAt = orEnd(this.#view.indexOf(LINE_FEED, this.at), filled);
    return this.#lineAt;
  }
}

const orEnd = (at: number, end: number): number => (at === -1 ? end : at);
