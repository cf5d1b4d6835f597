import { EVENTS, StrictEmitter } from './strict.mjs';

/** @typedef {(event: any, ...args: any[]) => unknown} Handler */

/** @type {WeakMap<IpcMain, Map<string, Handler>>} */
const handlersOf = new WeakMap();
/** @param {IpcMain} ipc */
const handlers = (ipc) => /** @type {Map<string, Handler>} */ (handlersOf.get(ipc));

export class IpcMain extends StrictEmitter {
  /** Channels have any name. */
  static [EVENTS] = null;

  constructor() {
    super();
    handlersOf.set(this, new Map());
  }

  /** @param {string} channel @param {Handler} listener */
  handle(channel, listener) {
    if (handlers(this).has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    if (typeof listener !== 'function')
      throw new TypeError(`Expected handler to be a function, but found type '${typeof listener}'`);
    handlers(this).set(channel, listener);
  }

  /** @param {string} channel @param {Handler} listener */
  handleOnce(channel, listener) {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return listener(event, ...args);
    });
  }

  /** @param {string} channel */
  removeHandler(channel) {
    handlers(this).delete(channel);
  }
}

export const ipcMain = new IpcMain();

/**
 * @param {readonly IpcMain[]} ipcs the nearest first
 * @param {string} channel
 * @param {object} event
 * @param {unknown[]} args
 * @returns {Promise<unknown>}
 */
export async function invokeHandler(ipcs, channel, event, args) {
  for (const ipc of ipcs) {
    const handler = handlers(ipc).get(channel);
    if (handler) return handler(event, ...args);
  }
  throw new Error(`No handler registered for '${channel}'`);
}
