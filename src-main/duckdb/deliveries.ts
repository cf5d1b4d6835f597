import type { DuckDBConnection } from '@duckdb/node-api';
import type {
  DeliveryEvent,
  DeliveryScript,
  DeliveryTotals,
  PlacedFault,
  StatusChange,
  WindowDelivery,
} from '../contract/delivery';
import type { LogGroup } from '../delivery/log-groups';
import type { TargetShards } from '../delivery/shard-quotas';
import type { GroupOutcome } from '../delivery/simulate';
import { numberIn, numberOrNull, readRows, textIn, textOrNull } from './catalogue';
import { remembered } from './catalogue-memory';
import type { Database } from './database';
import { DELIVERY_STATEMENTS } from './delivery-statements';

/** All that the deliveries of a run follow from. */
export interface DeliveryBasis {
  readonly windowSec: number;
  readonly modifyingSec: number;
  readonly script: DeliveryScript;
  readonly shards: TargetShards;
  readonly groups: readonly LogGroup[];
}

/** What came of them. */
export interface DeliveryOutcome {
  readonly statuses: readonly StatusChange[];
  readonly faults: readonly PlacedFault[];
  readonly windows: readonly WindowDelivery[];
  readonly totals: DeliveryTotals;
  readonly groups: readonly GroupOutcome[];
}

export interface StoredDelivery extends DeliveryBasis {
  readonly outcome: DeliveryOutcome;
}

/** What is kept of a run's deliveries. */
export interface RunDelivery {
  readonly stored: StoredDelivery;
  readonly events: readonly DeliveryEvent[];
  /** Entries that are not in the Logstore. */
  readonly undelivered: number;
}

/** Replaces what is stored of a run's deliveries, within a transaction. */
export async function writeDeliveryIn(
  connection: DuckDBConnection,
  runId: number,
  { stored, events, undelivered }: RunDelivery,
): Promise<void> {
  const { windowSec, modifyingSec, script, shards, groups, outcome } = stored;
  await deleteDeliveryIn(connection, runId);
  const texts = [script, shards, groups, outcome].map((each) => JSON.stringify(each));
  await connection.run(DELIVERY_STATEMENTS.insertDelivery, [runId, windowSec, modifyingSec, ...texts]);
  await connection.run(DELIVERY_STATEMENTS.insertDeliveryEvents, [runId, JSON.stringify(events)]);
  await connection.run(DELIVERY_STATEMENTS.writeUndelivered, [runId, undelivered]);
}

export async function deleteDeliveryIn(connection: DuckDBConnection, runId: number): Promise<void> {
  await connection.run(DELIVERY_STATEMENTS.deleteDelivery, [runId]);
  await connection.run(DELIVERY_STATEMENTS.deleteDeliveryEvents, [runId]);
}

/** @returns null for a load, and for an import of an older version */
export async function readStoredDelivery(database: Database, runId: number): Promise<StoredDelivery | null> {
  const [row] = await database.withConnection((connection) =>
    readRows(connection, DELIVERY_STATEMENTS.readDelivery, [runId]),
  );
  if (row === undefined) return null;
  // As `writeDeliveryIn` wrote it.
  return {
    windowSec: numberIn(row, 'window_sec'),
    modifyingSec: numberIn(row, 'modifying_sec'),
    script: JSON.parse(textIn(row, 'script')) as DeliveryScript,
    shards: JSON.parse(textIn(row, 'shards')) as TargetShards,
    groups: JSON.parse(textIn(row, 'groups')) as LogGroup[],
    outcome: JSON.parse(textIn(row, 'outcome')) as DeliveryOutcome,
  };
}

/** @returns the attempts of a run, in order */
export async function readDeliveryEvents(database: Database, runId: number): Promise<readonly DeliveryEvent[]> {
  const rows = await database.withConnection((connection) =>
    readRows(connection, DELIVERY_STATEMENTS.listDeliveryEvents, [runId]),
  );
  return rows.map((row) => ({
    atSec: numberIn(row, 'at_sec'),
    act: textIn(row, 'act') as DeliveryEvent['act'],
    windowStartSec: numberOrNull(row, 'window_start'),
    code: textOrNull(row, 'code') as DeliveryEvent['code'],
    groups: numberIn(row, 'groups'),
    entries: numberIn(row, 'entries'),
    rawBytes: numberIn(row, 'raw_bytes'),
    waiting: numberIn(row, 'waiting'),
    lost: numberIn(row, 'lost'),
    retrySec: numberOrNull(row, 'retry_sec'),
  }));
}

/** A window of which entries did not arrive. */
export type IncompleteWindow = Pick<
  WindowDelivery,
  'startSec' | 'endSec' | 'sealed' | 'lost' | 'pending' | 'otherStartsSec'
>;

/** @returns the windows of a run of which entries did not arrive; none where all did */
export const readIncompleteWindows = remembered((database, runId: number): Promise<readonly IncompleteWindow[]> => {
  return database.withConnection(async (connection) => {
    const [row] = await readRows(connection, DELIVERY_STATEMENTS.readIncompleteDelivery, [runId]);
    if (row === undefined) return [];
    const { windows } = JSON.parse(textIn(row, 'outcome')) as DeliveryOutcome;
    return windows.filter(({ lost, pending }) => pending > 0 || Object.values(lost).some((entries) => entries > 0));
  });
});
