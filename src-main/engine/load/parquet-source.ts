import { Buffer } from 'node:buffer';
import { basename, dirname } from 'node:path';
import { AppError } from '../../contract/errors';
import { ParquetFile, type ConstantFields } from '../../duckdb/parquet-file';
import type { OpenedFile } from '../file-source';
import { refuseExpansion } from '../unpack/unpacked-source';
import type { EntrySource } from './entry-reader';
import type { LoadFile } from './load-files';

/** At the beginning and the end of a file. @see https://parquet.apache.org/docs/file-format/ */
const MAGIC = 'PAR1';
/** At the end where the footer is encrypted. */
const ENCRYPTED = 'PARE';
/** Beginning, length of the footer, end. */
const LEAST_BYTES = 12;
/** It describes each column of each row group in some 100 bytes, and is read whole, beside DuckDB's limit of memory. */
const MOST_FOOTER_BYTES = 32 << 20;

/** Folders above a file of a partitioned set, such as `nat_ip=203.0.113.1`. @see https://hive.apache.org */
const PARTITION = /^([^=]+)=(.*)$/su;
/** Stands for NULL. */
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';

export function isParquet(file: Pick<OpenedFile, 'readAt'>): boolean {
  return magicAt(file, 0) === MAGIC;
}

/** The rows of a Parquet file as lines of JSON, in their order: what is no entry is found as in any other file. */
export class ParquetSource implements EntrySource {
  readonly fault = null;
  readonly packing = null;
  readonly #name: string;
  readonly #bytes: number;
  readonly #maxExpansion: number;
  readonly #file: ParquetFile;
  readonly #rows: AsyncGenerator<readonly string[], void, undefined>;
  #pending: Buffer = Buffer.alloc(0);
  #readRows = 0;
  #givenBytes = 0;

  /** For `open` alone. */
  constructor(name: string, bytes: number, maxExpansion: number, file: ParquetFile) {
    this.#name = name;
    this.#bytes = bytes;
    this.#maxExpansion = maxExpansion;
    this.#file = file;
    this.#rows = file.rows();
  }

  /**
   * @param file is read by its path, and can be closed
   * @param maxExpansion how many times its size the rows may be, written as JSON, beyond the first 64 MiB
   * @throws AppError LOAD_UNREADABLE
   */
  static async open({ name, path }: LoadFile, file: OpenedFile, maxExpansion: number): Promise<ParquetSource> {
    const fault = faultOf(file);
    if (fault !== null) throw unreadable(name, fault);
    try {
      const opened = await ParquetFile.open(path, partitionOf(name));
      return new ParquetSource(name, file.sizeBytes, maxExpansion, opened);
    } catch (cause) {
      throw damaged(name, null, cause);
    }
  }

  /** As far as the rows are in the file. */
  get storedBytes(): number {
    const { rowCount } = this.#file;
    return rowCount > 0 ? Math.floor(Math.min(1, this.#readRows / rowCount) * this.#bytes) : this.#bytes;
  }

  /** @throws AppError LOAD_UNREADABLE where the file is damaged, CAPTURE_EXPANSION_LIMIT */
  async read(into: Uint8Array): Promise<number> {
    while (this.#pending.length === 0) if (!(await this.#readOn())) return 0;
    const count = this.#pending.copy(into);
    this.#pending = this.#pending.subarray(count);
    return count;
  }

  async close(): Promise<void> {
    await this.#rows.return();
    await this.#file.close();
  }

  async #readOn(): Promise<boolean> {
    const next = await this.#rows.next().catch((cause: unknown) => {
      throw damaged(this.#name, this.#readRows, cause);
    });
    if (next.done === true) return false;
    this.#pending = Buffer.from(next.value.map((row) => `${row}\n`).join(''));
    this.#readRows += next.value.length;
    this.#givenBytes += this.#pending.length;
    refuseExpansion(this.#name, this.#givenBytes, this.#maxExpansion, this.storedBytes);
    return true;
  }
}

/** @returns what is wrong at the ends of a file, which everything else in it is found by; null for nothing */
function faultOf(file: OpenedFile): string | null {
  const { sizeBytes } = file;
  if (magicAt(file, 0) !== MAGIC) return 'it does not begin as Parquet does, so it is none, or it is encrypted';
  const end = sizeBytes < LEAST_BYTES ? '' : magicAt(file, sizeBytes - MAGIC.length);
  if (end === ENCRYPTED) return 'its footer is encrypted: decrypt it first';
  if (end !== MAGIC) return `it does not end as Parquet does, so it was cut off: get a whole copy of it`;
  const footerBytes = octetsAt(file, sizeBytes - 8).readUInt32LE(0);
  if (footerBytes > sizeBytes - LEAST_BYTES)
    return `its footer has ${footerBytes} bytes, more than there are: get a whole copy of it`;
  if (footerBytes <= MOST_FOOTER_BYTES) return null;
  return `its footer has ${footerBytes} bytes, and ${MOST_FOOTER_BYTES} are read at most: write it with larger row groups`;
}

function magicAt(file: Pick<OpenedFile, 'readAt'>, offset: number): string {
  return octetsAt(file, offset).toString('latin1');
}

/** Four of them. */
function octetsAt(file: Pick<OpenedFile, 'readAt'>, offset: number): Buffer {
  const octets = Buffer.alloc(4);
  file.readAt(octets, offset);
  return octets;
}

/** The fields that the folders right above a file give it, when it is one of a partitioned set. */
function partitionOf(path: string): ConstantFields {
  const fields = new Map<string, string>();
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const [, name, value] = PARTITION.exec(basename(folder)) ?? [];
    if (name === undefined || value === undefined) return fields;
    if (value !== NO_VALUE) fields.set(decoded(name), decoded(value));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that its writer has not escaped.
    return text;
  }
}

/** @param rows that were read before; null before the first */
function damaged(name: string, rows: number | null, cause: unknown): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'QUERY_FAILED') return cause;
  const where = rows === null ? '' : ` behind row ${rows}`;
  const remedy = 'get a whole copy of it, or write it anew';
  return unreadable(name, `it cannot be read as Parquet${where} (${sentence(cause.message)}): ${remedy}`, cause);
}

/** Characters of DuckDB's sentence that are shown: it may quote what is damaged. */
const SHOWN_CHARACTERS = 200;

/** DuckDB's first sentence, without its kind. */
function sentence(message: string): string {
  const [first = ''] = message.split('\n');
  const plain = first.replace(/^[A-Za-z ]+ Error: /u, '').replace(/\p{C}+/gu, '?');
  return plain.length > SHOWN_CHARACTERS ? `${plain.slice(0, SHOWN_CHARACTERS)}…` : plain;
}

function unreadable(file: string, why: string, cause?: unknown): AppError {
  return new AppError('LOAD_UNREADABLE', `${file} cannot be loaded: ${why}`, { file }, { cause });
}
