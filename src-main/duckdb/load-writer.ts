import { DuckDBDataChunk, DuckDBTypeId, type DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { readRows, textIn } from './catalogue';
import type { Database } from './database';
import { LoadColumn, NumberColumn, TextColumn, VECTOR_ROWS, WideColumn, type RowCursor } from './load-columns';
import { ENTRIES_SCHEMA, logTableName } from './log-table';
import { TableAppender } from './table-appender';

/** $1 schema, $2 table; gives the names of its columns, in order */
export const LIST_COLUMNS = `
  SELECT column_name FROM duckdb_columns() WHERE schema_name = $1::VARCHAR AND table_name = $2::VARCHAR
  ORDER BY column_index`;

/**
 * Appends rows of any columns to the table of a Logstore. Rows hold against a crash from a flush on, and are in no query
 * until their run is committed.
 *
 * A row is what its columns are set to between two calls of `endRow`; the others are NULL. DuckDB does not check what is
 * copied into its vectors: arrays as wide as the types are chosen in `columnFor` alone, and the round trip over a chunk's
 * border and with extreme values is pinned in test/unit/duckdb/load-writer.test.ts.
 */
export class LoadWriter {
  readonly #appender: TableAppender;
  readonly #columns: ReadonlyMap<string, LoadColumn>;
  readonly #chunk: DuckDBDataChunk;
  readonly #cursor: RowCursor = { row: 0 };

  /** For `open` alone. */
  constructor(appender: TableAppender, names: readonly string[]) {
    this.#appender = appender;
    const types = names.map((_, index) => appender.rows.columnType(index));
    this.#columns = new Map(
      names.map((name, index) => [name, columnFor(types[index] ?? appender.rows.columnType(index), this.#cursor)]),
    );
    this.#chunk = DuckDBDataChunk.create(types);
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

  /** @throws RangeError for a column that is not there, or of another kind; so do the others */
  number(name: string): NumberColumn {
    return this.#column(name, NumberColumn);
  }

  wide(name: string): WideColumn {
    return this.#column(name, WideColumn);
  }

  text(name: string): TextColumn {
    return this.#column(name, TextColumn);
  }

  /** @throws AppError WORKSPACE_FULL and its like when a flush that falls due fails; the writer is then to be abandoned */
  endRow(): void {
    if (++this.#cursor.row === VECTOR_ROWS) this.#appendChunk();
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

  #column<C extends LoadColumn>(name: string, kind: new (...args: never[]) => C): C {
    const column = this.#columns.get(name);
    if (column instanceof kind) return column;
    throw new RangeError(`there is no ${kind.name} ${name}`);
  }

  #appendChunk(): void {
    const { row: rows } = this.#cursor;
    if (rows === 0) return;
    this.#appender.guard(() => {
      const { chunk } = this.#chunk;
      let index = 0;
      for (const column of this.#columns.values()) column.moveTo(duckdb.data_chunk_get_vector(chunk, index++), rows);
      duckdb.data_chunk_set_size(chunk, rows);
      this.#appender.rows.appendDataChunk(this.#chunk);
      duckdb.data_chunk_reset(chunk);
    });
    this.#cursor.row = 0;
  }
}

function columnFor(type: DuckDBType, cursor: RowCursor): LoadColumn {
  // A time of delivery is no part of a load; its column is there all the same.
  switch (type.typeId) {
    case DuckDBTypeId.UTINYINT:
      return new NumberColumn(cursor, new Uint8Array(VECTOR_ROWS));
    case DuckDBTypeId.USMALLINT:
      return new NumberColumn(cursor, new Uint16Array(VECTOR_ROWS));
    case DuckDBTypeId.UINTEGER:
      return new NumberColumn(cursor, new Uint32Array(VECTOR_ROWS));
    case DuckDBTypeId.DOUBLE:
      return new NumberColumn(cursor, new Float64Array(VECTOR_ROWS));
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.TIMESTAMP:
      return new WideColumn(cursor);
    case DuckDBTypeId.VARCHAR:
      return new TextColumn(cursor);
    default:
      throw new RangeError(`no load writes ${type.toString()}`);
  }
}
