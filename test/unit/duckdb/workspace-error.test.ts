import { expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { toWorkspaceError } from '../../../src-main/duckdb/workspace-error';

const errno = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

test.each([
  {
    name: 'the file lock of another process',
    cause: new Error(
      'IO Error: Could not set lock on file "/w": Conflicting lock is held in /usr/bin/node (PID 4999).',
    ),
    code: 'WORKSPACE_LOCKED',
  },
  {
    name: 'a full disk',
    cause: new Error('IO Error: Could not write file "/w": No space left on device'),
    code: 'WORKSPACE_FULL',
  },
  {
    name: 'a database that a full disk has invalidated',
    cause: new Error(
      'FATAL Error: Failed: database has been invalidated because of a previous fatal error. Original error: "No space left on device"',
    ),
    code: 'WORKSPACE_FULL',
  },
  {
    name: 'a full disk under an appender',
    cause: new Error('Failed to append: Failed to commit: Could not write file "/w": No space left on device'),
    code: 'WORKSPACE_FULL',
  },
  {
    name: 'a file system mounted read-only',
    cause: new Error('IO Error: Cannot open file "/w": Read-only file system'),
    code: 'WORKSPACE_READ_ONLY',
  },
  {
    name: 'a wrong checksum',
    cause: new Error('IO Error: Corrupt database file: computed'),
    code: 'WORKSPACE_DAMAGED',
  },
  {
    name: 'a log that cannot be replayed',
    cause: new Error('INTERNAL Error: Failure while replaying WAL file "/w.wal"'),
    code: 'WORKSPACE_DAMAGED',
  },
  {
    name: 'an appender without memory',
    cause: new Error('Failed to flush: could not allocate block of size 256.0 KiB (488.1 MiB/488.2 MiB used)'),
    code: 'MEMORY_EXHAUSTED',
  },
  { name: 'ENOSPC', cause: errno('ENOSPC'), code: 'WORKSPACE_FULL' },
  { name: 'EROFS', cause: errno('EROFS'), code: 'WORKSPACE_READ_ONLY' },
  { name: 'EACCES', cause: errno('EACCES'), code: 'WORKSPACE_READ_ONLY' },
  { name: 'EPERM', cause: errno('EPERM'), code: 'WORKSPACE_READ_ONLY' },
  { name: 'ENOTDIR', cause: errno('ENOTDIR'), code: 'WORKSPACE_UNUSABLE' },
])('$name is $code, with the path in its sentence', ({ cause, code }) => {
  const error = toWorkspaceError(cause, '/w');
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code, detail: { path: '/w' }, cause });
  expect((error as AppError).message).toContain('/w');
});

test('a query without memory is not the workspace’s fault', () => {
  const cause = new Error('Out of Memory Error: could not allocate block of size 256.0 KiB (4.0 MiB/4.0 MiB used)');
  expect(toWorkspaceError(cause, '/w')).toBe(cause);
});

test('the pid that DuckDB names is in the detail', () => {
  const cause = new Error('IO Error: Could not set lock on file "/w": Conflicting lock is held in node (PID 4999).');
  expect(toWorkspaceError(cause, '/w')).toMatchObject({ detail: { pid: 4999 } });
});

test.each([
  { name: "a user's own words", cause: new Error('Invalid Input Error: No space left, Permission denied') },
  { name: 'a failed cast', cause: new Error("Conversion Error: Could not convert string 'Permission denied'") },
  { name: 'a coded error', cause: new AppError('QUERY_FAILED', 'IO Error: No space left') },
  { name: 'what is no error', cause: 'No space left' },
])('$name stays what it is', ({ cause }) => {
  expect(toWorkspaceError(cause, '/w')).toBe(cause);
});
