/** What the other processes and threads of the ownership tests run; bundled by the test, which talks to it in JSON lines. */
import { createInterface } from 'node:readline';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../src-main/contract/errors';
import type { QueryRequest } from '../../src-main/contract/query';
import type { Database } from '../../src-main/duckdb/database';
import { openDatabase } from '../../src-main/duckdb/database';
import { readStream } from '../../src-main/duckdb/read-stream';
import { connectWorkspace } from '../../src-main/engine/connect';
import type { EngineCalls } from '../../src-main/engine/engine-calls';
import { Workspace } from '../../src-main/engine/workspace';
import { WorkspaceOwner } from '../../src-main/engine/workspace-owner';
import { handlersWith, unchecked } from '../support/engine-calls';

export interface ProcessTask {
  readonly action: 'open' | 'own' | 'serve' | 'query' | 'bare-database';
  readonly dir: string;
  /** Begins at this time (epoch milliseconds), so that several begin at once. */
  readonly atMs?: number;
  readonly text?: string;
}

export type ProcessAnswer =
  | { readonly ok: true; readonly pid: number; readonly rows?: number; readonly sum?: number }
  | { readonly ok: false; readonly pid: number; readonly code: string; readonly detail: AppError['detail'] };

/** An engine whose queries are SQL of one column of numbers. */
export function sqlCalls(database: Database): EngineCalls {
  return {
    handlers: handlersWith({
      'query:run': async ({ text }, { signal, sendBatch }) => {
        let rowCount = 0;
        for await (const batch of readStream(database, text, [], { signal })) {
          rowCount += batch.rowCount;
          await sendBatch(batch);
        }
        return {
          rowCount,
          columns: [],
          range: null,
          snapshot: { maxRun: null, startedMs: null, hidden: [], runs: 0 },
          notices: [],
          sql: text,
        };
      },
    }),
    parseRequest: unchecked,
  };
}

export function queryOf(text: string): QueryRequest {
  return {
    text,
    project: 'local',
    logstore: 'session-log',
    from: null,
    to: null,
    zone: 'UTC',
    limit: null,
    offset: 0,
    reverse: false,
    snapshot: null,
  };
}

async function query(dir: string, text: string): Promise<ProcessAnswer> {
  const connection = await connectWorkspace(dir, sqlCalls);
  let sum = 0;
  const { outcome } = connection.client.call('query:run', queryOf(text), {
    onBatch: ({ columns }) => {
      for (const value of columns[0]?.data ?? []) sum += Number(value);
    },
  });
  const result = await outcome;
  await connection.close();
  if (!result.ok) throw AppError.fromShape(result.error);
  return { ok: true, pid: process.pid, rows: result.value.rowCount, sum };
}

/** Does the task, and holds what it has taken until its process ends. */
async function perform({ action, dir, text = '' }: ProcessTask): Promise<ProcessAnswer> {
  switch (action) {
    case 'open':
      await Workspace.open(dir);
      break;
    case 'own':
      await WorkspaceOwner.acquire(dir, '/nowhere');
      break;
    case 'serve':
      await Workspace.open(dir, { makeCalls: sqlCalls });
      break;
    case 'bare-database':
      await openDatabase(dir, { ownerId: 'f'.repeat(32) });
      break;
    case 'query':
      return query(dir, text);
  }
  return { ok: true, pid: process.pid };
}

async function answerTo(task: ProcessTask): Promise<ProcessAnswer> {
  try {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (task.atMs ?? 0) - Date.now())));
    return await perform(task);
  } catch (cause) {
    const { code, detail } = cause instanceof AppError ? cause : { code: String(cause), detail: {} };
    return { ok: false, pid: process.pid, code, detail };
  }
}

if (isMainThread && process.argv[2] === 'run') {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    void answerTo(JSON.parse(line) as ProcessTask).then((answer) => console.log(JSON.stringify(answer)));
  });
  lines.on('close', () => process.exit());
} else if (parentPort !== null && workerData !== null && typeof workerData === 'object' && 'action' in workerData) {
  const port = parentPort;
  void answerTo(workerData as ProcessTask).then((answer) => port.postMessage(answer));
}
