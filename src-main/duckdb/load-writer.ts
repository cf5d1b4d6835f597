import { DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { readRows, textIn } from './catalogue';
import type { Database } from './database';
import { ENTRIES_SCHEMA, logTableName } from './log-table';
import { TableAppender } from './table-appender';

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
  readonly #appender: TableAppender;
  readonly #places: ReadonlyMap<string, number>;
  readonly #types: readonly DuckDBType[];
  readonly #columns: DuckDBValue[][];
  #rows = 0;

  /** For `open` alone. */
  constructor(appender: TableAppender, names: readonly string[]) {
    this.#appender = appender;
    this.#places = new Map(names.map((name, index) => [name, index]));
    this.#types = names.map((_, index) => appender.rows.columnType(index));
    this.#columns = names.map(() => []);
  }

  /** Holds one connection until `close` or `abandon`. */
  static async open(database: Database, logstoreId: number): Promise<LoadWriter> {
    const table = logTableName(logstoreId);
    const columns = await database.withConnection((connection) =>
      readRows(connection, LIST_COLUMNS, [ENTRIES_SCHEMA, table]),
    );
    const names = columns.map((row) => textIn(row, 'column_name'));
    return new LoadWriter(await TableAppender.open(database, ENTRIES_SCHEMA, table), names);
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
    if (this.#appender.isClosed) return;
    this.#appendChunk();
    this.#appender.close();
  }

  /** Drops what was not flushed, and closes the connection. */
  abandon(): void {
    this.#appender.abandon();
  }

  #appendChunk(): void {
    if (this.#rows === 0) return;
    this.#appender.guard(() => {
      const chunk = DuckDBDataChunk.create(this.#types, this.#rows);
      this.#columns.forEach((values, index) => chunk.setColumnValues(index, values));
      this.#appender.rows.appendDataChunk(chunk);
    });
    for (const column of this.#columns) column.length = 0;
    this.#rows = 0;
  }
}
