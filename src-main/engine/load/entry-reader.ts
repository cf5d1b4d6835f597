import { Buffer } from 'node:buffer';
import { AppError } from '../../contract/errors';
import type { LoadFormat } from '../../contract/logstore';
import { delimiterOf, readCsvEntry, readCsvHead, type CsvDelimiter } from '../../logstore/csv-entry';
import { LineError, type EntryField } from '../../logstore/entry-fields';
import { readJsonEntry } from '../../logstore/json-entry';
import { openFileSource } from '../file-source';
import { UnpackedSource } from '../unpack/unpacked-source';
import { RecordSplitter, type FileRecord, type RecordKind } from './record-splitter';

/** Looked at to tell what a file is. */
const HEAD_BYTES = 256 << 10;

/** A piece of a file: the fields of a log entry, or why it is none. */
export type ReadEntry =
  | { readonly line: number; readonly fields: readonly EntryField[]; readonly fault: null }
  | { readonly line: number; readonly text: string; readonly fault: LineError };

/** A file of log entries, compressed or not, from its beginning to its end. */
export class EntryReader {
  readonly path: string;
  readonly format: LoadFormat;
  readonly #source: UnpackedSource;
  readonly #fileBytes: number;
  readonly #head: Uint8Array;
  readonly #kind: RecordKind;
  readonly #delimiter: CsvDelimiter;
  #columns: readonly string[] | null = null;

  /** For `open` alone. */
  constructor(path: string, source: UnpackedSource, fileBytes: number, head: Uint8Array, format: LoadFormat) {
    this.path = path;
    this.#source = source;
    this.#fileBytes = fileBytes;
    this.#head = head;
    this.format = format;
    this.#kind = format === 'csv' ? 'csv' : format === 'json' ? 'objects' : 'lines';
    this.#delimiter = delimiterOf(firstLine(head));
  }

  /**
   * @throws AppError CAPTURE_NOT_FOUND and its like for a file that cannot be opened, LOAD_UNREADABLE for one that is empty,
   * or is none of the formats
   */
  static async open(path: string, format: LoadFormat | 'auto', maxExpansion: number): Promise<EntryReader> {
    const file = openFileSource(path);
    const source = new UnpackedSource(file, maxExpansion);
    try {
      const head = await readHead(source);
      if (head.length === 0) throw unreadable(path, source.fault ?? 'it is empty');
      return new EntryReader(path, source, file.sizeBytes, head, format === 'auto' ? formatOf(path, head) : format);
    } catch (cause) {
      source.close();
      throw cause;
    }
  }

  /** Octets of the file that were read, as it is stored. */
  get readBytes(): number {
    return this.#source.storedBytes ?? this.#plainBytes;
  }
  #plainBytes = 0;

  get fileBytes(): number {
    return this.#fileBytes;
  }

  /** @throws AppError LOAD_UNREADABLE where compressed data are damaged, or a CSV file begins with no names of columns */
  async *batches(): AsyncGenerator<readonly ReadEntry[]> {
    const splitter = new RecordSplitter(this.#kind);
    this.#plainBytes = this.#head.length;
    yield this.#entries(splitter.push(withoutMark(this.#head)));
    const chunk = Buffer.allocUnsafe(HEAD_BYTES);
    for (;;) {
      const count = await this.#source.read(chunk);
      if (count === 0) break;
      this.#plainBytes += count;
      yield this.#entries(splitter.push(chunk.subarray(0, count)));
    }
    if (this.#source.fault !== null)
      throw unreadable(this.path, `its compressed data are damaged: ${this.#source.fault}`);
    yield this.#entries(splitter.end());
  }

  close(): void {
    this.#source.close();
  }

  #entries(records: readonly FileRecord[]): readonly ReadEntry[] {
    return records.flatMap((record) => {
      if (this.#kind === 'csv' && this.#columns === null) {
        this.#columns = this.#readColumns(record);
        return [];
      }
      return [this.#entry(record)];
    });
  }

  #entry({ line, text, fault }: FileRecord): ReadEntry {
    if (fault !== null) return { line, text, fault };
    try {
      return { line, fields: this.#fields(text), fault: null };
    } catch (cause) {
      if (cause instanceof LineError) return { line, text, fault: cause };
      throw cause;
    }
  }

  #fields(text: string): readonly EntryField[] {
    return this.#columns === null ? readJsonEntry(text) : readCsvEntry(text, this.#delimiter, this.#columns);
  }

  #readColumns({ text, fault }: FileRecord): readonly string[] {
    try {
      if (fault !== null) throw fault;
      return readCsvHead(text, this.#delimiter);
    } catch (cause) {
      if (cause instanceof LineError) throw unreadable(this.path, `its first line names no columns: ${cause.message}`);
      throw cause;
    }
  }
}

async function readHead(source: UnpackedSource): Promise<Uint8Array> {
  const head = Buffer.alloc(HEAD_BYTES);
  let length = 0;
  while (length < head.length) {
    const count = await source.read(head.subarray(length));
    if (count === 0) break;
    length += count;
  }
  return head.subarray(0, length);
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
  if (head.includes(0)) throw unreadable(path, 'it is no text; captures are read by natscope import');
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
