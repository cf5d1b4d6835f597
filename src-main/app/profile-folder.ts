import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The app runs once for each profile, and a second start hands its captures to the first. A workspace that was named
 * has a profile of its own, or its captures would end up in another one.
 *
 * @param userData the app's folder for the default workspace
 * @param workspace absolute; null for the default workspace
 */
export function profileFolder(userData: string, workspace: string | null): string {
  if (workspace === null) return userData;
  return join(userData, 'workspaces', createHash('sha256').update(workspace).digest('hex').slice(0, 16));
}

/**
 * @returns the folder of `profileFolder`, which Electron wants to be there
 * @throws what the system says of a folder that cannot be made
 */
export function makeProfileFolder(userData: string, workspace: string | null): string {
  const folder = profileFolder(userData, workspace);
  mkdirSync(folder, { recursive: true });
  return folder;
}
