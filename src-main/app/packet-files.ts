import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { moveExport } from './export-files';

const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * Packets that another program was given, in a folder of the app's profile, each file in a folder of its own. They are kept as long as
 * the app runs; those that an app left behind that did not end well, for a day.
 */
export class PacketFiles {
  readonly #folder: string;

  /** @param folder absolute; made when it is first needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param workspace its real path; null while it was never opened
   * @param file name of a finished export within `<workspace>/tmp/exports`
   * @param name that it is to have
   * @returns its absolute path
   * @throws AppError OUTPUT_UNWRITABLE
   */
  async take(workspace: string | null, file: string, name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(await mkdtemp(join(this.#folder, 'packets-')), name);
    await moveExport(workspace, file, path);
    return path;
  }

  /** What a program has open on Windows stays, until it is older than a day. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** @param nowMs milliseconds since 1970 */
  async clearOld(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      const stats = await stat(path).catch(() => null);
      if (stats === null || nowMs - stats.mtimeMs < KEPT_MS) continue;
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}
