import type { HistogramReport, HistogramRequest } from '../contract/query';
import type { ResultBatch } from '../contract/result-batch';
import { remembered } from '../duckdb/catalogue-memory';
import type { Database } from '../duckdb/database';
import { readStream } from '../duckdb/read-stream';
import { compileHistogram } from '../query/compile-histogram';
import { binAt, histogramBins, type HistogramBins } from '../query/histogram-bins';
import { splitQuery } from '../query/split-query';
import { zoneOffset } from '../query/zone';
import {
  affectedSpans,
  askedRange,
  incompleteWindows,
  lossesBehind,
  NO_TIME,
  openLog,
  type OpenedLog,
} from './open-log';
import { partialNotices } from './partial-windows';
import type { CallContext } from './engine-calls';

/**
 * Counts the entries that the search part of a query finds, by time.
 *
 * @throws AppError as `runQuery`
 */
export async function runHistogram(
  database: Database,
  request: HistogramRequest,
  { signal }: Pick<CallContext<'histogram:run'>, 'signal'>,
): Promise<HistogramReport> {
  const log = await openLog(database, request, signal);
  const { logstore, range, committedRuns, snapshot, indexNotices } = log;
  const asked = askedRange(request, range);
  const { bins, counts } = await countByBins(database, log, request, signal);
  const found = sumOf(counts);
  return {
    range,
    snapshot,
    binSec: bins.binSec,
    bins: range === null ? [] : bins.startsSec.map((startSec, bin) => ({ startSec, entries: counts[bin]! })),
    entries: found,
    scanned: request.withScanned === true ? await scannedBy(database, log, request, found) : null,
    incomplete: await incompleteSpans(database, committedRuns, asked),
    notices: [
      ...indexNotices,
      ...(await lossesBehind(database, committedRuns, asked)),
      ...(await partialNotices(database, logstore, committedRuns, asked)),
    ],
  };
}

/** @returns all entries of the range, of which so many were found */
async function scannedBy(
  database: Database,
  { range, entries, snapshot }: OpenedLog,
  { text, project, logstore, from, to, zone }: HistogramRequest,
  found: number,
): Promise<number> {
  if (range === null) return 0;
  if (FINDS_ALL.test(splitQuery(text).search)) return found;
  if (from === null && to === null) return entries;
  return countRange(database, { project, logstore, from, to, zone, snapshot });
}
const FINDS_ALL = /^\s*\*?\s*$/u;

/** Once for all searches of a range until something is written, so that it goes on when one of them is cancelled. */
const countRange = remembered(async (database, request: Omit<HistogramRequest, 'text'>): Promise<number> => {
  const { signal } = new AbortController();
  const log = await openLog(database, request, signal);
  return sumOf((await countByBins(database, log, { text: '', zone: request.zone }, signal)).counts);
});

interface CountedBins {
  readonly bins: HistogramBins;
  /** Entries by bin. */
  readonly counts: Float64Array;
}

async function countByBins(
  database: Database,
  { relation, range }: OpenedLog,
  { text, zone, limits }: Pick<HistogramRequest, 'text' | 'zone' | 'limits'>,
  signal: AbortSignal,
): Promise<CountedBins> {
  const bins = histogramBins(range ?? NO_TIME, zoneOffset(zone));
  const { sql, params } = compileHistogram(text, range ?? NO_TIME, bins, relation, limits);
  const counts = new Float64Array(bins.startsSec.length);
  for await (const batch of readStream(database, sql, params, { signal })) addCounts(batch, bins, counts);
  return { bins, counts };
}

function sumOf(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Windows of which entries were not delivered, ascending, each once. */
async function incompleteSpans(
  database: Database,
  runs: readonly number[],
  range: HistogramReport['range'],
): Promise<HistogramReport['incomplete']> {
  const windows = (await Promise.all(runs.map((run) => incompleteWindows(database, run, range)))).flat();
  const spans = new Map(windows.flatMap(affectedSpans).map((span) => [`${span.startSec} ${span.endSec}`, span]));
  return [...spans.values()].toSorted((one, other) => one.startSec - other.startSec);
}

/** @param batch of the statement of `compileHistogram` */
function addCounts({ rowCount, columns }: ResultBatch, bins: HistogramBins, counts: Float64Array): void {
  const [quanta, entries] = columns.map(({ data }) => data);
  const [firstSec = 0] = bins.startsSec;
  for (let row = 0; row < rowCount; row++) {
    const bin = binAt(bins, firstSec + Number(quanta?.[row]) * bins.quantumSec);
    counts[bin]! += Number(entries?.[row]);
  }
}
