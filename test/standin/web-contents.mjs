import { cloneWire } from './clone-wire.mjs';
import { invokeHandler, IpcMain, ipcMain } from './ipc.mjs';
import { PortRelay } from './message-port.mjs';
import { isDark, onDarkChange } from './native-theme.mjs';
import { fromChromium, toChromium } from './scheme-urls.mjs';
import { respond } from './protocol.mjs';
import { defaultSession, permissionsFor } from './session.mjs';
import { Page } from './page.mjs';
import { EVENTS, PreventableEvent, StrictEmitter } from './strict.mjs';

/** @typedef {import('./chromium.mjs').Json} Json */
/** @typedef {import('./page.mjs').Sender} Sender */
/** @typedef {import('./message-port.mjs').MessagePortMain} MessagePortMain */

const wire = cloneWire();
let lastId = 0;

/** @type {Map<number, WebContents>} */
const all = new Map();
/** @type {WeakMap<WebContents, Page>} */
const pages = new WeakMap();
/** @type {WeakMap<WebFrameMain, { contents: WebContents, page: Page, id: string }>} */
const frameParts = new WeakMap();

/** @param {WebContents} contents */
export const pageOf = (contents) => /** @type {Page} */ (pages.get(contents));

export class WebFrameMain extends StrictEmitter {
  static [EVENTS] = ['dom-ready'];
  #ipc = new IpcMain();

