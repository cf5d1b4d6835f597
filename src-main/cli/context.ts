import type { EngineClient } from '../contract/ipc';
import type { Io } from './io';
import type { TextOutput } from './text-output';

export interface OpenedEngine {
  readonly client: EngineClient;
  /** The workspace's folder. */
  readonly workspace: string;
  close(): Promise<void>;
}

export interface OpenEngineOptions {
  /** Threads of the database, should it be opened in this process. */
  readonly threads?: number;
  /** Whether a workspace that is missing is WORKSPACE_NOT_FOUND instead of made. */
  readonly mustExist?: boolean;
}

/** @param workspaceDir absolute; null for the default workspace */
export type OpenEngine = (workspaceDir: string | null, options?: OpenEngineOptions) => Promise<OpenedEngine>;

/** What every command is given. */
export interface Context {
  readonly io: Io;
  readonly out: TextOutput;
  readonly err: TextOutput;
  readonly openEngine: OpenEngine;
  /** Where the bundled sample is. */
  readonly resourcesFolder: string;
}
