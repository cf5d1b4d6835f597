import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One run of a whole process. */
export interface Run {
  readonly wallSec: number;
  /** User and system time of the process and its children. */
  readonly cpuSec: number;
  readonly peakMegabytes: number;
  readonly stdout: string;
}

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs before each run, unmeasured. */
  readonly prepare?: () => void;
}

/** How often the peak of memory is read; it only grows, so the last reading before the end counts. */
const MEMORY_INTERVAL_MS = 20;

/**
 * Runs a command to its end and measures it.
 *
 * Time comes from bash's `time`, which waits for the process itself; peak memory from the kernel's own high-water mark.
 */
export function measure({ argv, env, prepare }: Command): Promise<Run> {
  prepare?.();
  return new Promise((resolve, reject) => {
    const script = 'TIMEFORMAT="natscope-time %R %U %S"; time "$@"';
    const child = spawn('bash', ['-c', script, 'bash', ...argv], { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    let peakKilobytes = 0;
    const timer = setInterval(() => {
      peakKilobytes = Math.max(peakKilobytes, peakOfChildren(child.pid ?? 0));
    }, MEMORY_INTERVAL_MS);
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => {
      clearInterval(timer);
      const times = /natscope-time ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr);
      if (code !== 0 || times === null) {
        reject(new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr.slice(-2000)}`));
        return;
      }
      const [wall, user, system] = times.slice(1).map(Number);
      resolve({
        wallSec: wall ?? 0,
        cpuSec: (user ?? 0) + (system ?? 0),
        peakMegabytes: peakKilobytes / 1024,
        stdout,
      });
    });
  });
}

function peakOfChildren(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    const own = children.map((child) => {
      const status = readFileSync(`/proc/${child}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
    });
    return Math.max(0, ...own);
  } catch {
    // The process has ended between the two readings.
    return 0;
  }
}

export interface Medians {
  readonly name: string;
  readonly wallSec: number;
  readonly cpuSec: number;
  readonly peakMegabytes: number;
  /** Standard output of the last run. */
  readonly stdout: string;
}

/** Runs the commands in turn, so that a busy spell of the machine meets all of them, and takes medians. */
export async function raced(commands: readonly Command[], rounds: number): Promise<readonly Medians[]> {
  const runs = commands.map((): Run[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, command] of commands.entries()) runs[index]?.push(await measure(command));
  }
  return commands.map(({ name }, index) => {
    const own = runs[index] ?? [];
    return {
      name,
      wallSec: median(own.map((run) => run.wallSec)),
      cpuSec: median(own.map((run) => run.cpuSec)),
      peakMegabytes: median(own.map((run) => run.peakMegabytes)),
      stdout: own.at(-1)?.stdout ?? '',
    };
  });
}

/** Work within this process, such as a query, which gives what it found. */
export interface Call<T> {
  readonly name: string;
  readonly run: () => Promise<T>;
}

export interface CallMedians<T> {
  readonly name: string;
  readonly wallMs: number;
  /** Of all threads of this process, the database's too. */
  readonly cpuMs: number;
  /** Of the last round. */
  readonly result: T;
}

/** Runs the calls in turn, after one round that counts for nothing, and takes medians. */
export async function racedCalls<T>(calls: readonly Call<T>[], rounds: number): Promise<readonly CallMedians<T>[]> {
  const runs = calls.map((): { wallMs: number; cpuMs: number }[] => []);
  const results = new Map<Call<T>, T>();
  for (let round = 0; round <= rounds; round++) {
    for (const [index, call] of calls.entries()) {
      const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
      results.set(call, await call.run());
      const { user, system } = process.cpuUsage(startCpu);
      if (round > 0) runs[index]?.push({ wallMs: performance.now() - startMs, cpuMs: (user + system) / 1000 });
    }
  }
  return calls.map((call, index) => ({
    name: call.name,
    wallMs: median((runs[index] ?? []).map(({ wallMs }) => wallMs)),
    cpuMs: median((runs[index] ?? []).map(({ cpuMs }) => cpuMs)),
    result: results.get(call) as T,
  }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function table(rows: readonly Medians[]): string {
  const lines = rows.map(
    ({ name, wallSec, cpuSec, peakMegabytes }) =>
      `${name.padEnd(40)} ${cpuSec.toFixed(2).padStart(8)} ${wallSec.toFixed(2).padStart(8)} ${peakMegabytes.toFixed(0).padStart(8)}`,
  );
  return [`${''.padEnd(40)} ${'cpu s'.padStart(8)} ${'wall s'.padStart(8)} ${'peak MB'.padStart(8)}`, ...lines].join(
    '\n',
  );
}
