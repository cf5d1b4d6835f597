// Loaded into a utility process before its own module: `process.parentPort` in place of Node's channel.
import { cloneWire } from './clone-wire.mjs';
import { PortRelay } from './message-port.mjs';
import { EVENTS, StrictEmitter } from './strict.mjs';

const wire = cloneWire();
const channel = /** @type {import('node:events').EventEmitter} */ (/** @type {unknown} */ (process));
const send = /** @type {(message: object) => void} */ (process.send?.bind(process));
const ports = new PortRelay('utility', send, wire);

class ParentPort extends StrictEmitter {
  /** `close` is documented nowhere: one may listen for it, and waits in vain. */
  static [EVENTS] = ['message', 'close'];
  /** @type {{ data: unknown, ports: unknown[] }[]} messages before the first listener */
  #waiting = [];

  /** @param {any} message */
  static take(message) {
    if (message.kind !== 'message') return ports.take(message);
    const event = {
      data: wire.decode(message.data),
      ports: message.ports.map((/** @type {string} */ id) => ports.accept(id)),
    };
    if (parentPort.listenerCount('message') === 0) parentPort.#waiting.push(event);
    else parentPort.emit('message', event);
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  on(event, listener) {
    super.on(event, listener);
    for (const message of this.#waiting.splice(0)) setImmediate(() => this.emit('message', message));
    return this;
  }

  /** @param {unknown} message */
  postMessage(message) {
    send({ kind: 'message', data: wire.encode(message) });
  }
}
const parentPort = new ParentPort();

channel.on('message', (message) => ParentPort.take(message));
// A utility process does not outlive the main process, and has none of a forked child's own ways to reach it.
channel.on('disconnect', () => process.exit(0));
Object.defineProperties(process, {
  type: { value: 'utility' },
  parentPort: { value: parentPort },
  send: { value: undefined },
});
