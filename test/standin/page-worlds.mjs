/* The functions of this file run in the page, by their source: they must not refer to anything outside of themselves. */
import { cloneWire } from './clone-wire.mjs';

/** Name of the binding by which the preload's world speaks to the main process. */
export const BINDING = '__standin';
/** Name of the binding by which the page's own world asks for a new window. */
export const OPEN_BINDING = '__standinOpen';
/** Name of the function that pauses the page: the answer must be there when it returns, and the debugger gives it. */
export const ASK_PATH = '__standinAskPath';

/** @typedef {{ key: string, isIsolated: boolean, inSubframes: boolean, process: Record<string, unknown> }} WorldOptions */

/**
 * One side of contextBridge. Values are copied, functions and promises become proxies; both sides run this code.
 *
 * @param {string} key
 * @param {boolean} isPage whether this is the page's side, which is given values and has none of its own at first
 * @param {() => unknown} [hidden] the object that arrives empty in the other world, wherever it stands
 * @returns {(name: string, api: unknown) => void} exposes an API in the other world
 */
function contextBridgeSide(key, isPage, hidden) {
  const inbound = isPage ? `${key}>page` : `${key}>preload`;
  const outbound = isPage ? `${key}>preload` : `${key}>page`;
  /** @type {Map<number, Function>} */
  const functions = new Map();
  /** @type {Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void }>} */
  const promises = new Map();
  let lastId = 0;
  /** @type {any} */
  let answer;

  /** @param {any} value @param {number} depth @returns {unknown} */
  function copyOut(value, depth = 0) {
    if (depth > 1000)
      throw new Error(
        'Electron contextBridge recursion depth exceeded. Nested objects deeper than 1000 are not supported.',
      );
    if (typeof value === 'function') {
      functions.set(++lastId, value);
      return ['function', lastId];
    }
    if (typeof value === 'symbol') throw new Error('An object could not be cloned.');
    if (value === null || typeof value !== 'object') return value;
    if (value === hidden?.()) return ['object', []];
    if (value instanceof Promise) return offerPromise(value);
    if (Array.isArray(value)) return ['array', value.map((item) => copyOut(item, depth + 1))];
    if (value instanceof Error) return ['error', value.message];
    const isCloneable = Object.prototype.toString.call(value) !== '[object Object]';
    if (isCloneable) return ['clone', structuredClone(value)];
    // The prototype is dropped and so are getters: what crosses are the object's own values.
    return ['object', Object.entries(value).map(([name, item]) => [name, copyOut(item, depth + 1)])];
  }

  /** @param {Promise<unknown>} promise */
  function offerPromise(promise) {
    const id = ++lastId;
    promise
      .then(
        (value) => tell({ settle: id, value: copyOut(value) }),
        (error) => tell({ settle: id, error: messageOf(error) }),
      )
      .catch((error) => tell({ settle: id, error: messageOf(error) }));
    return ['promise', id];
  }

  /** @param {any} packed @param {boolean} freeze @returns {any} */
  function copyIn(packed, freeze = false) {
    if (!Array.isArray(packed)) return packed;
    const [tag, content] = packed;
    if (tag === 'function')
      return (/** @type {unknown[]} */ ...args) => ask({ call: content, args: args.map((arg) => copyOut(arg)) });
    if (tag === 'promise') return new Promise((resolve, reject) => promises.set(content, { resolve, reject }));
    if (tag === 'error') return new Error(content);
    if (tag === 'clone') return content;
    const value =
      tag === 'array'
        ? content.map((/** @type {unknown} */ item) => copyIn(item, freeze))
        : Object.fromEntries(
            content.map((/** @type {[string, unknown]} */ [name, item]) => [name, copyIn(item, freeze)]),
          );
    return freeze ? Object.freeze(value) : value;
  }

  /** @param {unknown} error */
  const messageOf = (error) => String(error instanceof Error ? error.message : error);
  /** @param {unknown} message */
  const tell = (message) => window.dispatchEvent(new CustomEvent(outbound, { detail: message }));
  /** @param {unknown} message */
  function ask(message) {
    answer = undefined;
    tell(message);
    const { error, value } = answer;
    if (error !== undefined) throw new Error(error);
    return copyIn(value);
  }

  /** @param {any} message */
  function take(message) {
    if ('call' in message) {
      try {
        const result = functions.get(message.call)?.(...message.args.map((/** @type {unknown} */ arg) => copyIn(arg)));
        tell({ answer: { value: copyOut(result) } });
      } catch (error) {
        tell({ answer: { error: messageOf(error) } });
      }
    } else if ('answer' in message) {
      answer = message.answer;
    } else if ('settle' in message) {
      const promise = promises.get(message.settle);
      promises.delete(message.settle);
      if (message.error === undefined) promise?.resolve(copyIn(message.value));
      else promise?.reject(new Error(message.error));
    } else if (message.expose in window) {
      tell({ answer: { error: 'Cannot bind an API on top of an existing property on the window object' } });
    } else {
      const value = copyIn(message.value, true);
      Object.defineProperty(window, message.expose, { value, enumerable: true, configurable: false, writable: false });
      tell({ answer: {} });
    }
  }
  window.addEventListener(inbound, (event) => take(/** @type {CustomEvent} */ (event).detail));
  return (name, api) => void ask({ expose: name, value: copyOut(api) });
}

