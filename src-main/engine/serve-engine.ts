import { toErrorShape } from '../contract/errors';
import { ownOrJoin, type ConnectOptions } from './connect';
import type { EngineParent } from './engine-parent';
import { hostEngineCalls } from './handlers';
import type { Importer } from './importer';
import { Workspace } from './workspace';

export interface ServeOptions extends ConnectOptions {
  readonly importer: Importer;
  /** Asked to end, as by a signal. */
  readonly signal: AbortSignal;
}

/**
 * The life of an engine process: it opens the workspace, tells its parent once where the engine listens, and serves until
 * the parent is gone or it is asked to end. Then the calls of its clients are cancelled and the database is closed.
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
  await found.close();
  return 0;
}
