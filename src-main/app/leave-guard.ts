import type { BrowserWindow, Dialog } from 'electron';

const LEAVE = 'Cancel the import and close';
const STAY = 'Keep importing';

interface LeaveGuardOptions {
  readonly window: BrowserWindow;
  readonly dialog: Pick<Dialog, 'showMessageBoxSync'>;
  /** Whether the app is to end whatever it does, as a signal has it. */
  readonly mustEnd: () => boolean;
}

/**
 * Asks before the window closes on what its page does not want to be left for, which is an import. A browser asks by
 * itself; Electron only keeps the window open, without a word, unless it is told otherwise.
 */
export function guardLeaving({ window, dialog, mustEnd }: LeaveGuardOptions): void {
  window.webContents.on('will-prevent-unload', (event) => {
    if (mustEnd() || asksToLeave(window, dialog)) event.preventDefault();
  });
}

function asksToLeave(window: BrowserWindow, dialog: LeaveGuardOptions['dialog']): boolean {
  const buttons = [STAY, LEAVE];
  const chosen = dialog.showMessageBoxSync(window, {
    type: 'warning',
    message: 'An import is under way.',
    detail: 'Closing the window cancels it, and nothing of it is kept.',
    buttons,
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return buttons[chosen] === LEAVE;
}
