import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CaptureStream } from '../../src-main/capture/capture-stream';
import { PacketBatch } from '../../src-main/capture/packet-batch';
import { AppError } from '../../src-main/contract/errors';
import { imbalances } from '../../src-main/contract/ledger';
import { newDecoder } from '../../src-main/engine/decoder-module';
import { capturesFolder, needingCaptures } from '../support/captures';
import { concat } from '../support/bytes';
import { framed, tcpSession } from '../support/conversations';
import { erfFile } from '../support/erf-writer';
import { ethernet } from '../support/frames';
import { memorySource } from '../support/memory-source';
import { cut, pcapFile, type CaptureRecord } from '../support/pcap-writer';
import { PROPERTY_RUNS } from '../support/property-runs';
import { seededRandom, type Random } from '../support/random';
import { sessionLog } from '../support/session-log';
import { snoopFile } from '../support/snoop-writer';
import { timeNs } from '../support/time';

/* Captures with octets that are wrong, missing or too many: whatever the file is, an import ends and adds up. */

const VARIANTS = PROPERTY_RUNS > 50 ? 100 * PROPERTY_RUNS : 2000;
/** Larger captures would say the same more slowly. */
const MAX_CAPTURE_BYTES = 30_000;
/** Far above what one takes on a busy machine; one that hangs takes for ever. */
const MAX_VARIANT_MS = 10_000;
/** The decoder's memory: its tables, and the input of one capture at a time. */
const MAX_DECODER_BYTES = 8 << 20;

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const real = (folder === undefined ? [] : readdirSync(folder))
  .filter((name) => /\.pcap(ng)?$/.test(name) && statSync(join(folder ?? '', name)).size <= MAX_CAPTURE_BYTES)
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder ?? '', name))) }));

const made: readonly CaptureRecord[] = framed(
  tcpSession({
    ...{ client: '10.0.0.5:40000', server: '198.51.100.7:443', startNs: timeNs('2026-03-10T09:58:00Z') },
    exchanges: [{ up: 500, down: 9000, pauseMs: 150_000 }],
  }),
  (ip) => ethernet(ip),
);
/** Formats of which there are few real captures, or none. */
const captures = [
  ...real,
  { name: 'ERF', bytes: erfFile(made) },
  { name: 'snoop', bytes: snoopFile(made) },
  { name: 'modified pcap', bytes: pcapFile(made, { modified: true, endian: 'big' }) },
  { name: 'pcap before 2.3', bytes: pcapFile(cut(made, 60), { version: [2, 2] }) },
];

function change(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.int(0, bytes.length - 1);
  const end = Math.min(bytes.length, at + random.int(1, 64));
  switch (random.int(0, 7)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(end));
    case 2:
      return concat(bytes.subarray(0, end), bytes.subarray(at));
    case 3:
      return concat(bytes.subarray(0, at), random.bytes(end - at), bytes.subarray(at));
    case 4:
      return bytes.slice().fill(random.pick([0, 0xff]), at, end);
    default: {
      const changed = bytes.slice();
      for (let count = random.int(1, 40); count > 0; count--) {
        // Seldom in the beginning: a file whose header is wrong is refused, and tests little.
        changed[random.int(0, random.int(0, 15) === 0 ? 64 : bytes.length - 1)] = random.int(0, 255);
      }
      return changed;
    }
  }
}

function variant(index: number): { readonly name: string; readonly bytes: Uint8Array } {
  const random = seededRandom(index);
  const { name, bytes } = random.pick(captures);
  let changed: Uint8Array = bytes;
  for (let count = random.int(1, 3); count > 0 && changed.length > 0; count--) changed = change(random, changed);
  return { name, bytes: changed };
}

/** @returns false when the file is refused as none that could be read */
async function readsOrRefuses(read: () => unknown): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (cause) {
    if (!(cause instanceof AppError) || !cause.code.startsWith('CAPTURE_')) throw cause;
    return false;
  }
}

describe.skipIf(folder === undefined)(needingCaptures('captures that are wrong somewhere'), () => {
  test(
    'end, and every octet and packet of them is accounted for',
    async () => {
      expect(real.length).toBeGreaterThan(10);
      let readable = 0;
      let slowestMs = 0;
      for (let index = 0; index < VARIANTS; index++) {
        const { name, bytes } = variant(index);
        const startedMs = performance.now();
        const isReadable = await readsOrRefuses(async () => {
          const { ledger } = await sessionLog([memorySource(bytes, { name })]);
          expect(imbalances(ledger), `variant ${index} of ${name}`).toEqual([]);
          expect(ledger.fileBytes.read, `variant ${index} of ${name}`).toBe(bytes.length);
        });
        if (isReadable) readable++;
        slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      }
      // Most are still captures, or this would test little.
      expect(readable).toBeGreaterThan(VARIANTS * 0.7);
      expect(slowestMs).toBeLessThan(MAX_VARIANT_MS);
    },
    60_000 + 60 * VARIANTS,
  );

  test(
    'are read in bounded memory, one after the other and by either layer',
    async () => {
      const decoder = newDecoder();
      const batch = new PacketBatch();
      for (let index = 0; index < VARIANTS; index++) {
        decoder.useLayer(index % 2 === 0 ? 'outer' : 'inner');
        const { name, bytes } = variant(index);
        await readsOrRefuses(async () => {
          const stream = await CaptureStream.open(memorySource(bytes, { name }), decoder);
          try {
            for (let hasMore = true; hasMore;) {
              batch.length = 0;
              hasMore = await stream.fill(batch);
            }
          } finally {
            stream.release();
          }
        });
      }
      expect(decoder.module.memory.buffer.byteLength).toBeLessThan(MAX_DECODER_BYTES);
    },
    60_000 + 60 * VARIANTS,
  );
});
