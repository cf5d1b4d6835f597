import type { BrowserWindow } from 'electron';
import type { EndedWork, RunningWork } from '../contract/host-bridge';
import type { WakeKeeper } from './wake-keeper';

/** Who waits less than this for an end is still there to see it. */
const NOTICE_MS = 30_000;

/** Electron's values for a window's progress. */
const NO_PROGRESS = -1;
/** More than all of it is work whose length is not known. */
const INDETERMINATE = 2;

export interface WindowWorkOptions {
  readonly window: Pick<BrowserWindow, 'setProgressBar' | 'isFocused' | 'isDestroyed' | 'on'>;
  readonly wake: Pick<WakeKeeper, 'hold' | 'release'>;
  /** Whether the user wants to be told. */
  readonly notifies: () => boolean;
  /** Shows a notification, which leads to the window. */
  readonly notify: (title: string) => void;
}

/**
 * What a window has under way, as the desktop shows it: progress at its icon, a computer that stays awake, and word of the
 * end for whoever looks at something else. All of it ends with the work, whoever ends it: the page, its reload or crash, or
 * the window's end.
 */
export class WindowWork {
  readonly #options: WindowWorkOptions;
  #running: RunningWork | null = null;
  /** Whether the progress shows a failure that nobody has looked at yet. */
  #showsFailure = false;

  constructor(options: WindowWorkOptions) {
    this.#options = options;
    const { window } = options;
    window.on('focus', () => {
      if (this.#showsFailure) this.#show(this.#running);
    });
    window.on('closed', () => this.run(null));
  }

  get running(): RunningWork | null {
    return this.#running;
  }

  run(running: RunningWork | null): void {
    const { wake } = this.#options;
    this.#running = running;
    if (running === null) wake.release(this);
    else wake.hold(this);
    if (running !== null || !this.#showsFailure) this.#show(running);
  }

  /** It comes after what runs was said to be something else, or nothing. */
  end({ title, tookMs, hasFailed }: EndedWork): void {
    const { window, notifies, notify } = this.#options;
    if (window.isDestroyed() || window.isFocused()) return;
    if (hasFailed && this.#running === null) {
      this.#showsFailure = true;
      window.setProgressBar(1, { mode: 'error' });
    }
    if (tookMs >= NOTICE_MS && notifies()) notify(title);
  }

  #show(running: RunningWork | null): void {
    const { window } = this.#options;
    this.#showsFailure = false;
    if (!window.isDestroyed()) window.setProgressBar(running === null ? NO_PROGRESS : (running.part ?? INDETERMINATE));
  }
}
