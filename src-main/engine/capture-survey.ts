import { createHash } from 'node:crypto';
import { readSync, realpathSync } from 'node:fs';
import { AppError } from '../contract/errors';
import type { SkippedCapture } from '../contract/ipc';
import { CaptureStream } from '../capture/capture-stream';
import type { Decoder } from '../capture/decoder';
import { PacketBatch } from '../capture/packet-batch';
import type { ByteSource } from '../capture/read-buffer';
import { newDecoder } from './decoder-module';
import { openFileSource, type OpenedFile } from './file-source';
import { cancelledImport, otherCalls } from './import-captures';

const SAMPLE_BYTES = 1 << 20;
/** Longest stretch of work before other calls get their turn. */
const TURN_MS = 15;
/** Holds the longest record and the headers before it: enough to see the first packet. */
const PEEK_BYTES = 512 << 10;

/** A capture before it is read: what tells it from others, and when it begins. */
export interface SurveyedCapture {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** SHA-256 of the first and of the last MiB, hexadecimal. A digest of all of it would cost half an import. */
  readonly headDigest: string;
  readonly tailDigest: string;
  /** Null for a capture without packets that have a time. */
  readonly firstSec: number | null;
  readonly firstNsec: number;
}

export interface Survey {
  /** In order of their first packet; those without one come last, ties as they were named. */
  readonly captures: readonly SurveyedCapture[];
  readonly skipped: readonly SkippedCapture[];
}

/**
 * Looks at the beginning and the end of each capture.
 *
 * @param keepGoing name captures that cannot be read instead of throwing
 * @throws AppError CAPTURE_* of the first that cannot be read; OPTION_INVALID when one is named twice; IMPORT_CANCELLED
 */
export async function surveyCaptures(
  paths: readonly string[],
  keepGoing: boolean,
  signal: AbortSignal,
): Promise<Survey> {
  const captures: SurveyedCapture[] = [];
  const skipped: SkippedCapture[] = [];
  const realPaths = new Set<string>();
  const decoder = newDecoder();
  let turnEndMs = performance.now() + TURN_MS;
  for (const path of paths) {
    if (performance.now() >= turnEndMs) {
      await otherCalls();
      turnEndMs = performance.now() + TURN_MS;
    }
    if (signal.aborted) throw cancelledImport();
    try {
      const capture = await surveyCapture(path, decoder);
      const realPath = realpathSync(path);
      if (realPaths.has(realPath)) {
        throw new AppError('OPTION_INVALID', `${path} is named twice: its packets would count twice`, { file: path });
      }
      realPaths.add(realPath);
      captures.push(capture);
    } catch (cause) {
      if (!keepGoing || !(cause instanceof AppError) || !cause.code.startsWith('CAPTURE_')) throw cause;
      skipped.push({ path, code: cause.code, message: cause.message });
    }
  }
  captures.sort((a, b) => {
    if (a.firstSec === null || b.firstSec === null) return Number(a.firstSec === null) - Number(b.firstSec === null);
    return a.firstSec - b.firstSec || a.firstNsec - b.firstNsec;
  });
  return { captures, skipped };
}

async function surveyCapture(path: string, decoder: Decoder): Promise<SurveyedCapture> {
  const file = openFileSource(path);
  try {
    const { firstSec, firstNsec } = await peek(file, decoder);
    return {
      path,
      sizeBytes: file.sizeBytes,
      modifiedMs: Math.floor(file.modifiedMs),
      headDigest: digestAt(file, 0),
      tailDigest: digestAt(file, Math.max(0, file.sizeBytes - SAMPLE_BYTES)),
      firstSec,
      firstNsec,
    };
  } finally {
    file.close();
  }
}

/** Reads as far as the first packets; damage behind them is the import's to find. */
async function peek(
  file: OpenedFile,
  decoder: Decoder,
): Promise<{ readonly firstSec: number | null; readonly firstNsec: number }> {
  let leftBytes = PEEK_BYTES;
  const beginning: ByteSource = {
    name: file.name,
    sizeBytes: file.sizeBytes,
    read: (into) => {
      const count = file.read(into.subarray(0, leftBytes));
      leftBytes -= count;
      return count;
    },
    close: () => undefined,
  };
  const stream = await CaptureStream.open(beginning, decoder, { bufferBytes: PEEK_BYTES });
  await stream.fill(new PacketBatch());
  stream.release();
  return stream.account;
}

function digestAt(file: OpenedFile, offset: number): string {
  const sample = Buffer.alloc(Math.min(SAMPLE_BYTES, file.sizeBytes));
  let length = 0;
  while (length < sample.length) {
    const count = readSync(file.descriptor, sample, length, sample.length - length, offset + length);
    if (count === 0) break;
    length += count;
  }
  return createHash('sha256').update(sample.subarray(0, length)).digest('hex');
}
