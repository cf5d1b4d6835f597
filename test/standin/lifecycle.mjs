/** What every module of the stand-in must know of the application's state; `boot.mjs` and `app.mjs` change it. */
export const lifecycle = {
  isReady: false,
  isQuitting: false,
  /** From `app.exit()` on, when the end of the browser is no accident. */
  isExiting: false,
  /** After `app.enableSandbox()`, whatever a window asks for. */
  isSandboxForced: false,
  /** Folder of the app's package.json. */
  root: process.cwd(),
  /** Folder of this run, removed when it ends. */
  folder: '',
  /** @type {import('./chromium.mjs').Chromium | null} */
  chromium: null,

  /** @param {string} what */
  requireReady(what) {
    if (!this.isReady) throw new Error(`${what} module cannot be used before app is ready`);
  },

  /** @returns {import('./chromium.mjs').Chromium} */
  get browser() {
    if (this.chromium === null) throw new Error('stand-in electron: the browser is not there yet');
    return this.chromium;
  },
};
