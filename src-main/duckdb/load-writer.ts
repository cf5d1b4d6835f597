import {
  DuckDBDataChunk,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { readRows, textIn } from './catalogue';
import type { Database } from './database';
import { ENTRIES_SCHEMA, logTableName } from './log-table';
import { toWorkspaceError } from './workspace-error';

/** DuckDB's vector size; an appended chunk can hold no more rows than this. */
const VECTOR_ROWS = 2048;

/** $1 schema, $2 table; gives the names of its columns, in order */
export const LIST_COLUMNS = `
  SELECT column_name FROM duckdb_columns() WHERE schema_name = $1::VARCHAR AND table_name = $2::VARCHAR
  ORDER BY column_index`;

/** A row by the names of its columns; those that it lacks are NULL. */
export type LoadRow = ReadonlyMap<string, DuckDBValue>;

/**
 * Appends rows of any columns to the table of a Logstore. Rows hold against a crash from a flush on, and are in no query
 * until their run is committed.
 */
export class LoadWriter {
  readonly #database: Database;
  readonly #connection: DuckDBConnection;
  readonly #appender: DuckDBAppender;
  readonly #places: ReadonlyMap<string, number>;
  readonly #types: readonly DuckDBType[];
  readonly #columns: DuckDBValue[][];
  #rows = 0;
  #closed = false;

  /** For `open` alone. */
  constructor(database: Database, connection: DuckDBConnection, appender: DuckDBAppender, names: readonly string[]) {
    this.#database = database;
    this.#connection = connection;
    this.#appender = appender;
    this.#places = new Map(names.map((name, index) => [name, index]));
    this.#types = names.map((_, index) => appender.columnType(index));
    this.#columns = names.map(() => []);
  }

  /** Holds one connection until `close` or `abandon`. */
  static async open(database: Database, logstoreId: number): Promise<LoadWriter> {
    const connection = await database.acquire();
    try {
      const table = logTableName(logstoreId);
      const names = (await readRows(connection, LIST_COLUMNS, [ENTRIES_SCHEMA, table])).map((row) =>
        textIn(row, 'column_name'),
      );
      return new LoadWriter(database, connection, await connection.createAppender(table, ENTRIES_SCHEMA), names);
    } catch (cause) {
      database.discard(connection);
      throw toWorkspaceError(cause, database.path);
    }
  }

  /** @throws AppError WORKSPACE_FULL and its like when a flush that falls due fails; the writer is then to be abandoned */
  append(row: LoadRow): void {
    for (const column of this.#columns) column.push(null);
    for (const [name, value] of row) {
      const place = this.#places.get(name);
      if (place === undefined) throw new RangeError(`there is no column ${name}`);
      this.#columns[place]![this.#rows] = value;
    }
    if (++this.#rows === VECTOR_ROWS) this.#appendChunk();
  }

  close(): void {
    if (this.#closed) return;
    this.#appendChunk();
    this.#guard(() => this.#appender.flushSync());
    this.#closed = true;
    this.#appender.closeSync();
    this.#database.release(this.#connection);
  }

  /** Drops what was not flushed, and closes the connection. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#appender.clear();
    this.#database.discard(this.#connection);
  }

  #appendChunk(): void {
    if (this.#rows === 0) return;
    this.#guard(() => {
      const chunk = DuckDBDataChunk.create(this.#types, this.#rows);
      this.#columns.forEach((values, index) => chunk.setColumnValues(index, values));
      this.#appender.appendDataChunk(chunk);
    });
    for (const column of this.#columns) column.length = 0;
    this.#rows = 0;
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw toWorkspaceError(cause, this.#database.path);
    }
  }
}
