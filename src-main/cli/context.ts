import type { openEngine } from '../engine/open-engine';
import type { Io } from './io';
import type { TextOutput } from './text-output';

/** The engine's own way in, or what a test puts in its place. */
export type OpenEngine = typeof openEngine;

/** What every command is given. */
export interface Context {
  readonly io: Io;
  readonly out: TextOutput;
  readonly err: TextOutput;
  readonly openEngine: OpenEngine;
  /** Where the bundled sample is. */
  readonly resourcesFolder: string;
}
