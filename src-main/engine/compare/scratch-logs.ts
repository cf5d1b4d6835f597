import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../contract/errors';
import type { CompareRequest } from '../../contract/compare';
import { DEFAULT_PROJECT } from '../../contract/imports';
import type { Notice } from '../../contract/result-batch';
import type { Database } from '../../duckdb/database';
import { valueLosses } from '../load/load-notices';
import { runLoad } from '../load/load-service';
import { createLogstore } from '../logstore-service';
import { Workspace } from '../workspace';

/** Of the database for files; sorting spills beyond it. */
const LIMITS = { memoryLimit: '256MB', threads: 2 } as const;

const ONE_BAD_LINE = '1 line is no log entry, and is not compared';

/** The project of the Logstores that files are read into: the one that every workspace has. */
export const SCRATCH_PROJECT = DEFAULT_PROJECT;

type Streams = CompareRequest['streams'];

/** Session logs of files, read into a workspace of their own that goes when they have been compared. */
export class ScratchLogs {
  readonly #dir: string;
  readonly #workspace: Workspace;

  /** For `open` alone. */
  constructor(dir: string, workspace: Workspace) {
    this.#dir = dir;
    this.#workspace = workspace;
  }

  /** In the folder of another workspace for temporary files, where what a killed engine leaves is removed at the next open. */
  static async open({ workspaceDir }: Pick<Database, 'workspaceDir'>): Promise<ScratchLogs> {
    const dir = await mkdtemp(join(workspaceDir, 'tmp', 'compare-'));
    try {
      return new ScratchLogs(dir, await Workspace.open(dir, LIMITS));
    } catch (cause) {
      await rm(dir, { recursive: true, force: true });
      throw cause;
    }
  }

  get database(): Database {
    return this.#workspace.database;
  }

  /**
   * @returns what of the file cannot be compared
   * @throws AppError CAPTURE_NOT_FOUND and its like, LOAD_*, SCHEMA_INVALID when it is no session log, WORKSPACE_*
   */
  async read(file: string, streams: Streams, logstore: string, signal: AbortSignal): Promise<readonly Notice[]> {
    try {
      return await this.#load(file, streams, logstore, signal);
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.detail['isEmpty'] !== true) throw cause;
      // of an hour in which nothing was delivered, say: all that the other log has is missing then
      const project = SCRATCH_PROJECT;
      await createLogstore(this.database, { project, logstore, schema: 'session_log', ttlDays: null, shards: 1 });
      return [{ kind: 'info', text: `${file}: it has no log entries` }];
    }
  }

  async #load(file: string, streams: Streams, logstore: string, signal: AbortSignal): Promise<readonly Notice[]> {
    const { notices, badLines, badValues } = await runLoad(
      this.database,
      {
        ...{
          files: [file],
          streams,
          project: SCRATCH_PROJECT,
          logstore,
          schema: 'session_log',
          format: 'auto',
          hashKey: null,
        },
        ...{ createIndex: false, again: true, dryRun: false },
      },
      { signal, emit: () => undefined, passNoReturn: () => undefined },
    );
    const kept = notices.filter(({ kind }) => kind !== 'losses').map(({ text }) => text);
    // The notice of the load names a run that nobody can ask for.
    const lost =
      badLines === 0
        ? []
        : [badLines === 1 ? ONE_BAD_LINE : `${badLines} lines are no log entries, and are not compared`];
    return [
      ...lost.map((text): Notice => ({ kind: 'losses', text: `${file}: ${text}` })),
      ...valueLosses(file, badValues).map((text): Notice => ({ kind: 'losses', text })),
      ...kept.map((text): Notice => ({ kind: 'info', text: `${file}: ${text}` })),
    ];
  }

  async close(): Promise<void> {
    try {
      await this.#workspace.close();
    } finally {
      await rm(this.#dir, { recursive: true, force: true });
    }
  }
}
