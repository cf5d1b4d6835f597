import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startReaper } from './output-folder.mjs';

/** Parameters, results and event payloads of the DevTools protocol, which is JSON. @typedef {Record<string, any>} Json */

const SWITCHES = [
  ...['--remote-debugging-pipe', '--no-startup-window', '--no-first-run', '--no-default-browser-check'],
  ...['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update'],
  ...['--disable-sync', '--disable-breakpad', '--disable-extensions', '--disable-popup-blocking'],
  ...['--password-store=basic', '--use-mock-keychain', '--force-color-profile=srgb', '--hide-scrollbars'],
  // Timers and frames of windows that are covered go on, as with Playwright's own browsers.
  ...['--disable-renderer-backgrounding', '--disable-background-timer-throttling'],
  '--disable-backgrounding-occluded-windows',
  // A port tells its other end that it was closed, which Electron's main process hears without this.
  '--enable-blink-features=MessagePortCloseEvent',
  // Frames of another site stay in the page's own session, where the stand-in can see them.
  '--disable-site-isolation-trials',
  '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,Translate,MediaRouter,OptimizationHints',
];

/** @returns {string} path of the browser; it need not exist */
export function chromiumPath() {
  return process.env.CHROMIUM_PATH || '/usr/bin/chromium';
}

/** A browser, driven over a pipe; when this process ends in whatever way, the pipe closes and the browser ends. */
export class Chromium {
  #events = new EventEmitter().setMaxListeners(0);
  /** @type {Map<number, { method: string, resolve: (result: Json) => void, reject: (error: Error) => void }>} */
  #pending = new Map();
  #lastId = 0;
  /** @type {import('node:child_process').ChildProcess} */
  #process;
  /** @type {import('node:stream').Writable} */
  #input;

  /** @param {string} folder of this run; its profile is made there */
  constructor(folder) {
    const program = chromiumPath();
    if (!existsSync(program)) {
      throw new Error(`stand-in electron: there is no browser at ${program}; install chromium or set CHROMIUM_PATH`);
    }
    const passed = process.argv.filter((argument) => argument.startsWith('--remote-debugging-port'));
    const headed = process.env.NATSCOPE_STANDIN_HEADED === '1' ? [] : ['--headless=new'];
    const sandbox = process.getuid?.() === 0 || process.argv.includes('--no-sandbox') ? ['--no-sandbox'] : [];
    const args = [...SWITCHES, ...headed, ...sandbox, ...passed, `--user-data-dir=${join(folder, 'profile')}`];
    // The line "DevTools listening on" on standard error is what Playwright waits for.
    this.#process = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, TMPDIR: folder },
    });
    this.#input = /** @type {import('node:stream').Writable} */ (this.#process.stdio[3]);
    const output = /** @type {import('node:stream').Readable} */ (this.#process.stdio[4]);
    this.#readMessages(output);
    this.#input.on('error', () => {});
    output.on('error', () => {});
    this.#process.on('exit', () => this.#ended());
    this.#process.on('error', () => this.#ended());
    if (this.#process.pid !== undefined) startReaper(this.#process.pid, folder);
  }

  /** @param {import('node:stream').Readable} output messages as JSON, each with a zero octet behind it */
  #readMessages(output) {
    /** @type {Buffer[]} */
    let parts = [];
    output.on('data', (/** @type {Buffer} */ chunk) => {
      let rest = chunk;
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        parts.push(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
        this.#take(JSON.parse(Buffer.concat(parts).toString()));
        parts = [];
      }
      if (rest.length > 0) parts.push(rest);
    });
  }

  /** @param {Json} message */
  #take(message) {
    if (message['id'] === undefined) {
      this.#events.emit(`${message['sessionId'] ?? ''}/${message['method']}`, message['params']);
      return;
    }
    const pending = this.#pending.get(message['id']);
    this.#pending.delete(message['id']);
    if (message['error']) pending?.reject(new Error(`${pending.method}: ${message['error'].message}`));
    else pending?.resolve(message['result']);
  }

  #ended() {
    for (const { reject } of this.#pending.values()) reject(new Error('the browser has ended'));
    this.#pending.clear();
    this.#events.emit('exit');
  }

  /**
   * @param {string} method
   * @param {Json} params
   * @param {string} [sessionId]
   * @returns {Promise<Json>}
   */
  send(method, params = {}, sessionId) {
    return new Promise((resolve, reject) => {
      if (!this.isRunning) return reject(new Error('the browser has ended'));
      const id = ++this.#lastId;
      this.#pending.set(id, { method, resolve, reject });
      this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /**
   * @param {string} sessionId empty for the browser's own events
   * @param {string} method
   * @param {(params: any) => void} listener
   */
  on(sessionId, method, listener) {
    this.#events.on(`${sessionId}/${method}`, listener);
  }

  /** @param {() => void} listener */
  onExit(listener) {
    this.#events.once('exit', listener);
  }

  get isRunning() {
    return this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Ends the browser in order; it is killed when that takes longer than 3 s. */
  async close() {
    if (!this.isRunning) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.send('Browser.close').catch(() => {});
    const timer = setTimeout(() => this.kill(), 3000);
    await gone;
    clearTimeout(timer);
  }

  kill() {
    if (this.#process.pid === undefined || !this.isRunning) return;
    try {
      process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}
