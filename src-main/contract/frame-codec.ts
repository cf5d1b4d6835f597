import { AppError } from './errors';
import type { ClientFrame, EngineFrame } from './wire';
import type { ColumnType, ResultBatch, ResultColumn } from './result-batch';

/**
 * The bytes of the wire, little endian:
 *
 *     u32 length of the frame, these four bytes included | u32 length of the header | header: JSON, UTF-8
 *     | bodies: the arrays of a batch, each beginning at a multiple of 8 from the start of the frame
 *
 * Only batches have bodies: per column its data, then its validity if it has one.
 */

export type Frame = ClientFrame | EngineFrame;

/** `TextEncoder` and `TextDecoder` fit; pure code knows neither. */
export interface TextCoder {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

/** Longer frames are refused on both sides, before memory is taken for them. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/**
 * The same for what a client sends. An import names up to 100,000 captures, which may have paths of 160 bytes each then;
 * the longest query is a Mi of characters, of up to 6 bytes where JSON escapes them.
 */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** What a reader with an allowance takes for a frame before it asks: all of nearly every request. */
export const FREE_FRAME_BYTES = 64 * 1024;

/** What readers of several streams may hold together in frames that are half received, beyond `FREE_FRAME_BYTES` each. */
export interface FrameAllowance {
  /** @returns false when there is not so much left */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

const PREFIX_BYTES = 8;
const KINDS: readonly Frame['kind'][] = ['hello', 'call', 'cancel', 'ack', 'batch', 'event', 'reply', 'goodbye'];

interface ColumnHeader {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly dictionary?: readonly string[];
}

const BYTES_PER_ELEMENT: Readonly<Record<ColumnType, number>> = {
  int64: 8,
  timestamp: 8,
  float64: 8,
  bool: 1,
  ipv4: 4,
  text: 4,
  json: 4,
};

const pad8 = (bytes: number): number => Math.ceil(bytes / 8) * 8;

function refuse(reason: string): AppError {
  return new AppError('REQUEST_INVALID', `a frame cannot be read: ${reason}`);
}

type BodyArray = ResultColumn['data'];

function columnHeader(column: ResultColumn): ColumnHeader {
  const header = { name: column.name, type: column.type, nullable: column.validity !== undefined };
  return 'dictionary' in column ? { ...header, dictionary: column.dictionary } : header;
}

function bodiesOf(frame: Frame): BodyArray[] {
  if (frame.kind !== 'batch') return [];
  return frame.batch.columns.flatMap(({ data, validity }) => (validity === undefined ? [data] : [data, validity]));
}

function headerOf(frame: Frame): unknown {
  if (frame.kind !== 'batch') return frame;
  const { rowCount, columns } = frame.batch;
  return { kind: frame.kind, id: frame.id, rowCount, columns: columns.map(columnHeader) };
}

/**
 * @returns the whole frame, in a buffer of its own
 * @throws AppError INTERNAL when it would be longer than `MAX_FRAME_BYTES`; split a batch before that, until it is of a
 * single row, for which it is QUERY_FAILED. REQUEST_INVALID
 * for a call longer than `MAX_REQUEST_BYTES`
 */
export function encodeFrame(frame: Frame, coder: TextCoder): Uint8Array<ArrayBuffer> {
  const header = coder.encode(JSON.stringify(headerOf(frame)));
  const bodies = bodiesOf(frame);
  const start = pad8(PREFIX_BYTES + header.byteLength);
  const length = bodies.reduce((end, body) => pad8(end + body.byteLength), start);
  if (frame.kind === 'call' && length > MAX_REQUEST_BYTES) {
    const message = `the request has ${length} bytes, and may have ${MAX_REQUEST_BYTES}: name fewer captures at once`;
    throw new AppError('REQUEST_INVALID', message, { length });
  }
  if (length > MAX_FRAME_BYTES && frame.kind === 'batch' && frame.batch.rowCount === 1) {
    const message = `a row of the result has ${length} bytes, and may have ${MAX_FRAME_BYTES}: select less of it at once`;
    throw new AppError('QUERY_FAILED', message, { length });
  }
  if (length > MAX_FRAME_BYTES) {
    throw new AppError('INTERNAL', `a ${frame.kind} of ${length} bytes is longer than the wire takes`, { length });
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint32(4, header.byteLength, true);
  bytes.set(header, PREFIX_BYTES);
  let at = start;
  for (const body of bodies) {
    bytes.set(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), at);
    at = pad8(at + body.byteLength);
  }
  return bytes;
}

function arrayAt(type: ColumnType, buffer: ArrayBuffer, at: number, rows: number): BodyArray {
  switch (type) {
    case 'int64':
    case 'timestamp':
      return new BigInt64Array(buffer, at, rows);
    case 'float64':
      return new Float64Array(buffer, at, rows);
    case 'bool':
      return new Uint8Array(buffer, at, rows);
    case 'ipv4':
    case 'text':
    case 'json':
      return new Uint32Array(buffer, at, rows);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isColumnType(type: unknown): type is ColumnType {
  return typeof type === 'string' && Object.hasOwn(BYTES_PER_ELEMENT, type);
}

function readColumnHeader(value: unknown): ColumnHeader {
  if (!isFields(value) || typeof value['name'] !== 'string' || typeof value['nullable'] !== 'boolean') {
    throw refuse('a column has no name');
  }
  const { name, nullable, type, dictionary } = value;
  if (!isColumnType(type)) throw refuse('a column has an unknown type');
  if (type !== 'text' && type !== 'json') return { name, type, nullable };
  if (!Array.isArray(dictionary) || !dictionary.every((text): text is string => typeof text === 'string')) {
    throw refuse('a column has no dictionary');
  }
  return { name, type, nullable, dictionary };
}

/** The arrays are views of `buffer`, which is the frame's own. */
function readBatch(header: Fields, buffer: ArrayBuffer, start: number): ResultBatch {
  const { rowCount, columns } = header;
  if (typeof rowCount !== 'number' || !Number.isSafeInteger(rowCount) || rowCount < 0 || !Array.isArray(columns)) {
    throw refuse('a batch has no rows or no columns');
  }
  let at = start;
  const take = (type: ColumnType): BodyArray => {
    const end = at + rowCount * BYTES_PER_ELEMENT[type];
    if (end > buffer.byteLength) throw refuse('a column is cut off');
    const array = arrayAt(type, buffer, at, rowCount);
    at = pad8(end);
    return array;
  };
  const read = columns.map((value: unknown) => {
    const { nullable, ...column } = readColumnHeader(value);
    const data = take(column.type);
    return { ...column, data, ...(nullable ? { validity: take('bool') } : {}) } as ResultColumn;
  });
  return { rowCount, columns: read };
}

/**
 * Reads one whole frame. The parts of a call's request, of an event and of a reply are not looked into.
 *
 * @param bytes from the start of its buffer, which the frame keeps: the arrays of a batch are views of it
 * @throws AppError REQUEST_INVALID
 */
export function decodeFrame(bytes: Uint8Array<ArrayBuffer>, coder: TextCoder): Frame {
  const { buffer, byteLength } = bytes;
  if (byteLength < PREFIX_BYTES) throw refuse('it is cut off');
  const view = new DataView(buffer, 0, byteLength);
  const headerEnd = PREFIX_BYTES + view.getUint32(4, true);
  if (view.getUint32(0, true) !== byteLength || headerEnd > byteLength)
    throw refuse('its lengths contradict each other');
  let header: unknown;
  try {
    header = JSON.parse(coder.decode(bytes.subarray(PREFIX_BYTES, headerEnd)));
  } catch (cause) {
    throw new AppError('REQUEST_INVALID', 'a frame cannot be read: its header is no JSON', {}, { cause });
  }
  if (!isFields(header) || !KINDS.some((kind) => header['kind'] === kind)) throw refuse('it is of no known kind');
  const { kind, id } = header;
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) throw refuse('it belongs to no call');
  if (kind === 'batch') return { kind, id, batch: readBatch(header, buffer, pad8(headerEnd)) };
  return header as unknown as Frame;
}

export interface FrameReaderOptions {
  readonly maxBytes?: number;
  /** For streams that are not trusted: memory is taken as bytes come, and only as much as this allows. */
  readonly allowance?: FrameAllowance;
}

/** Puts the frames of a byte stream together again, however the stream was cut. */
export class FrameReader {
  readonly #coder: TextCoder;
  readonly #maxBytes: number;
  readonly #allowance: FrameAllowance | null;
  readonly #lengthBytes = new Uint8Array(4);
  #frame: Uint8Array<ArrayBuffer> | null = null;
  #frameLength = 0;
  /** Bytes of the current frame that are here. */
  #filled = 0;
  #taken = 0;

  constructor(coder: TextCoder, { maxBytes = MAX_FRAME_BYTES, allowance }: FrameReaderOptions = {}) {
    this.#coder = coder;
    this.#maxBytes = maxBytes;
    this.#allowance = allowance ?? null;
  }

  /**
   * @param chunk the next bytes; they are copied
   * @returns the frames that these bytes complete, in order
   * @throws AppError REQUEST_INVALID when a frame is too long or unreadable, ENGINE_BUSY when the allowance has no more;
   * the stream is then of no more use
   */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.byteLength) {
      const target = this.#frame ?? this.#lengthBytes;
      const taken = Math.min(target.byteLength - this.#filled, chunk.byteLength - at);
      target.set(chunk.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < target.byteLength) break;
      if (this.#frame === null) this.#begin();
      else if (this.#filled < this.#frameLength) this.#grow(this.#frame);
      else {
        const frame = this.#frame;
        this.release();
        frames.push(decodeFrame(frame, this.#coder));
      }
    }
    return frames;
  }

  /** Forgets the frame that is half received, and gives back what it took of the allowance. */
  release(): void {
    this.#allowance?.give(this.#taken);
    this.#taken = 0;
    this.#frame = null;
    this.#filled = 0;
  }

  #begin(): void {
    const length = new DataView(this.#lengthBytes.buffer).getUint32(0, true);
    if (length < PREFIX_BYTES || length > this.#maxBytes) {
      throw refuse(`its length is ${length}, and may be ${this.#maxBytes}`);
    }
    this.#frameLength = length;
    this.#frame = new Uint8Array(this.#allowance === null ? length : Math.min(length, FREE_FRAME_BYTES));
    this.#frame.set(this.#lengthBytes);
  }

  /** Twice as long, so that all bytes are copied once more at most. */
  #grow(frame: Uint8Array<ArrayBuffer>): void {
    const length = Math.min(this.#frameLength, frame.byteLength * 2);
    const more = length - frame.byteLength;
    if (this.#allowance?.take(more) === false) {
      throw new AppError('ENGINE_BUSY', 'the engine receives too many long requests at once');
    }
    this.#taken += more;
    this.#frame = new Uint8Array(length);
    this.#frame.set(frame);
  }
}
