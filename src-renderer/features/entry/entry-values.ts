import { ENTRY_ID_COLUMN, parseEntryId, type EntryId } from '../../../src-main/contract/log-entry';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { cellText } from '../logstore/cell-text';
import { jsonText } from '../logstore/json-text';
import type { RowPlace } from '../logstore/row-source';

/** The values of one log entry, by the names of its columns: as they are queried, null where there is none. */
export class EntryValues {
  readonly id: EntryId | null;
  readonly #place: RowPlace;

  constructor(place: RowPlace) {
    this.#place = place;
    this.id = parseEntryId(this.text(ENTRY_ID_COLUMN) ?? '');
  }

  /** All that are shown, in the order of the columns. */
  get all(): readonly { readonly name: string; readonly text: string | null }[] {
    const { batch, row } = this.#place;
    return batch.columns
      .filter(({ name }) => name !== ENTRY_ID_COLUMN)
      .map((column) => ({ name: column.name, text: cellText(column, row) }));
  }

  /** @returns null where there is no such column as well */
  text(name: string): string | null {
    const column = this.#place.batch.columns.find((each) => each.name === name);
    return column === undefined ? null : cellText(column, this.#place.row);
  }

  /** @returns null where there is none */
  number(name: string): number | null {
    const text = this.text(name);
    return text === null ? null : Number(text);
  }

  /** @returns the sum of two columns; null where the log has neither */
  sum(one: string, other: string): number | null {
    const [first, second] = [this.number(one), this.number(other)];
    return first === null && second === null ? null : (first ?? 0) + (second ?? 0);
  }

  /** @returns `10.0.0.7:4711`; null where the log does not have both */
  endpoint(address: string, port: string): string | null {
    const [host, number] = [this.text(address), this.text(port)];
    return host === null || number === null ? null : `${host}:${number}`;
  }

  /** As `natscope query --format json` writes it: whole numbers digit for digit, whatever their size. */
  json(): string {
    const { batch, row } = this.#place;
    const lines = batch.columns
      .filter(({ name }) => name !== ENTRY_ID_COLUMN)
      .map((column) => `  ${JSON.stringify(column.name)}: ${jsonText(column, row)}`);
    return `{\n${lines.join(',\n')}\n}`;
  }
}

/** @returns the entries of batches, in their order */
export function entriesOf(batches: readonly ResultBatch[]): EntryValues[] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.rowCount }, (_, row) => new EntryValues({ batch, row })),
  );
}
