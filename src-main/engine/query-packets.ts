import { AppError } from '../contract/errors';
import type { PacketCounts, PacketSide, PacketsQuery, PacketsReport } from '../contract/packets';
import type { Notice } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import { capturesByRun, listClocks, visibleRuns } from '../duckdb/run-reads';
import { readRunOrigin } from '../duckdb/run-origin';
import type { Gateway } from '../nat/gateway';
import { logRowsSql, type LogFilter } from '../query/log-sql';
import { readSearchPart } from '../query/search-part';
import { splitQuery } from '../query/split-query';
import { CaptureCheck } from './capture-check';
import type { CallContext } from './engine-calls';
import { entryText, utcText } from './entry-text';
import { refuseCancelled, writeExport } from './export-service';
import { tracePackets, type SearchOptions } from './find-packets';
import { FOUND_ENTRY_COLUMNS, readFoundEntries, type FoundEntries } from './found-entries';
import { readModestly } from './modest-reading';
import { askedRange, lossesBehind, NO_TIME, openLog, type OpenedLog } from './open-log';
import type { AtomicFile } from './output/atomic-file';
import { partialNotices } from './partial-windows';
import { PacketSlice, WRITE_BYTES } from './packet-slice';
import { wasPipe, type StoredOptions } from './run-captures';
import { allSourcesOf, type RunRead } from './run-sources';
import { SearchTurns } from './search-turns';
import { WrittenPackets } from './written-packets';

/** What a search finds of one import. */
interface FoundRun {
  readonly run: number;
  readonly entries: number;
  /** Of the earliest window; null for entries from files. */
  readonly windowStart: number | null;
}

/** An import whose captures can be read again. */
interface ReadableRun extends FoundRun {
  readonly read: RunRead;
  readonly gateway: Gateway;
}

interface QueryTask {
  readonly database: Database;
  readonly log: OpenedLog;
  readonly filter: LogFilter;
  readonly slice: PacketSlice;
  readonly written: WrittenPackets;
  readonly output: AtomicFile;
  readonly signal: AbortSignal;
  readonly turns: SearchTurns;
  /** Of the imports before this one. */
  readonly found: { packets: number; ipBytes: number };
  searchedBytes: number;
}

/**
 * Writes the packets of all log entries that a search finds. The imports that have some are done again one after another,
 * by the time of their entries, each once, whatever the number of entries: so each packet is written once, in the order in
 * which the gateway saw it. What is left out or does not add up is said in notices of losses.
 *
 * @throws AppError QUERY_UNSUPPORTED for a statement, LOGSTORE_MISMATCH; else as `runQuery`, and as `writePackets` for one
 * entry, but for CAPTURE_NOT_KEPT
 */
export async function writeQueryPackets(
  database: Database,
  query: PacketsQuery,
  side: PacketSide,
  { signal, emit }: Pick<CallContext<'packets:write'>, 'signal' | 'emit'>,
): Promise<PacketsReport> {
  const search = readSearch(query.text);
  const log = await openLog(database, query, signal);
  const { name, schema } = log.logstore;
  if (schema !== 'session_log') {
    const message = `Logstore ${name} has no session logs, whose entries alone have packets`;
    throw new AppError('LOGSTORE_MISMATCH', message, { logstore: name, schema });
  }
  const asked = askedRange(query, log.range);
  const filter = { range: log.range ?? NO_TIME, search };
  const found = await findRuns(database, log, filter, signal);
  const check = new CaptureCheck(database, signal);
  const { readable, leftOut } = await readableRuns(database, log, found, check);
  const entries = found.reduce((sum, run) => sum + run.entries, 0);
  const description = describe(query.text, log, entries);
  return writeExport(database.workspaceDir, 'pcapng', signal, async (output, file) => {
    const slice = new PacketSlice(description, side);
    const task: QueryTask = {
      ...{ database, log, filter, slice, output, signal },
      written: new WrittenPackets(readable.map(({ read }) => read.captures)),
      turns: new SearchTurns(signal, (progress) => emit('packets:progress', progress)),
      found: { packets: 0, ipBytes: 0 },
      searchedBytes: 0,
    };
    const losses: Notice[] = [];
    const counted = { packets: 0, ipBytes: 0 };
    for (const run of readable) losses.push(...(await writeRun(task, run, counted)));
    await output.write(slice.writer.take());
    const notices = [
      ...leftOut,
      ...losses,
      ...repeatedNotice(task.written.repeated),
      ...slice.notices(),
      ...check.notices,
      ...log.indexNotices,
      // What was searched, as what is missing may be what nothing was found of.
      ...(await lossesBehind(database, log.committedRuns, asked)),
      ...(await partialNotices(database, log.logstore, log.committedRuns, asked)),
    ];
    const writing = { file, bytes: output.writtenBytes, packets: slice.packets };
    return () => ({ ...writing, entries, found: task.found, counted, description, notices });
  });
}

/** @throws AppError QUERY_UNSUPPORTED, QUERY_SYNTAX and its like */
function readSearch(text: string): LogFilter['search'] {
  const { search, sql, sqlOffset } = splitQuery(text);
  if (sql === null) return readSearchPart(search);
  const message =
    'Only a search finds log entries, whose packets can be written: leave out the statement behind the `|`';
  throw new AppError('QUERY_UNSUPPORTED', message, { position: sqlOffset - 1, length: text.length - sqlOffset + 1 });
}

