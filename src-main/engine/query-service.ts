import { AppError } from '../contract/errors';
import type { QueryReport, QueryRequest } from '../contract/query';
import type { Notice, ResultBatch } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import { readStream } from '../duckdb/read-stream';
import type { ColumnHint } from '../duckdb/result-columns';
import { createSqlParser } from '../duckdb/sql-parser';
import type { StopOptions } from '../duckdb/stop-switch';
import { compileQuery } from '../query/compile';
import type { CompiledQuery, CompileRequest } from '../query/compiled-query';
import { CONSOLE_LIMITS, cutShardText } from '../query/console-limits';
import { placeOfName, vendorFailure } from '../query/failure-text';
import { splitQuery } from '../query/split-query';
import { sliceEntriesOf, slicePages, timeSlices, type SlicePage } from './entry-slices';
import { askedRange, lossesBehind, openLog, refuseCancelled } from './open-log';
import type { CallContext } from './engine-calls';
import { readModestly } from './modest-reading';
import { partialNotices } from './partial-windows';
import { projectLogstores } from './project-logstores';

/** What a log without entries is searched for: no second at all. */
const EMPTY_RANGE = { fromSec: 0, toSec: 0 };

/** What a query is asked for, by a host or by what writes its answer to a file. */

/** What a query compiles to, as DuckDB runs it. */
export interface QueryStatement {
  readonly sql: string;
  readonly params: CompiledQuery['params'];
  /** By position; those of a statement are not known beforehand. */
  readonly hints: readonly ColumnHint[];
  /** Statements that give the same rows one after the other, and sort fewer of them at once. */
  readonly slices: () => Promise<readonly StatementSlice[]>;
}

export interface StatementSlice extends Pick<QueryStatement, 'sql' | 'params'> {
  /** What it has to give; null where that is not known beforehand. */
  readonly rows: number | null;
}

/**
 * Runs one query over the committed runs of a Logstore and sends its rows as batches.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, INDEX_MISSING, SNAPSHOT_GONE, TIME_INVALID,
 * OPTION_INVALID, QUERY_*, WORKSPACE_*
 */
export function runQuery(
  database: Database,
  request: QueryRequest,
  { signal, sendBatch }: Pick<CallContext<'query:run'>, 'signal' | 'sendBatch'>,
): Promise<QueryReport> {
  return answerQuery(database, request, signal, async ({ hints, slices }, stop) => {
    let rowCount = 0;
    let columns: QueryReport['columns'] = [];
    for (const [slice, { sql, params, rows }] of (await slices()).entries()) {
      const before = rowCount;
      const read = { ...stop, hints };
      const batches =
        rows === null
          ? readStream(database, sql, params, {
              ...read,
              ...(request.littleMemory === true ? { need: 'statement', batchRows: 8192 } : {}),
            })
          : // A search, whose rows come in one order.
            readModestly(database, { sql, params }, read);
      for await (const batch of batches) {
        // Without a row, the first tells the columns.
        if (batch.rowCount === 0 && slice > 0) continue;
        rowCount += batch.rowCount;
        columns = describe(batch);
        await sendBatch(batch);
      }
      refuseDeleted(rows, rowCount - before);
    }
    return { rowCount, columns };
  });
}

/**
 * Compiles one query over the committed runs of a Logstore and reports its answer.
 *
 * @param run runs the statement, within the bounds that it is given, and says what came
 * @throws AppError as `runQuery`, and what `run` throws
 */
