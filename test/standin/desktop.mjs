// What belongs to the desktop around the app: nothing of it is shown or opened here, tests see what was asked for.
import { EVENTS, StrictEmitter, strictObject } from './strict.mjs';

/** @param {string} name */
const unanswered = (name) => async () => {
  throw new Error(`stand-in electron: dialog.${name} was not answered: replace it in the test`);
};
/** @param {string} name */
const unansweredSync = (name) => () => {
  throw new Error(`stand-in electron: dialog.${name} was not answered: replace it in the test`);
};

export const dialog = strictObject('dialog', {
  showOpenDialog: unanswered('showOpenDialog'),
  showSaveDialog: unanswered('showSaveDialog'),
  showMessageBox: unanswered('showMessageBox'),
  showOpenDialogSync: unansweredSync('showOpenDialogSync'),
  showSaveDialogSync: unansweredSync('showSaveDialogSync'),
  showMessageBoxSync: unansweredSync('showMessageBoxSync'),
  /** @param {string} title @param {string} content */
  showErrorBox: (title, content) => console.error(`${title}\n${content}`),
});

/** @type {{ action: string, target: string }[]} */
const asked = [];
/** What shell was asked to open, oldest first, for tests: `require('electron').shell[Symbol.for('standin.asked')]`. */
const ASKED = Symbol.for('standin.asked');

export const shell = strictObject('shell', {
  [ASKED]: asked,
  /** @param {string} target */
  async openExternal(target) {
    asked.push({ action: 'openExternal', target });
  },
  /** @param {string} target @returns {Promise<string>} empty: it worked */
  async openPath(target) {
    asked.push({ action: 'openPath', target });
    return '';
  },
  /** @param {string} target */
  showItemInFolder(target) {
    asked.push({ action: 'showItemInFolder', target });
  },
  beep() {},
});

let clipboardText = '';
export const clipboard = strictObject('clipboard', {
  readText: () => clipboardText,
  /** @param {string} text */
  writeText(text) {
    clipboardText = text;
  },
});

/** @typedef {{ x: number, y: number, width: number, height: number }} Rectangle */

/** Displays as JSON `[{ x, y, width, height }]`, the first being the primary; a window must know them from the start. */
const displays = /** @type {Rectangle[]} */ (
  JSON.parse(process.env.NATSCOPE_STANDIN_DISPLAYS ?? '[{ "x": 0, "y": 0, "width": 1920, "height": 1080 }]')
).map((bounds, index) => ({
  ...{ id: index + 1, label: `Display ${index + 1}`, bounds, workArea: bounds, scaleFactor: 1, rotation: 0 },
  ...{ size: { width: bounds.width, height: bounds.height }, internal: false },
  workAreaSize: { width: bounds.width, height: bounds.height },
}));

class Screen extends StrictEmitter {
  static [EVENTS] = ['display-added', 'display-removed', 'display-metrics-changed'];

  getAllDisplays() {
    return displays;
  }

  getPrimaryDisplay() {
    return displays[0];
  }

  /** @param {Rectangle} bounds @returns the display that shows most of it, else the primary one */
  getDisplayMatching(bounds) {
    const shown = displays.map((display) => ({ display, area: overlap(display.bounds, bounds) }));
    const best = shown.reduce((most, each) => (each.area > most.area ? each : most));
    return best.display;
  }

  getCursorScreenPoint() {
    return { x: 0, y: 0 };
  }
}
export const screen = new Screen();

/** @param {Rectangle} a @param {Rectangle} b */
function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

class PowerMonitor extends StrictEmitter {
  static [EVENTS] = ['suspend', 'resume', 'shutdown', 'lock-screen', 'unlock-screen'];

  getSystemIdleTime() {
    return 0;
  }
}
export const powerMonitor = new PowerMonitor();

export const crashReporter = strictObject('crashReporter', { start() {}, getUploadToServer: () => false });
