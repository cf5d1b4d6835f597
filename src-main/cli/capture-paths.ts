import { resolve } from 'node:path';
import { AppError } from '../contract/errors';
import { STANDARD_INPUT } from '../contract/imports';
import { terminalError } from '../engine/pipe-source';
import type { Context } from './context';

/**
 * @param captures as the user wrote them; `-` is standard input
 * @returns absolute paths, and `STANDARD_INPUT`
 * @throws AppError OPTION_INVALID when standard input is named twice, or is a terminal
 */
export function readablePaths({ io }: Context, captures: readonly string[]): string[] {
  const inputs = captures.filter((path) => path === STANDARD_INPUT).length;
  if (inputs > 1) {
    throw new AppError('OPTION_INVALID', '- is named twice, but standard input can be read only once');
  }
  if (inputs === 1 && io.isStdinTty) throw terminalError();
  return captures.map((path) => (path === STANDARD_INPUT ? path : resolve(io.cwd, path)));
}
