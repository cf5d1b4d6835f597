import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { Database } from './database';
import { toWorkspaceError } from './workspace-error';

/**
 * DuckDB's appender to one table, with the connection that it holds until `close` or `abandon`.
 *
 * A connection of its own commits by itself: appended rows become visible, and hold against a crash, at a flush, of which
 * DuckDB makes one of its own every 204,800 rows. One that is lent commits when its holder does.
 */
export class TableAppender {
  readonly rows: DuckDBAppender;
  readonly #database: Database;
  /** Null where it is lent. */
  readonly #connection: DuckDBConnection | null;
  #closed = false;

  /** For `open` alone. */
  constructor(database: Database, connection: DuckDBConnection | null, rows: DuckDBAppender) {
    this.#database = database;
    this.#connection = connection;
    this.rows = rows;
  }

  /** @throws AppError WORKSPACE_* */
  static async open(database: Database, schema: string, table: string): Promise<TableAppender> {
    const connection = await database.acquire();
    try {
      return new TableAppender(database, connection, await connection.createAppender(table, schema));
    } catch (cause) {
      database.discard(connection);
      throw toWorkspaceError(cause, database.path);
    }
  }

  /** @param connection lent until it is closed or abandoned, and discarded by its holder after that. @throws AppError WORKSPACE_* */
  static async openOn(
    database: Database,
    connection: DuckDBConnection,
    schema: string,
    table: string,
  ): Promise<TableAppender> {
    try {
      return new TableAppender(database, null, await connection.createAppender(table, schema));
    } catch (cause) {
      throw toWorkspaceError(cause, database.path);
    }
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** @throws AppError WORKSPACE_FULL and its like for what DuckDB refuses; the appender is then to be abandoned */
  guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw toWorkspaceError(cause, this.#database.path);
    }
  }

  /** Commits what was appended. @throws AppError as `guard` */
  flush(): void {
    this.guard(() => this.rows.flushSync());
  }

  /** Flushes, and gives the connection back. @throws AppError as `guard` */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.rows.closeSync();
    if (this.#connection !== null) this.#database.release(this.#connection);
  }

  /** Drops what was not flushed, and closes the connection. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.rows.clear();
    if (this.#connection !== null) this.#database.discard(this.#connection);
  }
}
