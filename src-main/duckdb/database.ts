import { realpathSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import { DATABASE_FILE } from './database-file';
import { MemoryLimit, type MemoryNeed } from './memory-limit';
import { ownerFile, readOwnerRecord } from './owner-record';
import { quoteText } from './quote';
import { lockedError, toWorkspaceError } from './workspace-error';

/** One connection, as `Database` lends it: what several steps of one transaction share. */
export type Connection = DuckDBConnection;

export interface DatabaseOptions {
  /** The id under which the caller owns the workspace; `owner.json`, when there is one, must name it. */
  readonly ownerId: string;
  /** DuckDB's own limit, such as `512MB`. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** What sorts and joins may spill to `tmp/`; by default half of what is free at opening. */
  readonly maxTempBytes?: number;
}

const DEFAULT_MEMORY_LIMIT = '512MB';
/** Idle connections kept for the next statement; each costs some 30 KB. */
const IDLE_CONNECTIONS = 8;

/**
 * Workspaces open in this process. DuckDB does not notice a second open of one file in one process, and committed rows
 * vanish; so the map hangs on `globalThis`, where also a second copy of this module, bundled elsewhere, finds it.
 */
const REGISTRY = Symbol.for('natscope.open-databases');

interface RegistryHost {
  [REGISTRY]?: Map<string, string>;
}

function openDatabases(): Map<string, string> {
  const host = globalThis as RegistryHost;
  const found = host[REGISTRY];
  if (found !== undefined) return found;
  const made = new Map<string, string>();
  host[REGISTRY] = made;
  return made;
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/**
 * The one DuckDB instance of a workspace, and a pool of its connections.
 *
 * A statement that runs on a connection ends, without an error, the stream that another left open on it: so each
 * running statement has a connection of its own, from `withConnection`.
 */
export class Database {
  readonly workspaceDir: string;
  readonly path: string;
  readonly #instance: DuckDBInstance;
  readonly #inode: number | null;
  readonly #idle: DuckDBConnection[] = [];
  readonly #busy = new Map<DuckDBConnection, MemoryNeed>();
  readonly #memory: MemoryLimit | null;
  readonly #released: (() => void)[] = [];
  #exclusive: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;
  #revision = 0;

  /** @param memory null where the limit stays as it is */
  constructor(workspaceDir: string, path: string, instance: DuckDBInstance, memory: MemoryLimit | null) {
    this.#memory = memory;
    this.workspaceDir = workspaceDir;
    this.path = path;
    this.#instance = instance;
    this.#inode = inodeOf(path);
  }

  /**
   * Goes up whenever a transaction has ended: what was read of the catalogue under this number holds still. All of the
   * catalogue is written by `transaction`.
   */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Lends a connection until `use` ends. One on which something failed is closed instead of lent again: its
   * transaction may be open still.
   *
   * @throws AppError WORKSPACE_* when the database fails for want of space, rights or health; INTERNAL after `close`
   */
  async withConnection<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.acquire();
    let result: T;
    try {
      result = await use(connection);
    } catch (cause) {
      this.discard(connection);
      throw toWorkspaceError(cause, this.path);
    }
    this.release(connection);
    return result;
  }

  /**
   * Runs `use` in one transaction, commits when it returns and rolls back when it throws. Transactions queue up, so
   * what one has read of the catalogue holds until it commits; uniqueness rests on that.
   */
  async transaction<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const turn = this.#exclusive
      .then(() =>
        this.withConnection(async (connection) => {
          await connection.run('BEGIN TRANSACTION');
          const result = await use(connection);
          await connection.run('COMMIT');
          return result;
        }),
      )
      // Also where it failed: a COMMIT whose answer was an error may have been done.
      .finally(() => this.#revision++);
    this.#exclusive = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Ends the transaction that the holder of a connection has begun on it, as `transaction` would: in its turn.
   *
   * @param use what belongs into it still
   * @throws AppError WORKSPACE_*; the connection is then to be discarded
   */
  async commitOn(connection: DuckDBConnection, use: () => Promise<void>): Promise<void> {
    const turn = this.#exclusive
      .then(async () => {
        await use();
        await connection.run('COMMIT');
      })
      .finally(() => this.#revision++);
    this.#exclusive = turn.catch(() => undefined);
    try {
      await turn;
    } catch (cause) {
      throw toWorkspaceError(cause, this.path);
    }
  }

  /**
   * For holders that outlive a call (streams, appenders): each acquired connection must be released or discarded.
   *
   * @param need what the holder must have; see `MemoryLimit`
   */
  async acquire(need: MemoryNeed = 'all'): Promise<DuckDBConnection> {
    if (this.#closing !== null) throw new AppError('INTERNAL', `${this.path} is closed`);
    const connection = this.#idle.pop() ?? (await this.#instance.connect());
    this.#busy.set(connection, need);
    try {
      await this.#memory?.enter(need);
    } catch (cause) {
      this.discard(connection);
      throw cause;
    }
    return connection;
  }

  /** Gives back a connection that has no transaction, stream or appender open. */
  release(connection: DuckDBConnection): void {
    if (!this.#leave(connection)) return;
    if (this.#closing === null && this.#idle.length < IDLE_CONNECTIONS) this.#idle.push(connection);
    else connection.closeSync();
    this.#announceRelease();
  }

  /** Closes a connection whose state is not known. An open transaction of it is rolled back. */
  discard(connection: DuckDBConnection): void {
    if (!this.#leave(connection)) return;
    connection.closeSync();
    this.#announceRelease();
  }

  /** @returns whether it was in use */
  #leave(connection: DuckDBConnection): boolean {
    const need = this.#busy.get(connection);
    if (need === undefined) return false;
    this.#memory?.leave(need);
    return this.#busy.delete(connection);
  }

  /**
   * Moves the write-ahead log into the database file.
   *
   * @returns false when another transaction is writing; the log then stays, which costs nothing but time at the next open
   */
  async checkpoint(): Promise<boolean> {
    return this.withConnection(async (connection) => {
      try {
        await connection.run('CHECKPOINT');
        return true;
      } catch (cause) {
        // No other error of CHECKPOINT is a TransactionContext error, and DuckDB has no code for it.
        if (cause instanceof Error && cause.message.includes('Cannot CHECKPOINT')) return false;
        throw cause;
      }
    });
  }

  /** False when the file was deleted, or another put in its place, since it was opened. */
  isInPlace(): boolean {
    return inodeOf(this.path) === this.#inode;
  }

  /** Interrupts what runs, waits for it to end, and closes the file. Further calls wait for the first. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    // Interrupting once is not enough: the interrupt of a statement that has not begun is forgotten when it begins.
    while (this.#busy.size > 0) {
      for (const connection of this.#busy.keys()) connection.interrupt();
      await Promise.race([this.#nextRelease(), new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    await this.#memory?.close();
    this.#instance.closeSync();
    openDatabases().delete(this.path);
  }

  #nextRelease(): Promise<void> {
    return new Promise((resolve) => this.#released.push(resolve));
  }

  #announceRelease(): void {
    for (const resolve of this.#released.splice(0)) resolve();
  }
}

/** @throws AppError WORKSPACE_LOCKED when `owner.json` names another owner, e.g. one in another thread of this process */
function refuseOtherOwner(workspaceDir: string, ownerId: string): void {
  const owner = readOwnerRecord(ownerFile(workspaceDir));
  if (typeof owner !== 'string' && owner.ownerId !== ownerId) throw lockedError(workspaceDir, owner.pid);
}

function databaseFile(workspaceDir: string): string {
  const file = join(workspaceDir, DATABASE_FILE);
  try {
    return realpathSync.native(file);
  } catch {
    return file;
  }
}

/**
 * Settings that hold for every connection and cannot be taken back; `lock_configuration` has to be the last. The limits of
 * memory and threads alone stay open, for `MemoryLimit`: no statement of a user sets anything.
 */
async function confine(connection: DuckDBConnection, tempDir: string): Promise<void> {
  await connection.run(`SET GLOBAL allowed_directories = [${quoteText(tempDir)}]`);
  await connection.run('SET GLOBAL enable_external_access = false');
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run("SET GLOBAL allowed_configs = ['memory_limit', 'threads']");
  await connection.run('SET GLOBAL lock_configuration = true');
}

async function limitOf(instance: DuckDBInstance, memory: string): Promise<MemoryLimit> {
  const connection = await instance.connect();
  const threads = await connection.runAndReadAll("SELECT CAST(current_setting('threads') AS INTEGER)");
  return new MemoryLimit(connection, { memory, threads: Number(threads.getRows()[0]?.[0]) });
}

/** Half of the free space, so that a spilling query cannot fill the disk under the database file. */
function defaultTempBytes(tempDir: string): number {
  const { bavail, bsize } = statfsSync(tempDir);
  return Math.floor((bavail * bsize) / 2);
}

/**
 * Opens `<workspaceDir>/workspace.duckdb`, which is made when missing; the folder and its `tmp/` exist already.
 *
 * Statements on it reach no file but those under `tmp/`, load and install no extension, and cannot change a setting.
 * After a failure because of damage, the file must not be opened again by this process.
 *
 * @throws AppError WORKSPACE_LOCKED when this process or another has it open (also by another path); WORKSPACE_FULL,
 * WORKSPACE_READ_ONLY, WORKSPACE_DAMAGED, WORKSPACE_UNUSABLE
 */
export async function openDatabase(workspaceDir: string, options: DatabaseOptions): Promise<Database> {
  const path = databaseFile(workspaceDir);
  const registry = openDatabases();
  if (registry.has(path)) throw lockedError(workspaceDir, process.pid);
  refuseOtherOwner(workspaceDir, options.ownerId);
  registry.set(path, options.ownerId);
  const tempDir = join(workspaceDir, 'tmp');
  let instance: DuckDBInstance | null = null;
  try {
    const memoryLimit = options.memoryLimit ?? DEFAULT_MEMORY_LIMIT;
    const maxTempBytes = options.maxTempBytes ?? defaultTempBytes(tempDir);
    instance = await DuckDBInstance.create(path, {
      memory_limit: memoryLimit,
      temp_directory: tempDir,
      max_temp_directory_size: `${Math.max(1, Math.floor(maxTempBytes / 1024))}KiB`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      // Trying the other methods on numbers costs an import 4 % of its CPU, and the file is as large without them.
      // Columns that cannot be packed, such as text, choose freely.
      force_compression: 'bitpacking',
      // A checkpoint in the middle of an import holds the thread that appends for up to half a second, and its end has
      // one in any case. What waits for it is in memory, so it is bounded.
      checkpoint_threshold: '256MiB',
      // What a thread has freed goes back to the system from this on; by default from 128 MB, which comes on top of the limit.
      allocator_flush_threshold: '16MiB',
      allocator_bulk_deallocation_flush_threshold: '16MiB',
      ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    });
    const memory = await limitOf(instance, memoryLimit);
    const database = new Database(workspaceDir, path, instance, memory);
    await database.withConnection((connection) => confine(connection, tempDir));
    return database;
  } catch (cause) {
    instance?.closeSync();
    registry.delete(path);
    const known = toWorkspaceError(cause, path);
    if (known instanceof AppError) throw known;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('WORKSPACE_UNUSABLE', `${path} cannot be opened: ${reason}`, { path }, { cause });
  }
}
