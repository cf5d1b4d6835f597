import { Buffer, isUtf8 } from 'node:buffer';
import type { ByteSource } from '../../capture/read-buffer';
import { AppError } from '../../contract/errors';
import type { LoadFormat } from '../../contract/logstore';
import { CsvEntryReader, delimiterOf, readCsvHead, type CsvDelimiter } from '../../logstore/csv-entry';
import { EntryBatch } from '../../logstore/entry-batch';
import { LineError } from '../../logstore/entry-fields';
import type { FieldNames } from '../../logstore/field-names';
import { JsonEntryReader } from '../../logstore/json-entry';
import { openFileSource, type OpenedFile } from '../file-source';
import type { LoadFile } from './load-files';
import { isParquet, ParquetSource } from './parquet-source';
import type { Packing } from '../unpack/unpacker';
import { UnpackedSource } from '../unpack/unpacked-source';
import { CsvSplitter } from './csv-splitter';
import type { Splitter } from './found-record';
import { RecordSplitter, type RecordKind } from './record-splitter';
import { wrappedListIn } from './wrapped-list';

/** Read at once; the first is looked at to tell what a file is. */
const PIECE_BYTES = 256 << 10;

const LINE_FEED = 0x0a;

/** Where the octets of entries come from. */
export interface EntrySource {
  /** Octets of the file that were read, as it is stored; null where they are those that `read` gave. */
  readonly storedBytes: number | null;
  /** Why it ends before its end; null while it does not. */
  readonly fault: string | null;
  /** What its octets were compressed with; null if they were not, or before the first read. */
  readonly packing: Packing | null;
  /** @returns how many octets were read, 0 at the end */
  read(into: Uint8Array): number | Promise<number>;
  close(): void | Promise<void>;
}

/** A piece of a file that is no log entry. */
export interface BadRecord {
  readonly line: number;
  /** How many lines it has. */
  readonly lines: number;
  readonly text: string;
  readonly fault: LineError;
}

/** A file of log entries, compressed or not, from its beginning to its end. */
export class EntryReader {
  /** As it was asked for. */
  readonly path: string;
  readonly format: LoadFormat;
  /** The entries of the piece that was read last. */
  readonly batch: EntryBatch;
  /** What of that piece is no entry; whoever writes entries may find more. */
  readonly bad: BadRecord[] = [];
  readonly #source: EntrySource;
  readonly #fileBytes: number;
  readonly #names: FieldNames;
  readonly #delimiter: CsvDelimiter;
  readonly #splitter: Splitter;
  #entries: JsonEntryReader | CsvEntryReader | null;
  #plainBytes: number;

