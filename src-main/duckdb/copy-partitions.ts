import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBTypeId, type DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import { quoteIdentifier } from '../query/log-sql';
import {
  copyRows,
  planCopy,
  whileReading,
  type CopiedRows,
  type CopiedStatement,
  type CopyTarget,
  type ReadOptions,
} from './copy-parquet';
import type { Database } from './database';
import type { SourceColumn } from './parquet-cells';
import { quoteText } from './quote';

export interface PartitionTarget extends CopyTarget {
  /** A folder that is there and empty, within the one for temporary files; `path` is of a file that is gone in the end. */
  readonly folder: string;
  /** Names of columns in the file, each once, whose values become folders, the first outermost. */
  readonly partitionBy: readonly string[];
}

/** Each is a statement and a file of its own, which takes milliseconds; more are a mistake more often than not. */
const MOST_PARTITIONS = 10_000;
/** What readers of partitioned sets take for NULL. */
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';
/** Characters of a name, all of them ASCII. */
const LONGEST_NAME = 255;
const DATA_FILE = 'data_0.parquet';

/**
 * Writes the rows of a statement as `copyToParquet` does, in one file for each combination of values of some columns, in
 * folders such as `nat_ip=203.0.113.1`, which have those columns instead of the files. Rows of a file have the order of the
 * statement.
 *
 * First all rows go to one file, sorted by those columns, and from there to their own: DuckDB's PARTITION_BY holds rows of all
 * partitions at once, which takes more memory than there is from some hundreds of them on [measured: 1,000 need over 512 MB].
 *
 * @throws AppError as `copyToParquet`; OPTION_INVALID for a column that is not there or has values that are no names, where no
 * other column is left, and for more than 10,000 partitions
 */
export function copyToPartitions(
  database: Database,
  statement: CopiedStatement,
  target: PartitionTarget,
  options: ReadOptions,
): Promise<CopiedRows> {
  const { path, folder, partitionBy } = target;
  return whileReading(database, options, async (connection) => {
    const { sources, rowsSql, columns } = await planCopy(connection, statement, target);
    const keys = [...new Set(partitionBy)].map((name) => keyOf(name, sources));
    if (keys.length === sources.length) throw noColumnLeft();
    const names = keys.map(({ name }) => quoteIdentifier(name));
    // Rows of one partition keep their order.
    const numbered = `SELECT *, row_number() OVER () AS "λ" FROM (${rowsSql})`;
    const sorted = `SELECT * EXCLUDE ("λ") FROM (${numbered}) ORDER BY ${[...names, '"λ"'].join(', ')}`;
    try {
      const rowCount = await copyRows(connection, sorted, path, { ...statement, ...options });
      const others = sources.map(({ name }) => name).filter((name) => !partitionBy.includes(name));
      const selected = `SELECT ${others.map(quoteIdentifier).join(', ')} FROM read_parquet(${quoteText(path)})`;
      let placed = 0;
      for (const values of await readPartitions(connection, names, path)) {
        const inner = await makeFolder(
          folder,
          values.map((value, index) => folderName(keys[index]!.name, value)),
        );
        const conditions = values.map((value, index) => conditionOf(keys[index]!, value));
        placed += await copyRows(connection, `${selected} WHERE ${conditions.join(' AND ')}`, join(inner, DATA_FILE));
      }
      if (placed !== rowCount) throw new AppError('INTERNAL', `${placed} of ${rowCount} rows were in a partition`);
      return { rowCount, columns };
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
  });
}

interface PartitionKey {
  readonly name: string;
  /** Of the column in the file, as SQL writes it. */
  readonly type: string;
}

/** Types whose values have one text each, which a folder can be called. */
const NAMING: ReadonlySet<DuckDBTypeId> = new Set([
  ...[DuckDBTypeId.BOOLEAN, DuckDBTypeId.TINYINT, DuckDBTypeId.SMALLINT, DuckDBTypeId.INTEGER, DuckDBTypeId.BIGINT],
  ...[DuckDBTypeId.UTINYINT, DuckDBTypeId.USMALLINT, DuckDBTypeId.UINTEGER, DuckDBTypeId.UBIGINT],
  ...[DuckDBTypeId.VARCHAR, DuckDBTypeId.DATE],
]);

function keyOf(name: string, sources: readonly SourceColumn[]): PartitionKey {
  const column = sources.find((source) => source.name === name);
  if (column === undefined) {
    const all = sources.map((source) => source.name).join(', ');
    const message = `Rows cannot be partitioned by ${name}, which they do not have: name one of ${all}`;
    throw new AppError('OPTION_INVALID', message, { field: name });
  }
  const { type, hint } = column;
  if (hint === 'ipv4') return { name, type: 'VARCHAR' };
  if (type.typeId === DuckDBTypeId.TIMESTAMP) return { name, type: 'TIMESTAMP WITH TIME ZONE' };
  if (NAMING.has(type.typeId) && type.alias === undefined) return { name, type: type.toString() };
  const message = `Rows cannot be partitioned by ${name}: its values are neither text, whole numbers, addresses nor times`;
  throw new AppError('OPTION_INVALID', message, { field: name });
}

function noColumnLeft(): AppError {
  const message = 'Rows cannot be partitioned by all of their columns: leave at least one for the files';
  return new AppError('OPTION_INVALID', message);
}

/** @returns the values of each partition as text, null for NULL */
async function readPartitions(
  connection: DuckDBConnection,
  names: readonly string[],
  path: string,
): Promise<readonly (readonly (string | null)[])[]> {
  const texts = names.map((name) => `CAST(${name} AS VARCHAR)`).join(', ');
  const rows = `SELECT DISTINCT ${texts} FROM read_parquet(${quoteText(path)})`;
  const found = await connection.runAndReadAll(`${rows} LIMIT ${MOST_PARTITIONS + 1}`);
  const partitions = found.getRows() as (string | null)[][];
  if (partitions.length <= MOST_PARTITIONS) return partitions;
  const message = `There would be more than ${MOST_PARTITIONS} partitions: name fields with fewer values, or a shorter range`;
  throw new AppError('OPTION_INVALID', message, { most: MOST_PARTITIONS });
}

function conditionOf({ name, type }: PartitionKey, value: string | null): string {
  const column = quoteIdentifier(name);
  return value === null ? `${column} IS NULL` : `${column} = CAST(${quoteText(value)} AS ${type})`;
}

/** @throws AppError OPTION_INVALID where the values before have made it, in other letters */
async function makeFolder(folder: string, names: readonly string[]): Promise<string> {
  const inner = join(folder, ...names);
  await mkdir(dirname(inner), { recursive: true });
  await mkdir(inner).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    const message = `Two partitions differ in case alone, which the disk does not tell apart: ${names.join(', ')}`;
    throw new AppError('OPTION_INVALID', message, { folder: names.join('/') }, { cause });
  });
  return inner;
}

/** As other programs that write partitioned sets call them. @throws AppError OPTION_INVALID */
function folderName(name: string, value: string | null): string {
  const folder = `${encoded(name)}=${value === null ? NO_VALUE : encoded(value)}`;
  if (folder.length <= LONGEST_NAME) return folder;
  const message = `Rows cannot be partitioned by ${name}: a value is longer than the name of a folder can be`;
  throw new AppError('OPTION_INVALID', message, { field: name });
}

function encoded(text: string): string {
  // A value that is called like NULL is not it.
  if (text === NO_VALUE) return text.replaceAll('_', '%5F');
  return encodeURIComponent(text).replace(
    /[*'()!~]/gu,
    (special) => `%${special.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
