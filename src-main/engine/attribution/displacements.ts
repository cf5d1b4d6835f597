import { readChangedRuns } from '../../duckdb/attribution';
import type { Database } from '../../duckdb/database';
import { readEntrySpans, readGatewaySnapshots, type SpanChange } from '../../duckdb/nat-table';
import { sealedEntries } from '../../duckdb/undelivered';
import { changesUntil, gatewaySpans } from '../gateway-spans';
import type { HeldSession } from './held-sessions';
import { endsAtEdge } from './window-edges';

/** By run, what was changed in its gateway while its captures ran, in order; nothing of runs without any change. */
export type ChangesByRun = ReadonlyMap<number, readonly SpanChange[]>;

/** Entries are read only where some gateway was changed, to find in which of its epochs. */
export async function readGatewayChanges(
  database: Database,
  logstoreId: number,
  runs: readonly number[],
): Promise<ChangesByRun> {
  const changed = await readChangedRuns(database, runs);
  if (changed.length === 0) return new Map();
  const entrySpans = await readEntrySpans(database, await sealedEntries(database, logstoreId), changed);
  const spans = gatewaySpans(entrySpans, await readGatewaySnapshots(database, changed));
  // What is due behind the last window was not made any more.
  const changes = spans.flatMap((span) => changesUntil([span], spans, span.untilNs - 1n));
  return new Map(changed.map((run) => [run, changes.filter((change) => change.run === run)]));
}

/**
 * The gateway ends a session for a change by which its host loses its address, and no entry tells of it where the session has
 * none in that window. One of which a later packet came has outlived the change, whatever address it has now.
 *
 * @see `NAT_TABLE_STATEMENTS`, which has the same of all sessions at once
 */
export function endedByChange(session: HeldSession, changes: ChangesByRun): HeldSession {
  const { run, entries, last, edges, untilNs } = session;
  const { priIp, natEip, epoch } = last;
  if (priIp === null || natEip === null || untilNs === null) return session;
  const change = changes
    .get(run)
    ?.find(
      ({ epoch: ofEpoch, atNs, entries: snatEntries }) =>
        ofEpoch === epoch &&
        atNs < untilNs &&
        entries.every((entry) => entry.lastNs < atNs || (entry.lastNs === atNs && endsAtEdge(entry, edges))) &&
        !addressesOf(priIp, snatEntries).includes(natEip),
    );
  return change === undefined ? session : { ...session, untilNs: change.atNs, endReason: 'forced_end' };
}

/** @returns those that the first entry that covers a host has for it */
function addressesOf(host: number, entries: SpanChange['entries']): readonly number[] {
  return entries.find(({ base, mask }) => (host & mask) >>> 0 === base)?.eips ?? [];
}
