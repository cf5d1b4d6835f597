import { Buffer, isUtf8 } from 'node:buffer';
import { LineError } from '../../logstore/entry-fields';

/** A piece of a file that should be one log entry. */
export interface FileRecord {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly text: string;
  /** What keeps it from being looked at; the text is then what there is of it. */
  readonly fault: LineError | null;
}

/** How a file is cut: at every line end, at those outside of quotes, or around JSON objects. */
export type RecordKind = 'lines' | 'csv' | 'objects';

/** The vendor takes values of 1 MB; what is longer than this is no entry, and must not fill the memory. */
const MAX_RECORD_BYTES = 16 << 20;

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
 * Cuts octets into records, in whatever pieces they come. What is held is one record at most.
 *
 * A byte below 128 is never a part of another character in UTF-8, so records are found before the text is decoded.
 */
export class RecordSplitter {
  readonly #kind: RecordKind;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #line = 1;
  #recordLine = 1;
  #isQuoted = false;
  #isEscaped = false;
  #depth = 0;
  #isBare = false;
  #openLists = 0;

  constructor(kind: RecordKind) {
    this.#kind = kind;
  }

  /** @param chunk may be reused afterwards. @returns the records that end in it */
  push(chunk: Uint8Array): FileRecord[] {
    const records: FileRecord[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const octet = chunk[at]!;
      const end = this.#kind === 'objects' ? this.#objectEnd(octet) : this.#lineEnd(octet);
      if (octet === LINE_FEED) this.#line++;
      if (end === 'none') continue;
      // What is between objects is left out.
      if (end === 'skip') {
        start = at + 1;
        this.#recordLine = this.#line;
        continue;
      }
      const upTo = end === 'before' ? at : at + 1;
      this.#take(records, chunk.subarray(start, upTo));
      start = at + 1;
      this.#recordLine = this.#line;
    }
    this.#hold(chunk.subarray(start));
    return records;
  }

  /** @returns what is left at the end of the file */
  end(): FileRecord[] {
    const records: FileRecord[] = [];
    const isCut = this.#kind === 'objects' ? this.#depth > 0 || this.#isQuoted : this.#isQuoted;
    this.#take(records, new Uint8Array(0), isCut ? new LineError('CUT_OFF', 'the file ends within it') : null);
    if (records.length === 0 && this.#openLists > 0) {
      const fault = new LineError('CUT_OFF', 'the file ends before the list does');
      records.push({ line: this.#line, text: '', fault });
    }
    return records;
  }

  #lineEnd(octet: number): 'none' | 'before' {
    if (this.#kind === 'csv' && octet === QUOTE) this.#isQuoted = !this.#isQuoted;
    return octet === LINE_FEED && !this.#isQuoted ? 'before' : 'none';
  }

  #objectEnd(octet: number): 'none' | 'before' | 'after' | 'skip' {
    if (this.#isQuoted) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (octet === BACKSLASH) this.#isEscaped = true;
      else if (octet === QUOTE) this.#isQuoted = false;
      return 'none';
    }
    if (this.#depth > 0) {
      if (octet === QUOTE) this.#isQuoted = true;
      if (octet === OPEN_BRACE || octet === OPEN_BRACKET) this.#depth++;
      if (octet === CLOSE_BRACE || octet === CLOSE_BRACKET) this.#depth--;
      return this.#depth === 0 ? 'after' : 'none';
    }
    const isBetween = octet <= 0x20 || octet === COMMA || octet === OPEN_BRACKET || octet === CLOSE_BRACKET;
    if (octet === OPEN_BRACKET) this.#openLists++;
    if (octet === CLOSE_BRACKET) this.#openLists--;
    if (isBetween) {
      const wasBare = this.#isBare;
      this.#isBare = false;
      return wasBare ? 'before' : 'skip';
    }
    if (octet === OPEN_BRACE) this.#depth = 1;
    else this.#isBare = true;
    if (octet === QUOTE) this.#isQuoted = true;
    return 'none';
  }

  #hold(octets: Uint8Array): void {
    this.#heldBytes += octets.length;
    // Beyond the limit the beginning is enough to show which it is.
    if (octets.length > 0 && this.#heldBytes <= MAX_RECORD_BYTES) this.#held.push(Buffer.from(octets));
  }

  #take(records: FileRecord[], rest: Uint8Array, cut: LineError | null = null): void {
    const isTooLong = this.#heldBytes + rest.length > MAX_RECORD_BYTES;
    this.#hold(rest);
    let octets: Buffer = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    if (this.#kind !== 'objects' && octets.at(-1) === RETURN) octets = octets.subarray(0, -1);
    // An empty line is no entry, and no fault.
    if (isBlank(octets) && cut === null && !isTooLong) return;
    const limit = `it has more than ${MAX_RECORD_BYTES} bytes`;
    const encoding = isUtf8(octets) ? null : new LineError('ENCODING', 'it is no text in UTF-8');
    const fault = isTooLong ? new LineError('TOO_LONG', limit) : (cut ?? encoding);
    records.push({ line: this.#recordLine, text: octets.toString('utf8'), fault });
  }
}

function isBlank(octets: Buffer): boolean {
  for (const octet of octets) if (octet > 0x20) return false;
  return true;
}
