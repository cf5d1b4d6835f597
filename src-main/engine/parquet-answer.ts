import { AppError } from '../contract/errors';
import type { ExportRequest } from '../contract/export';
import type { QueryReport } from '../contract/ipc';
import { spelledField } from '../contract/log-entry';
import { copyToPartitions } from '../duckdb/copy-partitions';
import { copyToParquet } from '../duckdb/copy-parquet';
import type { Database } from '../duckdb/database';
import { zoneOffset } from '../query/zone';
import type { AtomicOutput } from './output/atomic-file';
import { noFormulas } from './output/export-writer';
import { distinctNames } from './output/result-cells';
import { answerQuery } from './query-service';

/**
 * Writes all rows of a query as Parquet; they go from the database to the file, or to the folder of partitions, by themselves.
 *
 * @param output a folder if and only if the rows are partitioned
 * @throws AppError as `runQuery`; OPTION_INVALID, TIME_INVALID, WORKSPACE_FULL
 */
export function writeParquet(
  database: Database,
  request: ExportRequest,
  output: AtomicOutput,
  signal: AbortSignal,
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
  return answerQuery(database, { ...query, times: 'instant' }, signal, (statement, stop) =>
    output.writeBy((path) => {
      if (partitionBy === undefined) return copyToParquet(database, statement, { path, nameColumns }, stop);
      const target = { path: `${path}.whole`, folder: path, nameColumns, partitionBy };
      return copyToPartitions(database, statement, target, stop);
    }),
  );
}

/** @throws AppError OPTION_INVALID */
function refuseUnfit({ gzip = false, neutraliseFormulas = false }: ExportRequest): void {
  if (neutraliseFormulas) throw noFormulas('parquet');
  if (!gzip) return;
  const message = 'Parquet is packed already, with zstd: leave gzip, and .gz at the end of the name, away';
  throw new AppError('OPTION_INVALID', message, { format: 'parquet' });
}
