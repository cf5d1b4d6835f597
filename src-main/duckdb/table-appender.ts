import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { Database } from './database';
import { toWorkspaceError } from './workspace-error';

/**
 * DuckDB's appender to one table, with the connection that it holds until `close` or `abandon`.
 *
 * The connection commits by itself: appended rows become visible, and hold against a crash, at a flush, of which
 * DuckDB makes one of its own every 204,800 rows.
 */
export class TableAppender {
  readonly rows: DuckDBAppender;
  readonly #database: Database;
  readonly #connection: DuckDBConnection;
  #closed = false;

  /** For `open` alone. */
  constructor(database: Database, connection: DuckDBConnection, rows: DuckDBAppender) {
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
    this.#database.release(this.#connection);
  }

  /** Drops what was not flushed, and closes the connection. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.rows.clear();
    this.#database.discard(this.#connection);
  }
}
