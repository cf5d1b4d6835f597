import { fork } from 'node:child_process';
import { join } from 'node:path';
import { app } from './app.mjs';
import { cloneWire } from './clone-wire.mjs';
import { lifecycle } from './lifecycle.mjs';
import { PortRelay } from './message-port.mjs';
import { EVENTS, PreventableEvent, StrictEmitter } from './strict.mjs';

const parentPortModule = join(import.meta.dirname, 'parent-port.mjs');
const wire = cloneWire();

/** @typedef {{ env?: NodeJS.ProcessEnv, execArgv?: string[], cwd?: string, stdio?: any, serviceName?: string, allowLoadingUnsignedLibraries?: boolean }} ForkOptions */
const OPTIONS = ['env', 'execArgv', 'cwd', 'stdio', 'serviceName', 'allowLoadingUnsignedLibraries'];

export class UtilityProcess extends StrictEmitter {
  static [EVENTS] = ['spawn', 'exit', 'message', 'error'];
  #child;
  #ports;
  #isKilled = false;

  /** @param {string} modulePath @param {readonly string[]} args @param {ForkOptions} options */
  constructor(modulePath, args, options) {
    super();
    const { env = process.env, execArgv = [], cwd, stdio = 'inherit', serviceName = 'Node Utility Process' } = options;
    const streams = typeof stdio === 'string' ? ['ignore', stdio, stdio] : ['ignore', stdio[1], stdio[2]];
    this.#child = fork(modulePath, args, {
      ...{ env, stdio: [...streams, 'ipc'], ...(cwd === undefined ? {} : { cwd }) },
      execArgv: ['--import', parentPortModule, ...execArgv],
    });
    this.#ports = new PortRelay('main', (message) => this.#child.connected && this.#child.send(message), wire);
    this.#child.on('message', (message) => this.#take(/** @type {any} */ (message)));
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('error', (error) => console.error(`stand-in electron: ${serviceName}:`, error));
    this.#child.on('exit', (code, signal) => this.#exited(code, signal, serviceName));
  }

  /** @param {any} message */
  #take(message) {
    if (message.kind === 'message') this.emit('message', wire.decode(message.data));
    else this.#ports.take(message);
  }

  /** @param {number | null} code @param {string | null} signal @param {string} serviceName */
  #exited(code, signal, serviceName) {
    this.#ports.closeAll();
    // Electron reports the wait status of a process that a signal ended, which is the signal's number.
    const exitCode = code ?? (signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 6);
    if (exitCode !== 0 && !lifecycle.isQuitting) {
      const reason = this.#isKilled || signal !== null ? 'killed' : 'abnormal-exit';
      app.emit('child-process-gone', new PreventableEvent(), {
        type: 'Utility',
        reason,
        exitCode,
        serviceName,
        name: serviceName,
      });
    }
    this.emit('exit', exitCode);
  }

  get pid() {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  get stdout() {
    return this.#child.stdout;
  }

  get stderr() {
    return this.#child.stderr;
  }

  /** @param {unknown} message @param {import('./message-port.mjs').MessagePortMain[]} [transfer] */
  postMessage(message, transfer = []) {
    const data = wire.encode(message);
    if (!this.#child.connected) return;
    this.#child.send({ kind: 'message', data, ports: transfer.map((port) => this.#ports.offer(port)) });
  }

  /** @returns {boolean} */
  kill() {
    this.#isKilled = true;
    return this.#child.kill('SIGTERM');
  }

  /** @param {string} modulePath @param {string[]} [args] @param {ForkOptions} [options] */
  static fork(modulePath, args = [], options = {}) {
    lifecycle.requireReady('utilityProcess');
    const unknown = Object.keys(options).filter((key) => !OPTIONS.includes(key));
    if (unknown.length > 0)
      throw new Error(`stand-in electron: utilityProcess.fork ${unknown.join(', ')} not implemented`);
    const child = new UtilityProcess(modulePath, args, options);
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  }
}

/** Children end with their parent, whichever way that ends. @type {Set<UtilityProcess>} */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
});
