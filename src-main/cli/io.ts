import type { Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { terminalKeys } from './terminal-keys';

/** What a command touches of the process it runs in; tests bring their own. */
export interface Io {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly isStdinTty: boolean;
  readonly isStderrTty: boolean;
  /** Width of the terminal, now; 80 where there is none. */
  readonly columns: number;
  /** The next line of standard input, without its end; what was there when it ended. */
  readonly readLine: () => Promise<string>;
  /** All of standard input. */
  readonly readInput: () => Promise<Uint8Array>;
  /** Milliseconds of any steady clock. */
  readonly nowMs: () => number;
  /**
   * Calls `listener` at the first Ctrl-C or request to end. The next one ends the process at once, as if nobody listened.
   *
   * @returns stops listening
   */
  readonly onInterrupt: (listener: () => void) => () => void;
  /**
   * Calls `listener` with each key that is pressed at the terminal of standard input, without echoing it. Ctrl-C interrupts as
   * ever. Without a terminal, and for a command in the background of one, it is never called.
   *
   * @returns stops listening
   */
  readonly onKey: (listener: (key: string) => void) => () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function processIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    // Not `process.stdin`: looking at it opens it.
    isStdinTty: isatty(0),
    isStderrTty: process.stderr.isTTY,
    get columns() {
      const ofTerminal = [process.stdout, process.stderr].find((stream) => stream.isTTY);
      // Some terminals say 0 when they do not know.
      return ofTerminal === undefined || ofTerminal.columns < 20 ? 80 : ofTerminal.columns;
    },
    readLine: async () => {
      const lines = createInterface({ input: process.stdin });
      try {
        for await (const line of lines) return line;
        return '';
      } finally {
        lines.close();
      }
    },
    readInput: () => buffer(process.stdin),
    nowMs: () => performance.now(),
    onInterrupt: (listener) => {
      const stop = (): void => {
        for (const signal of SIGNALS) process.off(signal, once);
      };
      const once = (): void => {
        stop();
        listener();
      };
      for (const signal of SIGNALS) process.on(signal, once);
      return stop;
    },
    onKey: terminalKeys,
  };
}
