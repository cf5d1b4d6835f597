import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { AppError } from '../contract/errors';
import type { ByteSource } from '../capture/read-buffer';

/** Of the beginning and of the end of a capture, by which it is told from others. */
export const SAMPLE_BYTES = 1 << 20;

/** What a capture file was when it was opened. */
export interface OpenedFile extends ByteSource {
  readonly descriptor: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  read(into: Uint8Array): number;
  /** Wherever `read` is. */
  readAt(into: Uint8Array, offset: number): number;
}

/**
 * Opens a capture for reading; it is never written.
 *
 * @throws AppError CAPTURE_NOT_FOUND, CAPTURE_IS_DIRECTORY, CAPTURE_UNSUPPORTED, CAPTURE_UNREADABLE, each naming the file; `read` throws
 * CAPTURE_UNREADABLE as well
 */
export function openFileSource(path: string): OpenedFile {
  // Without waiting: opening a pipe would last until somebody writes to it. (Windows knows neither; there it is 0.)
  const descriptor = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  const stats = fstatSync(descriptor);
  if (stats.isDirectory()) {
    closeSync(descriptor);
    throw new AppError('CAPTURE_IS_DIRECTORY', `${path} is a folder: name the capture files in it`, { file: path });
  }
  if (!stats.isFile()) {
    closeSync(descriptor);
    const message = `${path} is a pipe or a device: a pipe can be given to natscope import or load, the rest save to a file first`;
    throw new AppError('CAPTURE_UNSUPPORTED', message, { file: path });
  }
  return {
    name: path,
    descriptor,
    sizeBytes: stats.size,
    modifiedMs: stats.mtimeMs,
    read: (into) => attempt(path, () => readSync(descriptor, into, 0, into.length, null)),
    readAt: (into, offset) => attempt(path, () => readSync(descriptor, into, 0, into.length, offset)),
    close: () => {
      closeSync(descriptor);
    },
  };
}

/**
 * A file that is opened at its first read, so that thousands of captures do not need as many descriptors.
 *
 * @param open what its `read` throws, that of the source throws as well
 */
export function lazyFileSource(
  path: string,
  sizeBytes: number,
  open = (): OpenedFile => openFileSource(path),
  read = (file: OpenedFile, into: Uint8Array): number | Promise<number> => file.read(into),
): ByteSource {
  let file: OpenedFile | null = null;
  return {
    name: path,
    sizeBytes,
    read: (into) => read((file ??= open()), into),
    close: () => {
      file?.close();
      file = null;
    },
  };
}

/** @returns null for what does not exist, or may not be looked at, or is no path at all */
export function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** Runs a call of the system. @throws AppError that names the file and the way out */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** The same for a call that others need not wait for. */
export async function attemptLater<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw fileError(path, cause);
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'allow reading it, or copy it',
  EPERM: 'allow reading it, or copy it',
  ELOOP: 'it is a link that leads back to itself; name the file it should lead to',
  ENAMETOOLONG: 'the path is longer than the system allows; check it',
};

function fileError(path: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('CAPTURE_NOT_FOUND', `${path} does not exist: check the path`, { file: path }, { cause });
  }
  const remedy = REMEDIES[code] ?? 'check the disk it is on';
  const detail = { file: path, code };
  return new AppError('CAPTURE_UNREADABLE', `${path} cannot be read (${code}): ${remedy}`, detail, { cause });
}
