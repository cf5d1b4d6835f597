import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** Folder of a workspace for the captures that browsers send to it, each in a folder of its own. */
export const UPLOADS = 'uploads';
/** Behind the name of one that is not whole: it is still coming, or is being removed. */
export const UNFINISHED = '.part';

/** When it came, the process that took it in, and chance. Those of earlier builds do not name the process. */
const NAME = /^[0-9a-z]+(?:-([1-9]\d*))?-[0-9a-f]{8}$/;

/** @param hostPid of the process that takes it in */
export function uploadFolderName(nowMs: number, hostPid: number): string {
  return `${nowMs.toString(36)}-${hostPid}-${randomBytes(4).toString('hex')}`;
}

/** @returns the process that took it in, 0 for one of an earlier build; null when it is no upload's name */
export function uploadHost(folderName: string): number | null {
  const match = NAME.exec(folderName);
  return match === null ? null : Number(match[1] ?? 0);
}

/** @returns the name of the folder that a capture was sent into, by whatever way its path leads there; null for others */
export function uploadFolderOf(capturePath: string): string | null {
  const folder = dirname(capturePath);
  const name = basename(folder);
  return basename(dirname(folder)) === UPLOADS && uploadHost(name) !== null ? name : null;
}

export function uploadFolderPath(workspaceDir: string, folderName: string): string {
  return join(workspaceDir, UPLOADS, folderName);
}
