import { readChangedRuns } from '../../duckdb/attribution';
import type { Database } from '../../duckdb/database';
import { readEntrySpans, readGatewaySnapshots, type SpanChange } from '../../duckdb/nat-table';
import { sealedEntries } from '../../duckdb/undelivered';
import { changesUntil, gatewaySpans } from '../gateway-spans';
import type { HeldSession } from './held-sessions';
import { endsAtEdge } from './window-edges';

/** What was changed in the gateway of a run while its captures ran. */
interface RunChanges {
  /** In order. */
  readonly changes: readonly SpanChange[];
  /** The last capture epoch that has entries. */
  readonly lastEpoch: number;
}

/** By run; nothing of those whose gateway has no change. */
export type ChangesByRun = ReadonlyMap<number, RunChanges>;

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
  const lastEpochs = new Map(entrySpans.map(({ run, epoch }) => [run, epoch]));
  return new Map(
    changed.map((run) => [
      run,
      { changes: changes.filter((change) => change.run === run), lastEpoch: lastEpochs.get(run) ?? 0 },
    ]),
  );
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
    ?.changes.find(
      ({ epoch: ofEpoch, atNs, entries: snatEntries }) =>
        ofEpoch === epoch &&
        atNs < untilNs &&
        entries.every((entry) => entry.lastNs < atNs || (entry.lastNs === atNs && endsAtEdge(entry, edges))) &&
        takesAddress(snatEntries, priIp, natEip),
    );
  return change === undefined ? session : { ...session, untilNs: change.atNs, endReason: 'forced_end' };
}

/**
 * What has ended a session by force: a change by which its host lost its address, if one was due in the capture epoch behind its last
 * packet, or the clock, which was set back at the end of each epoch but the last. Of a session without a known host no change does.
 *
 * @returns null where it may have been either, or where that was not kept
 */
export function forcedBy({ run, last, untilNs }: HeldSession, changes: ChangesByRun): 'change' | 'clock' | null {
  const { priIp, natEip, epoch, lastNs, firstPacket } = last;
  if (firstPacket === null || untilNs === null) return null;
  const { changes: ofRun, lastEpoch } = changes.get(run) ?? { changes: [], lastEpoch: epoch };
  const due = ofRun.filter(
    ({ epoch: ofEpoch, atNs, entries }) => ofEpoch === epoch && atNs >= lastNs && takesAddress(entries, priIp, natEip),
  );
  if (due.length === 0) return 'clock';
  return epoch === lastEpoch || due.some(({ atNs }) => atNs === untilNs) ? 'change' : null;
}

function takesAddress(entries: SpanChange['entries'], priIp: number | null, natEip: number | null): boolean {
  return priIp !== null && natEip !== null && !addressesOf(priIp, entries).includes(natEip);
}

/** @returns those that the first entry that covers a host has for it */
function addressesOf(host: number, entries: SpanChange['entries']): readonly number[] {
  return entries.find(({ base, mask }) => (host & mask) >>> 0 === base)?.eips ?? [];
}
