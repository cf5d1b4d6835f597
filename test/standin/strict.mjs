import { EventEmitter } from 'node:events';

/** Static property of a class: the names of the events that it emits. */
export const EVENTS = Symbol('events');

/** What Node, promises and inspectors look for on any object. */
const ASKED_OF_EVERYTHING = ['then', 'toJSON', 'inspect', 'nodeType', 'tagName', '_events', '_maxListeners', 'domain'];

/**
 * @param {object} base
 * @param {(receiver: object) => string} nameOf
 */
function refuseUnknown(base, nameOf) {
  return new Proxy(base, {
    get(target, key, receiver) {
      if (key in target || typeof key === 'symbol' || ASKED_OF_EVERYTHING.includes(key)) {
        return Reflect.get(target, key, receiver);
      }
      throw new Error(`stand-in electron: ${nameOf(receiver)}.${key} is not implemented (test/standin/README.md)`);
    },
  });
}

/**
 * An emitter that throws when something is asked for that it does not have: `undefined` would be taken for an answer.
 * What is unknown is caught at the end of the prototype chain, since a proxy around an instance has no private fields.
 */
export class StrictEmitter extends EventEmitter {
  /** @type {readonly string[] | null} null when any name may be an event, as for channels */
  static [EVENTS] = [];

  /**
   * @param {string | symbol} event
   * @param {(...args: any[]) => void} listener
   */
  on(event, listener) {
    this.#refuseUnknownEvent(event);
    return super.on(event, listener);
  }

  /**
   * @param {string | symbol} event
   * @param {(...args: any[]) => void} listener
   */
  addListener(event, listener) {
    return this.on(event, listener);
  }

  /**
   * @param {string | symbol} event
   * @param {unknown[]} args
   */
  emit(event, ...args) {
    this.#refuseUnknownEvent(event);
    return super.emit(event, ...args);
  }

  /** @param {string | symbol} event */
  #refuseUnknownEvent(event) {
    const events = /** @type {typeof StrictEmitter} */ (this.constructor)[EVENTS];
    if (events === null || typeof event === 'symbol' || events.includes(event)) return;
    throw new Error(`stand-in electron: ${this.constructor.name} has no event "${event}" (test/standin/README.md)`);
  }
}
Object.setPrototypeOf(
  StrictEmitter.prototype,
  refuseUnknown(EventEmitter.prototype, (receiver) => receiver.constructor.name),
);

/**
 * @template {object} T
 * @param {string} name as in messages
 * @param {T} members
 * @returns {T} the same object, which now throws when it is asked for what it does not have
 */
export function strictObject(name, members) {
  return Object.setPrototypeOf(
    members,
    refuseUnknown(Object.prototype, () => name),
  );
}

/** An event that can be prevented, as Electron passes it to listeners. */
export class PreventableEvent {
  #isPrevented = false;

  /** @param {object} details properties of the event beyond Electron's own */
  constructor(details = {}) {
    Object.assign(this, details);
  }

  preventDefault() {
    this.#isPrevented = true;
  }

  get defaultPrevented() {
    return this.#isPrevented;
  }
}
