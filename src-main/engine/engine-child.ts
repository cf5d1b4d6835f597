import type { Readable } from 'node:stream';

/** How a process ended. */
export interface EngineExit {
  readonly code: number | null;
  /** Null where none ended it, or where the host does not tell. */
  readonly signal: string | null;
  /** Why it could not even be started. */
  readonly fault?: string;
}

/** An engine process, as both `child_process.fork` and `utilityProcess.fork` give one. Listeners are set at once. */
export interface EngineChild {
  /** Undefined before it has started, and when it could not. */
  readonly pid: number | undefined;
  /** Null when it goes elsewhere. */
  readonly stderr: Readable | null;
  onMessage(listener: (message: unknown) => void): void;
  /** Once. */
  onExit(listener: (exit: EngineExit) => void): void;
  /** Asks it to end, by SIGTERM where there are signals. */
  kill(): void;
  /** Lets it run on without this process, and this process end without it; null where it cannot. */
  readonly leave: (() => void) | null;
}

/** Starts the engine's entry with its arguments, with a channel to its parent and a pipe for standard error. */
export type EngineLauncher = (entryPath: string, args: readonly string[]) => EngineChild;
