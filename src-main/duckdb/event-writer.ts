import type { DuckDBConnection } from '@duckdb/node-api';
import { BLOCK_EVENT, RESET_EVENT, type GatewayEventBatch } from '../contract/gateway-event';
import { REASONS } from '../contract/ledger';
import type { NatEventName } from '../contract/nat-events';
import type { Database } from './database';
import { TableAppender } from './table-appender';

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
 */
export class EventWriter {
  readonly #appender: TableAppender;
  readonly #runId: number;
  readonly #names: EventNames;

  /** For `open` alone. */
  constructor(appender: TableAppender, runId: number, names: EventNames) {
    this.#appender = appender;
    this.#runId = runId;
    this.#names = names;
  }

  /** Holds one connection until `close` or `abandon`. */
  static async open(database: Database, runId: number, names: EventNames): Promise<EventWriter> {
    return new EventWriter(await TableAppender.open(database, 'catalogue', 'nat_event'), runId, names);
  }

  /** As `open`, on a connection that is lent: see `TableAppender`. */
  static async openOn(
    database: Database,
    connection: DuckDBConnection,
    runId: number,
    names: EventNames,
  ): Promise<EventWriter> {
    return new EventWriter(await TableAppender.openOn(database, connection, 'catalogue', 'nat_event'), runId, names);
  }

  /** @throws AppError WORKSPACE_FULL and its like; the writer is then to be abandoned */
  append(batch: GatewayEventBatch): void {
    this.#appender.guard(() => {
      for (let row = 0; row < batch.length; row++) this.#appendRow(batch, row);
    });
  }

  /** Writes what was appended. @throws AppError as `append` */
  flush(): void {
    this.#appender.flush();
  }

  /** Flushes, and gives the connection back. */
  close(): void {
    this.#appender.close();
  }

  /** Drops what was not flushed, and closes the connection. */
  abandon(): void {
    this.#appender.abandon();
  }

  #appendRow(batch: GatewayEventBatch, row: number): void {
    const kind = batch.kind[row]!;
    const isBlock = kind === BLOCK_EVENT.allocate || kind === BLOCK_EVENT.free;
    const to = this.#appender.rows;
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
    const to = this.#appender.rows;
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
    const to = this.#appender.rows;
    for (let column = 0; column < 5; column++) to.appendNull();
    to.appendUInteger(this.#names.natAddresses[batch.place[row]!] ?? 0);
    to.appendUSmallInt(batch.ports[row]! >>> 16);
    to.appendUSmallInt(batch.ports[row]! & 0xffff);
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
