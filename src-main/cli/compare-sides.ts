import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CompareSide } from '../contract/compare';
import { AppError } from '../contract/errors';
import { STANDARD_INPUT } from '../contract/imports';
import { checkLogstoreName } from '../logstore/names';

/**
 * @param text a path, `-` for standard input, or the name of a Logstore
 * @throws AppError OPTION_INVALID when it is neither
 */
function compareSide(cwd: string, text: string): CompareSide {
  if (text === STANDARD_INPUT) return { file: text };
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

/** @throws AppError OPTION_INVALID when both are standard input, which comes once */
export function compareSides(cwd: string, first: string, second: string): readonly [CompareSide, CompareSide] {
  if (first === STANDARD_INPUT && second === STANDARD_INPUT) {
    const message = 'standard input comes once, and cannot be both logs: name a file or a Logstore for one of them';
    throw new AppError('OPTION_INVALID', message, { value: STANDARD_INPUT });
  }
  return [compareSide(cwd, first), compareSide(cwd, second)];
}
