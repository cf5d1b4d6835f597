import { AppError, type ErrorCode } from '../contract/errors';

interface Symptom {
  readonly code: ErrorCode;
  /** Texts by which DuckDB (which gives no codes) or the operating system tell of it. */
  readonly texts: readonly string[];
  readonly errnos: readonly string[];
  readonly say: (path: string, pid: number | null) => string;
}

/** In order of precedence: a failed write during the replay of a log is a full disk first. */
const SYMPTOMS: readonly Symptom[] = [
  {
    code: 'WORKSPACE_LOCKED',
    texts: ['Conflicting lock is held', 'Could not set lock on file', 'being used by another process'],
    errnos: [],
    say: (path, pid) =>
      `${path} is in use by ${pid === null ? 'another process' : `process ${pid}`}; close that program, or use another workspace`,
  },
  {
    code: 'WORKSPACE_FULL',
    texts: ['No space left', 'Disk quota exceeded', 'not enough space on the disk'],
    errnos: ['ENOSPC', 'EDQUOT'],
    say: (path) => `no space is left on the disk of ${path}; free some space, or use a workspace on another disk`,
  },
  {
    code: 'WORKSPACE_READ_ONLY',
    texts: ['Read-only file system', 'Permission denied', 'Access is denied', 'Operation not permitted'],
    errnos: ['EROFS', 'EACCES', 'EPERM'],
    say: (path) => `${path} cannot be written; change its permissions, or use a workspace in a folder of your own`,
  },
  {
    code: 'WORKSPACE_DAMAGED',
    texts: [
      'Corrupt database file',
      'not a valid DuckDB database file',
      'Could not read enough bytes',
      'Failure while replaying WAL',
      'Corrupt WAL file',
      'WAL file is missing',
      'Serialization Error',
      'database has been invalidated',
    ],
    errnos: [],
    say: (path) =>
      `${path} is damaged; move it aside with its .wal file and import the captures again, or restore a copy`,
  },
  {
    // Of a query this is another error, with another remedy, and begins otherwise.
    code: 'MEMORY_EXHAUSTED',
    texts: ['could not allocate block of size', 'failed to allocate data of size', 'failed to pin block of size'],
    errnos: [],
    say: (path) =>
      `the database ${path} has no memory left to write with: it holds back much for every column, so use another Logstore for logs of very many fields`,
  },
  {
    code: 'WORKSPACE_UNUSABLE',
    texts: [],
    errnos: ['ENOTDIR', 'EEXIST', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL'],
    say: (path) => `${path} cannot be a workspace; name a folder that exists or can be made`,
  },
];

/**
 * How the errors begin that concern the file; others may quote a user's text, which must not be searched. Those of an
 * appender come without their kind.
 */
const FILE_ERROR =
  /^(?:(?:IO|FATAL|INTERNAL|Serialization|TransactionContext) Error: |Failed to (?:append|flush|close)\b)/;

function errnoOf(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}

/**
 * Names what is wrong with the workspace when DuckDB or the operating system refuses.
 *
 * DuckDB's errors carry no code, so this one function reads their text; nothing else may.
 *
 * @param path the file or folder that the message names
 * @returns an `AppError` WORKSPACE_LOCKED, _FULL, _READ_ONLY, _DAMAGED or _UNUSABLE, or MEMORY_EXHAUSTED, with detail `{ path }` (and `pid`
 * where known); `cause` itself when it is none of these
 */
export function toWorkspaceError(cause: unknown, path: string): unknown {
  if (cause instanceof AppError || !(cause instanceof Error)) return cause;
  const errno = errnoOf(cause);
  const searched = FILE_ERROR.test(cause.message) ? cause.message : '';
  const symptom = SYMPTOMS.find(
    ({ texts, errnos }) => (errno !== null && errnos.includes(errno)) || texts.some((text) => searched.includes(text)),
  );
  if (symptom === undefined) return cause;
  const holder = /\(PID (\d+)\)/.exec(cause.message)?.[1];
  const pid = holder === undefined ? null : Number(holder);
  const detail = pid === null ? { path } : { path, pid };
  return new AppError(symptom.code, symptom.say(path, pid), detail, { cause });
}

/** @returns the error of a workspace that another opening holds, ourselves or not */
export function lockedError(workspaceDir: string, pid: number): AppError {
  const holder = pid === process.pid ? `this process (${pid})` : `process ${pid}`;
  return new AppError(
    'WORKSPACE_LOCKED',
    `the workspace ${workspaceDir} is already open in ${holder}; close it there, or use another workspace`,
    { path: workspaceDir, pid },
  );
}
