import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import type { Database } from './database';
import { memoryGuard, type MemoryGuard } from './memory-guard';
import { toWorkspaceError } from './workspace-error';

/** Begins the transaction of a statement that reads; what would write is refused in it. */
export const BEGIN_READING = 'BEGIN TRANSACTION READ ONLY';
/** A statement that is only about to run forgets an interrupt, so it is repeated. */
const INTERRUPT_AGAIN_MS = 20;

export interface StopOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Stops it when the process grows too much; by default that of the process. */
  readonly guard?: MemoryGuard;
}

/** Interrupts a connection from the moment its statement is to stop until it has. */
export class StopSwitch {
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal | undefined;
  readonly #guard: MemoryGuard;
  readonly #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #cause: AppError | null = null;

  constructor(connection: DuckDBConnection, { signal, timeoutMs, guard = memoryGuard }: StopOptions) {
    this.#connection = connection;
    this.#signal = signal;
    this.#guard = guard;
    guard.begin(this);
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.stop(timedOut(timeoutMs)), timeoutMs);
  }

  /** @throws AppError QUERY_CANCELLED, QUERY_TIMEOUT or QUERY_MEMORY once stopped */
  check(): void {
    if (this.#cause !== null) throw this.#cause;
  }

  stop(cause: AppError): void {
    if (this.#cause !== null) return;
    this.#cause = cause;
    this.#connection.interrupt();
    this.#again = setInterval(() => this.#connection.interrupt(), INTERRUPT_AGAIN_MS);
  }

  dispose(): void {
    this.#guard.end(this);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    clearTimeout(this.#timer);
    clearInterval(this.#again);
  }

  readonly #onAbort = (): void => this.stop(cancelled());
}

export function cancelled(): AppError {
  return new AppError('QUERY_CANCELLED', 'the query was stopped on request');
}

function timedOut(timeoutMs: number): AppError {
  return new AppError('QUERY_TIMEOUT', `the query was stopped after ${timeoutMs} ms, its limit`, { timeoutMs });
}

/** DuckDB's sentence, without its excerpt of a statement that the user did not write. */
export function queryError(cause: unknown, database: Database): unknown {
  const known = toWorkspaceError(cause, database.path);
  if (known instanceof AppError || !(cause instanceof Error)) return known;
  // From `Database.close`, which interrupts whatever runs.
  if (cause.message.startsWith('INTERRUPT Error')) return cancelled();
  const sentence = cause.message.replace(/^Failed to extract statements: /, '').replace(/\n\nLINE [\s\S]*$/, '');
  return new AppError('QUERY_FAILED', sentence, {}, { cause });
}
