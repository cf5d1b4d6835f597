import type { HistogramReport, HistogramRequest } from '../contract/query';
import type { ResultBatch } from '../contract/result-batch';
import { remembered } from '../duckdb/catalogue-memory';
import type { Database } from '../duckdb/database';
import { readStream } from '../duckdb/read-stream';
import { compileHistogram } from '../query/compile-histogram';
import { binAt, histogramBins, type HistogramBins } from '../query/histogram-bins';
import { zoneOffset } from '../query/zone';
import { affectedSpans, askedRange, incompleteWindows, lossesBehind, NO_TIME, openLog } from './open-log';
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
  const { logstore, relation, range, committedRuns, entries, snapshot, indexNotices } = log;
  const bins = histogramBins(range ?? NO_TIME, zoneOffset(request.zone));
  const { sql, params } = compileHistogram(request.text, range ?? NO_TIME, bins, relation, request.limits);
  const counts = new Float64Array(bins.startsSec.length);
  const asked = askedRange(request, range);
  for await (const batch of readStream(database, sql, params, { signal })) addCounts(batch, bins, counts);
  return {
    range,
    snapshot,
    binSec: bins.binSec,
    bins: range === null ? [] : bins.startsSec.map((startSec, bin) => ({ startSec, entries: counts[bin]! })),
    entries: sumOf(counts),
    scanned:
      request.withScanned === true ? await scannedBy(database, { ...request, snapshot }, { range, entries }) : null,
    incomplete: await incompleteSpans(database, committedRuns, asked),
    notices: [
      ...indexNotices,
      ...(await lossesBehind(database, committedRuns, asked)),
      ...(await partialNotices(database, logstore, committedRuns, asked)),
    ],
  };
}

/** @returns all entries of the range, of which the whole log has so many */
async function scannedBy(
  database: Database,
  { project, logstore, from, to, zone, snapshot }: HistogramRequest,
  { range, entries }: { readonly range: HistogramReport['range']; readonly entries: number },
): Promise<number> {
  if (range === null) return 0;
  if (from === null && to === null) return entries;
  return countRange(database, { project, logstore, from, to, zone, snapshot });
}

/** Searches of one range come one after the other. */
const countRange = remembered(async (database, request: Omit<HistogramRequest, 'text'>): Promise<number> => {
  const { signal } = new AbortController();
  const { relation, range } = await openLog(database, request, signal);
  const bins = histogramBins(range ?? NO_TIME, zoneOffset(request.zone));
  const { sql, params } = compileHistogram('', range ?? NO_TIME, bins, relation);
  const counts = new Float64Array(bins.startsSec.length);
  for await (const batch of readStream(database, sql, params, { signal })) addCounts(batch, bins, counts);
  return sumOf(counts);
});

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
