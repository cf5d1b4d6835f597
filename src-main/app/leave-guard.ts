import type { BrowserWindow, Dialog } from 'electron';
import type { WorkKind } from '../contract/host-bridge';
import { messages } from './messages';

interface LeaveGuardOptions {
  readonly window: BrowserWindow;
  readonly dialog: Pick<Dialog, 'showMessageBoxSync'>;
  /** What runs in the window, which is why its page does not want to be left. */
  readonly kind: () => WorkKind;
  /** Whether the app is to end whatever it does, as a signal has it. */
  readonly mustEnd: () => boolean;
}

/**
 * Asks before a window closes, or its page is loaded again, while something runs that would end with it. What runs in other
 * windows is none of its: it goes on there. A browser asks by itself; Electron only keeps the window open, without a word,
 * unless it is told otherwise.
 */
export function guardLeaving({ window, dialog, kind, mustEnd }: LeaveGuardOptions): void {
  window.webContents.on('will-prevent-unload', (event) => {
    if (mustEnd() || asksToLeave(window, dialog, kind())) event.preventDefault();
  });
}

function asksToLeave(window: BrowserWindow, dialog: LeaveGuardOptions['dialog'], kind: WorkKind): boolean {
  const { message, detail, stay, leave } = messages.leaveDialog;
  const buttons = [stay[kind], leave];
  const chosen = dialog.showMessageBoxSync(window, {
    type: 'warning',
    message: message[kind],
    detail,
    buttons,
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return buttons[chosen] === leave;
}
