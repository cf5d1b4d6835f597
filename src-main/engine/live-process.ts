import { readFileSync } from 'node:fs';

/** What tells one process from all others of its machine, also from one that has its number later. */
export interface ProcessName {
  readonly pid: number;
  /** As the system counts it; null where it does not say. */
  readonly startTime: string | null;
}

/** @param pid of a process that runs */
export function processName(pid = process.pid): ProcessName {
  const stat = processStat(pid);
  return { pid, startTime: stat === null || stat === 'gone' ? null : stat.startTime };
}

/** @returns state and start time of a process from /proc, where there is one: `null` elsewhere, `'gone'` without it */
function processStat(pid: number): { readonly state: string; readonly startTime: string } | 'gone' | null {
  if (process.platform !== 'linux') return null;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (cause) {
    return codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ESRCH' ? 'gone' : null;
  }
  // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return state === undefined || startTime === undefined ? null : { state, startTime };
}

/** @returns whether the very process still runs; a reused pid does not count, nor does a zombie */
export function isAlive({ pid, startTime }: ProcessName): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (codeOf(cause) === 'ESRCH') return false;
  }
  const stat = processStat(pid);
  if (stat === null) return true;
  if (stat === 'gone' || stat.state === 'Z') return false;
  return startTime === null || startTime === stat.startTime;
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : null;
}
