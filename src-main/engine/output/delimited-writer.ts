import type { ResultBatch, ResultColumn } from '../../contract/result-batch';
import { cellOctets, type CellStyle } from './cell-octets';
import { distinctNames, type TimeText } from './result-cells';
import type { ColumnHeads, RowWriter } from './row-writer';
import { OctetPieces, type ByteSink } from './text-sink';

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
const LINE_FEED = 0x0a;

/**
 * CSV and TSV: values are quoted alike, lines end with a line feed alone. NULL is nothing, an empty text is `""`.
 *
 * @see RFC 4180
 */
export class DelimitedWriter implements RowWriter {
  readonly #pieces: OctetPieces;
  readonly #options: DelimitedOptions;
  readonly #special: RegExp;
  readonly #style: CellStyle;
  #neutralised = 0;
  #hasHead = false;

  constructor(sink: ByteSink, options: DelimitedOptions) {
    this.#pieces = new OctetPieces(sink);
    this.#options = options;
    this.#special = options.separator === ',' ? /[",\r\n]/ : /["\t\r\n]/;
    const encode: CellStyle['encode'] = (text, type) => this.#quoted(type === 'text' ? this.#neutral(text) : text);
    this.#style = { timeText: options.timeText, encode, quote: '', nothing: '' };
  }

  get notes(): readonly string[] {
    if (!this.#options.neutraliseFormulas) return [];
    const cells = `${this.#neutralised} ${this.#neutralised === 1 ? 'text begins' : 'texts begin'}`;
    return [`Formulas are neutralised: ${cells} with an apostrophe that is not in the log`];
  }

  async rows({ rowCount, columns }: ResultBatch): Promise<void> {
    this.#head(columns);
    for (const column of columns) this.#neutralised += this.#formulasOf(column, rowCount);
    const separator = this.#options.separator.charCodeAt(0);
    const cells = columns.map((column) => cellOctets(column, this.#style));
    const mostBytes = cells.reduce((bytes, cell) => bytes + cell.mostBytes + 1, 1);
    for (let row = 0; row < rowCount; row++) {
      if (this.#pieces.isDue) await this.#pieces.flush();
      const octets = this.#pieces.room(mostBytes);
      let at = this.#pieces.length;
      for (let index = 0; index < cells.length; index++) {
        if (index > 0) octets[at++] = separator;
        at = cells[index]!.put(octets, at, row);
      }
      octets[at++] = LINE_FEED;
      this.#pieces.addTo(at);
    }
    await this.#pieces.flush();
  }

  async end(columns: ColumnHeads): Promise<void> {
    this.#head(columns);
    await this.#pieces.flush();
  }

  #neutral(text: string): string {
    return this.#options.neutraliseFormulas && FORMULA.test(text) ? `'${text}` : text;
  }

  /** @returns how many texts of the column are neutralised */
  #formulasOf(column: ResultColumn, rowCount: number): number {
    if (column.type !== 'text' || !this.#options.neutraliseFormulas) return 0;
    const { data, dictionary, validity } = column;
    const isFormula = dictionary.map((text) => FORMULA.test(text));
    let formulas = 0;
    for (let row = 0; row < rowCount; row++) if (validity?.[row] !== 0 && isFormula[data[row]!]) formulas++;
    return formulas;
  }

  #quoted(text: string): string {
    return text === '' || this.#special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  #head(columns: ColumnHeads): void {
    if (this.#hasHead) return;
    this.#hasHead = true;
    const names = distinctNames(columns.map(({ name }) => name));
    this.#neutralised += names.filter((name) => this.#neutral(name) !== name).length;
    this.#pieces.add(`${names.map((name) => this.#quoted(this.#neutral(name))).join(this.#options.separator)}\n`);
  }
}
