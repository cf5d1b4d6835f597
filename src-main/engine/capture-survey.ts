import { createHash } from 'node:crypto';
import { readSync, realpathSync } from 'node:fs';
import type { CaptureClock, Compression } from '../contract/capture-details';
import { AppError, isCaptureError } from '../contract/errors';
import { STANDARD_INPUT, type SkippedCapture } from '../contract/imports';
import type { CaptureAccount } from '../capture/capture-account';
import { CaptureStream } from '../capture/capture-stream';
import type { ContainerFacts } from '../capture/container-facts';
import type { Decoder } from '../capture/decoder';
import { PacketBatch } from '../capture/packet-batch';
import type { ByteSource } from '../capture/read-buffer';
import { newDecoder } from './decoder-module';
import { openFileSource, SAMPLE_BYTES, statsOf, type OpenedFile } from './file-source';
import { cancelledImport, type LeftOutCapture } from './import-captures';
import { isPipe, pipeSource } from './pipe-source';
import { TURN_MS, otherCalls } from './turns';
import { UnpackedSource } from './unpack/unpacked-source';

/** Holds the longest record and the headers before it: enough to see the first packet. */
const PEEK_BYTES = 512 << 10;

/** A capture before it is read: what tells it from others, and when it begins. */
export interface SurveyedCapture {
  readonly path: string;
  /** As it is stored; null for a pipe, of which nothing is known before it has been read. */
  readonly file: SurveyedFile | null;
  /** Whether it was written to while it was read, so that nobody knows what of it was read. */
  readonly isUnsteady?: boolean;
  /** Where the octets of a pipe are sent to; null for reading it here. */
  readonly socketPath: string | null;
  /** Null for a capture without packets that have a time; `-Infinity` for a pipe, which is read at once. */
  readonly firstSec: number | null;
  readonly firstNsec: number;
  /** As far as they were described up to the first packets; null for a pipe. */
  readonly kind: CaptureKind | null;
  /** By which its packets are timed, see `onOneClock`; not there where its times stand. */
  readonly clock?: CaptureClock;
}

export interface CaptureKind {
  readonly container: ContainerFacts;
  readonly linkTypes: readonly number[];
  readonly compression: Compression | null;
}

export interface SurveyedFile {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** SHA-256 of the first and of the last MiB, hexadecimal. A digest of all of it would cost half an import. */
  readonly headDigest: string;
  readonly tailDigest: string;
}

export interface SurveyOptions {
  /** Name captures that cannot be read instead of throwing. */
  readonly keepGoing: boolean;
  /** Captures with the same content are wanted. */
  readonly again: boolean;
  readonly maxExpansion: number;
  /** Sockets by the captures that are sent there. */
  readonly streams: ReadonlyMap<string, string>;
}

export interface Survey {
  /** In order of their first packet; those without one come last, ties as they were named. */
  readonly captures: readonly SurveyedCapture[];
  readonly skipped: readonly SkippedCapture[];
  /** Captures of both sides of a gateway are there as files, and nothing in these tells how far their clocks are apart. */
  readonly hasUnknownClocks?: boolean;
}

/** The time of a capture's first packet, as `SurveyedCapture` has it. */
type FirstPacket = Pick<SurveyedCapture, 'firstSec' | 'firstNsec'>;

/**
 * Looks at the beginning and the end of each capture that is a file. Of a pipe nothing is read, since it could not be
 * read again.
 *
 * @throws AppError CAPTURE_* of the first that cannot be read; OPTION_INVALID when one is named twice, or is a copy of another;
 * IMPORT_CANCELLED
 */
export async function surveyCaptures(
  paths: readonly string[],
  options: SurveyOptions,
  signal: AbortSignal,
): Promise<Survey> {
  const { keepGoing } = options;
  const captures: SurveyedCapture[] = [];
  const skipped: SkippedCapture[] = [];
  const realPaths = new Set<string>();
  const byContent = new Map<string, string>();
  const decoder = newDecoder();
  let turnEndMs = performance.now() + TURN_MS;
  for (const path of paths) {
    if (performance.now() >= turnEndMs) {
      await otherCalls();
      turnEndMs = performance.now() + TURN_MS;
    }
    if (signal.aborted) throw cancelledImport();
    try {
      const capture = await surveyCapture(path, options, decoder);
      const realPath = path === STANDARD_INPUT || options.streams.has(path) ? path : realpathSync(path);
      if (realPaths.has(realPath)) {
        throw new AppError('OPTION_INVALID', `${path} is named twice: its packets would count twice`, { file: path });
      }
      realPaths.add(realPath);
      if (!options.again) refuseCopy(capture, byContent);
      captures.push(capture);
    } catch (cause) {
      if (!keepGoing || !isCaptureError(cause)) throw cause;
      skipped.push({ path, code: cause.code, message: cause.message });
    }
  }
  captures.sort(byFirstPacket);
  return { captures, skipped };
}

/** Orders captures by the times of their first packets; those without a packet that has a time come last, as they were. */
export function byFirstPacket(a: FirstPacket, b: FirstPacket): number {
  if (a.firstSec === null || b.firstSec === null) return Number(a.firstSec === null) - Number(b.firstSec === null);
  return a.firstSec === b.firstSec ? a.firstNsec - b.firstNsec : a.firstSec - b.firstSec;
}

