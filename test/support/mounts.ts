import { spawnSync } from 'node:child_process';
import { natscopeBin, run, type CommandResult } from './command';

/** Whether this process may make mounts that only its children see. */
export const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

/** Title of a test that mounts; it says so where that is not allowed. */
export function needingMounts(title: string): string {
  return canMount ? title : `${title} (skipped: mounting in a namespace is not allowed here)`;
}

/** Arguments of `unshare` that run a program in a mount namespace of its own, in which `folder` is a tmpfs. */
export function onTmpfs(folder: string, mountOptions: string, command: readonly string[]): readonly string[] {
  const script = 'mount -t tmpfs -o "$2" tmpfs "$1" && shift 2 && exec "$@"';
  return ['--mount', 'bash', '-c', script, 'bash', folder, mountOptions, ...command];
}

/**
 * Runs the command in a mount namespace of its own, in which `folder` is a tmpfs.
 *
 * @param mountOptions of the tmpfs, such as `size=8m` or `ro`
 */
export function natscopeOnTmpfs(folder: string, mountOptions: string, args: readonly string[]): Promise<CommandResult> {
  return run('unshare', onTmpfs(folder, mountOptions, [process.execPath, natscopeBin, ...args]));
}
