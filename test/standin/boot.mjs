import { app, becomeReady } from './app.mjs';
import { popupOpened, targetGone } from './browser-window.mjs';
import { Chromium } from './chromium.mjs';
import { lifecycle } from './lifecycle.mjs';
import { makeRunFolder, removeFolder } from './output-folder.mjs';
import { releaseLock } from './single-instance.mjs';

/** @type {() => void} */
let tellEvaluated;
const evaluated = /** @type {Promise<void>} */ (new Promise((resolve) => (tellEvaluated = resolve)));

/** @param {{ root: string }} options folder of the app's package.json */
export function boot({ root }) {
  lifecycle.root = root;
  lifecycle.folder = makeRunFolder();
  const browser = new Chromium(lifecycle.folder);
  lifecycle.chromium = browser;
  browser.onExit(() => {
    if (lifecycle.isExiting) return;
    console.error('stand-in electron: the browser has ended');
    process.exit(1);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => app.quit());
  process.on('exit', () => {
    releaseLock();
    browser.kill();
    removeFolder(lifecycle.folder);
  });
  void becomeReadyWith(browser);
}

/** @param {Chromium} browser */
async function becomeReadyWith(browser) {
  browser.on('', 'Target.targetCreated', ({ targetInfo }) => {
    if (targetInfo.type === 'page' && targetInfo.openerId !== undefined) popupOpened(targetInfo.targetId);
  });
  browser.on('', 'Target.targetDestroyed', ({ targetId }) => targetGone(targetId));
  await browser.send('Target.setDiscoverTargets', { discover: true });
  await evaluated;
  becomeReady();
}

export function mainEvaluated() {
  tellEvaluated();
}
