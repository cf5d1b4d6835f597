import { AppError } from '../../contract/errors';
import { MOST_SHEET_ROWS } from '../../contract/export';
import type { ResultBatch, ResultColumn } from '../../contract/result-batch';
import { distinctNames, plainCells, type TimeText } from './result-cells';
import type { ColumnHeads, RowWriter } from './row-writer';
import { SHEET_END, SHEET_HEAD, cellXml, columnLetters, sheetPath, workbookFiles } from './spreadsheet-xml';
import type { ByteSink } from './text-sink';
import { ZipWriter } from './zip-writer';

/** What a sheet and its cells hold at most, see `MOST_SHEET_ROWS`. */
const MOST_COLUMNS = 16_384;
const MOST_CHARACTERS = 32_767;
/** Spreadsheets keep 15 digits of a number. */
const EXACT = 10n ** 15n;
/** Characters that are packed at once. */
const PIECE = 65_536;

/** Makes the cell at a reference such as `B7`. */
type CellMaker = (row: number, reference: string) => string;

/**
 * A workbook of as many sheets as the rows need, each with the names of the columns above. Numbers are numbers, everything
 * else is text and never a formula; integers of more than 15 digits are text too, since no spreadsheet would keep them.
 */
export class XlsxWriter implements RowWriter {
  readonly #zip: ZipWriter;
  readonly #timeText: TimeText;
  readonly #mostRows: number;
  #letters: readonly string[] = [];
  #head = '';
  #pending = '';
  #sheets = 0;
  /** In the sheet that is being written. */
  #rows = 0;
  #longIntegers = 0;
  #cutTexts = 0;

  /** @param mostRows of a sheet, with the names of the columns */
  constructor(sink: ByteSink, timeText: TimeText, mostRows = MOST_SHEET_ROWS) {
    this.#zip = new ZipWriter(sink);
    this.#timeText = timeText;
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

  async rows(batch: ResultBatch): Promise<void> {
    await this.#begin(batch.columns);
    const cells = batch.columns.map((column) => this.#cells(column));
    for (let row = 0; row < batch.rowCount; row++) {
      if (this.#rows === this.#mostRows) await this.#nextSheet();
      const number = ++this.#rows;
      this.#pending += `<row r="${number}">`;
      for (let index = 0; index < cells.length; index++) {
        this.#pending += cells[index]!(row, `${this.#letters[index]!}${number}`);
      }
      this.#pending += '</row>';
      if (this.#pending.length >= PIECE) await this.#flush();
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

  #cells(column: ResultColumn): CellMaker {
    const plain = plainCells(column, this.#timeText);
    const orNothing =
      (make: (text: string, row: number, reference: string) => string): CellMaker =>
      (row, reference) => {
        const text = plain(row);
        return text === null ? '' : make(text, row, reference);
      };
    switch (column.type) {
      case 'int64':
        return orNothing((text, row, reference) => this.#integer(text, column.data[row]!, reference));
      case 'float64':
        return orNothing((text, row, reference) =>
          Number.isFinite(column.data[row]) ? numberCell(text, reference) : textCell(text, reference),
        );
      case 'bool':
        return orNothing(
          (_, row, reference) => `<c r="${reference}" t="b"><v>${column.data[row] === 0 ? 0 : 1}</v></c>`,
        );
      case 'ipv4':
      case 'timestamp':
        return orNothing((text, _, reference) => textCell(text, reference));
      case 'text':
      case 'json':
        return orNothing((text, _, reference) => this.#text(text, reference));
    }
  }

  #integer(text: string, value: bigint, reference: string): string {
    if (value > -EXACT && value < EXACT) return numberCell(text, reference);
    this.#longIntegers++;
    return textCell(text, reference);
  }

  #text(text: string, reference: string): string {
    if (text.length <= MOST_CHARACTERS) return textCell(text, reference);
    this.#cutTexts++;
    const cut = text.slice(0, MOST_CHARACTERS);
    // Not in the middle of a character.
    return textCell(/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut, reference);
  }

  async #begin(columns: ColumnHeads): Promise<void> {
    if (this.#sheets > 0) return;
    if (columns.length > MOST_COLUMNS) {
      const message = `A sheet has ${MOST_COLUMNS} columns at most, and the rows have ${columns.length}: write them as csv`;
      throw new AppError('OPTION_INVALID', message, { columns: columns.length });
    }
    this.#letters = columns.map((_, index) => columnLetters(index));
    const names = distinctNames(columns.map(({ name }) => name));
    const cells = names.map((name, index) => this.#text(name, `${this.#letters[index]!}1`));
    this.#head = `<row r="1">${cells.join('')}</row>`;
    await this.#beginSheet();
  }

  async #nextSheet(): Promise<void> {
    await this.#endSheet();
    await this.#beginSheet();
  }

  async #beginSheet(): Promise<void> {
    await this.#zip.begin(sheetPath(++this.#sheets));
    this.#pending = `${SHEET_HEAD}${this.#head}`;
    this.#rows = 1;
  }

  async #endSheet(): Promise<void> {
    this.#pending += SHEET_END;
    await this.#flush();
    await this.#zip.finish();
  }

  async #flush(): Promise<void> {
    const xml = this.#pending;
    this.#pending = '';
    await this.#zip.write(xml);
  }
}

function numberCell(text: string, reference: string): string {
  return `<c r="${reference}"><v>${text}</v></c>`;
}

function textCell(text: string, reference: string): string {
  return `<c r="${reference}" t="inlineStr"><is><t xml:space="preserve">${cellXml(text)}</t></is></c>`;
}
