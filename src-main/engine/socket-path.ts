import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../contract/errors';

/** `sun_path` of Linux without its final zero; macOS has 103, which its temp folders do not reach either. */
const MAX_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/** @returns the folder, made for us alone when missing; null when it cannot be had or belongs to someone else */
function privateFolder(folder: string): string | null {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // It is there already, or cannot be: the look at it tells.
  }
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  // In a temp folder that all may write, another user could have put it there, or a link.
  if (stats === undefined || !stats.isDirectory() || stats.uid !== process.getuid?.()) return null;
  if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
  return folder;
}

/**
 * Where the owner of a workspace listens: a file in a folder of this user alone, or a named pipe on Windows. The same
 * for every process that runs with the same environment; clients take it from `owner.json`, not from here.
 *
 * @param workspaceDir the real path
 * @throws AppError WORKSPACE_UNUSABLE when there is no folder for it, or its path is longer than a socket's may be
 */
export function socketPathFor(workspaceDir: string, env: NodeJS.ProcessEnv = process.env): string {
  const name = createHash('sha256').update(workspaceDir).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\natscope-${name}`;
  const folders = [
    ...(env['XDG_RUNTIME_DIR'] ? [join(env['XDG_RUNTIME_DIR'], 'natscope')] : []),
    join(tmpdir(), `natscope-${process.getuid?.() ?? 0}`),
  ];
  for (const folder of folders) {
    const path = join(folder, `${name}.sock`);
    if (Buffer.byteLength(path) <= MAX_PATH_BYTES && privateFolder(folder) !== null) return path;
  }
  throw new AppError(
    'WORKSPACE_UNUSABLE',
    `no folder for the socket of ${workspaceDir}: set XDG_RUNTIME_DIR or TMPDIR to a short path that you own`,
    { path: workspaceDir },
  );
}
