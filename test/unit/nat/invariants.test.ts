import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { gateways, traffic, type TrafficPacket } from '../../support/adversarial-traffic';
import { memorySource } from '../../support/memory-source';
import {
  expectEndpointsToBeAllowed,
  expectEndpointsToBeUnique,
  expectReasonsToBeCounted,
  expectRowsOfOneSession,
  expectRowsToBePackets,
  groupBy,
} from '../../support/nat-invariants';
import { T0 } from '../../support/nat-scenario';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { sessionLog, type Entry, type SessionLog } from '../../support/session-log';
import { SECOND, splitNs } from '../../support/time';
import { trafficFile, translateTraffic } from '../../support/translated-traffic';

/** What must not depend on how the packets came: all but their numbers. */
const told = ({ entries, events, ledger, sessions, latePackets }: SessionLog) => ({
  ...{ entries: entries.map((entry) => ({ ...entry, firstPacket: 0, lastPacket: 0 })) },
  ...{ events, packets: ledger.packets, ipBytes: ledger.ipBytes, sessions, latePackets },
});

const property = (check: (gateway: Gateway, packets: readonly TrafficPacket[], seed: number) => Promise<void>) =>
  fc.assert(fc.asyncProperty(gateways, traffic, fc.nat(), check), { numRuns: PROPERTY_RUNS });

test('of every gateway and all traffic, rows are the packets, and translations allowed and unique', () =>
  property(async (gateway, packets) => {
    const all = await translateTraffic(gateway, packets);
    expectRowsToBePackets(all);
    expectReasonsToBeCounted(all);
    expectRowsOfOneSession(all);
    expectEndpointsToBeAllowed(all);
    expectEndpointsToBeUnique(all);
  }));

test('however late packets are, and whatever is changed meanwhile, rows are the packets', () =>
  property(async (gateway, packets, seed) => {
    const random = seededRandom(seed);
    const latest = random.pick([3, 61, 700, 4000]) * 1_000_000_000;
    const late = packets
      .map((packet) => ({ packet, byNs: packet.atNs + BigInt(random.int(0, 9) === 0 ? random.int(0, latest) : 0) }))
      .sort((a, b) => Number(a.byNs - b.byNs))
      .map(({ packet }) => packet);
    const changes = [10, 400, 2000].map((sec) => ({
      atSec: Number(T0) + sec,
      snatEntries: gateway.snatEntries.filter(() => random.int(0, 3) > 0),
    }));
    const latePolicy = random.pick(['carry', 'drop', 'revise'] as const);
    const all = await translateTraffic({ ...gateway, changes, latePolicy }, late);
    expectRowsToBePackets(all, latePolicy !== 'revise');
    expectReasonsToBeCounted(all);
    expectRowsOfOneSession(all);
  }));

/** Of a new session that there is no room for. */
const REFUSALS: ReadonlySet<unknown> = new Set(['no_port', 'cps_limit', 'session_limit', 'host_limit']);

/** A fragment that was refused has brought its octets nevertheless. */
const withoutOverlap = (entry: Entry): Entry => ({
  ...entry,
  flags: entry.flags.filter((flag) => flag !== 'fragOverlap'),
});

test('a packet that is refused leaves everything as it was: without it, nothing is different', () =>
  property(async (gateway, packets) => {
    const all = await translateTraffic(gateway, packets);
    // The first and the last one say what the capture covers.
    const kept = packets.filter(
      (_, index) => index === 0 || index === packets.length - 1 || !REFUSALS.has(all.reasons[index]),
    );
    const { log } = await translateTraffic(gateway, kept);
    expect(told(log).entries.map(withoutOverlap)).toEqual(told(all.log).entries.map(withoutOverlap));
  }));

/** Octets and packets each way, by session. */
function totalsOf({ entries }: SessionLog) {
  const totals = new Map<number, number[]>();
  for (const { sessionId, vpc, inbound } of entries) {
    const counts = `${vpc}/${inbound}`.split('/').map(Number);
    totals.set(
      sessionId,
      counts.map((count, place) => count + (totals.get(sessionId)?.[place] ?? 0)),
    );
  }
  return totals;
}

