import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { closeAllWindows } from './window-list.mjs';
import { lifecycle } from './lifecycle.mjs';
import { removeFolder } from './output-folder.mjs';
import { hasLock, releaseLock, requestLock } from './single-instance.mjs';
import { EVENTS, PreventableEvent, StrictEmitter, strictObject } from './strict.mjs';

/** @type {() => void} */
let resolveReady;
const ready = /** @type {Promise<void>} */ (new Promise((resolve) => (resolveReady = resolve)));

/** Switches that the app has added. @type {Map<string, string>} */
const switches = new Map();

/** @param {string} name @returns {string | undefined} */
function findSwitch(name) {
  const passed = process.argv.find((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
  return switches.get(name) ?? passed?.slice(name.length + 3);
}

const commandLine = strictObject('app.commandLine', {
  /** @param {string} name @param {string} [value] */
  appendSwitch: (name, value = '') => void switches.set(name, value),
  /** @param {string} name */
  hasSwitch: (name) => findSwitch(name) !== undefined,
  /** @param {string} name */
  getSwitchValue: (name) => findSwitch(name) ?? '',
  /** @param {string} name */
  removeSwitch: (name) => void switches.delete(name),
});

const ABOUT = Symbol.for('standin.about');
const RECENT = Symbol.for('standin.recent');

class App extends StrictEmitter {
  static [EVENTS] = [
    ...['will-finish-launching', 'ready', 'activate', 'open-file', 'open-url', 'second-instance', 'window-all-closed'],
    ...['before-quit', 'will-quit', 'quit', 'browser-window-created', 'web-contents-created', 'browser-window-focus'],
    ...['browser-window-blur', 'render-process-gone', 'child-process-gone', 'certificate-error', 'login'],
  ];
  /** @type {string | null} */
  #name = null;
  #paths = new Map();
  /** @type {object | null} */
  [ABOUT] = null;
  /** @type {string[]} */
  [RECENT] = [];

  get isPackaged() {
    return false;
  }

  get commandLine() {
    return commandLine;
  }

  get name() {
    const manifest = this.#manifest();
    return this.#name ?? manifest['productName'] ?? manifest['name'] ?? 'Electron';
  }

  set name(name) {
    this.#name = name;
  }

  /** @returns {Record<string, string>} */
  #manifest() {
    return JSON.parse(readFileSync(join(lifecycle.root, 'package.json'), 'utf8'));
  }

  whenReady() {
    return ready;
  }

  isReady() {
    return lifecycle.isReady;
  }

  getName() {
    return this.name;
  }

  /** @param {string} name */
  setName(name) {
    this.name = name;
  }

  getVersion() {
    return this.#manifest()['version'] ?? '';
  }

  getAppPath() {
    return lifecycle.root;
  }

  getLocale() {
    return lifecycle.isReady ? 'en-US' : '';
  }

  getSystemLocale() {
    return 'en-US';
  }

  getPreferredSystemLanguages() {
    return ['en-US'];
  }

  /** @param {string} name @returns {string} below the folder of this run, unless the caller or the environment says where */
  getPath(name) {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    if (name === 'home') return homedir();
    if (name === 'exe') return process.execPath;
    if (name === 'userData' || name === 'sessionData') return this.#userData();
    if (name === 'appData') return process.env.XDG_CONFIG_HOME ?? join(lifecycle.folder, 'appData');
    const known = ['temp', 'desktop', 'documents', 'downloads', 'music', 'pictures', 'videos', 'logs', 'crashDumps'];
    if (!known.includes(name)) throw new Error(`Failed to get '${name}' path`);
    const path = join(lifecycle.folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  #userData() {
    return this.commandLine.getSwitchValue('user-data-dir') || join(this.getPath('appData'), this.name);
  }

  /** @param {string} name @param {string} path */
  setPath(name, path) {
    if (resolve(path) !== path) throw new Error('Path must be absolute');
    if (!existsSync(path)) throw new Error(`Failed to set path: ${path} does not exist`);
    this.#paths.set(name, path);
  }

  /** @param {unknown} [additionalData] */
  requestSingleInstanceLock(additionalData = {}) {
    return requestLock(this.getPath('userData'), additionalData, ({ argv, workingDirectory, additionalData: sent }) => {
      void ready.then(() => this.emit('second-instance', new PreventableEvent(), argv, workingDirectory, sent));
    });
  }

  hasSingleInstanceLock() {
    return hasLock();
  }

  releaseSingleInstanceLock() {
    releaseLock();
  }

  quit() {
    if (lifecycle.isQuitting) return;
    const event = new PreventableEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    lifecycle.isQuitting = true;
    if (!closeAllWindows()) {
      // A window refused to close, which calls the quitting off.
      lifecycle.isQuitting = false;
      return;
    }
    const last = new PreventableEvent();
    this.emit('will-quit', last);
    if (last.defaultPrevented) lifecycle.isQuitting = false;
    else this.exit(0);
  }

  /** @param {number} [exitCode] */
  exit(exitCode = 0) {
    if (lifecycle.isExiting) return;
    lifecycle.isExiting = true;
    this.emit('quit', new PreventableEvent(), exitCode);
    releaseLock();
    const end = () => {
      removeFolder(lifecycle.folder);
      process.exit(exitCode);
    };
    if (lifecycle.chromium === null) end();
    else void lifecycle.chromium.close().then(end);
  }

  /** @param {{ args?: string[] }} [_options] */
  relaunch(_options) {
    throw new Error('stand-in electron: app.relaunch is not carried out');
  }

  focus() {}

  enableSandbox() {
    lifecycle.isSandboxForced = true;
  }

  disableHardwareAcceleration() {}

  /** @param {string} _id */
  setAppUserModelId(_id) {}

  /** @param {object} options kept for tests as `app[Symbol.for('standin.about')]`: there is no panel */
  setAboutPanelOptions(options) {
    this[ABOUT] = options;
  }

  /** @param {string} path kept for tests as `app[Symbol.for('standin.recent')]`: no system lists them */
  addRecentDocument(path) {
    this[RECENT].push(path);
  }

  getAppMetrics() {
    return [];
  }
}

export const app = new App();

/** The main module has been evaluated and the browser is there. */
export function becomeReady() {
  lifecycle.isReady = true;
  app.emit('will-finish-launching');
  app.emit('ready', new PreventableEvent(), {});
  resolveReady();
}
