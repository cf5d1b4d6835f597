import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type { EventEmitter } from 'node:events';

/** A record as `pcap-parser` and our reader both see it. */
export interface ReadRecord {
  readonly sec: number;
  readonly nsec: number;
  readonly wireBytes: number;
  /** The frame as far as it was captured. */
  readonly bytes: Buffer;
}

interface Parsed {
  readonly header: {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  };
  readonly data: Buffer;
}

const { parse } = createRequire(import.meta.url)('pcap-parser') as {
  readonly parse: (input: Readable) => EventEmitter;
};

/** Pieces in which it is given a capture: it copies what is left of all before for each of them. */
const PIECE_BYTES = 64 << 10;

/**
 * What the npm package `pcap-parser` reads of a capture. It knows classic pcap with microseconds only, and does not say so
 * when the file ends inside a record.
 *
 * @param pieceBytes of the stream that it is given, asked before each piece
 * @throws its own error, for another magic
 */
export function readWithPcapParser(bytes: Uint8Array, pieceBytes = () => PIECE_BYTES): Promise<readonly ReadRecord[]> {
  return new Promise((resolve, reject) => {
    const records: ReadRecord[] = [];
    parse(Readable.from(pieces(bytes, pieceBytes), { objectMode: false }))
      .on('packet', ({ header, data }: Parsed) => {
        if (data.length !== header.capturedLength) throw new RangeError('a record that is not all there');
        records.push({
          sec: header.timestampSeconds,
          nsec: header.timestampMicroseconds * 1000,
          wireBytes: header.originalLength,
          bytes: data,
        });
      })
      .on('error', reject)
      .on('end', () => resolve(records));
  });
}

function* pieces(bytes: Uint8Array, pieceBytes: () => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + pieceBytes());
    yield Buffer.from(bytes.subarray(at, end));
    at = end;
  }
}
