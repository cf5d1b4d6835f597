import { EXPORT_FORMATS, TEXT_FORMATS, type StreamedFormat } from '../contract/export';
import type { ResultBatch } from '../contract/result-batch';
import { createExportWriter, noFormulas, type ExportWriterOptions } from '../engine/output/export-writer';
import { plainCells } from '../engine/output/result-cells';
import type { ColumnHeads, RowWriter } from '../engine/output/row-writer';
import { TextPieces, type ByteSink, type TextSink } from '../engine/output/text-sink';
import { columnWidths, printable, tableHead, tableLine, type TableColumn } from './text-table';

/** What standard output can have. */
export const ROW_FORMATS = ['table', ...TEXT_FORMATS] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];
/** What a file can have, too. */
export const FILE_FORMATS = ['table', ...EXPORT_FORMATS] as const;

/** @throws as `createExportWriter` */
export function createRowWriter(
  format: RowFormat | StreamedFormat,
  sink: ByteSink,
  options: ExportWriterOptions = { zone: 'UTC' },
): RowWriter {
  if (format !== 'table') return createExportWriter(format, sink, options);
  if (options.neutraliseFormulas === true) throw noFormulas(format);
  return new TableWriter(sink);
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
    const cells = batch.columns.map((column) => plainCells(column));
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
