import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The command as it is installed: it builds when sources are newer, so tests never run an old one. */
export const natscopeBin = join(import.meta.dirname, '../../src-main/launch/natscope.mjs');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; what it prints on a closed pipe or with a code other than 0 is the test's to judge. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

export function natscope(args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<CommandResult> {
  return run(process.execPath, [natscopeBin, ...args], options);
}
