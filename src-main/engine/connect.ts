import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type GreetedClient } from '../contract/engine-client';
import { AppError } from '../contract/errors';
import { PROTOCOL_VERSION, type EngineClient } from '../contract/wire';
import { ownerFile, readOwnerRecord, type OwnerRecord } from '../duckdb/owner-record';
import { lockedError } from '../duckdb/workspace-error';
import { memoryPair } from './memory-pair';
import { openSocket } from './protocol/open-socket';
import { SocketTransport } from './protocol/socket-transport';
import { prepareWorkspaceDir, Workspace, type WorkspaceOptions } from './workspace';
import { isAlive } from './live-process';

export interface WorkspaceConnection {
  readonly client: EngineClient;
  /** Whether the engine runs in this process, so that `close` ends it, when the calls of other clients have ended. */
  readonly isOwner: boolean;
  /** Real path. */
  readonly workspaceDir: string;
  /** Whether a call of somebody else runs in this process, for whom `close` waits. */
  isServingOthers(): boolean;
  close(): Promise<void>;
}

/** The engine of another process, or of another opening in this one, that has answered. */
interface JoinedOwner {
  readonly client: GreetedClient;
  readonly owner: OwnerRecord;
  /** Real path. */
  readonly workspaceDir: string;
}

export interface ConnectOptions extends Omit<WorkspaceOptions, 'makeCalls'> {
  /** How long an owner that does not listen is waited for; one that says that it ends is waited for until it does. */
  readonly ownerStartsMs?: number;
  /** Told once that an owner that is about to go is waited for, when that takes longer than a moment. */
  readonly onWaiting?: (pid: number) => void;
  /** Ends the wait for an owner that is about to go. */
  readonly signal?: AbortSignal;
}

/** An owner listens only when its database is open, which replaying a long log delays. */
const OWNER_STARTS_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const SAY_WAITING_MS = 1000;
const TRIES_WITHOUT_OWNER = 3;

function connectionTo(workspace: Workspace): WorkspaceConnection {
  const [near, far] = memoryPair();
  workspace.server?.accept(far);
  const client = createClient(near);
  return {
    client,
    isOwner: true,
    workspaceDir: workspace.dir,
    isServingOthers: () => workspace.server?.isWanted === true,
    close: async () => {
      await client.close();
      await workspace.drain();
      await workspace.close();
    },
  };
}

/** @returns the record of a live owner; null when there is none (any more) */
function liveOwner(workspaceDir: string): OwnerRecord | null {
  const record = readOwnerRecord(ownerFile(workspaceDir));
  return typeof record === 'string' || !isAlive(record) ? null : record;
}

function otherVersionError(workspaceDir: string, pid: number): AppError {
  const message = `${workspaceDir} is open in process ${pid}, a Natscope of another version: end that one first`;
  return new AppError('WORKSPACE_LOCKED', message, { path: workspaceDir, pid });
}

/** @returns null when the owner is gone or about to go, or has not come to answer in time */
async function join(workspaceDir: string, giveUpAt: number): Promise<JoinedOwner | null> {
  for (;;) {
    const owner = liveOwner(workspaceDir);
    if (owner === null || owner.isClosing) return null;
    const socket = await openSocket(owner.socketPath);
    if (socket !== null) {
      const client = createClient(new SocketTransport(socket));
      // A connection proves nothing: the system makes it for a process that is stopped as well.
      // The timer alone must not keep a process that has its answer; as long as there is none, the socket does.
      const tooLate = delay(giveUpAt - performance.now(), null, { ref: false });
      const greeting = await Promise.race([client.greeting, tooLate]);
      if (greeting === PROTOCOL_VERSION) {
        return { client, owner, workspaceDir };
      }
      await client.close();
      if (greeting !== null) throw otherVersionError(workspaceDir, owner.pid);
    }
    if (performance.now() > giveUpAt) return null;
    await delay(LOOK_AGAIN_MS);
  }
}

/**
 * Of an owner that is about to go: its last calls may take as long as an import does.
 *
 * @throws AppError WORKSPACE_LOCKED when the wait is ended
 */
async function untilGone(workspaceDir: string, { onWaiting, signal }: ConnectOptions): Promise<void> {
  const sayAt = performance.now() + SAY_WAITING_MS;
  let isSaid = false;
  for (let owner = liveOwner(workspaceDir); owner?.isClosing === true; owner = liveOwner(workspaceDir)) {
    if (signal?.aborted === true) throw lockedError(workspaceDir, owner.pid);
    if (!isSaid && performance.now() > sayAt) {
      isSaid = true;
      onWaiting?.(owner.pid);
    }
    await delay(LOOK_AGAIN_MS);
  }
}

/**
 * Opens the workspace, or finds out who has it open.
 *
 * @throws AppError as `connectWorkspace`
 */
export async function ownOrJoin(
  dir: string,
  makeCalls: NonNullable<WorkspaceOptions['makeCalls']>,
  options: ConnectOptions = {},
): Promise<Workspace | JoinedOwner> {
  const { ownerStartsMs = OWNER_STARTS_MS, memoryLimit, threads } = options;
  const limits = {
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    ...(threads === undefined ? {} : { threads }),
  };
  const workspaceDir = prepareWorkspaceDir(dir);
  let giveUpAt = performance.now() + ownerStartsMs;
  for (let withoutOwner = 0; ;) {
    let refusal: AppError;
    try {
      return await Workspace.open(workspaceDir, { makeCalls, ...limits });
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code !== 'WORKSPACE_LOCKED') throw cause;
      refusal = cause;
    }
    const owner = liveOwner(workspaceDir);
    if (owner?.isClosing === true) {
      await untilGone(workspaceDir, options);
      giveUpAt = performance.now() + ownerStartsMs;
      continue;
    }
    if (owner !== null) {
      const joined = await join(workspaceDir, giveUpAt);
      if (joined !== null) return joined;
      refusal = lockedError(workspaceDir, owner.pid);
    } else withoutOwner += 1;
    // Locked, and no owner: either it ended just now, or a program that is no Natscope has the file.
    if (withoutOwner >= TRIES_WITHOUT_OWNER || performance.now() > giveUpAt) throw refusal;
    await delay(LOOK_AGAIN_MS);
  }
}

/**
 * The engine of a workspace: in this process when nobody has it open, else that of its owner, over its socket.
 *
 * @param makeCalls what the engine can do, should it come to run here
 * @throws AppError WORKSPACE_LOCKED with detail `pid` when the owner does not answer, or is no Natscope; and what
 * `Workspace.open` throws
 */
export async function connectWorkspace(
  dir: string,
  makeCalls: NonNullable<WorkspaceOptions['makeCalls']>,
  options: ConnectOptions = {},
): Promise<WorkspaceConnection> {
  const found = await ownOrJoin(dir, makeCalls, options);
  if (found instanceof Workspace) return connectionTo(found);
  const { client, workspaceDir } = found;
  return { client, isOwner: false, workspaceDir, isServingOthers: () => false, close: () => client.close() };
}
