import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './output-folder.mjs';

/** @typedef {{ argv: string[], workingDirectory: string, additionalData: unknown }} SecondInstance */

/** Sends one message and waits for its answer; it runs in a process of its own, as the lock is asked for synchronously. */
const HAND_OVER = `
  const [path, message] = process.argv.slice(1);
  const giveUpMs = Date.now() + 3000;
  (function attempt() {
    const socket = require('node:net').connect(path, () => socket.end(message));
    socket.on('error', () => Date.now() < giveUpMs ? setTimeout(attempt, 20) : process.exit(1));
    socket.on('data', () => process.exit(0));
  })();`;

/** @type {(() => void) | null} */
let release = null;

/**
 * @param {string} userData
 * @param {unknown} additionalData
 * @param {(second: SecondInstance) => void} onSecond
 * @returns {boolean} false when another process has the lock, which has been told about this one
 */
export function requestLock(userData, additionalData, onSecond) {
  if (release) return true;
  mkdirSync(userData, { recursive: true });
  const name = createHash('sha256').update(realpathSync(userData)).digest('hex').slice(0, 16);
  // In a short folder: the path of a socket ends at 107 bytes.
  const socketPath = join(tmpdir(), `natscope-standin-${name}.sock`);
  const lockPath = join(userData, 'SingletonLock');
  if (!takeLock(lockPath)) {
    const second = { argv: process.argv, workingDirectory: process.cwd(), additionalData };
    spawnSync(process.execPath, ['-e', HAND_OVER, socketPath, JSON.stringify(second)]);
    return false;
  }
  rmSync(socketPath, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    /** @type {Buffer[]} */
    const chunks = [];
    socket.on('error', () => {});
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => {
      onSecond(JSON.parse(Buffer.concat(chunks).toString()));
      socket.end('taken');
    });
  });
  server.listen(socketPath).unref();
  release = () => {
    server.close();
    rmSync(lockPath, { force: true });
    rmSync(socketPath, { force: true });
    release = null;
  };
  return true;
}

/** @param {string} path @returns {boolean} */
function takeLock(path) {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      if (isAlive(Number(readFileSync(path, 'utf8')))) return false;
      rmSync(path, { force: true });
    }
  }
  return false;
}

export function hasLock() {
  return release !== null;
}

export function releaseLock() {
  release?.();
}
