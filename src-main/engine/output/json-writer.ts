import type { ResultBatch } from '../../contract/result-batch';
import { cellOctets, type CellStyle } from './cell-octets';
import { putAscii, putOctets } from './octet-text';
import { distinctNames, type TimeText } from './result-cells';
import type { RowWriter } from './row-writer';
import { OctetPieces, type ByteSink } from './text-sink';

/** What stands around the objects. */
export interface JsonFrame {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly empty: string;
}

export const JSON_FRAMES = {
  json: { before: '[\n', between: ',\n', after: '\n]\n', empty: '[]\n' },
  ndjson: { before: '', between: '\n', after: '\n', empty: '' },
} as const satisfies Record<string, JsonFrame>;

/**
 * One object per row: integers digit for digit, addresses and times of day as text, `json` columns as they are. Nothing is
 * written before the first row, so that a failure can still be told as JSON.
 */
export class JsonWriter implements RowWriter {
  readonly #pieces: OctetPieces;
  readonly #frame: JsonFrame;
  readonly #style: CellStyle;
  /** NaN and infinities, written as null. */
  #notFinite = 0;
  #hasRows = false;

  constructor(sink: ByteSink, frame: JsonFrame, timeText: TimeText) {
    this.#pieces = new OctetPieces(sink);
    this.#frame = frame;
    const notFinite = (): string => {
      this.#notFinite++;
      return 'null';
    };
    this.#style = { timeText, encode: jsonOf, notFinite, quote: '"', nothing: 'null' };
  }

  get notes(): readonly string[] {
    if (this.#notFinite === 0) return [];
    const values = `${this.#notFinite} ${this.#notFinite === 1 ? 'value' : 'values'}`;
    return [`${values} NaN or infinite: null, since JSON has no such number`];
  }

  async rows({ rowCount, columns }: ResultBatch): Promise<void> {
    const names = distinctNames(columns.map(({ name }) => name));
    const keys = names.map((name, index) => Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`));
    const cells = columns.map((column) => cellOctets(column, this.#style));
    const { before, between } = this.#frame;
    const mostBytes = cells.reduce(
      (bytes, cell, index) => bytes + cell.mostBytes + keys[index]!.length,
      Math.max(before.length, between.length) + 2,
    );
    for (let row = 0; row < rowCount; row++) {
      if (this.#pieces.isDue) await this.#pieces.flush();
      const octets = this.#pieces.room(mostBytes);
      let at = putAscii(octets, this.#pieces.length, this.#hasRows ? between : before);
      this.#hasRows = true;
      for (let index = 0; index < cells.length; index++) {
        at = cells[index]!.put(octets, putOctets(octets, at, keys[index]!), row);
      }
      if (cells.length === 0) at = putAscii(octets, at, '{');
      this.#pieces.addTo(putAscii(octets, at, '}'));
    }
    await this.#pieces.flush();
  }

  async end(): Promise<void> {
    this.#pieces.add(this.#hasRows ? this.#frame.after : this.#frame.empty);
    await this.#pieces.flush();
  }
}

function jsonOf(text: string, type: 'text' | 'json'): string {
  // Line breaks in JSON stand only between its tokens, and a line of NDJSON must stay one.
  return type === 'text' ? JSON.stringify(text) : text.replace(/[\r\n]+/g, ' ');
}
