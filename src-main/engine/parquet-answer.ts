import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../contract/errors';
import type { ExportProgress, ExportRequest } from '../contract/export';
import type { QueryReport } from '../contract/query';
import { spelledField } from '../contract/log-entry';
import { copyToPartitions } from '../duckdb/copy-partitions';
import { copyToParquet, type CopiedRows, type CopyTarget } from '../duckdb/copy-parquet';
import type { Database } from '../duckdb/database';
import { JoinedParquet } from '../duckdb/joined-parquet';
import type { StopOptions } from '../duckdb/stop-switch';
import { toWorkspaceError } from '../duckdb/workspace-error';
import { zoneOffset } from '../query/zone';
import { withLittleMemory } from './little-memory';
import type { AtomicOutput } from './output/atomic-file';
import { noFormulas } from './output/export-writer';
import { distinctNames } from './output/result-cells';
import { answerQuery, refuseDeleted, type QueryStatement, type StatementSlice } from './query-service';

/** Is told how far it has come. */
export type OnWritten = (progress: ExportProgress) => void;

/** How often the size of a file is looked at that grows by itself. */
const LOOK_INTERVAL_MS = 100;

/**
 * Writes all rows of a query as Parquet; they go from the database to the file, or to the folder of partitions, by themselves.
 *
 * @param output a folder if and only if the rows are partitioned
 * @param onWritten is told now and then
 * @throws AppError as `runQuery`; OPTION_INVALID, TIME_INVALID, WORKSPACE_FULL
 */
export function writeParquet(
  database: Database,
  request: ExportRequest,
  output: AtomicOutput,
  signal: AbortSignal,
  onWritten: OnWritten,
): Promise<QueryReport> {
  refuseUnfit(request);
  const { query, spelling = 'current', partitionBy } = request;
  zoneOffset(query.zone);
  const nameColumns = (names: readonly string[]): readonly string[] =>
    distinctNames(
      names.map((name) => spelledField(name, spelling)),
      // Readers that do not tell case apart are common.
      (name) => name.toLowerCase(),
    );
  return answerQuery(database, { ...query, entryTime: true, times: 'instant' }, signal, (statement, stop) =>
    output.writeBy(async (path) => {
      if (partitionBy !== undefined) {
        const target = { path: `${path}.whole`, folder: path, nameColumns, partitionBy };
        const copied = withLittleMemory(async (need) => {
          await emptyFolder(path);
          return copyToPartitions(database, statement, target, { ...stop, need });
        }, 'copy');
        return whileGrowing(target.path, onWritten, copied);
      }
      const target = { path, nameColumns };
      const slices = await statement.slices();
      if (slices.length > 1) return copySlices(database, { slices, hints: statement.hints, target, onWritten }, stop);
      const copied = withLittleMemory((need) => copyToParquet(database, statement, target, { ...stop, need }), 'copy');
      return whileGrowing(path, onWritten, copied);
    }),
  );
}

interface SlicesTask extends Pick<QueryStatement, 'hints'> {
  readonly slices: readonly StatementSlice[];
  readonly target: CopyTarget;
  readonly onWritten: OnWritten;
}

/** Each becomes a file of its own, since DuckDB would sort all rows at once for one file, and they are joined as they come. */
async function copySlices(
  database: Database,
  { slices, hints, target, onWritten }: SlicesTask,
  stop: StopOptions,
): Promise<CopiedRows> {
  const path = `${target.path}.slice`;
  const joined = await JoinedParquet.open(target.path);
  let rowCount = 0;
  let columns: CopiedRows['columns'] = [];
  try {
    for (const { sql, params, rows } of slices) {
      const copied = await withLittleMemory((need) =>
        copyToParquet(database, { sql, params, hints }, { ...target, path }, { ...stop, need }),
      );
      refuseDeleted(rows, copied.rowCount);
      await joined.add(path);
      rowCount += copied.rowCount;
      columns = copied.columns;
      onWritten({ rows: rowCount, bytes: joined.writtenBytes });
    }
    await joined.end();
    return { rowCount, columns };
  } catch (cause) {
    throw toWorkspaceError(cause, target.path);
  } finally {
    await joined.close();
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Of what was written before memory ran out. */
async function emptyFolder(path: string): Promise<void> {
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true });
}

/** Tells of a file while somebody else writes it. */
async function whileGrowing<T>(path: string, onWritten: OnWritten, writing: Promise<T>): Promise<T> {
  const look = setInterval(() => {
    stat(path).then(
      ({ size }) => onWritten({ rows: null, bytes: size }),
      // It is not there yet, or no longer.
      () => undefined,
    );
  }, LOOK_INTERVAL_MS);
  return writing.finally(() => clearInterval(look));
}

/** @throws AppError OPTION_INVALID */
function refuseUnfit({ gzip = false, neutraliseFormulas = false }: ExportRequest): void {
  if (neutraliseFormulas) throw noFormulas('parquet');
  if (!gzip) return;
  const message = 'Parquet is packed already, with zstd: leave gzip, and .gz at the end of the name, away';
  throw new AppError('OPTION_INVALID', message, { format: 'parquet' });
}
