import type { EngineClient } from '../contract/wire';
import { connectWorkspace } from './connect';
import { engineCalls } from './handlers';
import { defaultWorkspaceDir, requireWorkspace } from './workspace';

export interface OpenedEngine {
  readonly client: EngineClient;
  /** Real path of the workspace. */
  readonly workspace: string;
  /** Whether it runs in this process, and so has the same standard input. */
  readonly isHere: boolean;
  /** Whether a call of somebody else runs in this process, for whom `close` waits. */
  isServingOthers(): boolean;
  close(): Promise<void>;
}

export interface OpenEngineOptions {
  /** Threads of the database, should it be opened here; the default is one for each processor. */
  readonly threads?: number;
  /** Memory of the database, should it be opened here, such as `64MB`; the default is that of an engine with many clients. */
  readonly memoryLimit?: string;
  /** See `ConnectOptions`. */
  readonly onWaiting?: (pid: number) => void;
  readonly signal?: AbortSignal;
  /** Whether a workspace that is missing is refused instead of made. */
  readonly mustExist?: boolean;
}

/**
 * The engine of a workspace: its owner's where it has one, else one in this process.
 *
 * @param workspaceDir null for the default workspace
 * @throws AppError WORKSPACE_*
 */
export async function openEngine(
  workspaceDir: string | null,
  { mustExist = false, ...limits }: OpenEngineOptions = {},
): Promise<OpenedEngine> {
  const dir = workspaceDir ?? defaultWorkspaceDir();
  if (mustExist) requireWorkspace(dir);
  const connection = await connectWorkspace(dir, engineCalls(), limits);
  const { client, workspaceDir: workspace, isOwner: isHere } = connection;
  return {
    ...{ client, workspace, isHere },
    isServingOthers: () => connection.isServingOthers(),
    close: () => connection.close(),
  };
}
