import type { DuckDBConnection } from '@duckdb/node-api';
import type { Database } from './database';
import { EntryWriter } from './entry-writer';
import { EventWriter, type EventNames } from './event-writer';

/**
 * Writes the entries and events of a run that goes on, in one transaction from one `seal` to the next: they become visible,
 * and hold against a crash, together with what else is written then.
 */
export class LiveWriter {
  readonly entries: EntryWriter;
  readonly events: EventWriter;
  readonly #database: Database;
  readonly #connection: DuckDBConnection;

  /** For `open` alone. */
  constructor(database: Database, connection: DuckDBConnection, entries: EntryWriter, events: EventWriter) {
    this.#database = database;
    this.#connection = connection;
    this.entries = entries;
    this.events = events;
  }

  /** Holds one connection until `close`. @throws AppError WORKSPACE_* */
  static async open(database: Database, logstoreId: number, runId: number, names: EventNames): Promise<LiveWriter> {
    const connection = await database.acquire();
    try {
      const entries = await EntryWriter.openOn(database, connection, logstoreId);
      const events = await EventWriter.openOn(database, connection, runId, names);
      await connection.run('BEGIN TRANSACTION');
      return new LiveWriter(database, connection, entries, events);
    } catch (cause) {
      database.discard(connection);
      throw cause;
    }
  }

  /**
   * Commits what was appended. Nothing may be appended before it is done.
   *
   * @param write what belongs into the same transaction
   * @throws AppError WORKSPACE_*; the writer is then to be closed
   */
  async seal(write: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    await this.#database.commitOn(this.#connection, async () => {
      this.entries.flush();
      this.events.flush();
      await write(this.#connection);
    });
    await this.#connection.run('BEGIN TRANSACTION');
  }

  /** Drops what was not sealed, and closes the connection. */
  close(): void {
    this.entries.abandon();
    this.events.abandon();
    this.#database.discard(this.#connection);
  }
}