  /** For `open` and `begin` alone. */
  constructor(
    file: { readonly path: string; readonly source: EntrySource; readonly bytes: number },
    batch: EntryBatch,
    format: LoadFormat,
    names: FieldNames,
    list: number | null,
  ) {
    this.path = file.path;
    this.#source = file.source;
    this.#fileBytes = file.bytes;
    this.format = format;
    this.batch = batch;
    this.#names = names;
    this.#plainBytes = batch.filled;
    this.#delimiter = delimiterOf(firstLine(batch.octets.subarray(0, batch.filled)));
    this.#splitter =
      format === 'csv' ? new CsvSplitter(this.#delimiter) : new RecordSplitter(RECORD_KIND[format], list);
    // The columns of CSV are in its first record.
    this.#entries = format === 'csv' ? null : new JsonEntryReader(batch, names);
  }

  /**
   * @throws AppError CAPTURE_NOT_FOUND and its like for a file that cannot be opened, LOAD_UNREADABLE for one that is empty,
   * or is none of the formats
   */
  static async open(
    { name, path }: LoadFile,
    format: LoadFormat | 'auto',
    maxExpansion: number,
    names: FieldNames,
  ): Promise<EntryReader> {
    const file = openFileSource(path);
    const isRows = format === 'parquet' || (format === 'auto' && isParquet(file));
    const source = isRows
      ? await openParquet({ name, path }, file, maxExpansion)
      : new UnpackedSource({ ...file, name }, maxExpansion);
    return EntryReader.#read({ path: name, source, bytes: file.sizeBytes }, isRows ? 'parquet' : format, names);
  }

  /**
   * As `open`, of what there is of a file; it ends there, without a fault where it is not compressed. Not of Parquet, whose
   * rows are found from its end.
   *
   * @param source closed with this
   */
  static begin(source: ByteSource, bytes: number, maxExpansion: number, names: FieldNames): Promise<EntryReader> {
    const file = { path: source.name, source: new UnpackedSource(source, maxExpansion), bytes };
    return EntryReader.#read(file, 'auto', names);
  }

  static async #read(
    file: { readonly path: string; readonly source: EntrySource; readonly bytes: number },
    format: LoadFormat | 'auto',
    names: FieldNames,
  ): Promise<EntryReader> {
    const { path, source } = file;
    try {
      const batch = new EntryBatch(new Uint8Array(2 * PIECE_BYTES), utf8);
      await fill(source, batch);
      const isRows = format === 'parquet';
      if (batch.filled === 0) throw unreadable(path, source.fault ?? (isRows ? 'it has no rows' : 'it is empty'));
      const head = batch.octets.subarray(0, batch.filled);
      const known = format === 'auto' ? formatOf(path, head) : format;
      const mayBeList = known === 'json' || (known === 'ndjson' && format === 'auto');
      const list = mayBeList ? wrappedListIn(Buffer.from(withoutMark(head)).toString('latin1')) : null;
      return new EntryReader(file, batch, list === null ? known : 'json', names, list);
    } catch (cause) {
      await source.close();
      throw cause;
    }
  }

  /** Octets of the file that were read, as it is stored. */
  get readBytes(): number {
    return this.#source.storedBytes ?? this.#plainBytes;
  }

  get packing(): Packing | null {
    return this.#source.packing;
  }

  get fileBytes(): number {
    return this.#fileBytes;
  }

