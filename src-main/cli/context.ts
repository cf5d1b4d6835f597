import type { openEngine } from '../engine/open-engine';
import type { Io } from './io';
import type { TextOutput } from './text-output';

/** The engine's own way in, or what a test puts in its place. */
export type OpenEngine = typeof openEngine;

/** The app with a window of its own, as the launcher finds and starts it. */
export interface Desktop {
  readonly hasDisplay: boolean;
  /**
   * Looks for the program that shows the window, and fetches it once if need be.
   *
   * @param insist look again, even if fetching it failed shortly before
   */
  find(options: { readonly insist: boolean }): Promise<FoundDesktop>;
  /**
   * Starts the app.
   *
   * @param tell is given what it says on standard error
   */
  run(executable: string, args: readonly string[], tell: (text: string) => void): RunningDesktop;
}

export type FoundDesktop =
  | { readonly executable: string }
  /** `why` is part of a sentence; `help` is whole lines, or null. */
  | { readonly why: string; readonly help: string | null };

export interface RunningDesktop {
  /**
   * `how` is null when it ended well, else how not: `exit code 5`, `signal SIGSEGV`. `hasSpoken` is whether anything was
   * told, the last of which has ended with its line.
   */
  readonly ended: Promise<{ readonly how: string | null; readonly hasSpoken: boolean }>;
  /** Asks it to end. */
  end(): void;
}

/** What every command is given. */
export interface Context {
  readonly io: Io;
  readonly out: TextOutput;
  readonly err: TextOutput;
  readonly openEngine: OpenEngine;
  readonly desktop: Desktop;
  /** The installed package, or the repository. */
  readonly packageFolder: string;
  /** Where the bundled sample is. */
  readonly resourcesFolder: string;
}
