import { setTimeout as delay } from 'node:timers/promises';
import { toErrorShape } from '../contract/errors';
import { ownOrJoin, type ConnectOptions } from './connect';
import type { EngineParent } from './engine-parent';
import { hostEngineCalls } from './handlers';
import type { Importer } from './importer';
import { Workspace } from './workspace';

/** The news of a connection's end may come after that of its host's. */
const HEARSAY_MS = 50;

export interface ServeOptions extends ConnectOptions {
  readonly importer: Importer;
  /** Asked to end, as by a signal. */
  readonly signal: AbortSignal;
}

/**
 * The life of an engine process: it opens the workspace, tells its parent once where the engine listens, and serves until
 * the parent is gone or it is asked to end. The parent's own connections, and with them their calls, have ended then. What
 * other hosts and commands run in this engine ends well, of which the parent is told; then the database is closed.
 *
 * Where another process has the workspace, the parent is told of that one, and there is nothing more to do.
 *
 * @returns the exit code
 */
export async function serveEngine(
  workspaceDir: string,
  parent: EngineParent,
  { importer, signal, ...options }: ServeOptions,
): Promise<number> {
  const over = new Promise<void>((resolve) => {
    parent.onGone(resolve);
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let found: Awaited<ReturnType<typeof ownOrJoin>>;
  try {
    found = await ownOrJoin(workspaceDir, hostEngineCalls(importer), options);
  } catch (cause) {
    await parent.tell({ kind: 'failed', error: toErrorShape(cause) });
    return 1;
  }
  if (!(found instanceof Workspace)) {
    const { client, owner, workspaceDir: workspace } = found;
    await client.close();
    await parent.tell({ kind: 'listening', socketPath: owner.socketPath, workspace, pid: owner.pid, isOwner: false });
    return 0;
  }
  const { socketPath, dir } = found;
  await parent.tell({ kind: 'listening', socketPath, workspace: dir, pid: process.pid, isOwner: true });
  await over;
  // What the parent ran here shows as cancelled when the end of its connections has been heard of.
  await delay(HEARSAY_MS);
  if (found.server?.isWanted === true) await parent.tell({ kind: 'draining' });
  await found.drain();
  await found.close();
  return 0;
}
