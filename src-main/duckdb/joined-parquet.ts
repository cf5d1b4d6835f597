import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../contract/errors';
import {
  Encoded,
  readThriftStruct,
  THRIFT,
  thriftField,
  writeThriftStruct,
  type ThriftList,
  type ThriftStruct,
} from './thrift-compact';

/** At the beginning and at the end of a file. */
const MAGIC = Buffer.from('PAR1');
/** The length of the footer, and the magic behind it. */
const TAIL_BYTES = 8;
/** Octets that are copied at once. */
const PIECE = 1 << 20;

/** Fields that say where something is in the file. @see https://github.com/apache/parquet-format, parquet.thrift */
const PLACES = {
  fileMetaData: { schema: 2, rows: 3, rowGroups: 4 },
  rowGroup: { columns: 1, fileOffset: 5, ordinal: 7 },
  columnChunk: { fileOffset: 2, metaData: 3, offsetIndex: 4, columnIndex: 6 },
  /** Pages of data, of an index and of a dictionary, and a Bloom filter. */
  columnMetaData: [9, 10, 11, 14],
} as const;

/**
 * Makes one Parquet file of several that have the same columns: their row groups are taken as they are, one file behind the
 * other, and get a footer of their own.
 */
export class JoinedParquet {
  readonly #handle: FileHandle;
  readonly #piece = Buffer.allocUnsafe(PIECE);
  readonly #rowGroups: Encoded[] = [];
  /** Of the first file. */
  #footer: ThriftStruct | null = null;
  #schema: Uint8Array = MAGIC;
  #rows = 0n;
  #writtenBytes = 0;

  /** For `open` alone. */
  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @param path of a file that is there and empty */
  static async open(path: string): Promise<JoinedParquet> {
    const joined = new JoinedParquet(await open(path, 'r+'));
    await joined.#write(MAGIC);
    return joined;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** @throws AppError INTERNAL where it has other columns than those before */
  async add(path: string): Promise<void> {
    const source = await open(path, 'r');
    try {
      const { size } = await source.stat();
      const tail = await readAt(source, size - TAIL_BYTES, Buffer.alloc(TAIL_BYTES));
      const footerBytes = tail.readUInt32LE(0);
      const footerAt = size - TAIL_BYTES - footerBytes;
      this.#addFooter(readThriftStruct(await readAt(source, footerAt, Buffer.alloc(footerBytes))));
      for (let at = MAGIC.length; at < footerAt; at += PIECE) {
        await this.#write(await readAt(source, at, this.#piece.subarray(0, Math.min(PIECE, footerAt - at))));
      }
    } finally {
      await source.close();
    }
  }

  /** Writes the footer; only now is the file complete. At least one file was added. */
  async end(): Promise<void> {
    const footer = this.#footer;
    if (footer === null) throw new AppError('INTERNAL', 'No file was joined');
    const { rows, rowGroups } = PLACES.fileMetaData;
    fieldOf(footer, rows).value = this.#rows;
    fieldOf(footer, rowGroups).value = { type: THRIFT.struct, items: this.#rowGroups };
    const octets = writeThriftStruct(footer);
    const tail = Buffer.alloc(TAIL_BYTES);
    tail.writeUInt32LE(octets.length, 0);
    MAGIC.copy(tail, 4);
    await this.#write(Buffer.concat([octets, tail]));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Its row groups come where writing has come to. */
  #addFooter(footer: ThriftStruct): void {
    const { schema, rows, rowGroups } = PLACES.fileMetaData;
    const columns = writeThriftStruct({ fields: [fieldOf(footer, schema)] });
    if (this.#footer === null) {
      this.#footer = footer;
      this.#schema = columns;
    } else if (Buffer.compare(columns, this.#schema) !== 0) {
      throw new AppError('INTERNAL', 'The parts of a Parquet file have different columns');
    }
    this.#rows += fieldOf(footer, rows).value as bigint;
    const shift = BigInt(this.#writtenBytes - MAGIC.length);
    for (const group of (fieldOf(footer, rowGroups).value as ThriftList).items) {
      moveRowGroup(group as ThriftStruct, shift, BigInt(this.#rowGroups.length));
      this.#rowGroups.push(new Encoded(writeThriftStruct(group as ThriftStruct)));
    }
  }

  async #write(octets: Uint8Array): Promise<void> {
    await this.#handle.writeFile(octets);
    this.#writtenBytes += octets.length;
  }
}

function moveRowGroup(group: ThriftStruct, shift: bigint, ordinal: bigint): void {
  const { rowGroup, columnChunk, columnMetaData } = PLACES;
  move(group, rowGroup.fileOffset, shift);
  const numbered = thriftField(group, rowGroup.ordinal);
  if (numbered !== null) numbered.value = ordinal;
  for (const column of (fieldOf(group, rowGroup.columns).value as ThriftList).items) {
    const chunk = column as ThriftStruct;
    for (const id of [columnChunk.fileOffset, columnChunk.offsetIndex, columnChunk.columnIndex]) move(chunk, id, shift);
    const metaData = fieldOf(chunk, columnChunk.metaData).value as ThriftStruct;
    for (const id of columnMetaData) move(metaData, id, shift);
  }
}

/** 0 is no place in a file: there stands the magic. */
function move(struct: ThriftStruct, id: number, shift: bigint): void {
  const field = thriftField(struct, id);
  if (field !== null && field.value !== 0n) field.value = (field.value as bigint) + shift;
}

function fieldOf(struct: ThriftStruct, id: number): NonNullable<ReturnType<typeof thriftField>> {
  const field = thriftField(struct, id);
  if (field === null) throw new AppError('INTERNAL', `A part of a Parquet file has no field ${id} in its footer`);
  return field;
}

/** @returns `octets`, filled */
async function readAt(handle: FileHandle, at: number, octets: Buffer): Promise<Buffer> {
  let filled = 0;
  while (filled < octets.length) {
    const { bytesRead } = await handle.read(octets, filled, octets.length - filled, at + filled);
    if (bytesRead === 0) throw new AppError('INTERNAL', 'A part of a Parquet file breaks off');
    filled += bytesRead;
  }
  return octets;
}
