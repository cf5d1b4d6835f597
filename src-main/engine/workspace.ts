import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../contract/errors';
import { openDatabase, type Database } from '../duckdb/database';
import { DATABASE_FILE } from '../duckdb/database-file';
import { recoverAtOpen } from '../duckdb/import-runs';
import { keepCutOffRuns } from './cut-off-runs';
import { migrate } from '../duckdb/migrate';
import { toWorkspaceError } from '../duckdb/workspace-error';
import type { EngineCalls } from './engine-calls';
import { InboundAllowance } from './protocol/inbound-allowance';
import { SocketTransport } from './protocol/socket-transport';
import { EngineServer } from './server';
import { socketPathFor } from './socket-path';
import { WorkspaceOwner } from './workspace-owner';

export { defaultWorkspaceDir } from './default-workspace';

export interface WorkspaceOptions {
  /** What the engine of this workspace can do; without it nobody is served. */
  readonly makeCalls?: (database: Database) => EngineCalls;
  readonly memoryLimit?: string;
  readonly threads?: number;
}

/**
 * Makes the folder, with its `tmp/`, where it is missing.
 *
 * @returns its real path, by which a workspace is known however it was named
 * @throws AppError WORKSPACE_UNUSABLE, WORKSPACE_READ_ONLY, WORKSPACE_FULL
 */
export function prepareWorkspaceDir(dir: string): string {
  try {
    makeFolders(join(resolve(dir), 'tmp'));
    return realpathSync.native(dir);
  } catch (cause) {
    // Every folder that was missing has been made, so what is still missing is behind a link.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      const message = `${dir} cannot be a workspace: a link in it leads to nothing; make what it leads to, or name another folder`;
      throw new AppError('WORKSPACE_UNUSABLE', message, { path: dir }, { cause });
    }
    throw toWorkspaceError(cause, dir);
  }
}

/**
 * Makes nothing. What else may be wrong with the folder is left to who opens it.
 *
 * @throws AppError WORKSPACE_NOT_FOUND when the folder is missing, or holds no database
 */
export function requireWorkspace(dir: string): void {
  try {
    statSync(join(dir, DATABASE_FILE));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') return;
    const message = `there is no workspace in ${dir}: import a capture first`;
    throw new AppError('WORKSPACE_NOT_FOUND', message, { path: dir }, { cause });
  }
}

/** Node's own recursive mkdir says ENOENT where the system says why, such as EROFS on a read-only disk. */
function makeFolders(dir: string): void {
  if (existsSync(dir)) return;
  makeFolders(dirname(dir));
  try {
    mkdirSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}

/** A full disk must not lock out what is on it: runs left half done stay hidden, and are deleted when there is room. */
async function recoverIfRoom(database: Database): Promise<readonly number[]> {
  try {
    const deleted = await recoverAtOpen(database);
    await keepCutOffRuns(database, null);
    return deleted;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'WORKSPACE_FULL') return [];
    throw cause;
  }
}

/**
 * What earlier owners left in the folder for temporary files, as paths: what spilled, and exports that were not fetched.
 *
 * @throws AppError WORKSPACE_UNUSABLE when it is a link, or holds files though there never was a workspace: those are not
 * ours, and are not deleted
 */
function leftovers(workspaceDir: string): readonly string[] {
  const tempDir = join(workspaceDir, 'tmp');
  const refuse = (why: string): AppError => {
    const message = `${workspaceDir} cannot be a workspace: ${why}; name another folder`;
    return new AppError('WORKSPACE_UNUSABLE', message, { path: workspaceDir });
  };
  if (!lstatSync(tempDir).isDirectory()) throw refuse('its tmp is a link, and what that leads to would be emptied');
  const names = readdirSync(tempDir);
  if (names.length > 0 && !existsSync(join(workspaceDir, DATABASE_FILE))) {
    throw refuse(`its tmp holds files of others, such as ${names[0]}`);
  }
  return names.map((name) => join(tempDir, name));
}

