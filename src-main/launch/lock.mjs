import { mkdirSync, readdirSync, renameSync, rmSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;
const BEAT_MS = 2_000;
/** A holder that has not beaten for this long is gone even though a process has its number (a new container reuses them). */
const SILENT_MS = 60_000;

/**
 * Runs `work` while no other process does the same under the lock `path`, a directory whose one entry is named after
 * its holder. Taking over a dead holder renames that entry, which only one of several waiters can do.
 *
 * @param {string} path
 * @param {() => Promise<void>} work
 * @param {() => void} [onWait] called once when another process holds the lock
 */
export async function withLock(path, work, onWait = () => {}) {
  const mine = `pid-${process.pid}`;
  let told = false;
  while (!acquire(path, mine)) {
    if (!told) onWait();
    told = true;
    await delay(POLL_MS);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimesSync(join(path, mine), now, now);
  }, BEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(beat);
    rmSync(path, { recursive: true, force: true });
  }
}

/** @returns {boolean} whether `mine` is now the holder */
function acquire(path, mine) {
  const offer = `${path}-${process.pid}`;
  rmSync(offer, { recursive: true, force: true });
  mkdirSync(offer, { recursive: true });
  writeFileSync(join(offer, mine), '');
  try {
    // Fails while another holder's entry is inside; replaces an empty directory, except on Windows.
    renameSync(offer, path);
    return true;
  } catch {
    rmSync(offer, { recursive: true, force: true });
  }
  try {
    const holder = readdirSync(path)[0];
    if (holder === undefined) {
      rmdirSync(path);
      return false;
    }
    if (holder !== mine && isAlive(path, holder)) return false;
    renameSync(join(path, holder), join(path, mine));
    const now = new Date();
    utimesSync(join(path, mine), now, now);
    return true;
  } catch {
    // It was released, or taken over by another waiter, in the meantime.
    return false;
  }
}

function isAlive(path, holder) {
  if (Date.now() - statSync(join(path, holder)).mtimeMs > SILENT_MS) return false;
  try {
    process.kill(Number(holder.slice('pid-'.length)), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
