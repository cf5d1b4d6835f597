import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a folder of a workspace where it is missing, for this user alone, but never the workspace: one that was deleted
 * would come back empty, and look like one that never held anything.
 *
 * @param parts names of folders, each within the one before
 * @returns its path
 * @throws the error of the system, ENOENT when there is no workspace
 */
export async function makeInnerFolder(workspaceDir: string, ...parts: readonly string[]): Promise<string> {
  let path = workspaceDir;
  for (const part of parts) {
    path = join(path, part);
    await mkdir(path, { mode: 0o700 }).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    });
  }
  return path;
}
