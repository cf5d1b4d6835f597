import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../contract/errors';
import { ownerFile, readOwnerRecord, type OwnerRecord } from '../duckdb/owner-record';
import { lockedError, toWorkspaceError } from '../duckdb/workspace-error';
import { isAlive, processName } from './live-process';

/** Where hard links do not exist, a record may be seen while it is being written; older than this it is abandoned. */
const HALF_WRITTEN_MS = 2000;
/** How long the taking over of a dead owner by another process is waited for. */
const TAKEOVER_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** Stands in the names of claims for a record that cannot be read, and so has no id. */
const UNREADABLE = 'unreadable';

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : null;
}

function newRecord(socketPath: string): OwnerRecord {
  return { ...processName(), ownerId: randomBytes(16).toString('hex'), socketPath, isClosing: false };
}

function writeDurably(file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes `file` with the record if and only if it is not there; nobody sees it half written.
 *
 * @param draft a file that holds the record already
 * @returns false when it was there
 */
function createOnce(file: string, record: OwnerRecord, draft: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    if (codeOf(cause) === 'ENOENT') throw cause;
  }
  // A file system without hard links.
  try {
    writeDurably(file, JSON.stringify(record));
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

function ageMs(file: string): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}

type Liveness =
  | { readonly is: 'free' | 'unclear' }
  | { readonly is: 'alive'; readonly record: OwnerRecord }
  | { readonly is: 'dead'; readonly id: string };

function look(file: string): Liveness {
  const record = readOwnerRecord(file);
  if (record === 'missing') return { is: 'free' };
  if (record === 'unreadable')
    return ageMs(file) > HALF_WRITTEN_MS ? { is: 'dead', id: UNREADABLE } : { is: 'unclear' };
  return isAlive(record) ? { is: 'alive', record } : { is: 'dead', id: record.ownerId };
}

/**
 * Claims the right to replace a dead owner. Who dies holding a claim is claimed in turn, by the id in the claim, so a
 * claim is never removed to be made anew while the record stands that it is for; and ids never come back.
 *
 * @returns the file of our claim: no other live process may now touch the record of `deadId`; null when one holds it
 */
function claim(workspaceDir: string, deadId: string, record: OwnerRecord, draft: string): string | null {
  for (let id = deadId; ;) {
    const file = join(workspaceDir, `owner.${id}.claim`);
    if (createOnce(file, record, draft)) return file;
    const holder = look(file);
    // Half a claim names nobody to claim it from; it takes a file system without hard links to leave one.
    if (holder.is === 'dead' && holder.id === UNREADABLE) rmSync(file, { force: true });
    if (holder.is !== 'dead' || holder.id === UNREADABLE) return null;
    id = holder.id;
  }
}

/**
 * Removes the claims and drafts of the dead. Only for who has just written `owner.json` and lives: any process that
 * comes by such a claim then finds the record replaced.
 */
function sweep(workspaceDir: string): void {
  for (const name of readdirSync(workspaceDir)) {
    if (!/^owner\.\w+\.(claim|draft|replacement)$/.test(name)) continue;
    const file = join(workspaceDir, name);
    if (look(file).is === 'dead') rmSync(file, { force: true });
  }
}

/** The workspace is ours, by `owner.json`, until `release`. */
export class WorkspaceOwner {
  readonly record: OwnerRecord;
  readonly #workspaceDir: string;
  readonly #file: string;

  /** For `acquire` alone. */
  constructor(workspaceDir: string, record: OwnerRecord) {
    this.record = record;
    this.#workspaceDir = workspaceDir;
    this.#file = ownerFile(workspaceDir);
  }

  /**
   * Writes `owner.json`, in the place of a dead owner's if need be: of any number of processes that find the same dead
   * owner at the same time, one takes over, and the others fail.
   *
   * @param workspaceDir the real path of a folder that exists
   * @throws AppError WORKSPACE_LOCKED with detail `pid` when a live process owns it, this one included;
   * WORKSPACE_READ_ONLY, WORKSPACE_FULL
   */
  static async acquire(workspaceDir: string, socketPath: string): Promise<WorkspaceOwner> {
    const record = newRecord(socketPath);
    const draft = join(workspaceDir, `owner.${record.ownerId}.draft`);
    try {
      writeDurably(draft, JSON.stringify(record));
      await takePossession(workspaceDir, record, draft);
      return new WorkspaceOwner(workspaceDir, record);
    } catch (cause) {
      throw toWorkspaceError(cause, workspaceDir);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Tells who comes from now on to wait for our end, however long that takes, instead of for an answer. */
  announceClosing(): void {
    try {
      if (this.#isOurs()) replaceRecord(this.#workspaceDir, { ...this.record, isClosing: true });
    } catch {
      // On a full disk, say: who comes then waits no longer than for an owner that does not answer.
    }
  }

  /** Removes `owner.json`, if it is still ours. */
  release(): void {
    if (this.#isOurs()) rmSync(this.#file, { force: true });
  }

  #isOurs(): boolean {
    const current = readOwnerRecord(this.#file);
    return typeof current !== 'string' && current.ownerId === this.record.ownerId;
  }
}

async function takePossession(workspaceDir: string, record: OwnerRecord, draft: string): Promise<void> {
  const file = ownerFile(workspaceDir);
  const giveUpAt = performance.now() + TAKEOVER_MS;
  for (;;) {
    if (createOnce(file, record, draft)) break;
    const owner = look(file);
    if (owner.is === 'alive') throw lockedError(workspaceDir, owner.record.pid);
    const claimed = owner.is === 'dead' ? claim(workspaceDir, owner.id, record, draft) : null;
    if (owner.is === 'dead' && claimed !== null) {
      // Whoever took over before our claim has put another record in the place of this one.
      const still = look(file);
      const isOurs = still.is === 'dead' && still.id === owner.id;
      if (isOurs) replaceRecord(workspaceDir, record);
      rmSync(claimed, { force: true });
      if (isOurs) break;
    }
    if (performance.now() > giveUpAt) {
      throw new AppError(
        'WORKSPACE_LOCKED',
        `${file} is being taken over by another process and does not become clear; delete it if no Natscope runs`,
        { path: workspaceDir },
      );
    }
    await delay(LOOK_AGAIN_MS);
  }
  sweep(workspaceDir);
}

/** In one step, so that there is no moment without a record, in which a third could make its own. */
function replaceRecord(workspaceDir: string, record: OwnerRecord): void {
  const replacement = join(workspaceDir, `owner.${record.ownerId}.replacement`);
  writeDurably(replacement, JSON.stringify(record));
  renameSync(replacement, ownerFile(workspaceDir));
}
