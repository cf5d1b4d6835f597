import { AppError } from '../contract/errors';
import type { Context } from './context';

/**
 * Asks on the terminal before something is deleted for good.
 *
 * @param what is deleted, as in "Delete …?"
 * @param yes whether `--yes` was given, which answers it
 * @returns whether to go on
 * @throws AppError OPTION_INVALID without a terminal and without `--yes`
 */
export async function confirmDeletion({ io, err }: Context, what: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!io.isStdinTty) {
    const message = `this would delete ${what}: add --yes, since there is no terminal to ask on`;
    throw new AppError('OPTION_INVALID', message, { option: '--yes' });
  }
  err.tell(`Delete ${what}? What is deleted cannot be brought back. [y/N] `);
  if (/^\s*y(?:es)?\s*$/iu.test(await io.readLine())) return true;
  err.tell('Nothing was deleted.\n');
  return false;
}
