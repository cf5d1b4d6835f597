import { LineError, type EntryField } from './entry-fields';
import { faultOfFieldName } from './schema';

interface Cell {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Delimiters that are told apart by the first line. */
const DELIMITERS = [',', ';', '\t'] as const;
export type CsvDelimiter = (typeof DELIMITERS)[number];

/** @returns the delimiter that is most often in the first line, outside of quotes */
export function delimiterOf(head: string): CsvDelimiter {
  const bare = head.replace(/"[^"]*"/gu, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** The cells of one record, without its end. @throws LineError SYNTAX @see RFC 4180 */
function cellsOf(record: string, delimiter: CsvDelimiter): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (;;) {
    if (record[at] !== '"') {
      const end = record.indexOf(delimiter, at);
      cells.push({ text: record.slice(at, end === -1 ? record.length : end), isQuoted: false });
      if (end === -1) return cells;
      at = end + 1;
      continue;
    }
    let end = record.indexOf('"', at + 1);
    while (end !== -1 && record[end + 1] === '"') end = record.indexOf('"', end + 2);
    if (end === -1) throw new LineError('SYNTAX', `the quote of cell ${cells.length + 1} is not closed`);
    cells.push({ text: record.slice(at + 1, end).replaceAll('""', '"'), isQuoted: true });
    if (end + 1 === record.length) return cells;
    if (record[end + 1] !== delimiter) {
      throw new LineError('SYNTAX', `cell ${cells.length} goes on behind its closing quote`);
    }
    at = end + 2;
  }
}

/** @throws LineError SYNTAX, FIELD_NAME */
export function readCsvHead(record: string, delimiter: CsvDelimiter): readonly string[] {
  const names = cellsOf(record, delimiter).map(({ text }) => text.trim());
  names.forEach((name, index) => {
    const fault = faultOfFieldName(name);
    if (fault !== null) throw new LineError('FIELD_NAME', `the name of column ${index + 1} ${fault}`);
    if (names.indexOf(name) !== index) throw new LineError('FIELD_NAME', `two columns are called ${name}`);
  });
  return names;
}

/**
 * A record as the fields of a log entry. A cell that is empty is no field; one that is an empty pair of quotes is an empty
 * text.
 *
 * @throws LineError SYNTAX, CELLS, NO_FIELDS
 */
export function readCsvEntry(record: string, delimiter: CsvDelimiter, head: readonly string[]): readonly EntryField[] {
  const cells = cellsOf(record, delimiter);
  if (cells.length !== head.length) {
    throw new LineError('CELLS', `it has ${cells.length} cells, and the first line ${head.length}`);
  }
  const fields = cells.flatMap(({ text, isQuoted }, index): EntryField[] =>
    text === '' && !isQuoted ? [] : [{ name: head[index] ?? '', kind: 'text', text }],
  );
  if (fields.length === 0) throw new LineError('NO_FIELDS', 'all of its cells are empty');
  return fields;
}
