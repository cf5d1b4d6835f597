import { stat } from 'node:fs/promises';
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
 * @param onBytes is told now and then how large the file is that all rows go to first
 * @throws AppError as `runQuery`; OPTION_INVALID, TIME_INVALID, WORKSPACE_FULL
 */
export function writeParquet(
  database: Database,
  request: ExportRequest,
  output: AtomicOutput,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<QueryReport> {
  refuseUnfit(request);
  const { query, spelling = 'current', partitionBy } = request;
  const { zone } = query;
  zoneOffset(zone);
  const nameColumns = (names: readonly string[]): readonly string[] =>
    distinctNames(
      names.map((name) => spelledField(name, spelling)),
      // Readers that do not tell case apart are common.
      (name) => name.toLowerCase(),
    );
  return answerQuery(database, query, signal, (statement, stop) =>
    output.writeBy((path) => {
      const whole = partitionBy === undefined ? path : `${path}.whole`;
      const target = { path: whole, zone, nameColumns };
      return whileGrowing(whole, onBytes, () =>
        partitionBy === undefined
          ? copyToParquet(database, statement, target, stop)
          : copyToPartitions(database, statement, { ...target, folder: path, partitionBy }, stop),
      );
    }),
  );
}

const LOOK_MS = 200;

/** The database says nothing while it writes a file; the size of that tells how far it is. */
async function whileGrowing<T>(path: string, onBytes: (bytes: number) => void, write: () => Promise<T>): Promise<T> {
  let isWriting = true;
  const look = async (): Promise<void> => {
    const bytes = await stat(path).then(
      ({ size }) => size,
      () => null,
    );
    if (bytes !== null && isWriting) onBytes(bytes);
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  try {
    return await write();
  } finally {
    isWriting = false;
    clearInterval(timer);
  }
}

/** @throws AppError OPTION_INVALID */
function refuseUnfit({ gzip = false, neutraliseFormulas = false }: ExportRequest): void {
  if (neutraliseFormulas) throw noFormulas('parquet');
  if (!gzip) return;
  const message = 'Parquet is packed already, with zstd: leave gzip, and .gz at the end of the name, away';
  throw new AppError('OPTION_INVALID', message, { format: 'parquet' });
}
