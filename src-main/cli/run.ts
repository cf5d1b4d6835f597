import type { ExitCode } from './exit-code';

/** What is known about the command that runs, for whoever has to explain how it ended. */
export interface Run {
  exitCode: ExitCode;
  /** The text of the query, if it is one. */
  query: string | null;
}

/** Keeps the exit code of a command that runs. */
export type Keep = (ended: Promise<ExitCode>) => Promise<void>;

/** For commands that say beforehand which query they run. */
export interface Watched {
  readonly keep: Keep;
  readonly run: Run;
}

/** @returns what leaves the exit code in `run` */
export function keepIn(run: Run): Keep {
  return async (ended) => {
    run.exitCode = await ended;
  };
}
