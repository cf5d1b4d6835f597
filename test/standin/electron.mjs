// The module `electron` of the main process. What it has is checked against electron.d.ts; the rest throws.
import { strictObject } from './strict.mjs';
import { UtilityProcess } from './utility-process.mjs';
import { WebContents } from './web-contents.mjs';

export { app } from './app.mjs';
export { BrowserWindow } from './browser-window.mjs';
export { clipboard, crashReporter, dialog, powerMonitor, screen, shell } from './desktop.mjs';
export { Notification, powerSaveBlocker } from './attention.mjs';
export { ipcMain } from './ipc.mjs';
export { Menu, MenuItem } from './menu.mjs';
export { MessageChannelMain } from './message-port.mjs';
export { nativeTheme } from './native-theme.mjs';
export { net, protocol } from './protocol.mjs';
export { session } from './session.mjs';

export const utilityProcess = strictObject('utilityProcess', { fork: UtilityProcess.fork });
export const webContents = strictObject('webContents', {
  getAllWebContents: WebContents.getAllWebContents,
  getFocusedWebContents: WebContents.getFocusedWebContents,
  fromId: WebContents.fromId,
  fromDevToolsTargetId: WebContents.fromDevToolsTargetId,
});