export async function answerQuery(
  database: Database,
  request: QueryRequest,
  signal: AbortSignal,
  run: (statement: QueryStatement, stop: StopOptions) => Promise<Pick<QueryReport, 'rowCount' | 'columns'>>,
): Promise<QueryReport> {
  const log = await openLog(database, request, signal);
  const { relation, range, committedRuns, snapshot, indexNotices } = log;
  const compile = (of: QueryReport['range'], page: SlicePage['page'] = null): Promise<CompiledQuery> =>
    compileQuery(compileRequest(database, { ...request, ...page }, of, signal), relation, createSqlParser(database));
  const compiled = await compile(range);
  refuseCancelled(signal);
  const { sql, params } = compiled;
  const hints = compiled.columns?.map(({ type }) => (type === 'ipv4' ? type : null)) ?? [];
  const timeout = request.limits === 'console' ? { timeoutMs: CONSOLE_LIMITS.seconds.most * 1000 } : {};
  const slices = async (): Promise<readonly StatementSlice[]> => {
    if (compiled.kind === 'statement' || compiled.isCut || range === null) return [{ ...compiled, rows: null }];
    const most = sliceEntriesOf(relation);
    const cuts = await timeSlices(database, { ...request, range, relation, entries: log.entries }, signal, most);
    const pages = cuts.flatMap((cut) => slicePages(cut, relation, most));
    return Promise.all(pages.map(async (cut) => ({ ...(await compile(cut.range, cut.page)), rows: cut.entries })));
  };
  const { rowCount, columns } = await run({ sql, params, hints, slices }, { signal, ...timeout }).catch(
    (cause: unknown) => {
      throw inVendorWords(cause, request.text);
    },
  );
  const notices = [
    ...searchNotices(compiled),
    ...limitNotices(compiled, rowCount),
    ...(await scanNotices(database, compiled, signal)),
    ...indexNotices,
    ...(await lossesBehind(database, committedRuns, askedRange(request, range))),
    ...(await partialNotices(database, log.logstore, committedRuns, askedRange(request, range))),
  ];
  return { rowCount, columns, meanings: compiled.meanings, range, snapshot, notices, sql };
}

/**
 * Slices are read one after the other, and what is deleted in between is missing in those that follow.
 *
 * @param expected as `StatementSlice` has it
 * @throws AppError SNAPSHOT_GONE
 */
export function refuseDeleted(expected: number | null, rows: number): void {
  if (expected === null || rows === expected) return;
  throw new AppError('SNAPSHOT_GONE', 'Entries that the answer is of were deleted while it was written');
}

/** A failure of DuckDB's in the vendor's words, where it has some, with the place of what it is about. */
export function inVendorWords(cause: unknown, text: string): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'QUERY_FAILED') return cause;
  const { sql, sqlOffset } = splitQuery(text);
  const failure = vendorFailure(cause.message, sql ?? '');
  if (failure === null) return cause;
  const { name, span } = failure;
  const named = name === null ? {} : placeOfName(text, sqlOffset, name);
  const place = span === undefined ? named : { position: sqlOffset + span.start, length: span.end - span.start };
  return new AppError('QUERY_FAILED', failure.message, place, { cause });
}

/** What the compiler is asked for a call. */
export function compileRequest(
  database: Database,
  request: Omit<QueryRequest, 'snapshot'>,
  range: QueryReport['range'],
  signal: AbortSignal,
): CompileRequest {
  const { text, limit, offset, reverse, zone, limits, times = 'local' } = request;
  const { entryIds = false, entryEnds = false, entryTime = false } = request;
  return {
    ...{
      text,
      range: range ?? EMPTY_RANGE,
      limit,
      offset,
      reverse,
      entryIds,
      entryEnds,
      entryTime,
      zone,
      limits,
      times,
    },
    nowMs: Date.now(),
    logstores: projectLogstores(database, request, signal),
  };
}

function searchNotices({ notes }: CompiledQuery): Notice[] {
  return notes.map(({ text }) => ({ kind: 'info', text }));
}

function limitNotices({ cap }: CompiledQuery, rowCount: number): Notice[] {
  return cap !== null && rowCount >= cap.most ? [{ kind: 'limited', text: cap.text }] : [];
}

/** What scans have left out. */
async function scanNotices(database: Database, { cutShards }: CompiledQuery, signal: AbortSignal): Promise<Notice[]> {
  const notices: Notice[] = [];
  for (const { sql, params } of cutShards) {
    for await (const { rowCount, columns } of readStream(database, sql, params, { signal })) {
      const [shards, entries] = columns.map(({ data }) => data as Float64Array);
      for (let row = 0; row < rowCount; row++) {
        notices.push({ kind: 'limited', text: cutShardText(shards?.[row] ?? 0, entries?.[row] ?? 0) });
      }
    }
  }
  return notices;
}

function describe(batch: ResultBatch): QueryReport['columns'] {
  return batch.columns.map(({ name, type }) => ({ name, type }));
}
