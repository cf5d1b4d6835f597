import type { BrowserWindow, Dialog } from 'electron';
import { messages } from './messages';

interface HangGuardOptions {
  readonly window: BrowserWindow;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  /** What runs in the window, if anything does, which loading its page again would end. */
  readonly isWorking: () => boolean;
}

/**
 * Asks what to do with a page that does not answer any more, whose window could be neither used nor closed. Nothing is done by
 * itself: the page may be busy. The question goes when the page answers again.
 */
export class HangGuard {
  readonly #options: HangGuardOptions;
  #asking: AbortController | null = null;
  #isEnded = false;

  constructor(options: HangGuardOptions) {
    this.#options = options;
    const { webContents } = options.window;
    webContents.on('unresponsive', () => void this.#ask());
    webContents.on('responsive', () => this.#asking?.abort());
    options.window.on('closed', () => this.#asking?.abort());
  }

  /** @returns whether the process of the page ended since the user wanted that; it is told once */
  takeEnd(): boolean {
    const isEnded = this.#isEnded;
    this.#isEnded = false;
    return isEnded;
  }

  async #ask(): Promise<void> {
    if (this.#asking !== null) return;
    const { window, dialog, isWorking } = this.#options;
    const { message, detail, working, wait, reload } = messages.hangDialog;
    const asking = new AbortController();
    this.#asking = asking;
    const buttons = [wait, reload];
    const { response } = await dialog.showMessageBox(window, {
      ...{ type: 'warning', message, buttons, defaultId: 0, cancelId: 0, noLink: true },
      ...{ detail: isWorking() ? `${detail} ${working}` : detail, signal: asking.signal },
    });
    this.#asking = null;
    if (asking.signal.aborted || buttons[response] !== reload || window.isDestroyed()) return;
    this.#isEnded = true;
    // A page that does not answer cannot be asked to go.
    window.webContents.forcefullyCrashRenderer();
  }
}
