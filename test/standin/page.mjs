import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  ASK_PATH,
  askForWindowsSource,
  BINDING,
  leakedNodeSource,
  OPEN_BINDING,
  pageWorldSource,
  preloadWorldSource,
} from './page-worlds.mjs';
import { fromChromium, SCHEME_PATTERN, toChromium } from './scheme-urls.mjs';

/** @typedef {import('./chromium.mjs').Json} Json */
/** @typedef {{ readonly id: string, readonly parentId: string | null, url: string }} Frame */
/** @typedef {{ frame: Frame, contextId: number }} Sender */
/**
 * @typedef {object} PageOptions webPreferences with Electron's defaults filled in
 * @property {string | null} preload
 * @property {boolean} sandbox
 * @property {boolean} contextIsolation
 * @property {boolean} nodeIntegration
 * @property {boolean} nodeIntegrationInSubFrames
 * @property {readonly string[]} additionalArguments
 */
/**
 * @typedef {object} PageHost
 * @property {(message: Json, sender: Sender) => void} take a message of the preload's world
 * @property {(url: string, frame: Frame | undefined) => boolean} mayNavigate asked of navigations that a page starts
 * @property {(request: Request) => Promise<Response>} respond to a request under a scheme of the app
 */

const WORLD = 'Electron Isolated Context';
/** A page's wish to navigate and the request for it come by different ways; this long one waits for the other. */
const NAVIGATION_RACE_MS = 50;

/**
 * One tab of the browser, in the terms of the DevTools protocol. Emits `navigated` (frame), `loaded`, `dom-ready`,
 * `crashed`, `popup` (details), `preload-error` (message), `context-gone` (context id) and `failed` (text, url).
 */
export class Page extends EventEmitter {
  targetId = '';
  #chromium;
  #options;
  #host;
  #sessionId = '';
  /** @type {Map<string, Frame>} */
  #frames = new Map();
  /** @type {Map<number, string>} frame by the context that its preload script runs in */
  #preloadContexts = new Map();
  /** @type {Map<string, number>} the page's own context by frame */
  #pageContexts = new Map();
  #mainFrameId = '';
  #isHostNavigating = false;
  /** @type {Set<string>} */
  #wished = new Set();

  /**
   * @param {import('./chromium.mjs').Chromium} chromium
   * @param {PageOptions} options
   * @param {PageHost} host
   */
  constructor(chromium, options, host) {
    super();
    this.#chromium = chromium;
    this.#options = options;
    this.#host = host;
  }

  /** @param {string} method @param {Json} [params] */
  send(method, params) {
    return this.#chromium.send(method, params, this.#sessionId);
  }

  /** @param {{ width: number, height: number }} size in CSS pixels */
  async open(size) {
    const created = await this.#chromium.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...size });
    this.targetId = created['targetId'];
    const attached = await this.#chromium.send('Target.attachToTarget', { targetId: this.targetId, flatten: true });
    this.#sessionId = attached['sessionId'];
    this.#listen();
    const { frameTree } = await this.send('Page.getFrameTree');
    this.#mainFrameId = frameTree.frame.id;
    this.#frames.set(this.#mainFrameId, { id: this.#mainFrameId, parentId: null, url: frameTree.frame.url });
    const binding = this.#options.contextIsolation ? { executionContextName: WORLD } : {};
    await Promise.all([
      ...['Page.enable', 'Runtime.enable', 'Debugger.enable'].map((method) => this.send(method)),
      this.send('Runtime.addBinding', { name: BINDING, ...binding }),
      this.send('Runtime.addBinding', { name: OPEN_BINDING }),
      this.send('Fetch.enable', {
        patterns: [{ urlPattern: SCHEME_PATTERN }, { urlPattern: '*', resourceType: 'Document' }],
      }),
    ]);
    await this.#addScripts();
  }

  async #addScripts() {
    const { preload, sandbox, contextIsolation, nodeIntegration, nodeIntegrationInSubFrames } = this.#options;
    const add = (/** @type {string} */ source, /** @type {Json} */ world = {}) =>
      this.send('Page.addScriptToEvaluateOnNewDocument', { source, ...world });
    await add(askForWindowsSource());
    if (nodeIntegration || !sandbox || !contextIsolation) await add(leakedNodeSource());
    if (preload === null) return;
    const source = this.#readPreload(preload);
    if (source === undefined) return;
    const key = randomUUID();
    if (contextIsolation) await add(pageWorldSource(key));
    const versions = { electron: process.versions['electron'], node: process.versions.node };
    const argv = [process.execPath, ...this.#options.additionalArguments];
    const shown = { platform: process.platform, arch: process.arch, type: 'renderer', versions, argv, env: {} };
    const options = {
      ...{ key, isIsolated: contextIsolation, inSubframes: nodeIntegrationInSubFrames },
      process: { ...shown, contextIsolated: contextIsolation, sandboxed: sandbox },
    };
    await add(preloadWorldSource(options, source), contextIsolation ? { worldName: WORLD } : {});
  }