async function findRuns(
  database: Database,
  { relation }: OpenedLog,
  filter: LogFilter,
  signal: AbortSignal,
): Promise<readonly FoundRun[]> {
  const columns = [
    'CAST(entry.run_id AS DOUBLE)',
    'CAST(count(*) AS DOUBLE)',
    'CAST(min(entry.window_start) AS DOUBLE)',
  ];
  const { sql, params } = logRowsSql(relation, filter, columns, 'GROUP BY entry.run_id ORDER BY entry.run_id');
  const runs: FoundRun[] = [];
  for await (const { rowCount, columns: cells } of readModestly(database, { sql, params }, { signal })) {
    for (let row = 0; row < rowCount; row++) {
      const [run, entries, windowStart] = cells.map(({ data, validity }) =>
        validity?.[row] === 0 ? null : Number(data[row]),
      );
      runs.push({ run: run ?? 0, entries: entries ?? 0, windowStart: windowStart ?? null });
    }
  }
  return runs.toSorted((a, b) => (a.windowStart ?? 0) - (b.windowStart ?? 0) || a.run - b.run);
}

/** @returns the imports that can be done again, and what is said of the entries of others */
async function readableRuns(
  database: Database,
  { logstore, snapshot }: OpenedLog,
  found: readonly FoundRun[],
  check: CaptureCheck,
): Promise<{ readonly readable: readonly ReadableRun[]; readonly leftOut: readonly Notice[] }> {
  const { imports } = await visibleRuns(database, logstore.id, snapshot);
  const captures = await capturesByRun(database);
  const readable: ReadableRun[] = [];
  const left = { loaded: 0, piped: 0 };
  for (const each of found) {
    if (!imports.includes(each.run)) {
      left.loaded += each.entries;
      continue;
    }
    const origin = await readRunOrigin(database, each.run);
    // As `beginRun` wrote them.
    const options = JSON.parse(origin.options) as StoredOptions;
    const clocks = await listClocks(database, each.run);
    const read = { run: each.run, captures: captures.get(each.run) ?? [], options, clocks, check };
    if (read.captures.some((capture) => wasPipe(capture, options))) left.piped += each.entries;
    else readable.push({ ...each, read, gateway: JSON.parse(origin.gateway) as Gateway });
  }
  const leftOut = [
    ...leftOutNotice(left.loaded, 'were loaded from files, and have no packets'),
    ...leftOutNotice(left.piped, 'are of imports that read a pipe, which cannot be read again'),
  ];
  return { readable, leftOut };
}

function leftOutNotice(entries: number, why: string): Notice[] {
  return entries === 0 ? [] : [{ kind: 'losses', text: `Left out: ${entries} of the log entries ${why}.` }];
}

/** Does an import again, and writes the packets of its entries. @returns what does not add up */
async function writeRun(
  task: QueryTask,
  { run, entries: capacity, read, gateway }: ReadableRun,
  counted: { packets: number; ipBytes: number },
): Promise<readonly Notice[]> {
  const { database, log, filter, slice, written, output, signal, turns, found } = task;
  const rows = logRowsSql(log.relation, filter, FOUND_ENTRY_COLUMNS, '', run);
  const entries = await readFoundEntries(database, capacity, rows, signal);
  refuseCancelled(signal);
  slice.enter(read.captures);
  written.enter(read.captures);
  const before = { ...found, searchedBytes: task.searchedBytes };
  const onStep: SearchOptions['onStep'] = (packets, searchedBytes) => {
    if (slice.writer.pendingBytes >= WRITE_BYTES) return output.write(slice.writer.take());
    return turns.pass(() => ({
      foundPackets: before.packets + packets,
      searchedBytes: before.searchedBytes + searchedBytes(),
    }));
  };
  // Imports that had no choice yet read the outermost header.
  const { layer = 'outer' } = read.options;
  const outOfOrder = await tracePackets(
    allSourcesOf(read),
    entries,
    { layer, gateway, onStep },
    (packet, at, isFirst) => {
      if (!written.add(packet.packetNo)) return;
      const entryNo = entries.entryNo(at);
      const entry = entries.describe(at);
      const note = isFirst
        ? `, the first of ${entryText({ run, entryNo }, entry, gateway.windowSec)}`
        : `, of log entry ${run}-${entryNo}`;
      slice.add(packet, entry, note);
    },
  );
  task.searchedBytes += read.captures.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  found.packets += entries.packets;
  found.ipBytes += entries.ipBytes;
  const sums = entries.sums();
  counted.packets += sums.packets;
  counted.ipBytes += sums.ipBytes;
  return [...lossesOf(run, entries, sums), ...outOfOrderNotice(outOfOrder)];
}

function lossesOf(
  run: number,
  entries: FoundEntries,
  counted: PacketCounts & { readonly different: number },
): Notice[] {
  if (counted.different === 0) return [];
  const text =
    `${counted.different} of ${entries.length} log entries of import ${run} count something else than was found: ` +
    `${counted.packets} packets of ${counted.ipBytes} IP bytes, and ${entries.packets} of ${entries.ipBytes} were found. ` +
    'Please report this.';
  return [{ kind: 'losses', text }];
}

function outOfOrderNotice(packets: number): Notice[] {
  if (packets === 0) return [];
  const text = `${packets} of the packets stand behind later ones: in which session they count was told only then.`;
  return [{ kind: 'info', text }];
}

function repeatedNotice(packets: number): Notice[] {
  if (packets === 0) return [];
  const text =
    `Several imports read the same captures: ${packets} packets that are of an entry of each are in the file once, ` +
    'as the first import has them.';
  return [{ kind: 'info', text }];
}

function describe(text: string, { logstore, range }: OpenedLog, entries: number): string {
  const what = `${entries} log ${entries === 1 ? 'entry' : 'entries'} of Logstore ${logstore.name}`;
  const when = range === null ? '' : `, ${utcText(range.fromSec)} to ${utcText(range.toSec)} UTC`;
  return `${what} that are found by ${text}${when}`;
}
