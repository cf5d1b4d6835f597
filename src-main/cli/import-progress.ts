import type { ImportProgress } from '../contract/ipc';
import type { Io } from './io';
import { counted, durationText, humanBytes, humanCount } from './number-text';
import type { TextOutput } from './text-output';

export const PROGRESS_CHOICES = ['auto', 'always', 'never'] as const;
export type ProgressChoice = (typeof PROGRESS_CHOICES)[number];

const LINE_INTERVAL_MS = 1000;
/** Before that, a rate says nothing. */
const RATE_AFTER_MS = 500;

/** Shows how far an import is: one line that is rewritten on a terminal, a line per second elsewhere. */
export class ProgressLine {
  readonly #io: Io;
  readonly #err: TextOutput;
  readonly #isShown: boolean;
  #nextLineMs = -Infinity;
  #last: { readonly progress: ImportProgress; readonly isPrinted: boolean } | null = null;

  constructor(io: Io, err: TextOutput, choice: ProgressChoice) {
    this.#io = io;
    this.#err = err;
    this.#isShown = choice === 'always' || (choice === 'auto' && io.isStderrTty);
  }

  show(progress: ImportProgress): void {
    if (!this.#isShown) return;
    if (this.#io.isStderrTty) {
      // The last cell stays free: writing to it moves some terminals to the next line.
      this.#err.tell(`\r${progressText(progress, this.#io.columns - 1)}\u001b[K`);
      this.#last = { progress, isPrinted: true };
      return;
    }
    const nowMs = this.#io.nowMs();
    const isPrinted = nowMs >= this.#nextLineMs;
    this.#last = { progress, isPrinted };
    if (!isPrinted) return;
    this.#nextLineMs = nowMs + LINE_INTERVAL_MS;
    this.#err.tell(`${progressText(progress, Infinity)}\n`);
  }

  /** Clears the line of a terminal; elsewhere prints the last state if it has not been. */
  end(): void {
    if (this.#last === null) return;
    if (this.#io.isStderrTty) this.#err.tell('\r\u001b[K');
    else if (!this.#last.isPrinted) this.#err.tell(`${progressText(this.#last.progress, Infinity)}\n`);
    this.#last = null;
  }
}

/** @returns the parts that fit the width, the most telling first */
function progressText(progress: ImportProgress, width: number): string {
  const { readBytes, totalBytes, packets, windows, elapsedMs } = progress;
  const hasRate = elapsedMs >= RATE_AFTER_MS;
  const parts: string[] = [];
  if (totalBytes === null) {
    parts.push(`${humanBytes(readBytes)} read`);
  } else {
    const percent = totalBytes === 0 ? 100 : (100 * readBytes) / totalBytes;
    // Rounded down: 100 % is for the whole.
    parts.push(
      `${(Math.floor(percent * 10) / 10).toFixed(1)} %`,
      `${humanBytes(readBytes)} of ${humanBytes(totalBytes)}`,
    );
  }
  if (hasRate) parts.push(`${humanCount((1000 * packets) / elapsedMs)} packets/s`);
  if (hasRate && totalBytes !== null && readBytes > 0 && readBytes < totalBytes) {
    parts.push(`about ${durationText(((totalBytes - readBytes) / readBytes) * (elapsedMs / 1000))} left`);
  }
  parts.push(counted(windows, 'window'));
  let text = parts[0] ?? '';
  for (const part of parts.slice(1)) {
    const longer = `${text} · ${part}`;
    if (longer.length > width) break;
    text = longer;
  }
  return text;
}
