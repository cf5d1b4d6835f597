import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who has the workspace open, as `owner.json` says. */
export interface OwnerRecord {
  readonly pid: number;
  /** When the process started, as the system tells it, so that a reused pid is seen; null where it does not. */
  readonly startTime: string | null;
  /** Random, never used twice. */
  readonly ownerId: string;
  readonly socketPath: string;
  /** Whether it takes no more clients, and ends when the calls of those that it has are done. */
  readonly isClosing: boolean;
}

export function ownerFile(workspaceDir: string): string {
  return join(workspaceDir, 'owner.json');
}

/** @returns the record in `text`; null when it is empty, cut off or of another make */
export function parseOwnerRecord(text: string): OwnerRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { pid, startTime, ownerId, socketPath, isClosing } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  if (startTime !== null && typeof startTime !== 'string') return null;
  // The id becomes part of a file name, so nothing else than our own digits passes.
  if (typeof ownerId !== 'string' || !/^[0-9a-f]{32}$/.test(ownerId)) return null;
  if (typeof socketPath !== 'string') return null;
  return { pid, startTime, ownerId, socketPath, isClosing: isClosing === true };
}

/** @returns `'missing'` without a file, `'unreadable'` when what it holds is no record */
export function readOwnerRecord(file: string): OwnerRecord | 'missing' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return 'missing';
    throw cause;
  }
  return parseOwnerRecord(text) ?? 'unreadable';
}
