// How an app asks for attention, and keeps the computer awake: nothing of it happens here, tests see what was asked for.
import { EVENTS, PreventableEvent, StrictEmitter, strictObject } from './strict.mjs';

/** Blocks that are held, by their numbers. @type {Map<number, string>} */
const blocks = new Map();
let lastBlock = 0;
const BLOCKS = Symbol.for('standin.blocks');

export const powerSaveBlocker = strictObject('powerSaveBlocker', {
  /** For tests: `powerSaveBlocker[Symbol.for('standin.blocks')]`. */
  [BLOCKS]: blocks,
  /** @param {string} type */
  start(type) {
    if (!['prevent-app-suspension', 'prevent-display-sleep'].includes(type))
      throw new TypeError(`no such type: ${type}`);
    blocks.set(++lastBlock, type);
    return lastBlock;
  },
  /** @param {number} id */
  stop: (id) => blocks.delete(id),
  /** @param {number} id */
  isStarted: (id) => blocks.has(id),
});

const SHOWN = Symbol.for('standin.shown');

export class Notification extends StrictEmitter {
  static [EVENTS] = ['show', 'click', 'close', 'failed'];
  /** Those that were shown, oldest first, for tests: `Notification[Symbol.for('standin.shown')]`. @type {Notification[]} */
  static [SHOWN] = [];
  #title;
  #body;

  /** @param {{ title?: string, body?: string }} [options] */
  constructor({ title = '', body = '', ...others } = {}) {
    super();
    const unknown = Object.keys(others);
    if (unknown.length > 0) throw new Error(`stand-in electron: options of Notification ${unknown} not implemented`);
    this.#title = title;
    this.#body = body;
  }

  get title() {
    return this.#title;
  }

  get body() {
    return this.#body;
  }

  show() {
    Notification[SHOWN].push(this);
    this.emit('show', new PreventableEvent());
  }

  close() {
    this.emit('close', new PreventableEvent());
  }

  static isSupported() {
    return true;
  }
}
