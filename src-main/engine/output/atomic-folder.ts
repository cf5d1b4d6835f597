import { cp, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, type AtomicOutput } from './atomic-file';
import { followLinks } from './output-place';
import { attempt, codeOf, type RefusedFile } from './refused-file';
import { temporaryBeside } from './unfinished-files';

/** What may stand in the place of the folder and must not be replaced by it. */
export const NOT_FREE = { file: 'it is no folder', full: 'there are files in it' } as const;

interface Place {
  /** As the user named it. */
  readonly path: string;
  /** Where the folder really is, behind links. */
  readonly target: string;
  /** The folder that is written until it is complete. */
  readonly temporary: string;
  readonly refuse: RefusedFile;
}

/**
 * @param path absolute; there may be nothing, or an empty folder
 * @param refuse makes the error of every failure here and later
 */
export async function createAtomicFolder(path: string, refuse: RefusedFile): Promise<AtomicFolder> {
  return attempt(refuse, async () => {
    const { target } = await followLinks(path);
    await refuseTaken(target, refuse);
    const temporary = await temporaryBeside(target);
    await mkdir(temporary);
    return new AtomicFolder({ path, target, temporary, refuse });
  });
}

/** As `AtomicFile`, of a folder with all that is in it. It takes no other's place: nothing but an empty folder goes for it. */
export class AtomicFolder implements AtomicOutput {
  readonly #place: Place;
  #writtenBytes = 0;

  /** For `createAtomicFolder` alone. */
  constructor(place: Place) {
    this.#place = place;
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

  async writeBy<T>(write: (path: string) => Promise<T>): Promise<T> {
    const written = await write(this.#place.temporary);
    await this.#measure();
    return written;
  }

  async take(source: string): Promise<void> {
    const { temporary, refuse } = this.#place;
    await attempt(refuse, async () => {
      try {
        await rmdir(temporary);
        await rename(source, temporary);
      } catch (cause) {
        if (codeOf(cause) !== 'EXDEV') throw cause;
        await cp(source, temporary, { recursive: true });
      }
    });
    await this.#measure();
  }

  async commit(): Promise<void> {
    await this.settle();
    await this.takePlace();
  }

  async settle(): Promise<void> {
    await attempt(this.#place.refuse, () => eachFile(this.#place.temporary, syncFile, syncFolder));
  }

  async takePlace(): Promise<void> {
    const { target, temporary, refuse } = this.#place;
    await attempt(refuse, async () => {
      await refuseTaken(target, refuse);
      // Some systems rename a folder over no other, be it empty.
      await rmdir(target).catch((cause: unknown) => {
        if (codeOf(cause) !== 'ENOENT') throw cause;
      });
      await rename(temporary, target);
    });
    await syncFolder(dirname(target));
  }

  async discard(): Promise<void> {
    await rm(this.#place.temporary, { recursive: true, force: true }).catch(() => undefined);
  }

  async #measure(): Promise<void> {
    const { temporary, refuse } = this.#place;
    this.#writtenBytes = 0;
    await attempt(refuse, () =>
      eachFile(temporary, async (file) => {
        this.#writtenBytes += (await stat(file)).size;
      }),
    );
  }
}

async function refuseTaken(target: string, refuse: RefusedFile): Promise<void> {
  const names = await readdir(target).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return [];
    if (codeOf(cause) === 'ENOTDIR') throw refuse(NOT_FREE.file, cause);
    throw cause;
  });
  if (names.length > 0) throw refuse(NOT_FREE.full);
}

/** The files of a folder and of those in it, one after the other, each folder behind what is in it. */
async function eachFile(
  folder: string,
  onFile: (path: string) => Promise<void>,
  onFolder: (path: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? eachFile(path, onFile, onFolder) : onFile(path));
  }
  await onFolder(folder);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
