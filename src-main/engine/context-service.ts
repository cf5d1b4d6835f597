import {
  CONTEXT_NUMBER_COLUMN,
  type ContextReport,
  type ContextRequest,
  type EntryContext,
} from '../contract/entry-context';
import { AppError } from '../contract/errors';
import { entryIdText } from '../contract/log-entry';
import type { QueryReport } from '../contract/query';
import type { Notice, ResultBatch } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import { readEntryKeys, type EntryKeys } from '../duckdb/entry-keys';
import { readStream } from '../duckdb/read-stream';
import { compileContext } from '../query/compile-context';
import { entryFields, timeFields } from '../query/log-sql';
import type { CallContext } from './engine-calls';
import { lossesBehind, openLog } from './open-log';
import { partialNotices } from './partial-windows';

/** Columns of a session log's table that entries of one context share. */
const SAME_COLUMNS: Readonly<Record<EntryContext, readonly string[]>> = {
  log: [],
  host: ['pri_ip'],
  session: ['run_id', 'session_id'],
  'five-tuple': ['protocol', 'pri_ip', 'pri_port', 'pub_ip', 'pub_port'],
};

/**
 * Sends the entries around one, oldest first, and the one itself.
 *
 * @throws AppError ENTRY_NOT_FOUND for one that the Logstore does not have, or not in a committed run; LOGSTORE_MISMATCH; else
 * as `runQuery`
 */
export async function readContext(
  database: Database,
  request: ContextRequest,
  { signal, sendBatch }: Pick<CallContext<'context:read'>, 'signal' | 'sendBatch'>,
): Promise<ContextReport> {
  const { entry, same, back, forward, entryTime } = request;
  const whole = { ...request, from: null, to: null, zone: 'UTC' };
  const { logstore, relation, committedRuns, snapshot, indexNotices } = await openLog(database, whole, signal);
  if (logstore.schema !== 'session_log' && same !== 'log') {
    const message = `Logstore ${logstore.name} has no session logs, whose entries alone have a host or a session`;
    throw new AppError('LOGSTORE_MISMATCH', message, { logstore: logstore.name, schema: logstore.schema });
  }
  const keys = committedRuns.includes(entry.run) ? await readEntryKeys(database, logstore, entry) : null;
  if (keys === null) {
    const message = `Logstore ${logstore.name} has no log entry ${entryIdText(entry)}`;
    throw new AppError('ENTRY_NOT_FOUND', message, { run: entry.run, entryNo: entry.entryNo });
  }
  const { sql, params } = compileContext(
    relation,
    { ...entry, timeSec: keys.timeSec },
    { sameColumns: SAME_COLUMNS[same], back, forward, entryTime },
  );
  const fields = [...timeFields(relation, entryTime), ...entryFields(relation)];
  const hints = [null, null, ...fields.map(({ type }) => (type === 'ipv4' ? type : null))];
  const sides = { before: 0, after: 0 };
  const span = { fromSec: keys.timeSec, toSec: keys.timeSec + 1 };
  let columns: QueryReport['columns'] = [];
  for await (const batch of readStream(database, sql, params, { signal, hints })) {
    countSides(batch, sides);
    widen(span, batch);
    columns = batch.columns.map(({ name, type }) => ({ name, type }));
    await sendBatch(batch);
  }
  const notices = [
    ...withoutHost(same, keys),
    ...indexNotices,
    ...(await partialNotices(database, logstore, committedRuns, span)),
    ...(await lossesBehind(database, committedRuns)),
  ];
  return { ...sides, columns, snapshot, notices };
}

/** Makes a range hold the beginnings of all entries of a batch. */
function widen(span: { fromSec: number; toSec: number }, { rowCount, columns }: ResultBatch): void {
  const times = columns.find(({ name }) => name === 'start_time')?.data ?? [];
  for (let row = 0; row < rowCount; row++) {
    const sec = Number(times[row]);
    span.fromSec = Math.min(span.fromSec, sec);
    span.toSec = Math.max(span.toSec, sec + 1);
  }
}

function countSides({ rowCount, columns }: ResultBatch, sides: { before: number; after: number }): void {
  const numbers = columns.find(({ name }) => name === CONTEXT_NUMBER_COLUMN)?.data ?? [];
  for (let row = 0; row < rowCount; row++) {
    const number = Number(numbers[row]);
    if (number < 0) sides.before++;
    if (number > 0) sides.after++;
  }
}

function withoutHost(same: EntryContext, { hasHost }: EntryKeys): Notice[] {
  if (hasHost || (same !== 'host' && same !== 'five-tuple')) return [];
  const text =
    'Only the public side of this session was captured: its host is not known, so no other entry is known to be of it.';
  return [{ kind: 'info', text }];
}
