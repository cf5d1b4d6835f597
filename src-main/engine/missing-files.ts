import { stat } from 'node:fs/promises';

/**
 * Each look at a file that hangs holds one of the four threads that the system calls of this process share, DuckDB's
 * included. So two at a time, counted over all calls, leave it able to work.
 */
const MAX_LOOKS = 2;
const TIMEOUT_MS = 250;

/** Finds out which files are gone, without waiting for a disk that does not answer. */
export class MissingFiles {
  readonly #stat: (path: string) => Promise<unknown>;
  readonly #timeoutMs: number;
  #looks = 0;

  constructor(look: (path: string) => Promise<unknown> = stat, timeoutMs = TIMEOUT_MS) {
    this.#stat = look;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Looks at the files in order for a quarter of a second. What has not been looked at by then counts as there, as does
   * what cannot be told: a network disk that hangs may well come back, and a file on it that is called missing would
   * make its user search for it.
   *
   * @returns those of `paths` that do not exist, in their order
   */
  async among(paths: Iterable<string>): Promise<ReadonlySet<string>> {
    const all = [...new Set(paths)];
    const waiting = [...all];
    const missing = new Set<string>();
    const endMs = performance.now() + this.#timeoutMs;
    const lane = async (): Promise<void> => {
      while (performance.now() < endMs && this.#looks < MAX_LOOKS) {
        const path = waiting.shift();
        if (path === undefined) return;
        if (await this.#isMissing(path)) missing.add(path);
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#timeoutMs);
    });
    await Promise.race([Promise.all(Array.from({ length: MAX_LOOKS }, lane)), timeout]);
    clearTimeout(timer);
    // A copy: a look that ends later must not change it. Which of two looks at once ends first is chance.
    return new Set(all.filter((path) => missing.has(path)));
  }

  async #isMissing(path: string): Promise<boolean> {
    this.#looks++;
    try {
      await this.#stat(path);
      return false;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR';
    } finally {
      this.#looks--;
    }
  }
}
