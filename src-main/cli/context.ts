import type { EngineClient } from '../contract/ipc';
import type { Io } from './io';
import type { TextOutput } from './text-output';

export interface OpenedEngine {
  readonly client: EngineClient;
  /** The workspace's folder. */
  readonly workspace: string;
  close(): Promise<void>;
}

/** @param workspaceDir absolute; null for the default workspace */
export type OpenEngine = (workspaceDir: string | null, threads?: number) => Promise<OpenedEngine>;

/** What every command is given. */
export interface Context {
  readonly io: Io;
  readonly out: TextOutput;
  readonly err: TextOutput;
  readonly openEngine: OpenEngine;
  /** Where the bundled sample is. */
  readonly resourcesFolder: string;
}
