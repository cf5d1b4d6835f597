import { spawnSync } from 'node:child_process';

/** Runs a Python program with `argv[1:]` as given. @returns what it printed, as JSON. @throws what it said when it failed */
export function python(program: string, args: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync('python3', ['-X', 'utf8', '-c', program, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}
