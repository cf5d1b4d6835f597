import { AppError } from '../../contract/errors';
import { MOST_SHEET_ROWS } from '../../contract/export';
import type { ResultBatch, ResultColumn } from '../../contract/result-batch';
import { cellOctets, type CellOctets, type CellStyle } from './cell-octets';
import { putAscii, putCount, putOctets } from './octet-text';
import { distinctNames, type TimeText } from './result-cells';
import type { ColumnHeads, RowWriter } from './row-writer';
import { SHEET_END, SHEET_HEAD, cellXml, columnLetters, sheetPath, workbookFiles } from './spreadsheet-xml';
import { OctetPieces, type ByteSink } from './text-sink';
import { ZipWriter } from './zip-writer';

/** What a sheet and its cells hold at most, see `MOST_SHEET_ROWS`. */
const MOST_COLUMNS = 16_384;
const MOST_CHARACTERS = 32_767;
/** Spreadsheets keep 15 digits of a number. */
const EXACT = 10n ** 15n;
/** Digits of the number of a row. */
const MOST_ROW_BYTES = 7;

/** Around the value of a cell, behind the letters and the number that say where it is. */
interface CellFrame {
  readonly before: string;
  readonly after: string;
}

const NUMBER: CellFrame = { before: '"><v>', after: '</v></c>' };
const TEXT: CellFrame = { before: '" t="inlineStr"><is><t xml:space="preserve">', after: '</t></is></c>' };
const BOOL: CellFrame = { before: '" t="b"><v>', after: '</v></c>' };
/** The longest of them, with the beginning of the cell. */
const FRAME_BYTES = '<c r="'.length + TEXT.before.length + TEXT.after.length;

/** Writes a cell of one column. @param number of its row in the sheet */
type PutCell = (octets: Uint8Array, at: number, row: number, number: number) => number;

interface SheetCells {
  /** Of one cell. */
  readonly mostBytes: number;
  readonly put: PutCell;
}

/**
 * A workbook of as many sheets as the rows need, each with the names of the columns above. Numbers are numbers, everything
 * else is text and never a formula; integers of more than 15 digits are text too, since no spreadsheet would keep them.
 */
export class XlsxWriter implements RowWriter {
  readonly #zip: ZipWriter;
  readonly #pieces: OctetPieces;
  readonly #style: CellStyle;
  readonly #mostRows: number;
  #head = '';
  #sheets = 0;
  /** In the sheet that is being written. */
  #rows = 0;
  #longIntegers = 0;
  #cutTexts = 0;

  /** @param mostRows of a sheet, with the names of the columns */
  constructor(sink: ByteSink, timeText: TimeText, mostRows = MOST_SHEET_ROWS) {
    this.#zip = new ZipWriter(sink);
    this.#pieces = new OctetPieces(this.#zip);
    this.#style = { timeText, encode: (text) => cellXml(cellText(text)), quote: '', nothing: '' };
    this.#mostRows = mostRows;
  }

  get notes(): readonly string[] {
    const notes: string[] = [];
    if (this.#sheets > 1) {
      notes.push(
        `The rows are in ${this.#sheets} sheets, since a sheet holds ${this.#mostRows} with the names above them`,
      );
    }
    if (this.#longIntegers > 0) {
      notes.push(
        `${this.#longIntegers} integers of more than 15 digits are text, since a spreadsheet would round them`,
      );
    }
    if (this.#cutTexts > 0) {
      notes.push(
        `${this.#cutTexts} texts are cut after ${MOST_CHARACTERS} characters, the most of a cell: csv has them whole`,
      );
    }
    return notes;
  }