/**
 * `ipcRenderer` and the ports behind it.
 *
 * @param {ReturnType<typeof cloneWire>} wire
 * @param {(message: object) => void} post to the main process
 */
function rendererIpc(wire, post) {
  /** @type {Map<string, Set<Function>>} */
  const listeners = new Map();
  /** @type {Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void }>} */
  const calls = new Map();
  /** @type {Map<string, MessagePort>} */
  const ports = new Map();
  let lastId = 0;

  /** @param {string} id @param {MessagePort} port */
  function carry(id, port) {
    ports.set(id, port);
    port.onmessage = (event) =>
      post({ kind: 'port', id, data: wire.encode(event.data), ports: event.ports.map(offer) });
    port.addEventListener('close', () => ports.delete(id) && post({ kind: 'port-closed', id }));
  }
  /** @param {MessagePort} port */
  function offer(port) {
    const id = `page-${++lastId}`;
    carry(id, port);
    return id;
  }
  /** @param {string} id */
  function accept(id) {
    const { port1, port2 } = new MessageChannel();
    carry(id, port1);
    return port2;
  }

  const ipcRenderer = {
    /** @param {string} channel @param {unknown[]} args */
    invoke: (channel, ...args) => {
      const id = ++lastId;
      const data = wire.encode(args);
      return new Promise((resolve, reject) => {
        calls.set(id, { resolve, reject });
        post({ kind: 'invoke', id, channel, data });
      });
    },
    /** @param {string} channel @param {unknown[]} args */
    send: (channel, ...args) => post({ kind: 'send', channel, data: wire.encode(args), ports: [] }),
    /** @param {string} channel @param {unknown} message @param {MessagePort[]} transfer */
    postMessage: (channel, message, transfer = []) =>
      post({ kind: 'send', channel, data: wire.encode([message]), ports: transfer.map(offer) }),
    /** @param {string} channel @param {Function} listener */
    on(channel, listener) {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
      return ipcRenderer;
    },
    /** @param {string} channel @param {Function} listener */
    once(channel, listener) {
      const once = (/** @type {unknown[]} */ ...args) => {
        ipcRenderer.off(channel, once);
        listener(...args);
      };
      return ipcRenderer.on(channel, once);
    },
    /** @param {string} channel @param {Function} listener */
    off(channel, listener) {
      listeners.get(channel)?.delete(listener);
      return ipcRenderer;
    },
    /** @param {string} channel @param {Function} listener */
    addListener: (channel, listener) => ipcRenderer.on(channel, listener),
    /** @param {string} channel @param {Function} listener */
    removeListener: (channel, listener) => ipcRenderer.off(channel, listener),
    /** @param {string} [channel] */
    removeAllListeners(channel) {
      if (channel === undefined) listeners.clear();
      else listeners.delete(channel);
      return ipcRenderer;
    },
  };

  /** @param {any} message of the main process */
  function take(message) {
    if (message.kind === 'reply') {
      const call = calls.get(message.id);
      calls.delete(message.id);
      if (message.error === undefined) call?.resolve(wire.decode(message.data));
      else call?.reject(new Error(message.error));
    } else if (message.kind === 'port') {
      ports.get(message.id)?.postMessage(wire.decode(message.data), message.ports.map(accept));
    } else if (message.kind === 'port-closed') {
      ports.get(message.id)?.close();
      ports.delete(message.id);
    } else {
      const event = { sender: ipcRenderer, ports: message.ports.map(accept) };
      for (const listener of [...(listeners.get(message.channel) ?? [])]) listener(event, ...wire.decode(message.data));
    }
  }
  return { ipcRenderer, take };
}

/**
 * Says where a menu is asked for, unless the page shows one of its own, with what Electron tells of the place.
 *
 * @param {(message: object) => void} post to the main process
 */
function reportContextMenus(post) {
  /** @param {any} target */
  const describe = (target) => {
    const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    const isEditable = isField ? !target.readOnly && !target.disabled : target?.isContentEditable === true;
    const selectionText = isField
      ? target.value.slice(target.selectionStart ?? 0, target.selectionEnd ?? 0)
      : String(getSelection());
    const canCopy = selectionText !== '';
    const editFlags = { canCut: isEditable && canCopy, canCopy, canPaste: isEditable, canSelectAll: true };
    return { isEditable, selectionText, editFlags };
  };
  window.addEventListener('contextmenu', (event) => {
    const [target] = event.composedPath();
    // When all that listens has heard of it.
    setTimeout(() => {
      if (event.defaultPrevented) return;
      post({ kind: 'context-menu', params: { x: event.clientX, y: event.clientY, ...describe(target) } });
    });
  });
}

/**
 * Says what the page is called, now and whenever that changes, which Chromium tells of navigations alone.
 *
 * @param {(message: object) => void} post to the main process
 */
