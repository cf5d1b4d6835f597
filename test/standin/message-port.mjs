import { EVENTS, StrictEmitter } from './strict.mjs';

/**
 * @typedef {object} PortState
 * @property {MessagePortMain | null} peer null once either end is closed
 * @property {{ data: unknown, ports: MessagePortMain[] }[]} waiting messages that came before `start`
 * @property {boolean} isStarted
 */

/** @type {WeakMap<MessagePortMain, PortState>} */
const states = new WeakMap();
/** @param {MessagePortMain} port */
const stateOf = (port) => /** @type {PortState} */ (states.get(port));

/** @param {MessagePortMain} port @param {{ data: unknown, ports: MessagePortMain[] }} event */
function deliver(port, event) {
  const state = stateOf(port);
  if (!state.isStarted) state.waiting.push(event);
  else setImmediate(() => port.emit('message', event));
}

export class MessagePortMain extends StrictEmitter {
  static [EVENTS] = ['message', 'close'];

  constructor() {
    super();
    states.set(this, { peer: null, waiting: [], isStarted: false });
  }

  /** @param {unknown} message @param {MessagePortMain[]} [transfer] */
  postMessage(message, transfer = []) {
    const data = structuredClone(message);
    const { peer } = stateOf(this);
    if (peer === null) return;
    for (const port of transfer) {
      if (!(port instanceof MessagePortMain)) throw new TypeError('Port at index 0 is not a valid port');
      port.removeAllListeners();
      stateOf(port).isStarted = false;
    }
    deliver(peer, { data, ports: transfer });
  }

  start() {
    const state = stateOf(this);
    if (state.isStarted) return;
    state.isStarted = true;
    for (const event of state.waiting.splice(0)) deliver(this, event);
  }

  close() {
    const { peer } = stateOf(this);
    if (peer === null) return;
    for (const end of [this, peer]) {
      stateOf(end).peer = null;
      setImmediate(() => end.emit('close'));
    }
  }
}

export class MessageChannelMain {
  #port1 = new MessagePortMain();
  #port2 = new MessagePortMain();

  constructor() {
    stateOf(this.#port1).peer = this.#port2;
    stateOf(this.#port2).peer = this.#port1;
  }

  get port1() {
    return this.#port1;
  }

  get port2() {
    return this.#port2;
  }
}

/** Messages between this process and another about the ports that have crossed. @typedef {{ kind: 'port', id: string, data: string, ports: string[] } | { kind: 'port-closed', id: string }} PortMessage */

/** The ports whose other ends are in one other process, or in one document of it. */
export class PortRelay {
  #prefix;
  #send;
  #wire;
  /** @type {Map<string, MessagePortMain>} */
  #ports = new Map();
  #lastId = 0;

  /**
   * @param {string} prefix of the ids made on this side
   * @param {(message: PortMessage) => void} send
   * @param {ReturnType<typeof import('./clone-wire.mjs').cloneWire>} wire
   */
  constructor(prefix, send, wire) {
    this.#prefix = prefix;
    this.#send = send;
    this.#wire = wire;
  }

  /** @param {MessagePortMain} port leaves this process @returns {string} its id for the other side */
  offer(port) {
    const id = `${this.#prefix}-${++this.#lastId}`;
    this.#carry(id, port);
    return id;
  }

  /** @param {string} id of the other side @returns {MessagePortMain} */
  accept(id) {
    const { port1, port2 } = new MessageChannelMain();
    this.#carry(id, port1);
    return port2;
  }

  /** @param {string} id @param {MessagePortMain} port */
  #carry(id, port) {
    this.#ports.set(id, port);
    port.on('message', ({ data, ports }) => {
      const offered = ports.map((/** @type {MessagePortMain} */ each) => this.offer(each));
      this.#send({ kind: 'port', id, data: this.#wire.encode(data), ports: offered });
    });
    port.on('close', () => this.#ports.delete(id) && this.#send({ kind: 'port-closed', id }));
    port.start();
  }

  /** @param {PortMessage} message of the other side */
  take(message) {
    const port = this.#ports.get(message.id);
    if (message.kind === 'port-closed') {
      this.#ports.delete(message.id);
      port?.close();
    } else {
      port?.postMessage(
        this.#wire.decode(message.data),
        message.ports.map((id) => this.accept(id)),
      );
    }
  }

  /** The other side is gone. */
  closeAll() {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }
}
