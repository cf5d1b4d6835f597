import {
  NUMBER_BUCKETS,
  TOP_OVER_TIME,
  type FieldStatistics,
  type FieldStatisticsRequest,
  type NumberStatistics,
  type ValueCount,
  type ValueOverTime,
} from '../contract/field-statistics';
import type { Database } from '../duckdb/database';
import { readStream } from '../duckdb/read-stream';
import { bucketWidth, FieldStatements, type Statement } from '../query/field-statistics';
import { binAt, histogramBins, type HistogramBins } from '../query/histogram-bins';
import { zoneOffset } from '../query/zone';
import { partialNotices } from './partial-windows';
import type { CallContext } from './engine-calls';
import { askedRange, lossesBehind, NO_TIME, openLog } from './open-log';
import { plainCells } from './output/result-cells';

/** A row of a result by column, each value as text; null for NULL. */
type Row = Readonly<Record<string, string | null>>;

/**
 * What one field holds in the entries that a search finds: all exact, however many entries there are.
 *
 * @throws AppError as `runHistogram`, and QUERY_UNKNOWN_FIELD for a field that is not indexed
 */
export async function readFieldStatistics(
  database: Database,
  request: FieldStatisticsRequest,
  { signal }: Pick<CallContext<'field:read'>, 'signal'>,
): Promise<FieldStatistics> {
  const log = await openLog(database, request, signal);
  const { logstore, relation, range, committedRuns, snapshot, indexNotices } = log;
  const statements = new FieldStatements(request.text, request.field, range ?? NO_TIME, relation);
  const rows = (statement: Statement): Promise<Row[]> => readRows(database, statement, signal);
  const summary = await rows(statements.summary());
  const [totals = {}] = summary;
  const top = summary.filter(({ value }) => value !== null).map((row) => valueCount(row, 'value_entries'));
  const topOverTime = top.slice(0, TOP_OVER_TIME).map(({ value }) => value);
  const bins = histogramBins(range ?? NO_TIME, zoneOffset(request.zone));
  return {
    field: statements.field.name,
    type: statements.field.type,
    range,
    snapshot,
    entries: Number(totals['entries']),
    present: Number(totals['present']),
    distinct: Number(totals['distinct_values']),
    top,
    numbers: statements.isNumber ? await numbersOf(statements, totals, rows) : null,
    overTime: {
      binSec: bins.binSec,
      startsSec: range === null ? [] : bins.startsSec,
      values: topOverTime.length === 0 ? [] : overTime(top, await rows(statements.overTime(bins, topOverTime)), bins),
    },
    query: statements.query(),
    notices: [
      ...indexNotices,
      ...(await lossesBehind(database, committedRuns, askedRange(request, range))),
      ...(await partialNotices(database, logstore, committedRuns, askedRange(request, range))),
    ],
  };
}

async function readRows(database: Database, { sql, params }: Statement, signal: AbortSignal): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { rowCount, columns } of readStream(database, sql, params, { signal })) {
    const cells = columns.map((column) => [column.name, plainCells(column)] as const);
    for (let row = 0; row < rowCount; row++) {
      rows.push(Object.fromEntries(cells.map(([name, cell]) => [name, cell(row)])));
    }
  }
  return rows;
}

function valueCount(row: Row, entriesColumn: string): ValueCount {
  return { value: row['value'] ?? '', entries: Number(row[entriesColumn]) };
}

async function numbersOf(
  statements: FieldStatements,
  totals: Row,
  rows: (statement: Statement) => Promise<Row[]>,
): Promise<NumberStatistics | null> {
  const { least, most, sum, finite, present } = totals;
  if (typeof least !== 'string' || typeof most !== 'string' || typeof sum !== 'string') return null;
  const range = { least: Number(least), most: Number(most) };
  return {
    ...{ least, most, average: averageOf(statements.field.type, sum, Number(finite)), sum },
    notFinite: Number(present) - Number(finite),
    buckets:
      range.least === range.most
        ? [{ from: range.least, to: range.most, entries: Number(finite) }]
        : bucketsOf(range, await rows(statements.buckets(range))),
  };
}

/** A sum of whole numbers may have more digits than a double, and its quotient not. */
function averageOf(type: FieldStatistics['type'], sum: string, finite: number): number {
  if (type === 'double') return Number(sum) / finite;
  const [total, count] = [BigInt(sum), BigInt(finite)];
  return Number(total / count) + Number(total % count) / finite;
}

function bucketsOf(range: { least: number; most: number }, rows: readonly Row[]): NumberStatistics['buckets'] {
  const width = bucketWidth(range);
  const edge = (bucket: number): number => (bucket === NUMBER_BUCKETS ? range.most : range.least + bucket * width);
  const entries = new Map(rows.map((row) => [Number(row['bucket']), Number(row['entries'])]));
  return Array.from({ length: NUMBER_BUCKETS }, (_, bucket) => ({
    ...{ from: edge(bucket), to: edge(bucket + 1) },
    entries: entries.get(bucket) ?? 0,
  }));
}

/** @param rows of `FieldStatements.overTime` */
function overTime(top: readonly ValueCount[], rows: readonly Row[], bins: HistogramBins): ValueOverTime[] {
  const [firstSec = 0] = bins.startsSec;
  const series = new Map<string, Float64Array>();
  for (const row of rows) {
    const { value, entries } = valueCount(row, 'entries');
    const counts = series.get(value) ?? new Float64Array(bins.startsSec.length);
    counts[binAt(bins, firstSec + Number(row['quantum']) * bins.quantumSec)]! += entries;
    series.set(value, counts);
  }
  return top.flatMap(({ value }) => {
    const counts = series.get(value);
    return counts === undefined ? [] : [{ value, entries: [...counts] }];
  });
}