/**
 * What tells a capture from others by its content, as far as that is looked at; null for one without a packet that has a
 * time, as there may be many, and for what nobody knows yet.
 */
export function contentKey({ file, firstSec, isUnsteady }: SurveyedCapture): string | null {
  if (file === null || firstSec === null || isUnsteady === true) return null;
  return fileKey(file);
}

/** What a capture that is a file is known by, wherever it lies. */
export type FileIdentity = Omit<SurveyedFile, 'modifiedMs'>;

export function fileKey({ sizeBytes, headDigest, tailDigest }: FileIdentity): string {
  return `${sizeBytes}:${headDigest}:${tailDigest}`;
}

/**
 * @param byContent paths of the captures before, where this one is added
 * @throws AppError OPTION_INVALID where one of them has the same content
 */
function refuseCopy(capture: SurveyedCapture, byContent: Map<string, string>): void {
  const key = contentKey(capture);
  if (key === null) return;
  const { path } = capture;
  const other = byContent.get(key);
  if (other !== undefined) {
    const message = `${path} has the same content as ${other}: its packets would count twice; leave one out, or import both with --again`;
    throw new AppError('OPTION_INVALID', message, { file: path, other });
  }
  byContent.set(key, path);
}

/** @param leftOut when they were to be read, by their place among the captures: pipes, and files that are gone by then */
export function withoutLeftOut(survey: Survey, leftOut: readonly LeftOutCapture[]): Survey {
  const { captures, skipped } = survey;
  const places = new Set(leftOut.map(({ place }) => place));
  return {
    ...survey,
    captures: captures.filter((_, place) => !places.has(place)),
    skipped: [...skipped, ...leftOut.map(({ path, code, message }) => ({ path, code, message }))],
  };
}

async function surveyCapture(
  path: string,
  { streams, maxExpansion }: SurveyOptions,
  decoder: Decoder,
): Promise<SurveyedCapture> {
  const socketPath = streams.get(path) ?? null;
  if (socketPath !== null || isPipe(path)) {
    // Refuses a terminal.
    pipeSource(path, socketPath);
    return { path, file: null, socketPath, firstSec: -Infinity, firstNsec: 0, kind: null };
  }
  const opened = openFileSource(path);
  const source = new UnpackedSource(opened, maxExpansion);
  try {
    const { firstSec, firstNsec, container, linkTypes } = await peek(source, decoder);
    const kind = { container, linkTypes: [...linkTypes], compression: source.packing };
    return { path, file: factsOf(opened), socketPath, firstSec, firstNsec, kind };
  } finally {
    source.close();
  }
}

function factsOf(opened: OpenedFile): SurveyedFile {
  return {
    sizeBytes: opened.sizeBytes,
    modifiedMs: Math.floor(opened.modifiedMs),
    headDigest: digestAt(opened, 0),
    tailDigest: digestAt(opened, Math.max(0, opened.sizeBytes - SAMPLE_BYTES)),
  };
}

/**
 * Looks at a capture again when it has been read, since a capture program may go on writing it: what the run is known by
 * must be what was read.
 *
 * @param readBytes after decompression
 * @returns the capture as it is now; the same object if it is as it was
 */
export function surveyAgain(capture: SurveyedCapture, readBytes: number): SurveyedCapture {
  const { path, file } = capture;
  if (file === null) return capture;
  const stats = statsOf(path);
  // One that is gone by now was what it was while it was read.
  if (stats?.isFile() !== true) return capture;
  if (stats.size === file.sizeBytes && Math.floor(stats.mtimeMs) === file.modifiedMs) return capture;
  const opened = openFileSource(path);
  try {
    const now = factsOf(opened);
    const isTouched =
      now.sizeBytes === file.sizeBytes && now.headDigest === file.headDigest && now.tailDigest === file.tailDigest;
    if (isTouched) return capture;
    return { ...capture, file: now, isUnsteady: now.sizeBytes !== readBytes };
  } finally {
    opened.close();
  }
}

/** Reads as far as the first packets; damage behind them is the import's to find. */
export async function peek(source: ByteSource, decoder: Decoder): Promise<CaptureAccount> {
  let leftBytes = PEEK_BYTES;
  const beginning: ByteSource = {
    name: source.name,
    sizeBytes: source.sizeBytes,
    read: async (into) => {
      const count = await source.read(into.subarray(0, leftBytes));
      leftBytes -= count;
      return count;
    },
    get fault() {
      return source.fault ?? null;
    },
    close: () => undefined,
  };
  const stream = await CaptureStream.open(beginning, decoder, { bufferBytes: PEEK_BYTES });
  await stream.fill(new PacketBatch());
  stream.release();
  return stream.account;
}

/** @returns SHA-256 of `SAMPLE_BYTES` from there on, or of what there is, hexadecimal */
export function digestAt(file: OpenedFile, offset: number): string {
  const sample = Buffer.alloc(Math.min(SAMPLE_BYTES, file.sizeBytes));
  let length = 0;
  while (length < sample.length) {
    const count = readSync(file.descriptor, sample, length, sample.length - length, offset + length);
    if (count === 0) break;
    length += count;
  }
  return createHash('sha256').update(sample.subarray(0, length)).digest('hex');
}
