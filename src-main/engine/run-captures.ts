import { AppError } from '../contract/errors';
import { DEFAULT_MAX_EXPANSION, STANDARD_INPUT, type ImportRequest } from '../contract/imports';
import type { RunCapture } from '../duckdb/import-runs';
import type { CapturePosition } from '../capture/capture-positions';
import type { ByteSource } from '../capture/read-buffer';
import { digestAt } from './capture-survey';
import { lazyFileSource, openFileSource, SAMPLE_BYTES, type OpenedFile } from './file-source';
import { isPipe } from './pipe-source';

/** What an import was asked for. Imports of older versions may lack what came later. */
export type StoredOptions = Pick<ImportRequest, 'streams' | 'maxExpansion'> & Partial<Pick<ImportRequest, 'layer'>>;

export function maxExpansionOf({ maxExpansion = DEFAULT_MAX_EXPANSION }: StoredOptions): number {
  return maxExpansion;
}

/** Whether a capture of a run came through a pipe, so that it was read once and for all. */
export function wasPipe({ path }: RunCapture, { streams }: StoredOptions): boolean {
  return path === STANDARD_INPUT || (streams?.some(({ capture }) => capture === path) ?? false) || isPipe(path);
}

/** @throws AppError CAPTURE_NOT_KEPT, always */
export function refusePipe({ path }: RunCapture, run: number): never {
  const name = path === STANDARD_INPUT ? 'standard input' : path;
  const message = `what import ${run} read from ${name} was not kept, and cannot be read again: save it to a file, and import that`;
  throw new AppError('CAPTURE_NOT_KEPT', message, { run, file: path });
}

/**
 * A capture of a run, which is opened at the first read: only those that are reached have to be there still.
 *
 * @returns a source whose `read` throws AppError CAPTURE_NOT_FOUND, CAPTURE_CHANGED, CAPTURE_UNREADABLE
 */
export function runCaptureSource(capture: RunCapture, run: number, check?: CheckOpened): ByteSource {
  const read = checked(check, (file, into) => file.read(into));
  return lazyFileSource(capture.path, capture.sizeBytes, () => openUnchanged(capture, run), read);
}

/** Looks at a capture that was opened, before it is read. @returns null when nothing has to be waited for */
export type CheckOpened = (file: OpenedFile) => Promise<void> | null;

type ReadOpened = (file: OpenedFile, into: Uint8Array) => number | Promise<number>;

/** Has a file checked before its first read. */
function checked(check: CheckOpened | undefined, read: ReadOpened): ReadOpened {
  let isChecked = check === undefined;
  return (file, into) => {
    if (isChecked) return read(file, into);
    isChecked = true;
    const checking = check?.(file) ?? null;
    return checking === null ? read(file, into) : checking.then(() => read(file, into));
  };
}

/** The same, from a position on; `read` throws the same. */
export function runCaptureSourceAt(
  capture: RunCapture,
  run: number,
  position: CapturePosition,
  check?: CheckOpened,
): ByteSource {
  const preamble = [...position.preamble];
  let { offset } = position;
  let doneBytes = 0;
  const read = (file: OpenedFile, into: Uint8Array): number => {
    const [range] = preamble;
    if (range === undefined) {
      const count = file.readAt(into, offset);
      offset += count;
      return count;
    }
    const [start, bytes] = range;
    const count = file.readAt(into.subarray(0, bytes - doneBytes), start + doneBytes);
    doneBytes += count;
    if (doneBytes === bytes) {
      preamble.shift();
      doneBytes = 0;
    }
    return count;
  };
  return lazyFileSource(capture.path, capture.sizeBytes, () => openUnchanged(capture, run), checked(check, read));
}

/**
 * Opens a capture if it is the one that was imported: by size and time, or else by size and digests.
 *
 * @throws AppError CAPTURE_NOT_FOUND, CAPTURE_CHANGED, CAPTURE_UNREADABLE
 */
export function openUnchanged(capture: RunCapture, run: number): OpenedFile {
  const file = openAgain(capture, run);
  if (isSame(file, capture)) return file;
  file.close();
  refuseChanged(capture, run);
}

/** @throws AppError CAPTURE_CHANGED, always */
export function refuseChanged(capture: RunCapture, run: number): never {
  const { path } = capture;
  const message =
    `${path} is not what import ${run} read any more: put the file of then back, or name it where it is now with natscope packets --capture: ` +
    identityText(capture);
  throw new AppError('CAPTURE_CHANGED', message, { run, file: path, ...identityDetail(capture) });
}

function openAgain(capture: RunCapture, run: number): OpenedFile {
  const { path } = capture;
  try {
    return openFileSource(path);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'CAPTURE_NOT_FOUND') throw cause;
    const message = `${path}, which import ${run} read, is not there any more: put it back, or name it where it is now with natscope packets --capture: ${identityText(capture)}`;
    throw new AppError('CAPTURE_NOT_FOUND', message, { ...cause.detail, run, ...identityDetail(capture) }, { cause });
  }
}

/** What a file is known by, whatever it is called. */
function identityText({ sizeBytes, headDigest }: RunCapture): string {
  return `${sizeBytes} bytes, SHA-256 of its first MiB ${headDigest}`;
}

function identityDetail({ sizeBytes, headDigest }: RunCapture): Readonly<Record<string, unknown>> {
  return { sizeBytes, headSha256: headDigest };
}

function isSame(file: OpenedFile, { sizeBytes, mtimeMs, headDigest, tailDigest }: RunCapture): boolean {
  if (file.sizeBytes !== sizeBytes) return false;
  if (Math.floor(file.modifiedMs) === mtimeMs) return true;
  const tailAt = Math.max(0, sizeBytes - SAMPLE_BYTES);
  return digestAt(file, 0) === headDigest && digestAt(file, tailAt) === tailDigest;
}
