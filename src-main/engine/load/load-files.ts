import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadRequest } from '../../contract/logstore';
import { toWorkspaceError } from '../../duckdb/workspace-error';
import { makeInnerFolder } from '../inner-folder';
import { isPipe, pipeSource } from '../pipe-source';

const PIECE_BYTES = 1 << 20;

/** A file of a load, which is read more than once. */
export interface LoadFile {
  /** As it was asked for: `-` for standard input. */
  readonly name: string;
  /** Where its octets are: those of a pipe come once, and are kept in the workspace meanwhile. */
  readonly path: string;
}

export interface LoadFiles {
  readonly files: readonly LoadFile[];
  /** Removes what was kept. */
  readonly remove: () => Promise<void>;
}

/**
 * Keeps what comes from standard input and from pipes, as it comes, compressed or not.
 *
 * @param aborted rejects when the load is cancelled, however long a pipe has nothing to say
 * @param onPiece is told how many octets were kept
 * @throws AppError WORKSPACE_FULL, WORKSPACE_READ_ONLY, OPTION_INVALID for a terminal, CAPTURE_UNREADABLE
 */
export async function keepPipes(
  workspaceDir: string,
  { files, streams }: Pick<LoadRequest, 'files' | 'streams'>,
  aborted: Promise<never>,
  onPiece: (bytes: number) => void,
): Promise<LoadFiles> {
  const sockets = new Map(streams?.map(({ capture, socketPath }) => [capture, socketPath]));
  const kept: string[] = [];
  const remove = async (): Promise<void> => {
    for (const path of kept) await rm(path, { force: true });
  };
  try {
    const all: LoadFile[] = [];
    for (const name of files) {
      const socketPath = sockets.get(name) ?? null;
      const isFile = socketPath === null && !isPipe(name);
      if (!isFile) kept.push(await pathFor(workspaceDir));
      const path = isFile ? name : (kept.at(-1) ?? name);
      if (!isFile) await keep(pipeSource(name, socketPath), path, aborted, onPiece);
      all.push({ name, path });
    }
    return { files: all, remove };
  } catch (cause) {
    await remove();
    throw cause;
  }
}

/** In the folder that whoever opens the workspace empties, should this process be killed. */
async function pathFor(workspaceDir: string): Promise<string> {
  try {
    return join(await makeInnerFolder(workspaceDir, 'tmp'), `load-${randomUUID()}`);
  } catch (cause) {
    throw toWorkspaceError(cause, workspaceDir);
  }
}

async function keep(
  source: ReturnType<typeof pipeSource>,
  path: string,
  aborted: Promise<never>,
  onPiece: (bytes: number) => void,
): Promise<void> {
  const writing = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw toWorkspaceError(cause, path);
  });
  try {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let total = 0; ;) {
      const count = await Promise.race([source.read(piece), aborted]);
      if (count === 0) return;
      await writing.writeFile(piece.subarray(0, count)).catch((cause: unknown) => {
        throw toWorkspaceError(cause, path);
      });
      onPiece((total += count));
    }
  } finally {
    source.close();
    await writing.close();
  }
}
