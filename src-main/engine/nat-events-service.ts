import type { NatEventsReport, NatEventsRequest } from '../contract/nat-events';
import type { Notice } from '../contract/result-batch';
import { findLogstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { readEntrySpans, type EntrySpan } from '../duckdb/nat-table';
import { readEventKinds, readEventSpan, streamEvents, type ChosenEvents } from '../duckdb/nat-events';
import { sealedEntries } from '../duckdb/undelivered';
import { parseAddress } from '../nat/address-text';
import { resolveRange, type LogExtent, type TimeRange } from '../query/time-range';
import type { CallContext } from './engine-calls';
import { extentOf } from './nat-table-service';
import { importsText } from './nat-table-notices';
import { chosenRuns, lossesOfRuns, refuseCancelled } from './open-log';

const NANOS_PER_SEC = 1_000_000_000n;
/** In the year 2262; later packets have it. */
const LARGEST_NS = 2n ** 63n - 1n;

/**
 * What the gateways of a Logstore refused, and the blocks of ports that they gave and took: all of it, as batches, of
 * committed runs.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, RUN_NOT_FOUND, TIME_INVALID, OPTION_INVALID, QUERY_CANCELLED,
 * WORKSPACE_*
 */
export async function readNatEvents(
  database: Database,
  request: NatEventsRequest,
  { signal, sendBatch }: Pick<CallContext<'nat-events:read'>, 'signal' | 'sendBatch'>,
): Promise<NatEventsReport> {
  refuseCancelled(signal);
  const host = request.host === null ? null : parseAddress(request.host);
  const logstore = await findLogstore(database, request.project, request.logstore);
  const runs = await chosenRuns(database, logstore, request.run);
  refuseCancelled(signal);
  const entrySpans = await readEntrySpans(database, await sealedEntries(database, logstore.id), runs);
  const range = resolveRange(request, both(extentOf(entrySpans), await readEventSpan(database, runs)));
  refuseCancelled(signal);
  const chosen = { runs: range === null ? [] : runs, ...nanosOf(range ?? { fromSec: 0, toSec: 0 }), host };
  let events = 0;
  for await (const batch of streamEvents(database, chosen, signal)) {
    events += batch.rowCount;
    await sendBatch(batch);
  }
  const kinds = await readEventKinds(database, chosen);
  return { range, events, kinds, notices: [...olderRuns(entrySpans), ...(await lossesOfRuns(database, runs))] };
}

/** Times that events cannot have are as far as those that they can. */
function nanosOf({ fromSec, toSec }: TimeRange): Pick<ChosenEvents, 'firstNs' | 'lastNs'> {
  const firstNs = BigInt(fromSec) * NANOS_PER_SEC;
  const lastNs = BigInt(toSec) * NANOS_PER_SEC - 1n;
  return { firstNs: firstNs > LARGEST_NS ? LARGEST_NS : firstNs, lastNs: lastNs > LARGEST_NS ? LARGEST_NS : lastNs };
}

/** Entries are at their first packet: events may be behind the last one. */
function both(entries: LogExtent | null, events: LogExtent | null): LogExtent | null {
  if (entries === null || events === null) return entries ?? events;
  return {
    firstSec: Math.min(entries.firstSec, events.firstSec),
    lastSec: Math.max(entries.lastSec, events.lastSec),
  };
}

/** The version that began to keep events began to keep when ports were free again. */
function olderRuns(spans: readonly EntrySpan[]): Notice[] {
  const runs = [...new Set(spans.filter(({ unknown }) => unknown > 0).map(({ run }) => run))];
  if (runs.length === 0) return [];
  const text = `Events of ${importsText(runs)} are not known: they come from an older version, which kept none. Import the captures again.`;
  return [{ kind: 'limited', text }];
}
