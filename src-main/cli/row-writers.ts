import type { ResultBatch } from '../contract/result-batch';
import { CsvWriter } from '../engine/output/csv-writer';
import { distinctNames, jsonCells, plainCells, type JsonLosses } from '../engine/output/result-cells';
import type { ColumnHeads, RowWriter } from '../engine/output/row-writer';
import { TextPieces, type TextSink } from '../engine/output/text-sink';
import { counted } from './number-text';
import { columnWidths, printable, tableHead, tableLine, type TableColumn } from './text-table';

export const ROW_FORMATS = ['table', 'csv', 'json', 'ndjson'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

export function createRowWriter(format: RowFormat, sink: TextSink): RowWriter {
  switch (format) {
    case 'table':
      return new TableWriter(sink);
    case 'csv':
      return new CsvWriter(sink);
    case 'json':
      return new JsonWriter(sink, { before: '[\n', between: ',\n', after: '\n]\n', empty: '[]\n' });
    case 'ndjson':
      return new JsonWriter(sink, { before: '', between: '\n', after: '\n', empty: '' });
  }
}

interface JsonFrame {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly empty: string;
}

/** One object per row. Nothing is written before the first row, so that a failure can still be told as JSON. */
class JsonWriter implements RowWriter {
  readonly #pieces: TextPieces;
  readonly #frame: JsonFrame;
  readonly #losses: JsonLosses = { notFinite: 0 };
  #hasRows = false;

  constructor(sink: TextSink, frame: JsonFrame) {
    this.#pieces = new TextPieces(sink);
    this.#frame = frame;
  }

  get notes(): readonly string[] {
    const { notFinite } = this.#losses;
    return notFinite === 0
      ? []
      : [`${counted(notFinite, 'value')} NaN or infinite: null, since JSON has no such number`];
  }

  async rows(batch: ResultBatch): Promise<void> {
    const names = distinctNames(batch.columns.map(({ name }) => name));
    const cells = batch.columns.map((column) => jsonCells(column, this.#losses));
    const keys = names.map((name, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
    for (let row = 0; row < batch.rowCount; row++) {
      let text = this.#hasRows ? this.#frame.between : this.#frame.before;
      this.#hasRows = true;
      text += '{';
      for (let index = 0; index < cells.length; index++) text += keys[index]! + cells[index]!(row);
      if (this.#pieces.add(`${text}}`)) await this.#pieces.flush();
    }
    await this.#pieces.flush();
  }

  async end(): Promise<void> {
    this.#pieces.add(this.#hasRows ? this.#frame.after : this.#frame.empty);
    await this.#pieces.flush();
  }
}

/** Rows that decide the widths; what comes later is written as it comes. */
const ROWS_FOR_WIDTHS = 1000;
const RIGHT_ALIGNED: ReadonlySet<string> = new Set(['int64', 'float64']);

class TableWriter implements RowWriter {
  readonly notes: readonly string[] = [];
  readonly #pieces: TextPieces;
  #columns: readonly TableColumn[] = [];
  #waiting: string[][] = [];
  #widths: readonly number[] | null = null;

  constructor(sink: TextSink) {
    this.#pieces = new TextPieces(sink);
  }

  async rows(batch: ResultBatch): Promise<void> {
    if (this.#widths === null) this.#columns = tableColumns(batch.columns);
    const cells = batch.columns.map(plainCells);
    for (let row = 0; row < batch.rowCount; row++) {
      const texts = cells.map((cell) => printable(cell(row) ?? '–'));
      if (this.#widths === null) {
        this.#waiting.push(texts);
        if (this.#waiting.length >= ROWS_FOR_WIDTHS) await this.#begin();
      } else if (this.#pieces.add(`${tableLine(texts, this.#columns, this.#widths)}\n`)) {
        await this.#pieces.flush();
      }
    }
    await this.#pieces.flush();
  }

  async end(columns: ColumnHeads): Promise<void> {
    if (this.#columns.length === 0) this.#columns = tableColumns(columns);
    if (this.#widths === null) await this.#begin();
    await this.#pieces.flush();
  }

  async #begin(): Promise<void> {
    const rows = this.#waiting;
    const widths = columnWidths(rows, this.#columns);
    this.#waiting = [];
    this.#widths = widths;
    const lines = [...tableHead(this.#columns, widths), ...rows.map((row) => tableLine(row, this.#columns, widths))];
    this.#pieces.add(`${lines.join('\n')}\n`);
    await this.#pieces.flush();
  }
}

function tableColumns(columns: ColumnHeads): TableColumn[] {
  return columns.map(({ name, type }) => ({
    header: printable(name),
    align: RIGHT_ALIGNED.has(type) ? 'right' : 'left',
  }));
}
