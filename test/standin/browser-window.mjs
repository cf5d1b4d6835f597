import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from './app.mjs';
import { lifecycle } from './lifecycle.mjs';
import { EVENTS, PreventableEvent, StrictEmitter } from './strict.mjs';
import { decideOpening, destroyContents, pageOf, WebContents } from './web-contents.mjs';
import { focused, windows } from './window-list.mjs';
import { fromChromium } from './scheme-urls.mjs';

/** @typedef {import('./desktop.mjs').Rectangle} Rectangle */
/** @typedef {Record<string, any>} WindowOptions */

const OPTIONS = [
  ...['title', 'width', 'height', 'x', 'y', 'minWidth', 'minHeight', 'useContentSize', 'center', 'resizable', 'show'],
  ...['backgroundColor', 'icon', 'autoHideMenuBar', 'titleBarStyle', 'titleBarOverlay', 'webPreferences', 'fullscreen'],
  ...['paintWhenInitiallyHidden', 'darkTheme', 'trafficLightPosition', 'acceptFirstMouse'],
];
const PREFERENCES = [
  ...[
    'preload',
    'sandbox',
    'contextIsolation',
    'nodeIntegration',
    'nodeIntegrationInWorker',
    'spellcheck',
    'webviewTag',
  ],
  ...['nodeIntegrationInSubFrames', 'webSecurity', 'allowRunningInsecureContent', 'devTools', 'additionalArguments'],
  ...['backgroundThrottling', 'navigateOnDragDrop', 'safeDialogs', 'disableDialogs', 'experimentalFeatures'],
  ...['enableWebSQL', 'plugins', 'webgl', 'images', 'autoplayPolicy', 'defaultEncoding'],
];

const PROGRESS = Symbol.for('standin.progress');

let lastId = 0;

/** @param {string} what @param {object} given @param {readonly string[]} known */
function refuseUnknown(what, given, known) {
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`stand-in electron: ${what} ${unknown.join(', ')} not implemented`);
}

/** @param {Record<string, any>} preferences @returns {import('./page.mjs').PageOptions} with Electron's defaults */
function pageOptions(preferences) {
  const nodeIntegration = preferences['nodeIntegration'] === true;
  return {
    preload: preferences['preload'] ?? null,
    // What is asked for counts, even where `app.enableSandbox()` makes it harmless: a test must see a wrong setting.
    sandbox: preferences['sandbox'] ?? (lifecycle.isSandboxForced || !nodeIntegration),
    contextIsolation: preferences['contextIsolation'] ?? true,
    nodeIntegration,
    nodeIntegrationInSubFrames: preferences['nodeIntegrationInSubFrames'] === true,
    additionalArguments: preferences['additionalArguments'] ?? [],
  };
}

export class BrowserWindow extends StrictEmitter {
  static [EVENTS] = [
    ...['close', 'closed', 'ready-to-show', 'show', 'hide', 'focus', 'blur', 'page-title-updated', 'unresponsive'],
    ...['maximize', 'unmaximize', 'minimize', 'restore', 'resize', 'resized', 'move', 'moved', 'responsive'],
    ...['enter-full-screen', 'leave-full-screen'],
  ];
  #id = ++lastId;
  #contents;
  #title;
  #isVisible;
  #bounds;
  #isMaximized = false;
  #isMinimized = false;
  #isFullScreen = false;
  #preferences;
  #progress = { value: -1, mode: 'none' };