  async rows({ rowCount, columns }: ResultBatch): Promise<void> {
    await this.#begin(columns);
    for (const column of columns) this.#count(column, rowCount);
    const cells = columns.map((column, index) => sheetCells(column, columnLetters(index), this.#style));
    const mostBytes = cells.reduce((bytes, cell) => bytes + cell.mostBytes, '<row r=""></row>'.length + MOST_ROW_BYTES);
    for (let row = 0; row < rowCount; row++) {
      if (this.#rows === this.#mostRows) await this.#nextSheet();
      if (this.#pieces.isDue) await this.#pieces.flush();
      const number = ++this.#rows;
      const octets = this.#pieces.room(mostBytes);
      let at = putAscii(octets, this.#pieces.length, '<row r="');
      at = putAscii(octets, putCount(octets, at, number), '">');
      for (let index = 0; index < cells.length; index++) at = cells[index]!.put(octets, at, row, number);
      this.#pieces.addTo(putAscii(octets, at, '</row>'));
    }
  }

  async end(columns: ColumnHeads): Promise<void> {
    await this.#begin(columns);
    await this.#endSheet();
    for (const [path, xml] of workbookFiles(this.#sheets)) {
      await this.#zip.begin(path);
      await this.#zip.write(xml);
      await this.#zip.finish();
    }
    await this.#zip.end();
  }

  /** What is written otherwise than it is. */
  #count(column: ResultColumn, rowCount: number): void {
    const { type, validity } = column;
    if (type === 'int64') {
      const isLongAt = longIntegers(column.data);
      for (let row = 0; row < rowCount; row++) if (validity?.[row] !== 0 && isLongAt(row)) this.#longIntegers++;
    }
    if (type !== 'text' && type !== 'json') return;
    const { data, dictionary } = column;
    if (!dictionary.some(isCut)) return;
    for (let row = 0; row < rowCount; row++) {
      if (validity?.[row] !== 0 && isCut(dictionary[data[row]!] ?? '')) this.#cutTexts++;
    }
  }

  async #begin(columns: ColumnHeads): Promise<void> {
    if (this.#sheets > 0) return;
    if (columns.length > MOST_COLUMNS) {
      const message = `A sheet has ${MOST_COLUMNS} columns at most, and the rows have ${columns.length}: write them as csv`;
      throw new AppError('OPTION_INVALID', message, { columns: columns.length });
    }
    const names = distinctNames(columns.map(({ name }) => name));
    this.#cutTexts += names.filter(isCut).length;
    const cells = names.map(
      (name, index) => `<c r="${columnLetters(index)}1${TEXT.before}${cellXml(cellText(name))}${TEXT.after}`,
    );
    this.#head = `<row r="1">${cells.join('')}</row>`;
    await this.#beginSheet();
  }

  async #nextSheet(): Promise<void> {
    await this.#endSheet();
    await this.#beginSheet();
  }

  async #beginSheet(): Promise<void> {
    await this.#zip.begin(sheetPath(++this.#sheets));
    this.#pieces.add(`${SHEET_HEAD}${this.#head}`);
    this.#rows = 1;
  }

  async #endSheet(): Promise<void> {
    this.#pieces.add(SHEET_END);
    await this.#pieces.flush();
    await this.#zip.finish();
  }
}

/** A column as the cells of a sheet; where there is no value, there is no cell. */
function sheetCells(column: ResultColumn, letters: string, style: CellStyle): SheetCells {
  const beginning = Buffer.from(`<c r="${letters}`);
  const { mostBytes, put } = column.type === 'bool' ? bitOctets(column.data) : cellOctets(column, style);
  const { validity } = column;
  const frameOf = frameOfColumn(column);
  return {
    mostBytes: FRAME_BYTES + letters.length + MOST_ROW_BYTES + mostBytes,
    put: (octets, at, row, number) => {
      if (validity?.[row] === 0) return at;
      const { before, after } = frameOf(row);
      at = putCount(octets, putOctets(octets, at, beginning), number);
      return putAscii(octets, put(octets, putAscii(octets, at, before), row), after);
    },
  };
}

function frameOfColumn(column: ResultColumn): (row: number) => CellFrame {
  switch (column.type) {
    case 'int64': {
      const isLongAt = longIntegers(column.data);
      return (row) => (isLongAt(row) ? TEXT : NUMBER);
    }
    case 'float64': {
      const { data } = column;
      return (row) => (Number.isFinite(data[row]) ? NUMBER : TEXT);
    }
    case 'bool':
      return () => BOOL;
    case 'ipv4':
    case 'timestamp':
    case 'text':
    case 'json':
      return () => TEXT;
  }
}

function bitOctets(data: Uint8Array): CellOctets {
  return { mostBytes: 1, put: (octets, at, row) => putCount(octets, at, data[row] === 0 ? 0 : 1) };
}

/** @returns what tells whether a spreadsheet would round the integer of a row */
function longIntegers(data: BigInt64Array): (row: number) => boolean {
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  // What has nothing in its upper half is short, and needs no bigint.
  return (row) => halves[2 * row + 1] !== 0 && (data[row]! <= -EXACT || data[row]! >= EXACT);
}

function isCut(text: string): boolean {
  return text.length > MOST_CHARACTERS;
}

function cellText(text: string): string {
  if (!isCut(text)) return text;
  const cut = text.slice(0, MOST_CHARACTERS);
  // Not in the middle of a character.
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
