import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { BLOCK_EVENT, RESET_EVENT, type GatewayEventBatch } from '../contract/gateway-event';
import { REASONS } from '../contract/ledger';
import type { NatEventName } from '../contract/nat-events';
import type { Database } from './database';
import { toWorkspaceError } from './workspace-error';

const NANOS_PER_SEC = 1_000_000_000n;
const INT64_MAX = 9_223_372_036_854_775_807n;

/** What the indexes in a batch of events stand for. */
export interface EventNames {
  /** By index of the SNAT entry. */
  readonly snatEntries: readonly string[];
  /** By index of the address that sessions are translated to; host order. */
  readonly natAddresses: readonly number[];
}

/**
 * Appends events of the gateway to `catalogue.nat_event`, value by value: there are few of them beside the entries.
 *
 * The connection commits by itself, as that of an `EntryWriter` does.
 */
export class EventWriter {
  readonly #database: Database;
  readonly #connection: DuckDBConnection;
  readonly #appender: DuckDBAppender;
  readonly #runId: number;
  readonly #names: EventNames;
  #closed = false;

  /** For `open` alone. */
  constructor(
    database: Database,
    connection: DuckDBConnection,
    appender: DuckDBAppender,
    runId: number,
    names: EventNames,
  ) {
    this.#database = database;
    this.#connection = connection;
    this.#appender = appender;
    this.#runId = runId;
    this.#names = names;
  }

  /** Holds one connection until `close` or `abandon`. */
  static async open(database: Database, runId: number, names: EventNames): Promise<EventWriter> {
    const connection = await database.acquire();
    try {
      const appender = await connection.createAppender('nat_event', 'catalogue');
      return new EventWriter(database, connection, appender, runId, names);
    } catch (cause) {
      database.discard(connection);
      throw toWorkspaceError(cause, database.path);
    }
  }

  /** @throws AppError WORKSPACE_FULL and its like; the writer is then to be abandoned */
  append(batch: GatewayEventBatch): void {
    this.#guard(() => {
      for (let row = 0; row < batch.length; row++) this.#appendRow(batch, row);
    });
  }

  /** Flushes, and gives the connection back. */
  close(): void {
    if (this.#closed) return;
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

  #appendRow(batch: GatewayEventBatch, row: number): void {
    const kind = batch.kind[row]!;
    const isBlock = kind === BLOCK_EVENT.allocate || kind === BLOCK_EVENT.free;
    const to = this.#appender;
    to.appendUInteger(this.#runId);
    to.appendVarchar(eventName(kind));
    to.appendBigInt(BigInt(batch.windowStart[row]!));
    to.appendBigInt(nanos(batch.firstSec[row]!, batch.firstNsec[row]!));
    to.appendBigInt(nanos(batch.lastSec[row]!, batch.lastNsec[row]!));
    to.appendUTinyInt(batch.protocol[row]!);
    to.appendUInteger(batch.priIp[row]!);
    if (isBlock) this.#appendBlock(batch, row);
    else this.#appendRefusal(batch, row);
    to.endRow();
  }

  #appendRefusal(batch: GatewayEventBatch, row: number): void {
    const to = this.#appender;
    if (batch.isRedacted[row] === 1) {
      to.appendNull();
      to.appendNull();
    } else {
      to.appendUInteger(batch.pubIp[row]!);
      to.appendUSmallInt(batch.ports[row]!);
    }
    const entry = this.#names.snatEntries[batch.place[row]!];
    // What was captured behind the gateway is of no entry.
    if (entry === undefined) to.appendNull();
    else to.appendVarchar(entry);
    to.appendUBigInt(BigInt(batch.packets[row]!));
    to.appendUBigInt(BigInt(batch.bytes[row]!));
    for (let column = 0; column < 3; column++) to.appendNull();
  }

  #appendBlock(batch: GatewayEventBatch, row: number): void {
    const to = this.#appender;
    for (let column = 0; column < 5; column++) to.appendNull();
    to.appendUInteger(this.#names.natAddresses[batch.place[row]!] ?? 0);
    to.appendUSmallInt(batch.ports[row]! >>> 16);
    to.appendUSmallInt(batch.ports[row]! & 0xffff);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw toWorkspaceError(cause, this.#database.path);
    }
  }
}

function eventName(kind: number): NatEventName {
  if (kind === RESET_EVENT) return 'idle_reset';
  if (kind === BLOCK_EVENT.allocate) return 'block_allocate';
  return kind === BLOCK_EVENT.free ? 'block_free' : REASONS[kind - 1]!;
}

/** As the entries' columns have it: it ends in the year 2262. */
function nanos(sec: number, nsec: number): bigint {
  const exact = BigInt(sec) * NANOS_PER_SEC + BigInt(nsec);
  return exact > INT64_MAX ? INT64_MAX : exact;
}
