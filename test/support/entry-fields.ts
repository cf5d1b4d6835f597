import { CsvEntryReader, readCsvHead, type CsvDelimiter } from '../../src-main/logstore/csv-entry';
import { EntryBatch } from '../../src-main/logstore/entry-batch';
import { VALUE_KIND, type ValueKind } from '../../src-main/logstore/entry-fields';
import { FieldNames } from '../../src-main/logstore/field-names';
import { JsonEntryReader } from '../../src-main/logstore/json-entry';

export interface ReadField {
  readonly name: string;
  readonly kind: keyof typeof VALUE_KIND;
  readonly text: string;
}

export const KIND_NAMES: Readonly<Record<ValueKind, ReadField['kind']>> = {
  0: 'text',
  1: 'number',
  2: 'boolean',
  3: 'json',
};

/** A batch whose octets are a text; behind them is no room, so that values with escapes have to make some. */
export function batchOf(text: string): EntryBatch {
  const octets = new TextEncoder().encode(text);
  const batch = new EntryBatch(octets, (from, start, end) =>
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(from.subarray(start, end)),
  );
  batch.filled = octets.length;
  batch.clear();
  return batch;
}

function fieldsOf(batch: EntryBatch, names: FieldNames): ReadField[] {
  return Array.from({ length: batch.cells }, (_, cell) => ({
    name: names.textOf(batch.cellNames[cell] ?? -1),
    kind: KIND_NAMES[batch.cellKinds[cell] as ValueKind],
    text: batch.text(cell),
  }));
}

/** @throws LineError */
export function readJsonFields(line: string, names = new FieldNames()): ReadField[] {
  const batch = batchOf(line);
  const fault = new JsonEntryReader(batch, names).read(0, batch.filled);
  if (fault !== null) throw fault;
  return fieldsOf(batch, names);
}

/** @throws LineError */
export function readCsvFields(record: string, delimiter: CsvDelimiter, columns: readonly string[]): ReadField[] {
  const names = new FieldNames();
  const batch = batchOf(record);
  const ids = columns.map((name) => names.idOf(name));
  const fault = new CsvEntryReader(batch, delimiter, ids).read(0, batch.filled);
  if (fault !== null) throw fault;
  return fieldsOf(batch, names);
}

/** @throws LineError */
export function readCsvNames(record: string, delimiter: CsvDelimiter): readonly string[] {
  const batch = batchOf(record);
  return readCsvHead(batch, delimiter, 0, batch.filled);
}
