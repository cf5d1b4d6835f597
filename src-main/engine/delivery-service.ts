import { createHash } from 'node:crypto';
import type {
  DeliveryEvent,
  DeliveryEvents,
  DeliveryEventsRequest,
  DeliveryReport,
  DeliveryRequest,
  DeliveryScript,
} from '../contract/delivery';
import { AppError } from '../contract/errors';
import { findLogstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import {
  readDeliveryEvents,
  readStoredDelivery,
  writeDeliveryIn,
  type DeliveryBasis,
  type StoredDelivery,
} from '../duckdb/deliveries';
import { listCommittedRuns, type CommittedRun } from '../duckdb/run-reads';
import { readRunOrigin, runNotFound } from '../duckdb/run-origin';
import type { EntryRange } from '../duckdb/entry-ranges';
import { settleEntries } from '../duckdb/undelivered';
import type { LogGroup } from '../delivery/log-groups';
import { readDeliveryScript } from '../delivery/read-script';
import type { TargetShards } from '../delivery/shard-quotas';
import { lostByChance } from '../delivery/entry-chances';
import { simulateDelivery, type GroupOutcome } from '../delivery/simulate';
import { deliveryTotals, windowDeliveries } from '../delivery/summary';
import type { ShardRoute } from '../logstore/shard-route';
import type { Gateway } from '../nat/gateway';

/** What was delivered, and how. */
export interface Delivered {
  readonly stored: StoredDelivery;
  readonly events: readonly DeliveryEvent[];
  /** Entries that are not in the Logstore, as ranges, ascending. */
  readonly lost: readonly EntryRange[];
}

/** Delivers the entries of one run. */
export function deliver(basis: DeliveryBasis): Delivered {
  const { groups, windowSec, script } = basis;
  const { outcomes, events, statuses, faults } = simulateDelivery(basis);
  const windows = windowDeliveries(groups, outcomes, windowSec);
  const totals = deliveryTotals(windows, groups);
  return {
    stored: { ...basis, outcome: { statuses, faults, windows, totals, groups: outcomes } },
    events,
    lost: undelivered(groups, outcomes, script),
  };
}

function undelivered(
  groups: readonly LogGroup[],
  outcomes: readonly GroupOutcome[],
  script: DeliveryScript,
): EntryRange[] {
  const ranges: [from: number, to: number][] = [];
  const add = (from: number, to: number): void => {
    const last = ranges.at(-1);
    if (last?.[1] === from) last[1] = to;
    else ranges.push([from, to]);
  };
  groups.forEach((group, ordinal) => {
    const { deliveredSec, lostEntries } = outcomes[ordinal]!;
    if (deliveredSec === null) add(group.firstEntry, group.firstEntry + group.entries);
    else if (lostEntries > 0) for (const entry of lostByChance(group, script)) add(entry, entry + 1);
  });
  return ranges;
}

/** Hexadecimal digits of a hash that give a number that is exact. */
const PLACE_DIGITS = 8;

/** The shards of a Logstore that take entries, and where those of a gateway go by its hash. */
export function targetShards(route: ShardRoute, instance: string): TargetShards {
  const hash = createHash('md5').update(instance).digest('hex');
  return {
    ids: route.ids,
    ofSource: route.ofHash(hash),
    sourcePlace: Number.parseInt(hash.slice(0, PLACE_DIGITS), 16) / 16 ** PLACE_DIGITS,
  };
}

/** Failures, what came of them, and the first success after them. */
function remarkableEvents(events: readonly DeliveryEvent[]): DeliveryEvent[] {
  return events.filter(({ act, code, lost }, index) => {
    return code !== null || act === 'test' || lost > 0 || (index > 0 && events[index - 1]!.code !== null);
  });
}

/**
 * How the entries of an import came into its Logstore, or would by another script.
 *
 * @throws AppError RUN_NOT_FOUND, DELIVERY_INVALID
 */
export async function readDelivery(database: Database, request: DeliveryRequest): Promise<DeliveryReport> {
  const { run, stored, events } = await openDelivery(database, request);
  return reportOf(database, run, stored, events);
}

/** @throws AppError RUN_NOT_FOUND, DELIVERY_INVALID */
export async function listDeliveryEvents(database: Database, request: DeliveryEventsRequest): Promise<DeliveryEvents> {
  const { events } = await openDelivery(database, request);
  const chosen = request.onlyRemarkable ? remarkableEvents(events) : events;
  return { events: chosen.slice(request.first, request.first + request.most), total: chosen.length };
}

/**
 * Delivers the entries of an import again: what arrives is in the Logstore afterwards, and nothing else of the import. All in
 * one transaction, so that a query sees either deliveries, and a kill leaves either.
 *
 * @throws AppError RUN_NOT_FOUND, RUN_GOES_ON, DELIVERY_INVALID, WORKSPACE_*
 */
export async function applyDelivery(
  database: Database,
  { run: runId, script }: { readonly run: number; readonly script: Readonly<Record<string, unknown>> },
): Promise<DeliveryReport> {
  const run = await committedRun(database, runId);
  if (run.isGoingOn) throw runGoesOn(runId);
  const basis = await storedOf(database, run);
  const { stored, events, lost } = deliver({ ...basis, script: readDeliveryScript(script) });
  const { id } = await findLogstore(database, run.project, run.logstore);
  await settleEntries(
    database,
    { logstoreId: id, runId },
    { lost, hasLate: false },
    (connection, { undelivered: left }) => writeDeliveryIn(connection, runId, { stored, events, undelivered: left }),
  );
  await database.checkpoint();
  return reportOf(database, run, stored, events);
}

function runGoesOn(run: number): AppError {
  const message = `import ${run} still goes on: it takes no other script until it has ended`;
  return new AppError('RUN_GOES_ON', message, { run });
}

async function openDelivery(
  database: Database,
  { run: runId, script }: DeliveryRequest,
): Promise<{ run: CommittedRun; stored: StoredDelivery; events: readonly DeliveryEvent[] }> {
  const run = await committedRun(database, runId);
  const before = await storedOf(database, run);
  if (script === null) return { run, stored: before, events: await readDeliveryEvents(database, runId) };
  const { stored, events } = deliver({ ...before, script: readDeliveryScript(script) });
  return { run, stored, events };
}

async function committedRun(database: Database, runId: number): Promise<CommittedRun> {
  const [run] = await listCommittedRuns(database, runId);
  if (run !== undefined) return run;
  throw runNotFound(runId);
}

async function storedOf(database: Database, { run }: CommittedRun): Promise<StoredDelivery> {
  const stored = await readStoredDelivery(database, run);
  if (stored !== null) return stored;
  const message = `import ${run} was made by a version that did not record deliveries: import the captures again, with --again`;
  throw new AppError('RUN_NOT_FOUND', message, { run });
}

async function reportOf(
  database: Database,
  { run, project, logstore }: CommittedRun,
  { windowSec, script, outcome }: StoredDelivery,
  events: readonly DeliveryEvent[],
): Promise<DeliveryReport> {
  const { statuses, faults, windows, totals } = outcome;
  const origin = await readRunOrigin(database, run);
  const startSec = windows[0]?.startSec ?? 0;
  const times = [
    windows.at(-1)?.endSec ?? startSec,
    events.at(-1)?.atSec ?? startSec,
    statuses.at(-1)?.offUntilSec ?? startSec,
  ];
  return {
    run,
    project,
    logstore,
    // As `beginRun` wrote it.
    instance: (JSON.parse(origin.gateway) as Gateway).instance,
    windowSec,
    startSec,
    endSec: Math.max(...times),
    script,
    faults,
    statuses,
    windows,
    totals,
    attempts: events.length,
    remarkable: remarkableEvents(events).length,
  };
}
