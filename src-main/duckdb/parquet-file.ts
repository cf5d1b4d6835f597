import { dirname } from 'node:path';
import { DuckDBInstance, DuckDBTypeId, type DuckDBType } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import { quoteIdentifier } from '../query/log-sql';
import { Database } from './database';
import { quoteText } from './quote';
import { readStream } from './read-stream';

/** DuckDB's own limit: a row group need not fit, but a page of each column has to. */
const MEMORY_LIMIT = '256MB';
/** One of DuckDB's chunks, as texts may be long. */
const BATCH_ROWS = 2048;

/** A text beside the columns of a file, the same in every row. */
export type ConstantFields = ReadonlyMap<string, string>;

/**
 * A Parquet file whose rows are read as JSON objects, one after the other.
 *
 * It is read by a DuckDB of its own, which has no database, and reaches this one file and nothing else: that of the
 * workspace may read its own folder for temporary files alone, and no user's SQL comes here. Files of others may be
 * anything: the reader checks what it is told, and holds pages within a limit of memory, whatever their size.
 */
export class ParquetFile {
  /** As the file says; a damaged one may say anything. */
  readonly rowCount: number;
  readonly #database: Database;
  readonly #sql: string;

  /** For `open` alone. */
  constructor(database: Database, sql: string, rowCount: number) {
    this.#database = database;
    this.#sql = sql;
    this.rowCount = rowCount;
  }

  /**
   * @param path absolute
   * @param constants fields that are not in the file; of those that are, the file's own value counts
   * @throws AppError QUERY_FAILED or MEMORY_EXHAUSTED with DuckDB's sentence for what is no Parquet that can be read
   */
  static async open(path: string, constants: ConstantFields): Promise<ParquetFile> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: MEMORY_LIMIT,
      // Rows keep their order, and a page of one row group is in memory at a time.
      threads: '1',
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const database = new Database(dirname(path), path, instance, null);
    try {
      const { columns, rowCount } = await confineTo(database, path);
      return new ParquetFile(database, rowsAsJson(path, columns, constants), rowCount);
    } catch (cause) {
      await database.close();
      throw readError(cause);
    }
  }

  /** Texts of JSON objects, some at a time, in the order of the file. @throws as `open` */
  async *rows(): AsyncGenerator<readonly string[], void, undefined> {
    try {
      for await (const { columns } of readStream(this.#database, this.#sql, [], { batchRows: BATCH_ROWS })) {
        const [column] = columns;
        if (column?.type !== 'text') throw new TypeError('a row is one text');
        yield Array.from(column.data, (code) => column.dictionary[code] ?? '');
      }
    } catch (cause) {
      throw readError(cause);
    }
  }

  /** To be awaited, or the file stays open. */
  close(): Promise<void> {
    return this.#database.close();
  }
}

interface FileColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** Lets the database read one file and nothing else, for good, and tells what is in it. */
function confineTo(
  database: Database,
  path: string,
): Promise<{ readonly columns: readonly FileColumn[]; readonly rowCount: number }> {
  return database.withConnection(async (connection) => {
    await connection.run(`SET GLOBAL allowed_paths = [${quoteText(path)}, ${patternOf(path)}]`);
    await connection.run('SET GLOBAL enable_external_access = false');
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run('SET GLOBAL lock_configuration = true');
    const facts = await connection.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata(${patternOf(path)})`);
    const empty = await connection.run(`SELECT * FROM ${fileTable(path)} LIMIT 0`);
    const columns = Array.from({ length: empty.columnCount }, (_, index) => ({
      name: empty.columnName(index),
      type: empty.columnType(index),
    }));
    return { columns, rowCount: Number(facts.getRows()[0]?.[0]) };
  });
}

/** A path is a pattern to DuckDB: of its special characters, each has to be a class of its own to stand for itself. */
function patternOf(path: string): string {
  return quoteText(path.replace(/[*?[]/gu, '[$&]'));
}

function fileTable(path: string): string {
  return `read_parquet(${patternOf(path)}, hive_partitioning = false, union_by_name = false)`;
}

/** DuckDB's `json_object` would round decimals, so the object is put together from the text of each value. */
function rowsAsJson(path: string, columns: readonly FileColumn[], constants: ConstantFields): string {
  const own = new Set(columns.map(({ name }) => name));
  const members = [
    ...columns.map(({ name, type }) => ({ name, value: `coalesce(${jsonText(quoteIdentifier(name), type)}, 'null')` })),
    ...[...constants]
      .filter(([name]) => !own.has(name))
      .map(([name, text]) => ({ name, value: quoteText(JSON.stringify(text)) })),
  ];
  const parts = members.flatMap(({ name, value }, index) => [
    quoteText(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    value,
  ]);
  return `SELECT concat(${parts.join(', ')}, '}') AS row FROM ${fileTable(path)}`;
}

/** SQL of a value's JSON, a VARCHAR: numbers with all their digits, times with their zone, octets that are no text escaped. */
function jsonText(column: string, { typeId }: DuckDBType): string {
  const json = (value: string): string => `CAST(to_json(${value}) AS VARCHAR)`;
  switch (typeId) {
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      // JSON has no such number; as a text it is kept, and told.
      return `CASE WHEN isfinite(${column}) THEN ${json(column)} ELSE ${json(`CAST(${column} AS VARCHAR)`)} END`;
    case DuckDBTypeId.TIMESTAMP_TZ:
      return json(`CAST(timezone('UTC', ${column}) AS VARCHAR) || 'Z'`);
    case DuckDBTypeId.BLOB:
      // Writers that do not say which octets are text are common.
      return json(`coalesce(TRY(decode(${column})), CAST(${column} AS VARCHAR))`);
    default:
      return json(column);
  }
}

/** What goes wrong here is about the file, and not about the workspace, whatever DuckDB's sentence is like. */
function readError(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const told = cause instanceof AppError && cause.cause instanceof Error ? cause.cause : cause;
  return new AppError('QUERY_FAILED', told.message, {}, { cause });
}
