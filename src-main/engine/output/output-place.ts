import { access, constants, lstat, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isDatabaseFile } from '../../duckdb/database-file';
import { isForeignCapture } from './foreign-capture';
import { codeOf, NOT_A_FILE, type RefusedFile } from './refused-file';

/** As many as Linux follows. @see path_resolution(7) */
const MOST_LINKS = 40;
/** Folders in which the names are those of open files of a process: `/dev/fd` leads to one where there is `/proc`. */
const DESCRIPTORS = /^(?:\/dev|\/proc\/(\d+)(?:\/task\/\d+)?)\/fd$/;

/** What a path leads to that something is to be written to. */
export type OutputPlace =
  | {
      readonly kind: 'file';
      /** Where it is, or will be, behind links. */
      readonly target: string;
      /** The access rights of the file that is replaced, or that a new one has. */
      readonly mode: number;
    }
  /** What takes octets as they come, and is not replaced by a file: a pipe, a character device, a file that is open. */
  | { readonly kind: 'stream' }
  /** The standard output of this process. */
  | { readonly kind: 'standard' };

/**
 * Looks where a path leads, also a link to what is not there yet: there may be nothing, a regular file that may be written,
 * or what takes a stream. The logs of a workspace, and captures that somebody recorded, are
 * replaced by nothing.
 *
 * @throws what `refuse` makes, and errors of the system
 */
export async function findPlace(path: string, refuse: RefusedFile): Promise<OutputPlace> {
  const { target, descriptorOf } = await followLinks(path);
  // What is open already is written where it is: whoever opened it holds on to it, and not to its name.
  if (descriptorOf !== null) {
    const isOwn = descriptorOf === process.pid && basename(target) === '1';
    if (isOwn) return { kind: 'standard' };
  }
  const stats = await (descriptorOf === null ? lstat(target) : stat(target)).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  });
  if (stats === null) return { kind: 'file', target, mode: 0o666 };
  if (stats.isDirectory()) throw refuse(NOT_A_FILE.folder);
  if (stats.isBlockDevice() || stats.isSocket()) throw refuse(NOT_A_FILE.unwritable);
  if (isDatabaseFile(basename(target))) throw refuse(NOT_A_FILE.workspace);
  await access(target, constants.W_OK);
  if (descriptorOf !== null || !stats.isFile()) return { kind: 'stream' };
  if (await isForeignCapture(target)) throw refuse(NOT_A_FILE.capture);
  return { kind: 'file', target, mode: stats.mode & 0o777 };
}

/**
 * Looks whether a file can stand at a place: there may be nothing, or a regular file that may be written.
 *
 * @returns where the file really is, and the access rights of the file it replaces
 * @throws as `findPlace`
 */
export async function inspectPlace(
  path: string,
  refuse: RefusedFile,
): Promise<Extract<OutputPlace, { readonly kind: 'file' }>> {
  const place = await findPlace(path, refuse);
  // Renaming onto a device or a pipe would replace it.
  if (place.kind !== 'file') throw refuse(NOT_A_FILE.special);
  return place;
}

/** @returns where links lead, and the process of which that is an open file: 0 for one that has no number, null for none */
export async function followLinks(
  path: string,
): Promise<{ readonly target: string; readonly descriptorOf: number | null }> {
  let target = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const folder = await realpath(dirname(target));
    target = join(folder, basename(target));
    const descriptors = DESCRIPTORS.exec(folder);
    if (descriptors !== null) return { target, descriptorOf: Number(descriptors[1] ?? 0) };
    const to = await readlink(target).catch((cause: unknown) => {
      // It is no link, or is not there.
      if (['EINVAL', 'ENOENT', 'UNKNOWN'].includes(codeOf(cause))) return null;
      throw cause;
    });
    if (to === null) return { target, descriptorOf: null };
    target = resolve(folder, to);
  }
  throw Object.assign(new Error(`${path} leads through too many links`), { code: 'ELOOP' });
}
