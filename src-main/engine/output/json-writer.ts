import type { ResultBatch } from '../../contract/result-batch';
import { distinctNames, jsonCells, type JsonLosses, type TimeText } from './result-cells';
import type { RowWriter } from './row-writer';
import { TextPieces, type TextSink } from './text-sink';

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

/** One object per row. Nothing is written before the first row, so that a failure can still be told as JSON. */
export class JsonWriter implements RowWriter {
  readonly #pieces: TextPieces;
  readonly #frame: JsonFrame;
  readonly #timeText: TimeText;
  readonly #losses: JsonLosses = { notFinite: 0 };
  #hasRows = false;

  constructor(sink: TextSink, frame: JsonFrame, timeText: TimeText) {
    this.#pieces = new TextPieces(sink);
    this.#frame = frame;
    this.#timeText = timeText;
  }

  get notes(): readonly string[] {
    const { notFinite } = this.#losses;
    if (notFinite === 0) return [];
    return [
      `${notFinite} ${notFinite === 1 ? 'value' : 'values'} NaN or infinite: null, since JSON has no such number`,
    ];
  }

  async rows(batch: ResultBatch): Promise<void> {
    const names = distinctNames(batch.columns.map(({ name }) => name));
    const cells = batch.columns.map((column) => jsonCells(column, this.#losses, this.#timeText));
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
