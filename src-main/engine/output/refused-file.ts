import { AppError } from '../../contract/errors';

/**
 * The error of a file that cannot be written, in the words of whoever wants it written.
 *
 * @param why the system's code, such as `ENOSPC`, or one of `NOT_A_FILE` or `NOT_FREE`
 */
export type RefusedFile = (why: string, cause?: unknown) => Error;

/** What may stand in the place of the file and must not be replaced by it. */
export const NOT_A_FILE = {
  folder: 'it is a folder',
  special: 'it is no regular file',
  unwritable: 'it is a disk or a socket',
  workspace: 'it has the logs of a workspace',
  capture: 'it is a capture, which is only read',
} as const;

export async function attempt<T>(refuse: RefusedFile, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw cause instanceof AppError ? cause : refuse(codeOf(cause), cause);
  }
}

/** The system's code of an error, such as `ENOENT`. */
export function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'unknown';
}
