/** @typedef {import('./browser-window.mjs').BrowserWindow} BrowserWindow */

/** Windows that are not destroyed, oldest first. @type {Map<number, BrowserWindow>} */
export const windows = new Map();

/** Which of them has the focus of the desktop; one that is made, but not shown yet, has not. @type {{ id: number | null }} */
export const focused = { id: null };

/** @returns {boolean} false as soon as one of them refuses */
export function closeAllWindows() {
  for (const window of [...windows.values()]) {
    window.close();
    if (windows.has(window.id)) return false;
  }
  return true;
}
