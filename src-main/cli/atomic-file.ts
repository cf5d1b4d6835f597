import { randomBytes } from 'node:crypto';
import { access, constants, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../contract/errors';
import type { TextSink } from './text-output';

interface Place {
  /** As the user named it. */
  readonly path: string;
  /** Where the file really is, behind links. */
  readonly target: string;
  /** The file that is written until it is complete. */
  readonly temporary: string;
  readonly handle: FileHandle;
}

/**
 * @param path absolute
 * @throws AppError OUTPUT_UNWRITABLE
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  return attempt(path, async () => {
    const { target, mode } = await inspect(path);
    const temporary = join(dirname(target), `.natscope-${randomBytes(6).toString('hex')}.part`);
    const handle = await open(temporary, 'wx', mode);
    return new AtomicFile({ path, target, temporary, handle });
  });
}

/**
 * A file that is there whole or not at all: it is written under another name beside its place and takes the place
 * when it is complete and on the disk. Until then, and after a failure, what was there before stays.
 */
class AtomicFile implements TextSink {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  get path(): string {
    return this.#place.path;
  }

  /** @throws AppError OUTPUT_UNWRITABLE */
  async write(text: string): Promise<void> {
    await attempt(this.path, () => this.#place.handle.writeFile(text));
  }

  /** @throws AppError OUTPUT_UNWRITABLE */
  async commit(): Promise<void> {
    await attempt(this.path, async () => {
      await this.#place.handle.sync();
      await this.#place.handle.close();
      await rename(this.#place.temporary, this.#place.target);
    });
    await syncFolder(dirname(this.#place.target));
  }

  /** Leaves nothing behind; safe after a `commit` that failed. */
  async discard(): Promise<void> {
    await this.#place.handle.close().catch(() => undefined);
    await rm(this.#place.temporary, { force: true }).catch(() => undefined);
  }
}

/** @returns where the file really is (behind links), and the access rights of the file it replaces */
async function inspect(path: string): Promise<{ readonly target: string; readonly mode: number }> {
  const target = await realpath(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  });
  if (target === null) return { target: path, mode: 0o666 };
  const stats = await stat(target);
  if (stats.isDirectory()) throw unwritable(path, 'it is a folder', 'name a file in it');
  // Renaming onto a device or a pipe would replace it.
  if (!stats.isFile())
    throw unwritable(path, 'it is no regular file', 'leave --out away and redirect the output there');
  await access(target, constants.W_OK);
  return { target, mode: stats.mode & 0o777 };
}

/** Makes the new name last through a power failure, where the system offers that for folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = codeOf(cause);
    throw unwritable(path, code, REMEDIES[code] ?? 'name another file with --out', cause);
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'create its folder first, or name another file with --out',
  ENOTDIR: 'a part of its path is no folder; name another file with --out',
  EACCES: 'allow writing there, or name another file with --out',
  EPERM: 'allow writing there, or name another file with --out',
  EROFS: 'its disk is read-only; name a file on another with --out',
  ENOSPC: 'its disk is full; free space, or name a file on another with --out',
  EDQUOT: 'your quota on its disk is used up; free space, or name a file on another with --out',
};

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'unknown';
}

function unwritable(path: string, why: string, remedy: string, cause?: unknown): AppError {
  return new AppError(
    'OUTPUT_UNWRITABLE',
    `${path} cannot be written (${why}): ${remedy}`,
    { file: path, why },
    { cause },
  );
}
