import type { ResultBatch } from '../../contract/result-batch';
import { distinctNames, plainCells } from './result-cells';
import type { ColumnHeads, RowWriter } from './row-writer';
import { TextPieces, type TextSink } from './text-sink';

/** @see RFC 4180; lines end with a line feed alone. NULL is nothing, an empty text is `""`. */
export class CsvWriter implements RowWriter {
  readonly notes: readonly string[] = [];
  readonly #pieces: TextPieces;
  #hasHead = false;

  constructor(sink: TextSink) {
    this.#pieces = new TextPieces(sink);
  }

  async rows(batch: ResultBatch): Promise<void> {
    await this.#head(batch.columns);
    const cells = batch.columns.map(plainCells);
    const mayNeedQuotes = batch.columns.map(({ type }) => type === 'text' || type === 'json');
    for (let row = 0; row < batch.rowCount; row++) {
      let line = '';
      for (let index = 0; index < cells.length; index++) {
        if (index > 0) line += ',';
        const value = cells[index]!(row);
        if (value !== null) line += mayNeedQuotes[index] ? quoted(value) : value;
      }
      if (this.#pieces.add(`${line}\n`)) await this.#pieces.flush();
    }
    await this.#pieces.flush();
  }

  async end(columns: ColumnHeads): Promise<void> {
    await this.#head(columns);
    await this.#pieces.flush();
  }

  async #head(columns: ColumnHeads): Promise<void> {
    if (this.#hasHead) return;
    this.#hasHead = true;
    const names = distinctNames(columns.map(({ name }) => name));
    if (this.#pieces.add(`${names.map(quoted).join(',')}\n`)) await this.#pieces.flush();
  }
}

function quoted(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
