import { copyFile, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inspectPlace } from './output-place';
import { attempt, codeOf, type RefusedFile } from './refused-file';
import type { ByteSink } from './text-sink';
import { temporaryBeside } from './unfinished-files';

interface Place {
  /** As the user named it. */
  readonly path: string;
  /** Where the file really is, behind links. */
  readonly target: string;
  /** The file that is written until it is complete. */
  readonly temporary: string;
  readonly refuse: RefusedFile;
}

/**
 * @param path absolute
 * @param refuse makes the error of every failure here and later
 */
export async function createAtomicFile(path: string, refuse: RefusedFile): Promise<AtomicFile> {
  return attempt(refuse, async () => {
    const { target, mode } = await inspectPlace(path, refuse);
    const temporary = await temporaryBeside(target);
    const handle = await open(temporary, 'wx', mode);
    return new AtomicFile({ path, target, temporary, refuse }, handle);
  });
}

/** What is written and then committed, or discarded. */
export interface Output {
  /** As the user named it. */
  readonly path: string;
  /** Where it really stands, behind links; null for what is no file. */
  readonly target: string | null;
  readonly writtenBytes: number;
  /** Makes what was finished elsewhere the content: moved where it can be, and else copied. */
  take(source: string): Promise<void>;
  /** `settle` and `takePlace`. */
  commit(): Promise<void>;
  /** Has the disk keep all of it, which is complete. */
  settle(): Promise<void>;
  /** After `settle`. */
  takePlace(): Promise<void>;
  /** Leaves nothing behind; safe after a `commit` that failed. */
  discard(): Promise<void>;
}

/** What is written beside its place and takes it when it is complete: a file, or a folder with all that is in it. */
export interface AtomicOutput extends Output {
  readonly target: string;
  /**
   * Has all of it written by somebody who knows a path alone.
   *
   * @param write is given the path of the temporary file, which is empty and must not be replaced, or of the folder
   */
  writeBy<T>(write: (path: string) => Promise<T>): Promise<T>;
}

/**
 * Puts an output and the file that describes it in their places when both are complete and on the disk. What describes an
 * older one goes first and the new description comes last: whenever it breaks off, an output may lack its description, and
 * no description lacks its output or stands beside another.
 */
export async function commitWith(output: Output, description: AtomicFile): Promise<void> {
  await output.settle();
  await description.settle();
  await description.clearPlace();
  await output.takePlace();
  await description.takePlace();
}

/**
 * A file that is there whole or not at all: it is written under another name beside its place and takes the place
 * when it is complete and on the disk. Until then, and after a failure, what was there before stays.
 */
export class AtomicFile implements AtomicOutput, ByteSink {
  readonly #place: Place;
  #handle: FileHandle;
  #writtenBytes = 0;

  /** For `createAtomicFile` alone. */
  constructor(place: Place, handle: FileHandle) {
    this.#place = place;
    this.#handle = handle;
  }

  get path(): string {
    return this.#place.path;
  }

  get target(): string {
    return this.#place.target;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  async write(piece: string | Uint8Array): Promise<void> {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    await attempt(this.#place.refuse, () => this.#handle.writeFile(bytes));
    this.#writtenBytes += bytes.length;
  }

  async writeBy<T>(write: (path: string) => Promise<T>): Promise<T> {
    const written = await write(this.#place.temporary);
    await this.#measure();
    return written;
  }

  async take(source: string): Promise<void> {
    await attempt(this.#place.refuse, async () => {
      const { mode } = await this.#handle.stat();
      const isMoved = await renameWithinDisk(source, this.#place.temporary);
      if (!isMoved) await copyFile(source, this.#place.temporary);
      await this.#handle.close();
      this.#handle = await open(this.#place.temporary, 'r+');
      await this.#handle.chmod(mode & 0o777);
    });
    await this.#measure();
  }

  async #measure(): Promise<void> {
    this.#writtenBytes = (await attempt(this.#place.refuse, () => this.#handle.stat())).size;
  }

  async commit(): Promise<void> {
    await this.settle();
    await this.takePlace();
  }

  async settle(): Promise<void> {
    await attempt(this.#place.refuse, async () => {
      await this.#handle.sync();
      await this.#handle.close();
    });
  }

  async takePlace(): Promise<void> {
    await attempt(this.#place.refuse, () => rename(this.#place.temporary, this.#place.target));
    await syncFolder(dirname(this.#place.target));
  }

  /** Removes what stands in the place. */
  async clearPlace(): Promise<void> {
    await attempt(this.#place.refuse, () => rm(this.#place.target, { force: true }));
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#place.temporary, { force: true }).catch(() => undefined);
  }
}

/** Makes the new name last through a power failure, where the system offers that for folders. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}

/** @returns false where the two are on different disks, between which a file can only be copied */
async function renameWithinDisk(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EXDEV') return false;
    throw cause;
  }
}
