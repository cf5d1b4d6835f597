import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');

/** Where everything goes that a stand-in writes: the temporary folder of a killed process is nobody's to clean. */
export const outputRoot = resolve(process.env.NATSCOPE_STANDIN_DIR ?? join(repository, 'test-output/standin'));

/** @returns {string} a fresh folder of this process, whose name holds its id */
export function makeRunFolder() {
  mkdirSync(outputRoot, { recursive: true });
  sweep();
  return mkdtempSync(join(outputRoot, `run-${process.pid}-`));
}

/** Removes what processes left behind that could not: those that were killed together with their reaper. */
function sweep() {
  for (const name of readdirSync(outputRoot)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeFolder(join(outputRoot, name));
  }
}

/** @param {string} folder */
export function removeFolder(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {
    // A browser that is still ending writes into it; the reaper or the next start removes it.
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Starts a process that outlives this one by a moment, in a session of its own so that killing this process's group
 * does not reach it: it waits for our end of a pipe to close, then for the browser to be gone, then removes the folder.
 *
 * @param {number} browserPid leader of a process group
 * @param {string} folder
 */
export function startReaper(browserPid, folder) {
  const script = `cat >/dev/null
    for _ in $(seq 40); do kill -0 "$1" 2>/dev/null || break; sleep 0.05; done
    kill -9 -- "-$1" 2>/dev/null
    for _ in $(seq 40); do rm -rf "$2" 2>/dev/null; [ -e "$2" ] || break; sleep 0.05; done`;
  const reaper = spawn('/bin/sh', ['-c', script, 'reaper', String(browserPid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.unref();
  /** @type {import('node:net').Socket} */ (reaper.stdin).unref();
}
