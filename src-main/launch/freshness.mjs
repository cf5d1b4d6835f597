import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the bundles are made of. Folders count with their own times, so a deleted file is a change too. */
const BUILD_INPUTS = [
  ...['src-main', 'src-renderer'],
  ...['electron.vite.config.ts', 'package.json', 'package-lock.json'],
];
/** Part of `src-main`, but run as it is. */
const NOT_BUILT = 'launch';

/** Preparing failed, which was explained on standard error. */
export class PrepareError extends Error {}

export const installStamp = (root) => join(root, 'node_modules', '.natscope-installed');
export const buildStamp = (root) => join(root, 'out', '.built');

/**
 * @returns {string} the digest that the stamp of a complete installation holds
 * @throws {PrepareError} without package-lock.json
 */
export function lockDigest(root) {
  const path = join(root, 'package-lock.json');
  if (!existsSync(path)) {
    throw new PrepareError(`${path} is missing: restore it, since it says which packages Natscope needs.`);
  }
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/**
 * @returns {boolean} whether node_modules was completely installed from this package-lock.json by us
 * @throws {PrepareError} without package-lock.json
 */
export function isInstalled(root) {
  const stamp = installStamp(root);
  const digest = lockDigest(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}

/**
 * Whether npm itself, run by the user, has installed what the lock file says: npm writes its own list last, so an
 * interrupted run leaves none that matches. A list that cannot be read matches nothing.
 *
 * @returns {boolean}
 */
export function isInstalledByNpm(root) {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const present = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(([path, { version, optional, peer }]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? optional === true || peer === true : found.version === version;
  });
}

/** @returns {object | null} the packages that a lock file lists; null when there is no such list */
function packagesIn(path) {
  if (!existsSync(path)) return null;
  try {
    const { packages } = JSON.parse(readFileSync(path, 'utf8'));
    return typeof packages === 'object' ? packages : null;
  } catch {
    return null;
  }
}

/** @returns {boolean} whether the bundles in out/ are newer than everything they are made of */
export function isBuilt(root) {
  const stamp = buildStamp(root);
  if (!existsSync(stamp)) return false;
  const builtMs = statSync(stamp).mtimeMs;
  return BUILD_INPUTS.every((name) => isOlder(join(root, name), builtMs));
}

function isOlder(path, thanMs) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return true;
  if (stats.mtimeMs >= thanMs) return false;
  if (!stats.isDirectory()) return true;
  return readdirSync(path, { withFileTypes: true }).every((entry) => {
    // A file's own time is enough; only folders are read.
    if (entry.name === NOT_BUILT && entry.isDirectory()) return true;
    return isOlder(join(path, entry.name), thanMs);
  });
}
