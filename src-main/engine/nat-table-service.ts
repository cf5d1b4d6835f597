import type { NatTableReport, NatTableRequest, NatTableTotal } from '../contract/nat-table';
import type { ResultBatch } from '../contract/result-batch';
import { findLogstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import {
  countUnplaced,
  readEntrySpans,
  readGatewaySnapshots,
  readNatTotals,
  streamPorts,
  streamSessions,
  type EntrySpan,
  type LiveSessions,
} from '../duckdb/nat-table';
import { sealedEntries } from '../duckdb/undelivered';
import { parseAddress } from '../nat/address-text';
import { resolveInstant, type LogExtent } from '../query/time-range';
import type { CallContext } from './engine-calls';
import {
  changesUntil,
  gatewaySpans,
  longestHoldSec,
  longestTimeoutSec,
  portLimit,
  runsOf,
  type GatewaySpan,
} from './gateway-spans';
import { natTableNotices } from './nat-table-notices';
import { chosenRuns, lossesOfRuns, refuseCancelled } from './open-log';
import { formatNanos } from './time-text';

const NANOS_IN_SEC = 1e9;
const NANOS_PER_SEC = BigInt(NANOS_IN_SEC);

/**
 * The live sessions of the gateways of a Logstore at one instant, and the ports that these use towards each destination, with
 * those that are held back: all of them, as batches. They come from the entries of the committed runs and the gateways that made
 * them, without a replay of any packet, and are exact for an instant between the first and the last packet of a run; see
 * `NAT_TABLE_STATEMENTS` for why.
 *
 * What entries do not tell: runs of versions that did not keep when a session ended are left out, with a notice of how many
 * entries; where the clock was set back over a change of the gateway, in which epoch that was made; and where the public side was
 * captured, which port a session has whose own was seen with somebody else, until its next entry: it is left out, with a notice.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, LOGSTORE_MISMATCH, RUN_NOT_FOUND, TIME_INVALID, OPTION_INVALID, QUERY_CANCELLED,
 * WORKSPACE_*
 */
export async function readNatTable(
  database: Database,
  request: NatTableRequest,
  { signal, sendBatch }: Pick<CallContext<'nat-table:read'>, 'signal' | 'sendBatch'>,
): Promise<NatTableReport> {
  refuseCancelled(signal);
  const host = request.host === null ? null : parseAddress(request.host);
  const natAddress = request.nat === null ? null : parseAddress(request.nat.address);
  const logstore = await findLogstore(database, request.project, request.logstore);
  const runs = await chosenRuns(database, logstore, request.run);
  refuseCancelled(signal);
  const entries = await sealedEntries(database, logstore.id);
  const entrySpans = await readEntrySpans(database, entries, runs);
  const atNs = resolveInstant({ text: request.at, zone: request.zone }, extentOf(entrySpans));
  refuseCancelled(signal);
  const all = gatewaySpans(entrySpans, await readGatewaySnapshots(database, runs));
  const spans = all.filter((span) => atNs !== null && span.fromNs <= atNs && atNs < span.untilNs);
  const live: LiveSessions = {
    entries,
    spans: spans.map(({ run, epoch, gateway: { vlanAware, portHold, timeModel, windowSec } }) => ({
      ...{ run, epoch, vlanAware, edgeNs: timeModel === 'aliflow' ? windowSec * NANOS_IN_SEC : null },
      observed: entrySpans.some((each) => each.run === run && each.epoch === epoch && each.observed > 0),
      holdNs: {
        tcp: portHold.tcp * NANOS_IN_SEC,
        udp: portHold.udp * NANOS_IN_SEC,
        icmp: portHold.icmp * NANOS_IN_SEC,
      },
    })),
    changes: changesUntil(spans, all, atNs ?? 0n),
    atNs: atNs ?? 0n,
    quietUntilNs: (atNs ?? 0n) - BigInt(longestTimeoutSec(spans) + longestHoldSec(spans)) * NANOS_PER_SEC,
    host,
    natAddress,
    natPort: request.nat?.port ?? null,
  };
  const destinations = await sendAll(streamPorts(database, live, signal), sendBatch);
  const sessions = await sendAll(streamSessions(database, live, signal), sendBatch);
  const unplaced = live.spans.some(({ observed }) => observed) ? await countUnplaced(database, live, signal) : 0;
  const totals = withLimits(await readNatTotals(database, live, signal), spans);
  return {
    at: atNs === null ? null : formatNanos(atNs),
    runs: runsOf(spans),
    sessions,
    destinations,
    totals,
    notices: [
      ...natTableNotices({ atNs, entrySpans, spans, totals, unplaced }),
      ...(await lossesOfRuns(
        database,
        runsOf(spans).map(({ run }) => run),
      )),
    ],
  };
}

/** @returns what the entries span; null for none */
export function extentOf(spans: readonly EntrySpan[]): LogExtent | null {
  if (spans.length === 0) return null;
  return {
    firstSec: spans.reduce((least, { firstSec }) => Math.min(least, firstSec), Infinity),
    lastSec: spans.reduce((most, { lastSec }) => Math.max(most, lastSec), -Infinity),
  };
}

/** @returns the rows that were sent */
async function sendAll(
  batches: AsyncIterable<ResultBatch>,
  sendBatch: (batch: ResultBatch) => Promise<void>,
): Promise<number> {
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.rowCount;
    await sendBatch(batch);
  }
  return rows;
}

function withLimits(totals: readonly Omit<NatTableTotal, 'limit'>[], spans: readonly GatewaySpan[]): NatTableTotal[] {
  const limits = new Map(spans.map(({ run, gateway }) => [run, portLimit(gateway)]));
  return totals.map((total) => ({ ...total, limit: limits.get(total.run) ?? 0 }));
}
