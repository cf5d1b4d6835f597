import { resolve } from 'node:path';
import { createAtomicFile, type AtomicFile } from '../engine/output/atomic-file';
import { findPlace, type OutputPlace } from '../engine/output/output-place';
import { attempt } from '../engine/output/refused-file';
import { openStreamedOutput, StreamedOutput } from '../engine/output/streamed-output';
import type { Context } from './context';
import { refusedOutput } from './refused-output';

/** Stands for standard output where a file is asked for. */
export const STANDARD_OUTPUT = '-';

/** Where `--out` leads. */
export interface CommandPlace {
  /** Absolute, as the user named it. */
  readonly path: string;
  readonly kind: OutputPlace['kind'];
}

/** @throws AppError OUTPUT_UNWRITABLE */
export async function placeOf({ io }: Context, out: string): Promise<CommandPlace> {
  if (out === STANDARD_OUTPUT) return { path: out, kind: 'standard' };
  const path = resolve(io.cwd, out);
  const refuse = refusedOutput(path);
  return { path, kind: (await attempt(refuse, () => findPlace(path, refuse))).kind };
}

/**
 * @returns a file that is there whole or not at all; or what has everything as it is written
 * @throws AppError OUTPUT_UNWRITABLE
 */
export async function openOutput({ out }: Context, { path, kind }: CommandPlace): Promise<AtomicFile | StreamedOutput> {
  switch (kind) {
    case 'standard':
      return new StreamedOutput('standard output', out, () => out.flush());
    case 'stream':
      return openStreamedOutput(path, refusedOutput(path));
    case 'file':
      return createAtomicFile(path, refusedOutput(path));
  }
}
