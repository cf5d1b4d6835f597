import type { EngineClient } from '../contract/ipc';
import { connectWorkspace } from './connect';
import { engineHandlers } from './handlers';
import { requestParsers } from './request-parsers';
import { defaultWorkspaceDir } from './workspace';

export interface OpenedEngine {
  readonly client: EngineClient;
  /** Real path of the workspace. */
  readonly workspace: string;
  close(): Promise<void>;
}

/**
 * The engine of a workspace: its owner's where it has one, else one in this process.
 *
 * @param workspaceDir null for the default workspace
 * @param threads of the database, should it be opened here; the default is one for each processor
 * @throws AppError WORKSPACE_*
 */
export async function openEngine(workspaceDir: string | null, threads?: number): Promise<OpenedEngine> {
  const connection = await connectWorkspace(
    workspaceDir ?? defaultWorkspaceDir(),
    (database) => ({ handlers: engineHandlers(database), parsers: requestParsers }),
    threads === undefined ? {} : { threads },
  );
  return { client: connection.client, workspace: connection.workspaceDir, close: () => connection.close() };
}
