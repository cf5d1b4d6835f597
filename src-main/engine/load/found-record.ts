import { LineError } from '../../logstore/entry-fields';

/** The vendor takes values of 1 MB; what is longer than this is no entry, and must not fill the memory. */
export const MAX_RECORD_BYTES = 16 << 20;
/** Of one that is too long, enough is held to show which it is. */
const KEPT_BYTES = 64 << 10;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/**
 * Cuts octets into records, pieces of a file that should be one log entry each. Octets lie in one array from its beginning
 * on, and come in whatever pieces; what has to stay between two is one record at most, see `keep`.
 *
 * A byte below 128 is never a part of another character in UTF-8, so records are found before the text is decoded.
 */
export interface Splitter extends Readonly<Pick<FoundRecord, 'start' | 'end' | 'line' | 'lastLine' | 'fault'>> {
  /** @returns whether another record ends before `filled`, which is then the one that was found */
  next(octets: Uint8Array, filled: number): boolean;
  /** The same for what is left at the end of the file, when `next` finds no more; behind it `next` may find more again. */
  last(octets: Uint8Array, filled: number): boolean;
  /** Moves what has to stay to the beginning of the array. @returns how much it is */
  keep(octets: Uint8Array, filled: number): number;
}

/** The record that a splitter found last, and how far it has come. */
export abstract class FoundRecord {
  start = 0;
  end = 0;
  /** The lines that it begins and ends in, from 1. */
  line = 1;
  lastLine = 1;
  /** What keeps it from being looked at; the octets are then what there is of it. */
  fault: LineError | null = null;
  /** Where the record begins that is being looked for, and in which line; how far that has come. */
  protected begin = 0;
  protected beginLine = 1;
  protected at = 0;
  protected atLine = 1;
  /** Whether the record is longer than what is left of it. */
  protected isTooLong = false;

  /**
   * Makes the record from `begin` to `end` the one that was found; the next begins `at`.
   *
   * @param isLine whether the end of its line is none of it
   * @returns false for an empty line, which is none, and no fault
   */
  protected take(octets: Uint8Array, end: number, cut: LineError | null, isLine: boolean): boolean {
    this.start = this.begin;
    this.end = isLine && end > this.begin && octets[end - 1] === RETURN ? end - 1 : end;
    this.line = this.beginLine;
    const isBehindLine = octets[this.at - 1] === LINE_FEED;
    this.lastLine = isBehindLine && this.atLine > this.line ? this.atLine - 1 : this.atLine;
    const isTooLong = this.isTooLong || this.end - this.start > MAX_RECORD_BYTES;
    this.fault = isTooLong ? new LineError('TOO_LONG', `it has more than ${MAX_RECORD_BYTES} bytes`) : cut;
    this.isTooLong = false;
    this.begin = this.at;
    this.beginLine = this.atLine;
    return this.fault !== null || !isBlank(octets, this.start, this.end);
  }

  /** Moves what is from `begin` on to the beginning of the array. @returns how much it is */
  protected moveDown(octets: Uint8Array, filled: number): number {
    octets.copyWithin(0, this.begin, filled);
    this.at -= this.begin;
    const kept = filled - this.begin;
    this.begin = 0;
    return kept;
  }

  /** Leaves out what is more than enough to show which record it is. @returns how much is left */
  protected cutLong(): number {
    this.isTooLong = true;
    this.at = KEPT_BYTES;
    return KEPT_BYTES;
  }
}

function isBlank(octets: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (octets[at]! > 0x20) return false;
  return true;
}
