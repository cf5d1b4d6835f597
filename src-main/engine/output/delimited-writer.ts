import type { ResultBatch, ResultColumn } from '../../contract/result-batch';
import { distinctNames, plainCells, type TimeText } from './result-cells';
import type { ColumnHeads, RowWriter } from './row-writer';
import { TextPieces, type TextSink } from './text-sink';

export interface DelimitedOptions {
  readonly separator: ',' | '\t';
  readonly timeText: TimeText;
  readonly neutraliseFormulas: boolean;
}

/**
 * What spreadsheets take for the beginning of a formula.
 * @see OWASP, "CSV Injection"
 */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * CSV and TSV: values are quoted alike, lines end with a line feed alone. NULL is nothing, an empty text is `""`.
 *
 * @see RFC 4180
 */
export class DelimitedWriter implements RowWriter {
  readonly #pieces: TextPieces;
  readonly #options: DelimitedOptions;
  readonly #special: RegExp;
  #neutralised = 0;
  #hasHead = false;

  constructor(sink: TextSink, options: DelimitedOptions) {
    this.#pieces = new TextPieces(sink);
    this.#options = options;
    this.#special = options.separator === ',' ? /[",\r\n]/ : /["\t\r\n]/;
  }

  get notes(): readonly string[] {
    if (!this.#options.neutraliseFormulas) return [];
    const cells = `${this.#neutralised} ${this.#neutralised === 1 ? 'text begins' : 'texts begin'}`;
    return [`Formulas are neutralised: ${cells} with an apostrophe that is not in the log`];
  }

  async rows(batch: ResultBatch): Promise<void> {
    await this.#head(batch.columns);
    const { separator } = this.#options;
    const cells = batch.columns.map((column) => this.#cells(column));
    for (let row = 0; row < batch.rowCount; row++) {
      let line = '';
      for (let index = 0; index < cells.length; index++) {
        if (index > 0) line += separator;
        line += cells[index]!(row);
      }
      if (this.#pieces.add(`${line}\n`)) await this.#pieces.flush();
    }
    await this.#pieces.flush();
  }

  async end(columns: ColumnHeads): Promise<void> {
    await this.#head(columns);
    await this.#pieces.flush();
  }

  #cells(column: ResultColumn): (row: number) => string {
    const plain = plainCells(column, this.#options.timeText);
    if (column.type === 'text') return (row) => this.#text(plain(row));
    if (column.type === 'json') return (row) => this.#quoted(plain(row));
    return (row) => plain(row) ?? '';
  }

  #text(text: string | null): string {
    if (text === null || !this.#options.neutraliseFormulas || !FORMULA.test(text)) return this.#quoted(text);
    this.#neutralised++;
    return this.#quoted(`'${text}`);
  }

  #quoted(text: string | null): string {
    if (text === null) return '';
    return text === '' || this.#special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  async #head(columns: ColumnHeads): Promise<void> {
    if (this.#hasHead) return;
    this.#hasHead = true;
    const names = distinctNames(columns.map(({ name }) => name));
    const line = names.map((name) => this.#text(name)).join(this.#options.separator);
    if (this.#pieces.add(`${line}\n`)) await this.#pieces.flush();
  }
}
