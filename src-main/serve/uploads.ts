import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../contract/errors';
import { makeInnerFolder } from '../engine/inner-folder';
import { UNFINISHED, uploadFolderName, uploadFolderPath, UPLOADS } from '../engine/upload-folder';
import { uploadName } from './upload-name';

/**
 * Writes a capture that a browser sends into a folder of its own below `<workspace>/uploads`. It is there whole, and on
 * the disk, or not at all. A workspace that was deleted is not made again.
 *
 * @param name as the browser gave it
 * @param announcedBytes its size, if the browser said it; null when not
 * @returns its absolute path
 * @throws AppError WORKSPACE_FULL, WORKSPACE_READ_ONLY, WORKSPACE_UNUSABLE
 * @throws what `body` is destroyed with when the sender breaks off
 */
export async function storeUpload(
  workspace: string,
  name: string,
  announcedBytes: number | null,
  body: Readable,
): Promise<string> {
  const folder = uploadFolderPath(workspace, uploadFolderName(Date.now(), process.pid));
  const unfinished = `${folder}${UNFINISHED}`;
  try {
    await makeInnerFolder(workspace, UPLOADS);
    await mkdir(unfinished, { mode: 0o700 });
    await requireRoom(workspace, announcedBytes);
    const fileName = uploadName(name);
    await writeDurably(join(unfinished, fileName), body);
    await rename(unfinished, folder);
    await syncFolder(join(workspace, UPLOADS));
    return join(folder, fileName);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw (await isThere(workspace)) ? toUploadError(cause, workspace) : goneError(workspace, cause);
  }
}

/** Better to refuse at once than to fill the disk first. */
async function requireRoom(workspace: string, announcedBytes: number | null): Promise<void> {
  if (announcedBytes === null) return;
  const { bavail, bsize } = await statfs(workspace);
  if (bavail * bsize < announcedBytes) throw fullError(workspace, undefined);
}

async function writeDurably(path: string, body: Readable): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    // Left open when this fails: the connection has the answer still to carry.
    const chunks: AsyncIterable<Buffer> = body.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the new name last through a power failure, where the system offers that for folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function fullError(workspace: string, cause: unknown): AppError {
  const message = `no space is left on the disk of ${workspace} for the capture; free some space, or open the capture by its path`;
  return new AppError('WORKSPACE_FULL', message, { path: workspace }, { cause });
}

async function isThere(folder: string): Promise<boolean> {
  return await stat(folder).then(
    () => true,
    (cause: unknown) => (cause as NodeJS.ErrnoException).code !== 'ENOENT',
  );
}

function goneError(workspace: string, cause: unknown): AppError {
  const message = `${workspace} is not there any more, so it cannot take the capture; put that folder back, or start Natscope with another workspace`;
  return new AppError('WORKSPACE_UNUSABLE', message, { path: workspace }, { cause });
}

function toUploadError(cause: unknown, workspace: string): unknown {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return fullError(workspace, cause);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM': {
      const message = `${join(workspace, UPLOADS)} cannot be written; change its permissions, or open the capture by its path`;
      return new AppError('WORKSPACE_READ_ONLY', message, { path: workspace }, { cause });
    }
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENOENT':
    case 'EIO': {
      const message = `${join(workspace, UPLOADS)} cannot take the capture; look at that folder, or open the capture by its path`;
      return new AppError('WORKSPACE_UNUSABLE', message, { path: workspace }, { cause });
    }
    default:
      return cause;
  }
}

/** Removes an upload of which its sender did not hear. @param path as `storeUpload` gave it */
export async function removeUpload(path: string): Promise<void> {
  await rm(dirname(path), { recursive: true, force: true }).catch(() => undefined);
}