  /**
   * Reads the next piece into `batch` and `bad`.
   *
   * @returns false at the end of the file
   * @throws AppError LOAD_UNREADABLE where compressed data are damaged, or a CSV file begins with no names of columns
   */
  async next(): Promise<boolean> {
    if (this.#isOver) return false;
    this.bad.length = 0;
    if (this.#hasBegun) await this.#readOn();
    else dropMark(this.batch);
    this.#hasBegun = true;
    this.batch.clear();
    if (this.format !== 'csv') this.#names.forget();
    this.#readEntries();
    return true;
  }
  #hasBegun = false;
  #isOver = false;

  async close(): Promise<void> {
    await this.#source.close();
  }

  async #readOn(): Promise<void> {
    const { batch } = this;
    batch.filled = this.#splitter.keep(batch.octets, batch.filled);
    if (batch.octets.length - batch.filled < PIECE_BYTES) batch.grow(batch.filled + PIECE_BYTES);
    const count = await this.#source.read(batch.octets.subarray(batch.filled, batch.filled + PIECE_BYTES));
    batch.filled += count;
    this.#plainBytes += count;
    if (count > 0) return;
    if (this.#source.fault !== null)
      throw unreadable(this.path, `its compressed data are damaged: ${this.#source.fault}`);
    this.#isOver = true;
  }

  #readEntries(): void {
    const { batch } = this;
    const { filled } = batch;
    const splitter = this.#splitter;
    // A line end is no part of another character.
    const lastLineEnd = batch.octets.lastIndexOf(LINE_FEED, filled - 1) + 1;
    const textEnd = isUtf8(batch.octets.subarray(0, lastLineEnd)) ? lastLineEnd : 0;
    while (splitter.next(batch.octets, filled) || (this.#isOver && splitter.last(batch.octets, filled))) {
      const { start, end, line, lastLine } = splitter;
      const isText = end <= textEnd || isUtf8(batch.octets.subarray(start, end));
      const encoding = isText ? null : new LineError('ENCODING', 'it is no text in UTF-8');
      const fault = splitter.fault ?? encoding;
      if (this.#entries === null) {
        this.#entries = this.#csvReader(fault);
        continue;
      }
      const wrong = fault ?? this.#entries.read(start, end);
      if (wrong === null) batch.endEntry(line, start, end);
      else {
        batch.dropCells();
        this.bad.push({ line, lines: lastLine - line + 1, text: batch.textOf(start, end), fault: wrong });
      }
    }
  }

  #csvReader(fault: LineError | null): CsvEntryReader {
    try {
      if (fault !== null) throw fault;
      const names = readCsvHead(this.batch, this.#delimiter, this.#splitter.start, this.#splitter.end);
      const columns = names.map((name) => this.#names.idOf(name));
      if (this.#splitter instanceof CsvSplitter) this.#splitter.columns = columns.length;
      return new CsvEntryReader(this.batch, this.#delimiter, columns);
    } catch (cause) {
      if (cause instanceof LineError) throw unreadable(this.path, `its first line names no columns: ${cause.message}`);
      throw cause;
    }
  }
}

const RECORD_KIND: Readonly<Record<Exclude<LoadFormat, 'csv'>, RecordKind>> = {
  json: 'objects',
  ndjson: 'lines',
  // Its rows come as lines of JSON.
  parquet: 'lines',
};

async function openParquet(file: LoadFile, opened: OpenedFile, maxExpansion: number): Promise<ParquetSource> {
  try {
    return await ParquetSource.open(file, opened, maxExpansion);
  } finally {
    opened.close();
  }
}

function utf8(octets: Uint8Array, start: number, end: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset + start, end - start).toString('utf8');
}

/** Reads the first piece whole: a pipe or a decompressor gives as little as it likes. */
async function fill(source: EntrySource, batch: EntryBatch): Promise<void> {
  while (batch.filled < PIECE_BYTES) {
    const count = await source.read(batch.octets.subarray(batch.filled, PIECE_BYTES));
    if (count === 0) return;
    batch.filled += count;
  }
}

function dropMark(batch: EntryBatch): void {
  const { length } = withoutMark(batch.octets.subarray(0, batch.filled));
  batch.octets.copyWithin(0, batch.filled - length, batch.filled);
  batch.filled = length;
}

/** The mark of UTF-8 that some programs begin a file with. */
function withoutMark(head: Uint8Array): Uint8Array {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
}

function firstLine(head: Uint8Array): string {
  const end = head.indexOf(0x0a);
  return Buffer.from(withoutMark(end === -1 ? head : head.subarray(0, end))).toString('utf8');
}

const COLUMN_NAME = /^[\p{L}\p{N}_@.:# /()-]{1,128}$/u;

/** @throws AppError LOAD_UNREADABLE */
function formatOf(path: string, head: Uint8Array): LoadFormat {
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (utf16) throw unreadable(path, 'it is UTF-16: convert it to UTF-8');
  if (firstLine(head).startsWith('PAR1'))
    throw unreadable(path, 'it is Parquet that was compressed: decompress it first');
  if (head.includes(0))
    throw unreadable(
      path,
      'it is no text; captures are read by natscope import, and --format says what it is if its texts have NUL',
    );
  const line = firstLine(head).trim();
  const begin = Buffer.from(withoutMark(head)).toString('utf8').trimStart();
  if (begin.startsWith('[')) return 'json';
  if (begin.startsWith('{')) return isJson(line) || line.endsWith('}') ? 'ndjson' : 'json';
  const delimiter = delimiterOf(line);
  const names = line.split(delimiter).map((name) => name.trim().replace(/^"(.*)"$/u, '$1'));
  if (names.length > 1 && names.every((name) => COLUMN_NAME.test(name))) return 'csv';
  throw unreadable(
    path,
    'it is neither NDJSON nor JSON, and its first line names no columns as CSV has them; --format says what it is',
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function unreadable(file: string, why: string): AppError {
  return new AppError('LOAD_UNREADABLE', `${file} cannot be loaded: ${why}`, { file });
}
