import type { ArrivedWindow } from '../contract/imports';
import { ArrivedWindows } from './arrived-windows';
import type { DeliveryScript, ScriptTime } from '../contract/delivery';
import type { TunnelLayer } from '../contract/imports';
import { ensureGateway, type Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import type { DeliveryBasis } from '../duckdb/deliveries';
import type { EntryWriter } from '../duckdb/entry-writer';
import type { EventNames, EventWriter } from '../duckdb/event-writer';
import { LogGroups } from '../delivery/log-groups';
import { entriesOfAllTimes, translatedAddresses } from '../nat/configure-emulator';
import type { Gateway } from '../nat/gateway';
import type { WindowSink } from '../window/window-aggregator';
import type { Survey } from './capture-survey';
import { targetShards } from './delivery-service';
import type { ImportTask } from './importer';
import { shardRoute } from './index-service';
import type { ReplayClock } from './replay-clock';

/** What is imported, and where to. */
export interface RunPlace {
  readonly logstore: Logstore;
  readonly run: number;
  readonly gateway: Gateway;
  readonly script: DeliveryScript;
  /** Seconds of capture time for which nothing is delivered. */
  readonly modifyingSec: number;
  readonly layer: TunnelLayer;
  readonly maxExpansion: number;
  readonly keepGoing: boolean;
  readonly again: boolean;
  readonly survey: Survey;
  readonly createdIndex: boolean;
  /** Of a replay; null where packets go through as they come. */
  readonly replay: { readonly clock: ReplayClock; readonly from: ScriptTime | null } | null;
}

/** Where the entries of a run go. */
export interface RunWriting {
  readonly sinkOf: (entries: EntryWriter, events: EventWriter) => WindowSink;
  /** What deliveries follow from, of the entries that have gone there. */
  readonly basis: () => DeliveryBasis;
  /** Windows of which more entries have come since this was called last. */
  readonly arrived: () => readonly ArrivedWindow[];
  readonly names: EventNames;
  readonly task: ImportTask;
}

export async function runWriting(
  database: Database,
  { logstore, run, gateway, script, modifyingSec, layer, maxExpansion, keepGoing, survey, replay }: RunPlace,
): Promise<RunWriting> {
  const { instanceId, vpcId } = await ensureGateway(database, gateway.instance, gateway.vpcId);
  const constants = { runId: run, instanceId, vpcId };
  const route = await shardRoute(database, logstore.id, run);
  const shards = targetShards(route, gateway.instance);
  const { windowSec } = gateway;
  const groups = new LogGroups(windowSec, gateway);
  const arrived = new ArrivedWindows(windowSec);
  const captures = survey.captures.map(({ path, file, socketPath, firstSec, firstNsec, clock }) => {
    return { path, sizeBytes: file?.sizeBytes ?? null, socketPath, firstSec, firstNsec, clock };
  });
  return {
    sinkOf: (entries, events) => ({
      // One shard for all of a batch, so that no row has to be looked at.
      entries: (batch) => {
        entries.append(batch, { ...constants, shardId: route.balanced(batch.entryNo.at(0)) });
        groups.add(batch);
      },
      events: (batch) => events.append(batch),
    }),
    basis: () => ({ windowSec, modifyingSec, script, shards, groups: groups.groups }),
    arrived: () => arrived.take(groups.groups),
    names: eventNames(gateway),
    task: {
      captures,
      gateway,
      layer,
      maxExpansion,
      keepGoing,
      ...(replay && { replay: { shared: replay.clock.shared, from: replay.from } }),
    },
  };
}

function eventNames(gateway: Gateway): EventNames {
  return {
    snatEntries: entriesOfAllTimes(gateway).map(({ id }) => id),
    natAddresses: translatedAddresses(gateway).map(({ natIp }) => natIp),
  };
}