/** Listens for other windows and commands. A socket file in the way is a dead owner's, since the workspace is ours. */
async function listen(server: EngineServer, socketPath: string): Promise<Server> {
  if (process.platform !== 'win32') rmSync(socketPath, { force: true });
  const inbound = new InboundAllowance();
  const listener = createServer((socket) => server.accept(new SocketTransport(socket, inbound)));
  await new Promise<void>((resolveListening, reject) => {
    listener.once('error', reject);
    listener.listen(socketPath, resolveListening);
  });
  // An accept that fails for want of file handles concerns that client alone.
  listener.on('error', () => undefined);
  return listener;
}

/** A workspace that this process owns: its database is open here and nowhere else. */
export class Workspace {
  readonly dir: string;
  readonly database: Database;
  /** Runs that a killed import had left, and that were deleted at this opening. */
  readonly recoveredRuns: readonly number[];
  /** Null when opened without `makeCalls`. */
  readonly server: EngineServer | null;
  readonly #owner: WorkspaceOwner;
  /** In the order in which they were begun. */
  readonly #undo: readonly (() => unknown)[];
  readonly #listener: Server | null;
  #closing: Promise<void> | null = null;

  /** For `open` alone. */
  constructor(
    dir: string,
    database: Database,
    recoveredRuns: readonly number[],
    owner: WorkspaceOwner,
    server: EngineServer | null,
    undo: readonly (() => unknown)[],
    listener: Server | null = null,
  ) {
    this.#listener = listener;
    this.#owner = owner;
    this.dir = dir;
    this.database = database;
    this.recoveredRuns = recoveredRuns;
    this.server = server;
    this.#undo = undo;
  }

  /**
   * Opens the workspace, which is made when missing.
   *
   * @throws AppError WORKSPACE_LOCKED with detail `pid` when a live process has it open, this one included;
   * WORKSPACE_TOO_NEW, WORKSPACE_DAMAGED, WORKSPACE_FULL, WORKSPACE_READ_ONLY, WORKSPACE_UNUSABLE
   */
  static async open(dir: string, options: WorkspaceOptions = {}): Promise<Workspace> {
    const { makeCalls, ...limits } = options;
    const realDir = prepareWorkspaceDir(dir);
    const undo: (() => unknown)[] = [];
    try {
      const owner = await WorkspaceOwner.acquire(realDir, socketPathFor(realDir));
      undo.push(() => owner.release());
      const left = leftovers(realDir);
      const { ownerId, socketPath } = owner.record;
      const database = await openDatabase(realDir, { ownerId, ...limits });
      undo.push(() => database.close());
      await migrate(database);
      // The database is one of ours, and so is what stood in the folder before it was opened.
      for (const path of left) rmSync(path, { recursive: true, force: true });
      const recoveredRuns = await recoverIfRoom(database);
      if (makeCalls === undefined) return new Workspace(realDir, database, recoveredRuns, owner, null, undo);
      const server = new EngineServer(makeCalls(database));
      undo.push(() => server.close());
      const listener = await listen(server, socketPath);
      undo.push(() => listener.close());
      return new Workspace(realDir, database, recoveredRuns, owner, server, undo, listener);
    } catch (cause) {
      await undoAll(undo).catch(() => undefined);
      throw describeFailure(cause, realDir);
    }
  }

  /** Where the server listens. */
  get socketPath(): string {
    return this.#owner.record.socketPath;
  }

  /**
   * Lets what others run here end well. As long as a call runs that does so now, all are served, those that come too: so
   * nobody waits for an import but who has it done. Then no client is taken any more, no call begun, and those that were
   * begun meanwhile are waited for; so there is an end however many clients come.
   */
  async drain(): Promise<void> {
    await this.server?.settle();
    if (this.server?.hasClients === true) this.#owner.announceClosing();
    this.#listener?.close();
    await this.server?.drain();
  }

  /** Cancels what runs, closes the database and gives up the workspace; all of it, even if one step fails. */
  close(): Promise<void> {
    return (this.#closing ??= undoAll(this.#undo));
  }
}

/** @throws the first error, when all has been tried */
async function undoAll(undo: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo.toReversed()) {
    try {
      await step();
    } catch (cause) {
      failures.push(cause);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function describeFailure(cause: unknown, workspaceDir: string): unknown {
  const known = toWorkspaceError(cause, workspaceDir);
  if (known instanceof AppError) return known;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const detail = { path: workspaceDir };
  return new AppError('WORKSPACE_UNUSABLE', `${workspaceDir} cannot be opened: ${reason}`, detail, { cause });
}