  /** @param {string} path */
  #readPreload(path) {
    try {
      if (this.#options.sandbox && path.endsWith('.mjs')) throw new Error('a sandboxed preload cannot be an ES module');
      return readFileSync(path, 'utf8');
    } catch (error) {
      // Electron goes on without a preload script, too.
      this.emit('preload-error', String(error));
      return undefined;
    }
  }

  /** @param {string} method @param {(params: any) => void} listener */
  #on(method, listener) {
    this.#chromium.on(this.#sessionId, method, listener);
  }

  #listen() {
    this.#on('Page.frameAttached', ({ frameId, parentFrameId }) => {
      this.#frames.set(frameId, { id: frameId, parentId: parentFrameId, url: '' });
    });
    this.#on('Page.frameDetached', ({ frameId, reason }) => reason === 'remove' && this.#frames.delete(frameId));
    this.#on('Page.frameNavigated', ({ frame }) => this.#navigated(frame));
    this.#on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      const frame = this.#frames.get(frameId);
      if (frame) frame.url = url;
    });
    this.#on('Page.frameRequestedNavigation', ({ frameId, url }) => this.#wished.add(`${frameId} ${stripHash(url)}`));
    this.#on('Page.domContentEventFired', () => this.emit('dom-ready'));
    this.#on('Page.loadEventFired', () => this.emit('loaded'));
    this.#on('Inspector.targetCrashed', () => this.emit('crashed'));
    this.#on('Fetch.requestPaused', (event) => void this.#requested(event));
    this.#on('Debugger.paused', (event) => void this.#paused(event));
    this.#on('Runtime.executionContextCreated', ({ context }) => this.#contextCreated(context));
    this.#on('Runtime.executionContextDestroyed', ({ executionContextId }) => this.#contextGone(executionContextId));
    this.#on('Runtime.executionContextsCleared', () => {
      for (const contextId of [...this.#preloadContexts.keys()]) this.#contextGone(contextId);
    });
    this.#on('Runtime.exceptionThrown', ({ exceptionDetails: details }) => {
      if (!this.#preloadContexts.has(details.executionContextId) || details.url) return;
      this.emit('preload-error', details.exception?.description ?? details.text);
    });
    this.#on('Runtime.bindingCalled', ({ name, payload, executionContextId: contextId }) => {
      if (name === OPEN_BINDING) this.emit('popup', JSON.parse(payload));
      const frame = this.#frames.get(this.#preloadContexts.get(contextId) ?? '');
      if (name === BINDING && frame) this.#host.take(JSON.parse(payload), { frame, contextId });
    });
  }

  /** @param {Json} frame of the protocol */
  #navigated(frame) {
    const { id, parentId = null, url, urlFragment = '' } = frame;
    const known = { id, parentId, url: url + urlFragment };
    if (parentId === null) {
      // A page that navigates away takes its frames with it.
      this.#frames.clear();
      this.#mainFrameId = id;
    }
    this.#frames.set(id, known);
    this.emit('navigated', known);
  }

  /** @param {Json} context */
  #contextCreated(context) {
    const { frameId, isDefault } = context['auxData'];
    if (isDefault) this.#pageContexts.set(frameId, context['id']);
    const isPreloads = this.#options.contextIsolation ? context['name'] === WORLD : isDefault;
    if (isPreloads) this.#preloadContexts.set(context['id'], frameId);
  }

  /** @param {number} contextId */
  #contextGone(contextId) {
    if (this.#preloadContexts.delete(contextId)) this.emit('context-gone', contextId);
  }

  /** @param {Json} event */
  async #requested({ requestId, request, frameId, resourceType, redirectedRequestId }) {
    try {
      const isNavigation = resourceType === 'Document' && redirectedRequestId === undefined;
      if (isNavigation && !(await this.#mayNavigate(request.url, frameId))) {
        await this.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
      } else if (fromChromium(request.url) === request.url) {
        await this.send('Fetch.continueRequest', { requestId });
      } else {
        await this.#answer(requestId, await this.#host.respond(toRequest(request)));
      }
    } catch (error) {
      console.error(`stand-in electron: ${request.url}:`, error);
      await this.send('Fetch.failRequest', { requestId, errorReason: 'Failed' }).catch(() => {});
    }
  }

  /** @param {string} url @param {string} frameId */
  async #mayNavigate(url, frameId) {
    const isMain = frameId === this.#mainFrameId;
    if (isMain && this.#isHostNavigating) {
      this.#isHostNavigating = false;
      return true;
    }
    const wish = `${frameId} ${url}`;
    if (isMain && !this.#wished.has(wish)) await new Promise((resolve) => setTimeout(resolve, NAVIGATION_RACE_MS));
    // What no page has wished for was asked for from outside, as by a test's `page.goto`.
    if (isMain && !this.#wished.delete(wish)) return true;
    return this.#host.mayNavigate(fromChromium(url), this.#frames.get(frameId));
  }

  /** @param {string} requestId @param {Response} response */
  async #answer(requestId, response) {
    if (response.type === 'error') {
      await this.send('Fetch.failRequest', { requestId, errorReason: 'Failed' });
      return;
    }
    const responseHeaders = [...response.headers].map(([name, value]) => ({ name, value }));
    const body = Buffer.from(await response.arrayBuffer()).toString('base64');
    await this.send('Fetch.fulfillRequest', { requestId, responseCode: response.status, responseHeaders, body });
  }

  /** @param {Json} event */
  async #paused({ callFrames }) {
    const [frame] = callFrames;
    try {
      if (frame?.functionName !== ASK_PATH) return;
      const { callFrameId } = frame;
      const { result } = await this.send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'file' });
      const { path } = await this.send('DOM.getFileInfo', { objectId: result.objectId });
      const expression = `path = ${JSON.stringify(path)}`;
      await this.send('Debugger.evaluateOnCallFrame', { callFrameId, expression });
    } catch (error) {
      console.error('stand-in electron: a path was not found:', error);
    } finally {
      await this.send('Debugger.resume').catch(() => {});
    }
  }

  /**
   * @param {string} url as the app calls it
   * @returns {Promise<void>} after the page's load event
   */
  async navigate(url) {
    const loaded = new Promise((resolve) => this.once('loaded', resolve));
    this.#isHostNavigating = true;
    const { errorText } = await this.send('Page.navigate', { url: toChromium(url) });
    this.#isHostNavigating = false;
    if (errorText !== undefined) {
      this.emit('failed', errorText, url);
      throw new Error(`${errorText.replace('net::', '')} loading '${url}'`);
    }
    await loaded;
  }

  async reload() {
    this.#isHostNavigating = true;
    await this.send('Page.reload');
  }

  get mainFrame() {
    return /** @type {Frame} */ (this.#frames.get(this.#mainFrameId));
  }

  /** @param {string} id */
  frame(id) {
    return this.#frames.get(id);
  }

  get frames() {
    return [...this.#frames.values()];
  }

  /** @param {string} frameId @returns {number | undefined} the context of its preload script */
  preloadContext(frameId) {
    for (const [contextId, id] of this.#preloadContexts) if (id === frameId) return contextId;
    return undefined;
  }

  /**
   * @param {string} expression
   * @param {string} frameId
   * @param {boolean} userGesture
   * @returns {Promise<unknown>} what it comes to in the page's own world, as far as JSON carries it
   */
  async evaluate(expression, frameId, userGesture) {
    const params = { expression, userGesture, awaitPromise: true, returnByValue: true, replMode: false };
    const contextId = frameId === this.#mainFrameId ? undefined : this.#pageContexts.get(frameId);
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { ...params, contextId });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** @param {number} contextId @param {Json} message for `take` of the preload's world; lost when that is gone */
  post(contextId, message) {
    const expression = `${BINDING}Take(${JSON.stringify(message)})`;
    this.send('Runtime.evaluate', { expression, contextId }).catch(() => {});
  }
}

/** @param {string} url */
function stripHash(url) {
  return url.replace(/#.*$/, '');
}

/** @param {Json} request of the protocol */
function toRequest({ url, method, headers, postData, postDataEntries }) {
  const entries = postDataEntries?.map((/** @type {Json} */ entry) => Buffer.from(entry['bytes'] ?? '', 'base64'));
  const body = entries ? Buffer.concat(entries) : postData;
  const hasBody = method !== 'GET' && method !== 'HEAD' && body !== undefined;
  return new Request(fromChromium(url), { method, headers, ...(hasBody ? { body } : {}) });
}
