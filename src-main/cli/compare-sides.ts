import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CompareSide } from '../contract/compare';
import { AppError } from '../contract/errors';
import { checkLogstoreName } from '../logstore/names';

/**
 * @param text a path, or the name of a Logstore
 * @throws AppError OPTION_INVALID when it is neither
 */
export function compareSide(cwd: string, text: string): CompareSide {
  const path = resolve(cwd, text);
  const found = statSync(path, { throwIfNoEntry: false });
  // What a name cannot have is a path, so that a file that is missing is told as one.
  if (found?.isFile() === true || /[/\\.]/u.test(text)) return { file: path };
  try {
    checkLogstoreName(text);
  } catch (cause) {
    const message = `${text} is no file, and no name of a Logstore`;
    throw new AppError('OPTION_INVALID', message, { value: text }, { cause });
  }
  return { logstore: text };
}
