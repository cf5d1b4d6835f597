import { renameSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../duckdb/database';
import { capturesByRun } from '../duckdb/run-reads';
import { UNFINISHED, UPLOADS, uploadFolderOf, uploadFolderPath, uploadHost } from './upload-folder';
import { isAlive } from './live-process';

/**
 * Captures that browsers sent to a workspace stay as long as an import is made from them, and no longer. Whoever owns
 * the workspace decides, since it alone knows what is imported and what is being imported.
 */
export class Uploads {
  readonly #workspaceDir: string;
  readonly #readNamed: () => Promise<ReadonlySet<string>>;
  /** Imports under way, by the folders that they read from. */
  readonly #readers = new Map<string, number>();
  /** Counts the beginnings and ends of imports. */
  #turns = 0;

  /** @param readNamed gives the folders that committed runs name */
  constructor(workspaceDir: string, readNamed: () => Promise<ReadonlySet<string>>) {
    this.#workspaceDir = workspaceDir;
    this.#readNamed = readNamed;
  }

  static of(database: Database): Uploads {
    return new Uploads(database.workspaceDir, async () => {
      const runs = await capturesByRun(database);
      return new Set(foldersOf([...runs.values()].flat().map(({ path }) => path)));
    });
  }

  /** Runs an import. Of what it reads, that goes afterwards which no run came to name. */
  async whileImporting<T>(captures: readonly string[], run: () => Promise<T>): Promise<T> {
    const folders = foldersOf(captures);
    this.#turns += 1;
    for (const folder of folders) this.#readers.set(folder, (this.#readers.get(folder) ?? 0) + 1);
    try {
      return await run();
    } finally {
      for (const folder of folders) this.#leave(folder);
      await this.#remove(folders);
    }
  }

  /** Removes captures that will not be imported, if they are uploads that nobody else needs. Never rejects. */
  async discard(captures: readonly string[]): Promise<void> {
    await this.#remove(foldersOf(captures));
  }

  /**
   * Removes what hosts that are gone have left: what they had not received whole, and what no run names. What a host
   * that is alive has taken in may be about to be imported. Never rejects.
   *
   * @param isHostAlive whether a process is
   */
  async sweep(isHostAlive: (pid: number) => boolean = isProcess): Promise<void> {
    const names = await readdir(join(this.#workspaceDir, UPLOADS)).catch(() => []);
    const folders = names.filter((name) => {
      const host = uploadHost(nameOf(name));
      return host !== null && (host === 0 || !isHostAlive(host));
    });
    for (const name of folders.filter((each) => each.endsWith(UNFINISHED))) await this.#delete(name);
    await this.#remove(folders.filter((name) => !name.endsWith(UNFINISHED)));
  }

  #leave(folder: string): void {
    this.#turns += 1;
    const readers = (this.#readers.get(folder) ?? 1) - 1;
    if (readers === 0) this.#readers.delete(folder);
    else this.#readers.set(folder, readers);
  }

  async #remove(folders: readonly string[]): Promise<void> {
    if (folders.length === 0) return;
    try {
      let turns: number;
      let named: ReadonlySet<string>;
      do {
        turns = this.#turns;
        named = await this.#readNamed();
        // An import that ended meanwhile may have committed after that was read.
      } while (turns !== this.#turns);
      const free = folders.filter((folder) => !named.has(folder) && !this.#readers.has(folder));
      // Taken away in one step, before an import can begin, which then finds nothing instead of a part.
      const moved = free.filter((folder) => this.#takeAway(folder));
      for (const folder of moved) await this.#delete(`${folder}${UNFINISHED}`);
    } catch {
      // What is needed cannot be told now, or not be removed: the next start tries again.
    }
  }

  #takeAway(folder: string): boolean {
    const path = uploadFolderPath(this.#workspaceDir, folder);
    try {
      renameSync(path, `${path}${UNFINISHED}`);
      return true;
    } catch {
      return false;
    }
  }

  async #delete(name: string): Promise<void> {
    await rm(uploadFolderPath(this.#workspaceDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

const nameOf = (entry: string): string => (entry.endsWith(UNFINISHED) ? entry.slice(0, -UNFINISHED.length) : entry);

const isProcess = (pid: number): boolean => isAlive({ pid, startTime: null });

function foldersOf(captures: readonly string[]): string[] {
  return [...new Set(captures.map(uploadFolderOf).filter((folder) => folder !== null))];
}
