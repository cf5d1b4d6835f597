import { join } from 'node:path';

/** Within a workspace. */
export const EXPORTS = ['tmp', 'exports'] as const;

/** @returns the folder of finished exports, which its owner empties with all of `tmp/` when it opens the workspace */
export function exportsFolder(workspaceDir: string): string {
  return join(workspaceDir, ...EXPORTS);
}