  /** @param {WindowOptions} [options] */
  constructor(options = {}) {
    super();
    lifecycle.requireReady('BrowserWindow');
    const preferences = options['webPreferences'] ?? {};
    refuseUnknown('options of BrowserWindow', options, OPTIONS);
    refuseUnknown('webPreferences', preferences, PREFERENCES);
    const { width = 800, height = 600, x = 0, y = 0, title = app.name, show = true } = options;
    this.#preferences = preferences;
    this.#title = title;
    this.#isVisible = show;
    if (show) focused.id = this.#id;
    this.#bounds = { x, y, width, height };
    this.#contents = new WebContents({
      chromium: lifecycle.browser,
      options: pageOptions(preferences),
      size: { width, height },
      close: () => this.close(),
    });
    this.#listen();
    windows.set(this.#id, this);
    app.emit('web-contents-created', new PreventableEvent(), this.#contents);
    app.emit('browser-window-created', new PreventableEvent(), this);
  }

  #listen() {
    const contents = this.#contents;
    contents.once('did-finish-load', () => this.emit('ready-to-show'));
    contents.on('render-process-gone', (_event, details) =>
      app.emit('render-process-gone', new PreventableEvent(), contents, details),
    );
    contents.on('page-title-updated', (event, title, isExplicit) => {
      this.emit('page-title-updated', event, title, isExplicit);
      if (!event.defaultPrevented) this.#title = title;
    });
    pageOf(contents).on('popup', (wanted) => this.#opens(wanted));
  }

  /** @param {{ url: string, windowName: string, windowFeatures: string }} wanted */
  #opens({ url: wanted, windowName: frameName, windowFeatures: features }) {
    const url = fromChromium(wanted);
    const disposition = features === '' ? 'foreground-tab' : 'new-window';
    const details = { url, frameName, features, disposition, referrer: { url: '', policy: 'default' } };
    const { action, overrideBrowserWindowOptions = {} } = decideOpening(this.#contents, details);
    if (action !== 'allow') return;
    const child = new BrowserWindow({ webPreferences: this.#preferences, ...overrideBrowserWindowOptions });
    this.#contents.emit('did-create-window', child, { url, frameName, disposition });
    child.loadURL(url).catch((error) => console.error(`stand-in electron: ${error}`));
  }

  get id() {
    return this.#id;
  }

  get webContents() {
    return this.#contents;
  }

  get title() {
    return this.#title;
  }

  set title(title) {
    this.#title = title;
  }

  /** @param {string} url */
  loadURL(url) {
    return this.#contents.loadURL(url);
  }

  /** @param {string} path @param {{ search?: string, hash?: string }} [options] */
  loadFile(path, { search = '', hash = '' } = {}) {
    return this.loadURL(Object.assign(pathToFileURL(resolve(lifecycle.root, path)), { search, hash }).href);
  }

  reload() {
    this.#contents.reload();
  }

  show() {
    this.showInactive();
    this.focus();
  }

  showInactive() {
    this.#isVisible = true;
    this.emit('show');
  }

  hide() {
    this.#isVisible = false;
    this.emit('hide');
    this.blur();
  }

  isVisible() {
    return this.#isVisible;
  }

  focus() {
    if (this.isFocused()) return;
    BrowserWindow.getFocusedWindow()?.blur();
    focused.id = this.#id;
    this.emit('focus');
    app.emit('browser-window-focus', new PreventableEvent(), this);
  }

  blur() {
    if (!this.isFocused()) return;
    focused.id = null;
    this.emit('blur');
    app.emit('browser-window-blur', new PreventableEvent(), this);
  }

  isFocused() {
    return BrowserWindow.getFocusedWindow() === this;
  }

  isDestroyed() {
    return !windows.has(this.#id);
  }

  getBounds() {
    return { ...this.#bounds };
  }

  getNormalBounds() {
    return this.getBounds();
  }

  getContentBounds() {
    return this.getBounds();
  }

  /** @param {Partial<Rectangle>} bounds */
  setBounds(bounds) {
    const before = this.#bounds;
    this.#bounds = { ...before, ...bounds };
    const { x, y, width, height } = this.#bounds;
    void this.#place({ left: x, top: y, width, height });
    if (width !== before.width || height !== before.height) this.emit('resize');
    if (x !== before.x || y !== before.y) this.emit('move');
  }

  /** @param {object} bounds of the protocol */
  async #place(bounds) {
    try {
      const { targetId } = pageOf(this.#contents);
      const { windowId } = await lifecycle.browser.send('Browser.getWindowForTarget', { targetId });
      await lifecycle.browser.send('Browser.setWindowBounds', { windowId, bounds });
    } catch (error) {
      if (!this.isDestroyed()) console.error('stand-in electron: a window was not placed:', error);
    }
  }

  getSize() {
    return [this.#bounds.width, this.#bounds.height];
  }

  /** @param {number} width @param {number} height */
  setSize(width, height) {
    this.setBounds({ width, height });
  }

  getPosition() {
    return [this.#bounds.x, this.#bounds.y];
  }

  /** @param {number} x @param {number} y */
  setPosition(x, y) {
    this.setBounds({ x, y });
  }

  center() {}

  /** @param {number} _width @param {number} _height */
  setMinimumSize(_width, _height) {}

  isMaximized() {
    return this.#isMaximized;
  }

  maximize() {
    this.#isMaximized = true;
    this.emit('maximize');
  }

  unmaximize() {
    this.#isMaximized = false;
    this.emit('unmaximize');
  }

  isMinimized() {
    return this.#isMinimized;
  }

  minimize() {
    this.#isMinimized = true;
    this.emit('minimize');
  }

  restore() {
    this.#isMinimized = false;
    this.emit('restore');
  }

  isFullScreen() {
    return this.#isFullScreen;
  }

  /** @param {boolean} isFullScreen */
  setFullScreen(isFullScreen) {
    this.#isFullScreen = isFullScreen;
    this.emit(isFullScreen ? 'enter-full-screen' : 'leave-full-screen');
  }

  getTitle() {
    return this.#title;
  }

  /** @param {string} title */
  setTitle(title) {
    this.#title = title;
  }

  /** @param {number} value @param {{ mode?: string }} [options] kept for tests as `window[Symbol.for('standin.progress')]` */
  setProgressBar(value, { mode = 'normal' } = {}) {
    if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError('Error processing argument at index 0');
    this.#progress = { value, mode: value < 0 ? 'none' : mode };
  }

  get [PROGRESS]() {
    return this.#progress;
  }

  /** @param {string} _color */
  setBackgroundColor(_color) {}

  /** @param {boolean} _visible */
  setMenuBarVisibility(_visible) {}

  /** @param {boolean} _hide */
  setAutoHideMenuBar(_hide) {}

  /** @param {unknown} _menu */
  setMenu(_menu) {}

  removeMenu() {}

  /** @param {unknown} _icon */
  setIcon(_icon) {}

  /** @param {string} _path */
  setRepresentedFilename(_path) {}

  /** @param {boolean} _isEdited */
  setDocumentEdited(_isEdited) {}

  /** @param {object} _overlay */
  setTitleBarOverlay(_overlay) {}

  close() {
    if (this.isDestroyed()) return;
    const event = new PreventableEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy() {
    if (!windows.delete(this.#id)) return;
    const { targetId } = pageOf(this.#contents);
    lifecycle.browser.send('Target.closeTarget', { targetId }).catch(() => {});
    destroyContents(this.#contents);
    const hadFocus = focused.id === this.#id;
    if (hadFocus) focused.id = null;
    this.emit('closed');
    // The desktop turns to the one below.
    if (hadFocus) [...windows.values()].findLast((window) => window.isVisible())?.focus();
    if (windows.size > 0 || lifecycle.isQuitting) return;
    if (app.listenerCount('window-all-closed') > 0) app.emit('window-all-closed');
    else app.quit();
  }

  static getAllWindows() {
    return [...windows.values()];
  }

  /** @returns {BrowserWindow | null} */
  static getFocusedWindow() {
    return windows.get(focused.id ?? -1) ?? null;
  }

  /** @param {number} id */
  static fromId(id) {
    return windows.get(id) ?? null;
  }

  /** @param {WebContents} contents */
  static fromWebContents(contents) {
    return [...windows.values()].find((window) => window.webContents === contents) ?? null;
  }
}

/**
 * A tab that the browser has opened by itself, by a way that the page's own world does not show (a form's target).
 *
 * @param {string} targetId
 */
export function popupOpened(targetId) {
  console.error('stand-in electron: a page opened a window by a way that is not emulated; it is closed');
  lifecycle.browser.send('Target.closeTarget', { targetId }).catch(() => {});
}

/** A tab is gone, closed from outside. @param {string} targetId */
export function targetGone(targetId) {
  for (const window of windows.values()) if (pageOf(window.webContents).targetId === targetId) window.destroy();
}
