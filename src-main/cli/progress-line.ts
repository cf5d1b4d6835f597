import type { ImportProgress } from '../contract/imports';
import type { PacketsProgress } from '../contract/packets';
import type { ReplayFacts } from '../contract/replay';
import type { Io } from './io';
import { counted, durationText, humanBytes, humanCount } from './number-text';
import type { TextOutput } from './text-output';
import { secondText } from './time-range-text';

export const PROGRESS_CHOICES = ['auto', 'always', 'never'] as const;
export type ProgressChoice = (typeof PROGRESS_CHOICES)[number];

const LINE_INTERVAL_MS = 1000;
/** Before that, a rate says nothing. */
const RATE_AFTER_MS = 500;

/** Shows how far a call is: one line that is rewritten on a terminal, a line per second elsewhere. */
export class ProgressLine<Progress> {
  readonly #io: Io;
  readonly #err: TextOutput;
  readonly #isShown: boolean;
  readonly #textOf: (progress: Progress, width: number) => string;
  #nextLineMs = -Infinity;
  #last: { readonly progress: Progress; readonly isPrinted: boolean } | null = null;

  /** @param textOf in so many cells at most */
  constructor(io: Io, err: TextOutput, choice: ProgressChoice, textOf: (progress: Progress, width: number) => string) {
    this.#textOf = textOf;
    this.#io = io;
    this.#err = err;
    this.#isShown = choice === 'always' || (choice === 'auto' && io.isStderrTty);
  }

  show(progress: Progress): void {
    if (!this.#isShown) return;
    if (this.#io.isStderrTty) {
      // The last cell stays free: writing to it moves some terminals to the next line.
      this.#err.tell(`\r${this.#textOf(progress, this.#io.columns - 1)}\u001b[K`);
      this.#last = { progress, isPrinted: true };
      return;
    }
    const nowMs = this.#io.nowMs();
    const isPrinted = nowMs >= this.#nextLineMs;
    this.#last = { progress, isPrinted };
    if (!isPrinted) return;
    this.#nextLineMs = nowMs + LINE_INTERVAL_MS;
    this.#err.tell(`${this.#textOf(progress, Infinity)}\n`);
  }

  /** Clears the line of a terminal; elsewhere prints the last state if it has not been. */
  end(): void {
    if (this.#last === null) return;
    if (this.#io.isStderrTty) this.#err.tell('\r\u001b[K');
    else if (!this.#last.isPrinted) this.#err.tell(`${this.#textOf(this.#last.progress, Infinity)}\n`);
    this.#last = null;
  }
}

/** How far an import is. @returns the parts that fit the width, the most telling first */
export function importProgressText(progress: ImportProgress, width: number): string {
  const { readBytes, totalBytes, packets, windows, elapsedMs } = progress;
  const hasRate = elapsedMs >= RATE_AFTER_MS;
  const parts = progress.replay === undefined ? [] : [replayText(progress.replay)];
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
  return fitting(parts, width);
}

/** Where a replay is, and how fast it goes on: `2026-11-20 15:17:42 UTC at 60x`. */
function replayText({ atSec, speed, isPaused }: ReplayFacts): string {
  const pace = isPaused ? 'paused' : `at ${Number(speed.toPrecision(3))}x`;
  return atSec === null ? pace : `${secondText(Math.floor(atSec), 'UTC')} ${pace}`;
}

/** How far a search for packets is. */
export function packetsProgressText({ foundPackets, searchedBytes }: PacketsProgress, width: number): string {
  return fitting([`${humanBytes(searchedBytes)} searched`, `${counted(foundPackets, 'packet')} found`], width);
}

function fitting([first = '', ...others]: readonly string[], width: number): string {
  let text = first;
  for (const part of others) {
    const longer = `${text} · ${part}`;
    if (longer.length > width) break;
    text = longer;
  }
  return text;
}
