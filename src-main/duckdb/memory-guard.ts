import { totalmem } from 'node:os';
import { AppError } from '../contract/errors';

/** A statement that runs. */
export interface Guarded {
  /** Asks it to end with this error, which it may be long in doing. */
  readonly stop: (cause: AppError) => void;
}

export interface MemoryBounds {
  /** What the process may grow by while statements run, before they are stopped. */
  readonly growthBytes: number;
  /** What it may grow by before it ends. */
  readonly mostBytes: number;
  /** How long a statement may go on after it was stopped, and hold the memory. */
  readonly graceMs: number;
}

/** What the guard sees and does; others in tests. */
export interface GuardedProcess {
  /** Resident memory, bytes. */
  readonly readBytes: () => number;
  /** Ends the process. */
  readonly end: (reason: string) => void;
}

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const CHECK_MS = 50;

/** Half of the machine, but no more than what a statement with good reasons has been seen to take, several times over. */
const growthBytes = Math.min(3 * GIB, Math.max(GIB, totalmem() / 2));
const BOUNDS: MemoryBounds = { growthBytes, mostBytes: growthBytes + GIB, graceMs: 2000 };

/** No exit that waits for threads: one of them is in a function that does not end. A process that is killed loses nothing that was stored. */
const PROCESS: GuardedProcess = {
  readBytes: () => process.memoryUsage.rss(),
  end: (reason) => {
    process.stderr.write(`natscope: ${reason}\n`);
    process.kill(process.pid, 'SIGKILL');
  },
};

/**
 * Watches what the process takes while statements run.
 *
 * DuckDB's limit of memory is one of its blocks. What a function makes of a chunk of rows is beside it, and is made of all 2,048
 * at once: the text of an array of long texts comes to 300 GB, and no interrupt is heard meanwhile. Functions that are known to
 * make much of little have bounds of their own, but not what can be made of several of them.
 */
export class MemoryGuard {
  readonly #bounds: MemoryBounds;
  readonly #process: GuardedProcess;
  /** When each was stopped, by the clock of `performance`; null while it was not. */
  readonly #running = new Map<Guarded, number | null>();
  #beforeBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(bounds = BOUNDS, of = PROCESS) {
    this.#bounds = bounds;
    this.#process = of;
  }

  begin(statement: Guarded): void {
    if (this.#running.size === 0) {
      this.#beforeBytes = this.#process.readBytes();
      this.#timer = setInterval(() => this.#check(), CHECK_MS).unref();
    }
    this.#running.set(statement, null);
  }

  end(statement: Guarded): void {
    if (this.#running.delete(statement) && this.#running.size === 0) clearInterval(this.#timer);
  }

  #check(): void {
    const grown = this.#process.readBytes() - this.#beforeBytes;
    if (grown <= this.#bounds.growthBytes) return;
    const now = performance.now();
    for (const [statement, stoppedAt] of this.#running) {
      if (stoppedAt === null) {
        this.#running.set(statement, now);
        statement.stop(tooLarge(grown));
      } else if (grown > this.#bounds.mostBytes || now - stoppedAt > this.#bounds.graceMs) {
        this.#process.end(
          `a query took ${megabytes(grown)} MB of memory and could not be stopped, so this process was ended (QUERY_MEMORY). ` +
            'What was stored is whole. Make less of each row: shorter texts, shorter arrays',
        );
        return;
      }
    }
  }
}

/** The one of this process. */
export const memoryGuard = new MemoryGuard();

function tooLarge(bytes: number): AppError {
  const message =
    `the query was stopped: it took ${megabytes(bytes)} MB of memory beside what the database may have. ` +
    'Functions make the values of 2,048 rows at once';
  return new AppError('QUERY_MEMORY', message, { bytes });
}

function megabytes(bytes: number): number {
  return Math.round(bytes / MIB);
}