function reportTitle(post) {
  if (window !== window.top) return;
  const tell = () => post({ kind: 'title', title: document.title });
  document.addEventListener('DOMContentLoaded', () => {
    const title = document.querySelector('title');
    if (title === null) return;
    new MutationObserver(tell).observe(title, { childList: true, characterData: true, subtree: true });
    tell();
  });
}

/**
 * Runs a preload script as Electron's sandbox does: `require` knows Electron's renderer half and nothing of Node.
 *
 * @param {any} parts
 */
function runPreload({
  options,
  binding,
  askPath,
  cloneWire,
  contextBridgeSide,
  rendererIpc,
  reportContextMenus,
  reportTitle,
  preload,
}) {
  const scope = /** @type {any} */ (globalThis);
  if (!options.inSubframes && window !== window.top) return;
  const post = (/** @type {object} */ message) => scope[binding](JSON.stringify(message));
  const { ipcRenderer, take } = rendererIpc(cloneWire(), post);
  scope[`${binding}Take`] = take;
  reportContextMenus(post);
  reportTitle(post);
  /** @param {string} name @param {object} members */
  const strict = (name, members) =>
    new Proxy(members, {
      get(target, member) {
        if (member in target || typeof member === 'symbol' || member === 'then') return Reflect.get(target, member);
        throw new Error(`stand-in electron: ${name}.${String(member)} is not implemented`);
      },
    });
  const expose = options.isIsolated ? contextBridgeSide(options.key, false, () => exposedIpc) : undefined;
  const electron = /** @type {any} */ (
    strict('electron', {
      contextBridge: strict('contextBridge', {
        exposeInMainWorld(/** @type {string} */ name, /** @type {unknown} */ api) {
          if (!expose) throw new Error('contextBridge API can only be used when contextIsolation is enabled');
          expose(name, api);
        },
      }),
      ipcRenderer: strict('ipcRenderer', ipcRenderer),
      webUtils: strict('webUtils', {
        getPathForFile(/** @type {unknown} */ file) {
          if (!(file instanceof File)) throw new TypeError('getPathForFile expected a File');
          return askPath(file);
        },
      }),
    })
  );
  // Electron 29 and later hand out an empty object in its place.
  const exposedIpc = electron.ipcRenderer;
  const require = (/** @type {string} */ name) => {
    if (name === 'electron' || name === 'electron/renderer' || name === 'electron/common') return electron;
    throw new Error(`module not found: ${name}`);
  };
  const module = { exports: {} };
  preload.call(module.exports, require, module, module.exports, options.process);
}

/**
 * New windows are asked for instead of being opened: closing one while the browser still makes it stops its opener.
 *
 * @param {string} binding
 */
function askForWindows(binding) {
  const scope = /** @type {any} */ (window);
  const tell = scope[binding];
  delete scope[binding];
  const openHere = window.open.bind(window);
  /** @param {string} target */
  const isHere = (target) => /^_(self|parent|top)$/.test(target) || (target !== '' && target in window.frames);
  window.open = (url = '', target = '', features = '') => {
    if (isHere(target)) return openHere(url, target, features);
    const absolute = url === '' ? 'about:blank' : new URL(url, document.baseURI).href;
    tell(JSON.stringify({ url: absolute, windowName: target, windowFeatures: features }));
    return null;
  };
  window.addEventListener('click', (event) => {
    const [link] = event.composedPath().filter((each) => each instanceof HTMLAnchorElement && each.href !== '');
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || link.hasAttribute('download')) return;
    const isNew = event.ctrlKey || event.metaKey || event.shiftKey || (link.target !== '' && !isHere(link.target));
    if (!isNew) return;
    event.preventDefault();
    tell(JSON.stringify({ url: link.href, windowName: '', windowFeatures: '' }));
  });
}

/** @returns {string} script for the page's own world; it takes the binding out of the page's sight */
export function askForWindowsSource() {
  return `(${askForWindows})('${OPEN_BINDING}');`;
}

/** @param {string} key @returns {string} script for the page's own world */
export function pageWorldSource(key) {
  return `(${contextBridgeSide})(${JSON.stringify(key)}, true);`;
}

/**
 * @param {WorldOptions} options
 * @param {string} preload source of the preload script
 * @returns {string} script for the preload's world
 */
export function preloadWorldSource(options, preload) {
  return `(${runPreload})({ options: ${JSON.stringify(options)}, binding: '${BINDING}',
    askPath: function ${ASK_PATH}(file) { let path = ''; debugger; return path; },
    cloneWire: ${cloneWire}, contextBridgeSide: ${contextBridgeSide}, rendererIpc: ${rendererIpc},
    reportContextMenus: ${reportContextMenus}, reportTitle: ${reportTitle},
    preload: function (require, module, exports, process) { ${preload}
    } });`;
}

/** Stands for Node in the page, which is what Electron gives away with these settings. @returns {string} */
export function leakedNodeSource() {
  return `window.require = (name) => { throw new Error('stand-in electron: this page has Node, and asked for ' + name); };
    window.process = { type: 'renderer', versions: { node: '${process.versions.node}' } };`;
}
