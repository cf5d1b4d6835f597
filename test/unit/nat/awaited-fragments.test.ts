import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fragment, udpPacket, type Endpoint } from '../../support/frames';
import { HOST, S, S2, T0, at, fixture, flagsOf, rowText, run, udp } from '../../support/nat-scenario';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { sessionLog } from '../../support/session-log';
import { SECOND } from '../../support/time';

/*
 * Fragments that came before the first one of their packet: scenario 49. They came in time, and count in the window of their own time
 * as long as packets may come in time for that: "a window is sealed at W >= window_end", nat-gateway reference §6.
 */

const CLIENT: Endpoint = `${HOST}:5000`;
const [head, middle, last] = fragment(
  udpPacket({ from: CLIENT, to: S, identification: 99, payload: new Uint8Array(3000) }),
  1480,
) as [Uint8Array, Uint8Array, Uint8Array];
const row = (counts: string) => `17 ${CLIENT} -> ${S} via 198.51.100.10:1025 | ${counts}`;
/** Of another host, in both windows. */
const beside = (sec: number) => at(sec, udp('10.0.0.9:1', S2, 60));
const ofClient = ({ entries }: Awaited<ReturnType<typeof run>>) => entries.filter(({ pri }) => pri === CLIENT);
const policies = (['revise', 'carry', 'drop'] as const).map((latePolicy) => ({ latePolicy }));

describe.each(policies)('a fragment whose first one comes in the next window, with $latePolicy', ({ latePolicy }) => {
  const split = [beside(500), at(599.9, last), at(600.1, head), at(600.2, middle), beside(700)];

  test('counts in its own, and is not late', async () => {
    const log = await run(split, { latePolicy });
    expect(ofClient(log).map(rowText)).toEqual([row('68/1 | 0/0 | 599-599'), row('3000/2 | 0/0 | 600-600')]);
    expect(ofClient(log).map(({ windowStart, revision, end }) => [windowStart - Number(T0), revision, end])).toEqual([
      ...[
        [0, 0, 'open'],
        [600, 0, 'idle'],
      ],
    ]);
    expect(ofClient(log).map(flagsOf)).toEqual([[], []]);
    expect([log.latePackets, log.ledger.packets.notInEntries]).toEqual([0, {}]);
  });

  test('adds to the entry that its session has there, which was handed out', async () => {
    const log = await run([at(590, udp(CLIENT, S, 60)), ...split], { latePolicy });
    expect(ofClient(log).map((entry) => [rowText(entry), entry.revision, flagsOf(entry)])).toEqual([
      [row('60/1 | 0/0 | 590-590'), 0, []],
      [row('68/1 | 0/0 | 599-599'), 1, ['revised']],
      [row('3000/2 | 0/0 | 600-600'), 0, []],
    ]);
    expect([log.latePackets, log.ledger.packets.notInEntries]).toEqual([0, {}]);
  });

  test('is refused with that', async () => {
    const none = { limits: { maxSessions: 1, maxNewPerSec: null, maxPortsPerHost: null, maxNewPerSecPerHost: null } };
    const log = await run([beside(590), ...split.slice(1, 4), beside(610)], { latePolicy, ...none });
    expect(ofClient(log)).toEqual([]);
    expect(log.ledger.packets.notInEntries).toEqual({ session_limit: 3 });
  });

  test('does so where windows begin with their session', async () => {
    const packets = [at(0, udp(CLIENT, S, 60)), at(50, udp(CLIENT, S, 60)), ...split.slice(1)];
    const alive = Array.from({ length: 11 }, (_, index) => at(100 + index * 49, udp(CLIENT, S, 60)));
    const log = await run([...packets.slice(0, 2), ...alive, ...packets.slice(2)], {
      latePolicy,
      windowPhase: 'session',
    });
    const sum = (start: number) =>
      ofClient(log)
        .filter(({ windowStart }) => windowStart - Number(T0) === start)
        .reduce((packetsOf, { vpc }) => packetsOf + Number(vpc.split('/')[1]), 0);
    expect([sum(0), sum(600)]).toEqual([14, 2]);
    expect([log.latePackets, log.ledger.packets.notInEntries]).toEqual([0, {}]);
  });
});

test('of a session that is alive then, its entry ends with the window in the time model of flow logs', async () => {
  const log = await run([at(599.9, last), at(600.1, head), beside(700)], { timeModel: 'aliflow' });
  expect(ofClient(log).map((entry) => Number(entry.lastNs / SECOND - T0))).toEqual([600, 600]);
});

test.each([
  { name: 'a moment before the window of the fragment is sealed', headSec: 601.999, isLate: false },
  { name: 'when it is', headSec: 602, isLate: true },
])('the first one may come $name: late is $isLate', async ({ headSec, isLate }) => {
  const packets = [beside(500), at(590, last), at(headSec, head), beside(700)];
  const revised = await run(packets, { latePolicy: 'revise' });
  expect(ofClient(revised).map(({ revision, vpc }) => [revision, vpc])).toEqual([
    [Number(isLate), '68/1'],
    [0, '1500/1'],
  ]);
  expect(revised.latePackets).toBe(Number(isLate));
  const dropped = await run(packets, { latePolicy: 'drop' });
  expect(dropped.ledger.packets.notInEntries).toEqual(isLate ? { late_dropped: 1 } : {});
});

test('law: in whatever order the fragments of a packet come, and however the capture is cut, each counts in its own window', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ ms: fc.integer({ min: 0, max: 1900 }), order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }) }),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      fc.constantFrom('revise', 'carry', 'drop'),
      fc.nat(30),
      async (datagrams, latePolicy, cutAt) => {
        const records = datagrams.flatMap(({ ms, order }, index): CaptureRecord[] => {
          const packet = udpPacket({
            from: `10.0.0.7:${index}`,
            to: S,
            identification: index,
            payload: new Uint8Array(3000),
          });
          const parts = fragment(packet, 1480);
          return order.map((part, place) => at(599 + (ms + place * 30) / 1000, parts[part]!));
        });
        const ordered = [beside(590), ...records, beside(650)].sort((one, other) => Number(one.atNs - other.atNs));
        const files = [ordered.slice(0, cutAt), ordered.slice(cutAt)].filter((part) => part.length > 0);
        const sources = files.map((part) => memorySource(pcapFile(part, { linkType: LINK.raw, resolution: 'ns' })));
        const log = await sessionLog(sources, fixture({ latePolicy }));
        const edgeNs = (T0 + 600n) * SECOND;
        const before = records.filter(({ atNs }) => atNs < edgeNs).length;
        const counted = (start: number) =>
          log.entries
            .filter(({ pri, windowStart }) => pri.startsWith('10.0.0.7') && windowStart - Number(T0) === start)
            .reduce((sum, { vpc }) => sum + Number(vpc.split('/')[1]), 0);
        expect([counted(0), counted(600)]).toEqual([before, records.length - before]);
        expect([log.latePackets, log.ledger.packets.notInEntries]).toEqual([0, {}]);
      },
    ),
    { numRuns: PROPERTY_RUNS },
  ));