  get #parts() {
    return /** @type {{ contents: WebContents, page: Page, id: string }} */ (frameParts.get(this));
  }

  get #frame() {
    return this.#parts.page.frame(this.#parts.id);
  }

  get ipc() {
    return this.#ipc;
  }

  get url() {
    return fromChromium(this.#frame?.url ?? '');
  }

  /** @returns {string} serialized as Chromium does for a standard scheme: without a path and without a slash */
  get origin() {
    const { protocol, host } = URL.canParse(this.url) ? new URL(this.url) : { protocol: '', host: '' };
    return host === '' ? 'null' : `${protocol}//${host}`;
  }

  /** @returns {WebFrameMain | null} */
  get parent() {
    const { page, contents } = this.#parts;
    const parent = page.frame(this.#frame?.parentId ?? '');
    return parent ? frameFor(contents, parent.id) : null;
  }

  get top() {
    const { page, contents } = this.#parts;
    return frameFor(contents, page.mainFrame.id);
  }

  get frames() {
    const { page, contents, id } = this.#parts;
    return page.frames.filter(({ parentId }) => parentId === id).map((frame) => frameFor(contents, frame.id));
  }

  get detached() {
    return this.#frame === undefined;
  }

  isDestroyed() {
    return this.#parts.contents.isDestroyed() || this.detached;
  }

  /** @param {string} code @param {boolean} [userGesture] */
  executeJavaScript(code, userGesture = false) {
    return this.#parts.page.evaluate(code, this.#parts.id, userGesture);
  }

  /** @param {string} channel @param {unknown[]} args */
  send(channel, ...args) {
    deliver(this.#parts.contents, this.#parts.id, channel, args, []);
  }

  /** @param {string} channel @param {unknown} message @param {MessagePortMain[]} [transfer] */
  postMessage(channel, message, transfer = []) {
    deliver(this.#parts.contents, this.#parts.id, channel, [message], transfer);
  }
}

/** @type {WeakMap<WebContents, Map<string, WebFrameMain>>} */
const frameObjects = new WeakMap();

/** @param {WebContents} contents @param {string} id @returns {WebFrameMain} the same object for the same frame */
function frameFor(contents, id) {
  const known = frameObjects.get(contents) ?? new Map();
  frameObjects.set(contents, known);
  const frame = known.get(id) ?? new WebFrameMain();
  known.set(id, frame);
  frameParts.set(frame, { contents, page: pageOf(contents), id });
  return frame;
}

/** @type {WeakMap<WebContents, Map<number, PortRelay>>} */
const relays = new WeakMap();

/** @param {WebContents} contents @param {number} contextId @returns {PortRelay} of one document */
function relayFor(contents, contextId) {
  const known = relays.get(contents) ?? new Map();
  relays.set(contents, known);
  const post = (/** @type {Json} */ message) => pageOf(contents).post(contextId, message);
  const relay = known.get(contextId) ?? new PortRelay('main', post, wire);
  known.set(contextId, relay);
  return relay;
}

/**
 * @param {WebContents} contents
 * @param {string} frameId
 * @param {string} channel
 * @param {unknown[]} args
 * @param {MessagePortMain[]} transfer
 */
function deliver(contents, frameId, channel, args, transfer) {
  const data = wire.encode(args);
  const contextId = pageOf(contents).preloadContext(frameId);
  // A document without a preload script hears nothing, and ports that were sent to it are closed.
  if (contextId === undefined) return transfer.forEach((port) => port.close());
  const ports = transfer.map((port) => relayFor(contents, contextId).offer(port));
  pageOf(contents).post(contextId, { kind: 'event', channel, data, ports });
}

/** @param {WebContents} contents @param {Json} message @param {Sender} sender */
async function take(contents, message, { frame, contextId }) {
  const relay = relayFor(contents, contextId);
  if (message['kind'] === 'port' || message['kind'] === 'port-closed') {
    return relay.take(/** @type {import('./message-port.mjs').PortMessage} */ (message));
  }
  if (message['kind'] === 'context-menu')
    return void contents.emit('context-menu', new PreventableEvent(), message['params']);
  if (message['kind'] === 'title') return titleContents(contents, message['title']);
  const { channel, id } = message;
  const senderFrame = frameFor(contents, frame.id);
  const args = wire.decode(message['data']);
  const ids = { type: 'frame', processId: 1, frameId: senderFrame === contents.mainFrame ? 1 : 2 };
  const event = {
    ...ids,
    sender: contents,
    senderFrame,
    ports: (message['ports'] ?? []).map(relay.accept.bind(relay)),
  };
  const ipcs = [senderFrame.ipc, contents.ipc, ipcMain];
  if (message['kind'] === 'send') {
    Object.assign(event, { reply: senderFrame.send.bind(senderFrame) });
    for (const ipc of ipcs) ipc.emit(channel, event, ...args);
    return;
  }
  let answer;
  try {
    answer = { data: wire.encode(await invokeHandler(ipcs, channel, event, args)) };
  } catch (error) {
    console.error(`Error occurred in handler for '${channel}':`, error);
    answer = { error: `Error invoking remote method '${channel}': ${error}` };
  }
  pageOf(contents).post(contextId, { kind: 'reply', id, ...answer });
}

export class WebContents extends StrictEmitter {
  static [EVENTS] = [
    ...['did-finish-load', 'did-fail-load', 'dom-ready', 'did-navigate', 'did-start-loading', 'did-stop-loading'],
    ...['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview', 'did-create-window'],
    'will-prevent-unload',
    ...['render-process-gone', 'unresponsive', 'responsive', 'preload-error', 'destroyed'],
    ...['before-input-event', 'context-menu', 'console-message', 'page-title-updated'],
  ];
  #id = ++lastId;
  #ipc = new IpcMain();
  #zoomFactor = 1;
  #up;
  #isLoading = false;
  #close;

  /**
   * @param {object} parts
   * @param {import('./chromium.mjs').Chromium} parts.chromium
   * @param {import('./page.mjs').PageOptions} parts.options
   * @param {{ width: number, height: number }} parts.size
   * @param {() => void} parts.close
   */
  constructor({ chromium, options, size, close }) {
    super();
    this.#close = close;
    const page = new Page(chromium, options, {
      take: (message, sender) => void take(this, message, sender),
      mayNavigate: (url, frame) => this.#mayNavigate(url, frame),
      respond,
    });
    pages.set(this, page);
    all.set(this.#id, this);
    this.#listen(page, options.preload ?? '');
    this.#up = page.open(size).then(() => this.#followTheme(page));
    this.#up.catch((error) => console.error('stand-in electron: a window did not open:', error));
  }

  /** @param {Page} page @param {string} preload */
  #listen(page, preload) {
    page.on('navigated', (frame) => {
      if (frame.parentId === null)
        this.emit('did-navigate', new PreventableEvent(), fromChromium(frame.url), 200, 'OK');
    });
    page.on('dom-ready', () => this.emit('dom-ready', new PreventableEvent()));
    page.on('loaded', () => {
      this.#isLoading = false;
      this.emit('did-finish-load', new PreventableEvent());
      this.emit('did-stop-loading');
    });
    page.on('failed', (text, url) => this.emit('did-fail-load', new PreventableEvent(), -2, text, url, true));
    page.on('crashed', () =>
      this.emit('render-process-gone', new PreventableEvent(), { reason: 'crashed', exitCode: 139 }),
    );
    page.on('context-gone', (contextId) => {
      relays.get(this)?.get(contextId)?.closeAll();
      relays.get(this)?.delete(contextId);
    });
    page.on('preload-error', (text) => {
      console.error(`Unable to load preload script: ${preload}\n${text}`);
      this.emit('preload-error', new PreventableEvent(), preload, new Error(text));
    });
  }

  /** @param {Page} page */
  async #followTheme(page) {
    const apply = () => {
      const features = [{ name: 'prefers-color-scheme', value: isDark() ? 'dark' : 'light' }];
      return page.send('Emulation.setEmulatedMedia', { features });
    };
    this.once(
      'destroyed',
      onDarkChange(() => void apply().catch(() => {})),
    );
    await apply();
  }

  /** @param {string} url @param {import('./page.mjs').Frame | undefined} frame */
  #mayNavigate(url, frame) {
    const isMainFrame = frame === undefined || frame.parentId === null;
    const details = { url, isMainFrame, isSameDocument: false, frame: frame ? frameFor(this, frame.id) : null };
    const event = new PreventableEvent(details);
    this.emit('will-frame-navigate', event);
    if (isMainFrame) this.emit('will-navigate', event, url);
    return !event.defaultPrevented;
  }

  get id() {
    return this.#id;
  }

  get ipc() {
    return this.#ipc;
  }

  get mainFrame() {
    return frameFor(this, pageOf(this).mainFrame?.id ?? '');
  }

  get session() {
    return defaultSession;
  }

  /** @param {string} url */
  async loadURL(url) {
    await this.#up;
    this.#isLoading = true;
    this.emit('did-start-loading');
    const { origin } = new URL(toChromium(url));
    if (origin !== 'null') {
      for (const { permission, setting } of permissionsFor(this, url)) {
        await pageOf(this).send('Browser.setPermission', { permission, setting, origin });
      }
    }
    await pageOf(this).navigate(url);
  }

  reload() {
    void pageOf(this).reload();
  }

  reloadIgnoringCache() {
    this.reload();
  }

  /** @param {string} code @param {boolean} [userGesture] */
  async executeJavaScript(code, userGesture = false) {
    await this.#up;
    return pageOf(this).evaluate(code, pageOf(this).mainFrame.id, userGesture);
  }

  /** @param {string} channel @param {unknown[]} args */
  send(channel, ...args) {
    deliver(this, pageOf(this).mainFrame?.id ?? '', channel, args, []);
  }

  /** @param {string} channel @param {unknown} message @param {MessagePortMain[]} [transfer] */
  postMessage(channel, message, transfer = []) {
    deliver(this, pageOf(this).mainFrame?.id ?? '', channel, [message], transfer);
  }

  /** @param {(details: any) => OpenDecision} handler */
  setWindowOpenHandler(handler) {
    openHandlers.set(this, handler);
  }

  forcefullyCrashRenderer() {
    pageOf(this)
      .send('Page.crash')
      .catch(() => {});
  }

  getURL() {
    return fromChromium(pageOf(this).mainFrame?.url ?? '');
  }

  getTitle() {
    return titles.get(this) ?? '';
  }

  isDestroyed() {
    return !all.has(this.#id);
  }

  isLoading() {
    return this.#isLoading;
  }

  isCrashed() {
    return false;
  }

  getType() {
    return 'window';
  }

  getOSProcessId() {
    return process.pid;
  }

  focus() {}

  openDevTools() {}

  closeDevTools() {}

  toggleDevTools() {}

  isDevToolsOpened() {
    return false;
  }

  /** @param {number} factor */
  setZoomFactor(factor) {
    if (!(factor > 0)) throw new TypeError("'zoomFactor' must be a double greater than 0.0");
    this.#zoomFactor = factor;
  }

  getZoomFactor() {
    return this.#zoomFactor;
  }

  /** @param {number} _level */
  setZoomLevel(_level) {}

  getZoomLevel() {
    return 0;
  }

  /** @param {{ waitForBeforeUnload?: boolean }} [_options] */
  close(_options) {
    this.#close();
  }

  static getAllWebContents() {
    return [...all.values()];
  }

  static getFocusedWebContents() {
    return [...all.values()].at(-1) ?? null;
  }

  /** @param {number} id */
  static fromId(id) {
    return all.get(id);
  }

  /** @param {string} targetId */
  static fromDevToolsTargetId(targetId) {
    return [...all.values()].find((contents) => pageOf(contents).targetId === targetId);
  }
}

/** @type {WeakMap<WebContents, string>} */
const titles = new WeakMap();

/** @param {WebContents} contents @param {string} title */
function titleContents(contents, title) {
  if (title === (titles.get(contents) ?? '')) return;
  titles.set(contents, title);
  contents.emit('page-title-updated', new PreventableEvent(), title, true);
}

/** @param {WebContents} contents whose window is gone */
export function destroyContents(contents) {
  all.delete(contents.id);
  for (const relay of relays.get(contents)?.values() ?? []) relay.closeAll();
  contents.emit('destroyed');
}

/** @typedef {{ action: 'allow' | 'deny', overrideBrowserWindowOptions?: object }} OpenDecision */
/** @type {WeakMap<WebContents, (details: any) => OpenDecision>} */
const openHandlers = new WeakMap();

/** @param {WebContents} contents @param {Json} details of the new window @returns {OpenDecision} as in Electron, without a handler it opens */
export function decideOpening(contents, details) {
  return openHandlers.get(contents)?.(details) ?? { action: 'allow' };
}
