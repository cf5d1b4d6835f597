import { spawnSync } from 'node:child_process';
import { natscopeBin, run, type CommandResult } from './command';

/** Whether this process may make mounts that only its children see. */
export const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

/** Title of a test that mounts; it says so where that is not allowed. */
export function needingMounts(title: string): string {
  return canMount ? title : `${title} (skipped: mounting in a namespace is not allowed here)`;
}

/**
 * Runs the command in a mount namespace of its own, in which `folder` is a tmpfs.
 *
 * @param mountOptions of the tmpfs, such as `size=8m` or `ro`
 */
export function natscopeOnTmpfs(folder: string, mountOptions: string, args: readonly string[]): Promise<CommandResult> {
  const script = 'mount -t tmpfs -o "$2" tmpfs "$1" && shift 2 && exec "$@"';
  const command = [process.execPath, natscopeBin, ...args];
  return run('unshare', ['--mount', 'bash', '-c', script, 'bash', folder, mountOptions, ...command]);
}
