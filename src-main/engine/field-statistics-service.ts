import {
  NUMBER_BUCKETS,
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
import type { CallContext } from './engine-calls';
import { lossesBehind, NO_TIME, openLog } from './open-log';
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
  const { relation, range, committedRuns, snapshot, indexNotices } = await openLog(database, request, signal);
  const statements = new FieldStatements(request.text, request.field, range ?? NO_TIME, relation);
  const rows = (statement: Statement): Promise<Row[]> => readRows(database, statement, signal);
  const [counts = {}] = await rows(statements.counts());
  const top = (await rows(statements.top())).map(valueCount);
  const bins = histogramBins(range ?? NO_TIME, zoneOffset(request.zone));
  return {
    field: statements.field.name,
    type: statements.field.type,
    range,
    snapshot,
    entries: Number(counts['entries']),
    present: Number(counts['present']),
    distinct: Number(counts['distinct_values']),
    top,
    numbers: statements.isNumber ? await numbersOf(statements, Number(counts['present']), rows) : null,
    overTime: {
      binSec: bins.binSec,
      startsSec: range === null ? [] : bins.startsSec,
      values: range === null ? [] : overTime(top, await rows(statements.overTime(bins)), bins),
    },
    query: statements.query(),
    notices: [...indexNotices, ...(await lossesBehind(database, committedRuns))],
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

function valueCount(row: Row): ValueCount {
  return { value: row['value'] ?? '', entries: Number(row['entries']) };
}

async function numbersOf(
  statements: FieldStatements,
  present: number,
  rows: (statement: Statement) => Promise<Row[]>,
): Promise<NumberStatistics | null> {
  const [found = {}] = await rows(statements.numbers());
  const { least, most, average, sum, finite } = found;
  if (typeof least !== 'string' || typeof most !== 'string' || typeof sum !== 'string') return null;
  const range = { least: Number(least), most: Number(most) };
  return {
    ...{ least, most, average: Number(average), sum },
    notFinite: present - Number(finite),
    buckets:
      range.least === range.most
        ? [{ from: range.least, to: range.most, entries: Number(finite) }]
        : bucketsOf(range, await rows(statements.buckets(range))),
  };
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
    const { value, entries } = valueCount(row);
    const counts = series.get(value) ?? new Float64Array(bins.startsSec.length);
    counts[binAt(bins, firstSec + Number(row['quantum']) * bins.quantumSec)]! += entries;
    series.set(value, counts);
  }
  return top.flatMap(({ value }) => {
    const counts = series.get(value);
    return counts === undefined ? [] : [{ value, entries: [...counts] }];
  });
}
