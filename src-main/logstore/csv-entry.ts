import type { EntryBatch } from './entry-batch';
import { LineError, VALUE_KIND } from './entry-fields';
import { faultOfFieldName } from './schema';

const QUOTE = 0x22;

/** Delimiters that are told apart by the first line. */
const DELIMITERS = [',', ';', '\t', '|'] as const;
export type CsvDelimiter = (typeof DELIMITERS)[number];

/** @returns the delimiter that is most often in the first line, outside of quotes */
export function delimiterOf(head: string): CsvDelimiter {
  const bare = head.replace(/"[^"]*"/gu, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/**
 * Reads the records of a CSV file as log entries. A cell that is empty is no field; one that is an empty pair of quotes is
 * an empty text.
 *
 * @see RFC 4180
 */
export class CsvEntryReader {
  readonly #batch: EntryBatch;
  readonly #delimiter: number;
  /** Ids of the names of the columns. */
  readonly #columns: readonly number[];

  constructor(batch: EntryBatch, delimiter: CsvDelimiter, columns: readonly number[]) {
    this.#batch = batch;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#columns = columns;
  }

  /**
   * Adds the cells of the record that these octets of the batch are, without its end.
   *
   * @returns why it is no log entry: SYNTAX, CELLS, NO_FIELDS; its cells are then to be dropped
   */
  read(start: number, end: number): LineError | null {
    const before = this.#batch.cells;
    const count = eachCell(this.#batch, this.#delimiter, start, end, this.#take);
    if (count instanceof LineError) return count;
    if (count !== this.#columns.length) {
      return new LineError('CELLS', `it has ${count} cells, and the first line ${this.#columns.length}`);
    }
    return this.#batch.cells === before ? new LineError('NO_FIELDS', 'all of its cells are empty') : null;
  }

  readonly #take = (column: number, from: number, to: number, isQuoted: boolean): void => {
    const name = this.#columns[column];
    if (name !== undefined && (to > from || isQuoted)) this.#batch.addCell(name, VALUE_KIND.text, from, to);
  };
}

/** The names of the columns, which the first record has. @throws LineError SYNTAX, FIELD_NAME */
export function readCsvHead(batch: EntryBatch, delimiter: CsvDelimiter, start: number, end: number): readonly string[] {
  const names: string[] = [];
  const count = eachCell(batch, delimiter.charCodeAt(0), start, end, (_column, from, to) => {
    names.push(batch.textOf(from, to).trim());
  });
  if (count instanceof LineError) throw count;
  names.forEach((name, index) => {
    const fault = faultOfFieldName(name);
    if (fault !== null) throw new LineError('FIELD_NAME', `the name of column ${index + 1} ${fault}`);
    if (names.indexOf(name) !== index) throw new LineError('FIELD_NAME', `two columns are called ${name}`);
  });
  return names;
}

/** @returns how many cells the record has, or SYNTAX */
function eachCell(
  batch: EntryBatch,
  delimiter: number,
  start: number,
  end: number,
  take: (column: number, from: number, to: number, isQuoted: boolean) => void,
): number | LineError {
  let { octets } = batch;
  let at = start;
  for (let column = 0; ; column++, at++) {
    const from = at;
    if (at === end || octets[at] !== QUOTE) {
      while (at < end && octets[at] !== delimiter) at++;
      take(column, from, at, false);
    } else {
      const close = closingQuote(octets, from + 1, end);
      if (close === -1) return new LineError('SYNTAX', `the quote of cell ${column + 1} is not closed`);
      at = close + 1;
      if (at < end && octets[at] !== delimiter) {
        return new LineError('SYNTAX', `cell ${column + 1} goes on behind its closing quote`);
      }
      const isDoubled = octets.subarray(from + 1, close).includes(QUOTE);
      const begin = isDoubled ? spellQuoted(batch, from + 1, close) : from + 1;
      octets = batch.octets;
      take(column, begin, isDoubled ? batch.spelledEnd : close, true);
    }
    if (at >= end) return column + 1;
  }
}

/** @returns the quote that closes a cell, past those that are doubled; -1 for none */
function closingQuote(octets: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (octets[at] !== QUOTE) continue;
    if (at + 1 >= end || octets[at + 1] !== QUOTE) return at;
    at++;
  }
  return -1;
}

/** Writes a cell with doubled quotes as what it stands for. @returns where it begins */
function spellQuoted(batch: EntryBatch, start: number, end: number): number {
  const begin = batch.spell(end - start);
  const { octets } = batch;
  let into = begin;
  for (let at = start; at < end; at++) {
    octets[into++] = octets[at]!;
    if (octets[at] === QUOTE) at++;
  }
  batch.spelled(into);
  return begin;
}
