import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isAlive, processName, type ProcessName } from '../live-process';

/** What nobody can be asked about is left over when it was not written to for so long. */
const FORGOTTEN_MS = 24 * 3_600_000;
/** Machine, process and its start, as `temporaryBeside` names them; older versions had only the digits at the end. */
const UNFINISHED = /^\.natscope-(?:([0-9a-f]{8})-(\d+)-(\d+)-)?[0-9a-f]{12}\.part$/;

/**
 * Clears away what ended processes left in a folder, and names what is written there next.
 *
 * @returns a path beside `target`, at which there is nothing yet; its name tells which process writes it
 */
export async function temporaryBeside(
  target: string,
  { pid, startTime }: ProcessName = processName(),
): Promise<string> {
  const folder = dirname(target);
  await removeLeftovers(folder);
  return join(folder, `.natscope-${thisMachine()}-${pid}-${startTime ?? 0}-${randomBytes(6).toString('hex')}.part`);
}

/** Nothing of a process that runs, or that may run on another machine. What cannot be removed stays. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const parts = UNFINISHED.exec(name);
    if (parts === null) continue;
    const path = join(folder, name);
    const [, machine, pid, startTime] = parts;
    const isKnown = machine === thisMachine();
    const isLeft = isKnown
      ? !isAlive({ pid: Number(pid), startTime: startTime === '0' ? null : (startTime ?? null) })
      : await isForgotten(path);
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A folder is written to without its own time telling. */
async function isForgotten(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isFile() === true && Date.now() - stats.mtimeMs > FORGOTTEN_MS;
}

/** Within which numbers of processes mean the same: containers count their own, and disks are shared between machines. */
function thisMachine(): string {
  const known = [
    hostname(),
    of(() => readFileSync('/etc/machine-id', 'utf8')),
    of(() => readlinkSync('/proc/self/ns/pid')),
  ];
  return createHash('sha256').update(JSON.stringify(known)).digest('hex').slice(0, 8);
}

function of(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