test('windows that begin with their session change nothing but where its rows are cut', () =>
  property(async (gateway, packets, seed) => {
    const byEpoch = await translateTraffic(gateway, packets);
    const all = await translateTraffic({ ...gateway, windowPhase: 'session' }, packets);
    expect(all.reasons).toEqual(byEpoch.reasons);
    expect(totalsOf(all.log)).toEqual(totalsOf(byEpoch.log));
    expectRowsToBePackets(all, true);
    expectReasonsToBeCounted(all);
    expectRowsOfOneSession(all);
    expectEndpointsToBeAllowed(all);
    expectEndpointsToBeUnique(all);
    for (const rows of groupBy(all.log.entries, ({ sessionId }) => sessionId).values()) {
      // A fragment that came before the first one of its packet may be of a window before.
      const first = rows.find(({ revision }) => revision === 0);
      expect(first?.windowStart).toBe(Number(first!.firstNs / SECOND));
      for (const { windowStart } of rows)
        expect(Math.abs(windowStart - first!.windowStart) % gateway.windowSec).toBe(0);
    }
    const random = seededRandom(seed);
    const source = memorySource(trafficFile(packets), { chunkBytes: () => random.int(1, 300) });
    expect((await sessionLog([source], all.gateway)).entries).toEqual(all.log.entries);
  }));

test('however late packets are, rows of windows that begin with their session are the packets', () =>
  property(async (gateway, packets, seed) => {
    const random = seededRandom(seed);
    const late = packets
      .map((packet) => ({
        packet,
        byNs: packet.atNs + BigInt(random.int(0, 9) === 0 ? random.int(0, 700_000_000_000) : 0),
      }))
      .sort((a, b) => Number(a.byNs - b.byNs))
      .map(({ packet }) => packet);
    const latePolicy = random.pick(['carry', 'drop', 'revise'] as const);
    const all = await translateTraffic({ ...gateway, windowPhase: 'session', latePolicy }, late);
    expectRowsToBePackets(all, true);
    expectReasonsToBeCounted(all);
    expectRowsOfOneSession(all);
    const { entries, windows } = all.log;
    expect(windows).toBe(new Set(entries.map((entry) => `${entry.captureEpoch} ${entry.windowStart}`)).size);
  }));

describe('nothing but the numbers of packets depends on', () => {
  test('their order within two seconds', () =>
    property(async (gateway, packets, seed) => {
      const random = seededRandom(seed);
      const shuffled = packets
        .map((packet) => ({ packet, byNs: packet.atNs + BigInt(random.int(0, 2_000_000_000)) }))
        .sort((a, b) => Number(a.byNs - b.byNs))
        .map(({ packet }) => packet);
      const { log } = await translateTraffic(gateway, packets);
      expect(told((await translateTraffic(gateway, shuffled)).log)).toEqual(told(log));
    }));

  test('the files that they are in', () =>
    property(async (gateway, packets, seed) => {
      const random = seededRandom(seed);
      const files = [
        ...groupBy(
          packets.map((packet) => ({ packet, file: random.int(0, 4) })),
          ({ file }) => file,
        ),
      ].map(([, all]) => all.map(({ packet }) => packet));
      const sources = files.map((records) => {
        const { sec, nsec } = splitNs(records[0]!.atNs);
        return { source: memorySource(trafficFile(records)), firstSec: sec, firstNsec: nsec };
      });
      sources.sort((a, b) => a.firstSec - b.firstSec || a.firstNsec - b.firstNsec);
      const { log } = await translateTraffic(gateway, packets);
      expect(told(await sessionLog(sources, gateway))).toEqual(told(log));
    }));

  // Nor on anything else: the same gateway gives the same rows again.
  test('the pieces in which a file is read', () =>
    property(async (gateway, packets, seed) => {
      const random = seededRandom(seed);
      const source = memorySource(trafficFile(packets), {
        chunkBytes: () => random.int(1, 300),
        isLate: seed % 2 === 0,
      });
      const { log } = await translateTraffic(gateway, packets);
      expect((await sessionLog([source], gateway)).entries).toEqual(log.entries);
    }));
});

test('the traffic has what it is meant to have', async () => {
  const samples = fc.sample(fc.tuple(gateways, traffic), { numRuns: 120, seed: 1 });
  const seen = new Set<string>();
  for (const [gateway, packets] of samples) {
    const { log, reasons } = await translateTraffic(gateway, packets);
    for (const { end, flags } of log.entries) for (const what of [end, ...flags]) seen.add(what);
    for (const reason of reasons) if (reason !== null) seen.add(reason);
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      ...['open', 'idle', 'fin', 'rst', 'reused', 'capture_end', 'midstream', 'affinityBroken'],
      ...[
        'fragOverlap',
        'frag_no_head',
        'no_session',
        'icmp_no_session',
        'invalid_flags',
        'no_port',
        'cps_limit',
        'session_limit',
        'host_limit',
      ],
    ]),
  );
});
