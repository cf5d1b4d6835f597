import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FoundPacket, SoughtEntry } from '../../../src-main/capture/entry-packets';
import { findPackets, tracePackets } from '../../../src-main/engine/find-packets';
import { FoundEntries, type FoundEntry } from '../../../src-main/engine/found-entries';
import { PacketPath } from '../../../src-main/engine/packet-path';
import { PacketTrace } from '../../../src-main/engine/packet-trace';
import { at, fewPorts, fewSessions, sourceOf } from '../../support/few-sessions';
import { ethernet, ipv4Number, splitEndpoint, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { LINK, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { sessionLog, type Entry, type SessionLog } from '../../support/session-log';

/** A thousand runs take four minutes, and longer on a busy machine. */
const TIMEOUT_MS = 60_000 + 800 * PROPERTY_RUNS;

/** All that tells its packets from others. */
type Sought = SoughtEntry & FoundEntry;

function soughtOf(entry: Entry): Sought {
  const { entryNo, protocol, pri, pub, natIp, natEip, natPort, sessionId, windowStart, firstPacket, lastPacket } =
    entry;
  const [from, to] = [splitEndpoint(pri as Endpoint), splitEndpoint(pub as Endpoint)];
  const [vpc, inbound] = [entry.vpc, entry.inbound].map((text) => text.split('/').map(Number));
  return {
    ...{ entryNo, protocol, sessionId, windowStart, firstPacket, lastPacket },
    ...{ priIp: ipv4Number(from.address), priPort: from.port, pubIp: ipv4Number(to.address), pubPort: to.port },
    ...{ natIp: ipv4Number(natIp), natEip: ipv4Number(natEip), natPort },
    ...{ packets: vpc![1]! + inbound![1]!, ipBytes: vpc![0]! + inbound![0]! },
  };
}

interface Slice {
  readonly numbers: readonly number[];
  /** Whether packets and octets are those that the entry counts. */
  readonly addsUp: boolean;
}

/** Windows of the gateway's, and of each session's own. */
const windows = fc.constantFrom(fewPorts, { ...fewPorts, windowPhase: 'session' as const });

type Captures = readonly (readonly CaptureRecord[])[];

function checkFrame(captures: Captures, { packetNo, frame }: FoundPacket): void {
  const record = captures[Math.floor(packetNo / 2 ** 40)]?.[(packetNo % 2 ** 40) - 1];
  expect(frame).toMatchObject({ linkType: LINK.ethernet, wireBytes: record?.bytes.length });
  expect(Buffer.compare(frame.bytes, record?.bytes ?? new Uint8Array())).toBe(0);
}

/** What each entry has by its five-tuple. */
async function foundOf(captures: Captures, log: SessionLog, gateway = fewPorts): Promise<Slice[]> {
  const slices: Slice[] = [];
  for (const entry of log.entries.map(soughtOf)) {
    const numbers: number[] = [];
    const found = await findPackets(captures.map(sourceOf), entry, { layer: 'auto', gateway }, (packet) => {
      numbers.push(packet.packetNo);
      checkFrame(captures, packet);
    });
    slices.push({ numbers, addsUp: found.packets === entry.packets && found.ipBytes === entry.ipBytes });
  }
  return slices;
}

interface Traced {
  readonly slices: readonly Slice[];
  /** Of all of them, as they came. */
  readonly numbers: readonly number[];
}

/** What entries have when all of them are looked for at once. */
async function tracedOf(captures: Captures, entries: readonly Entry[], gateway = fewPorts): Promise<Traced> {
  const sought = entries.map(soughtOf).toSorted((a, b) => a.sessionId - b.sessionId || a.windowStart - b.windowStart);
  const found = FoundEntries.of(sought);
  const numbers: number[] = [];
  const byEntry = new Map<number, number[]>(sought.map(({ entryNo }) => [entryNo, []]));
  const outOfOrder = await tracePackets(
    captures.map(sourceOf),
    found,
    { layer: 'auto', gateway },
    (packet, at, isFirst) => {
      const own = byEntry.get(found.entryNo(at))!;
      expect(isFirst).toBe(own.length === 0);
      own.push(packet.packetNo);
      numbers.push(packet.packetNo);
      checkFrame(captures, packet);
    },
  );
  expect(outOfOrder).toBe(0);
  expect(found.packets).toBe(numbers.length);
  const { different } = found.sums();
  const slices = entries.map(({ entryNo }, place) => {
    const own = byEntry.get(entryNo)!;
    return { numbers: own, addsUp: different === 0 && own.length === soughtOf(entries[place]!).packets };
  });
  return { slices, numbers };
}

async function logOf(captures: Captures, gateway = fewPorts): Promise<SessionLog> {
  const log = await sessionLog(captures.map(sourceOf), gateway);
  return { ...log, entries: wholeEntries(log.entries) };
}

/** As the log has them: with what fragments that waited for their first ones have added after their window was closed. */
function wholeEntries(entries: readonly Entry[]): Entry[] {
  const whole = new Map<string, Entry>();
  for (const entry of entries) {
    const key = `${entry.sessionId} ${entry.windowStart}`;
    const before = whole.get(key);
    whole.set(key, before === undefined ? entry : withAddition(before, entry));
  }
  return [...whole.values()];
}

function withAddition(entry: Entry, { vpc, inbound, lastPacket }: Entry): Entry {
  const sum = (one: string, other: string): string => {
    const [bytes = 0, packets = 0] = one.split('/').map(Number);
    const [moreBytes = 0, morePackets = 0] = other.split('/').map(Number);
    return `${bytes + moreBytes}/${packets + morePackets}`;
  };
  return { ...entry, vpc: sum(entry.vpc, vpc), inbound: sum(entry.inbound, inbound), lastPacket };
}

/** The packets in the order in which the gateway sees them. */
async function gatewayOrder(captures: Captures, gateway: typeof fewPorts): Promise<number[]> {
  const order: number[] = [];
  await sessionLog(captures.map(sourceOf), gateway, 'auto', (batch) => {
    order.push(...batch.packetNo.subarray(0, batch.length));
  });
  return order;
}

test(
  'law: the packets of entries that are looked for at once add up to each, and come once, in the order of the gateway',
  async () => {
    await fc.assert(
      fc.asyncProperty(fewSessions, windows, fc.nat(), async (captures, gateway, pick) => {
        const log = await logOf(captures, gateway);
        const { slices, numbers } = await tracedOf(captures, log.entries, gateway);
        expect(slices.every(({ addsUp }) => addsUp)).toBe(true);
        expect(numbers.length).toBe(log.ledger.packets.inEntries);
        const wanted = new Set(numbers);
        expect(wanted.size).toBe(numbers.length);
        expect(numbers).toEqual((await gatewayOrder(captures, gateway)).filter((packetNo) => wanted.has(packetNo)));
        // One of them, and every other one: no entry has more or less for those that are looked for with it.
        if (log.entries.length === 0) return;
        const one = pick % log.entries.length;
        expect((await tracedOf(captures, [log.entries[one]!], gateway)).slices).toEqual([slices[one]]);
        const even = log.entries.filter((_, place) => place % 2 === 0);
        const evenSlices = slices.filter((_, place) => place % 2 === 0);
        expect((await tracedOf(captures, even, gateway)).slices).toEqual(evenSlices);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'law: what is found by five-tuple has all packets of the entry, and no others if it is as many',
  async () => {
    let exact = 0;
    let entries = 0;
    await fc.assert(
      fc.asyncProperty(fewSessions, windows, async (captures, gateway) => {
        const log = await logOf(captures, gateway);
        const found = await foundOf(captures, log, gateway);
        const traced = await tracedOf(captures, log.entries, gateway);
        for (const [place, { numbers, addsUp }] of found.entries()) {
          const own = new Set(traced.slices[place]!.numbers);
          expect(numbers.filter((packetNo) => own.has(packetNo))).toEqual(traced.slices[place]!.numbers);
          expect(addsUp).toBe(numbers.length === own.size);
          exact += addsUp ? 1 : 0;
          entries++;
        }
      }),
      { numRuns: PROPERTY_RUNS },
    );
    expect(exact).toBeGreaterThan(entries / 2);
  },
  TIMEOUT_MS,
);

test('packets of a reused five-tuple stay apart, and those in no entry are in none', async () => {
  const [client, server] = ['10.0.0.1:1000', '203.0.113.9:443'] as const;
  const out = (ms: number, flags: string): CaptureRecord =>
    at(ms, ethernet(tcpPacket({ from: client, to: server, flags })));
  const back = (ms: number, flags: string): CaptureRecord =>
    at(ms, ethernet(tcpPacket({ from: server, to: client, flags })));
  const records = [
    back(0, 'S'), // Nobody's.
    ...[out(10, 'S'), back(20, 'SA'), out(30, 'A'), out(40, 'FA'), back(50, 'FA'), out(60, 'A')],
    ...[out(70, 'S'), back(80, 'SA'), out(90, 'A')],
  ];
  const log = await logOf([records]);
  expect(log.entries).toHaveLength(2);
  expect(await foundOf([records], log)).toEqual([
    { numbers: [2, 3, 4, 5, 6, 7], addsUp: true },
    { numbers: [8, 9, 10], addsUp: true },
  ]);
});

test('a packet that came late is written where the gateway saw it', async () => {
  const udp = (ms: number): CaptureRecord =>
    at(ms, ethernet(udpPacket({ from: '10.0.0.1:1000', to: '203.0.113.9:53' })));
  const records = [udp(0), udp(1500), udp(1000), udp(9000)];
  const log = await logOf([records]);
  const expected = [{ numbers: [1, 3, 2, 4], addsUp: true }];
  expect(await foundOf([records], log)).toEqual(expected);
  expect((await tracedOf([records], log.entries)).slices).toEqual(expected);
});

test('a SYN that is carried into an entry is its first packet, though its capture is read behind that of the others', async () => {
  const [client, server] = ['10.0.0.1:1000', '203.0.113.9:443'] as const;
  const out = (ms: number, flags: string, seq: number): CaptureRecord =>
    at(ms, ethernet(tcpPacket({ from: client, to: server, flags, seq })));
  const captures = [
    [out(598_998, 'A', 1000), out(603_000, 'A', 1000)],
    [out(598_999, 'A', 1000), out(599_000, 'S', 2000)],
  ];
  const log = await logOf(captures);
  const second = 2 ** 40;
  expect(await foundOf(captures, log)).toEqual([
    { numbers: [1, second + 1], addsUp: true },
    { numbers: [second + 2, 2], addsUp: true },
  ]);
});

test('a SYN that opens the next session before the last packet of the one before is in the next one', async () => {
  const [client, server] = ['10.0.0.1:1000', '203.0.113.9:443'] as const;
  const out = (ms: number, flags: string, seq: number): CaptureRecord =>
    at(ms, ethernet(tcpPacket({ from: client, to: server, flags, seq })));
  const back = (ms: number, flags: string, ack: number): CaptureRecord =>
    at(ms, ethernet(tcpPacket({ from: server, to: client, flags, ack })));
  const records = [
    ...[out(10, 'S', 100), back(20, 'SA', 101), out(30, 'A', 101)],
    ...[out(40, 'S', 900), out(50, 'PA', 101), back(60, 'SA', 901), out(70, 'A', 901)],
  ];
  const log = await logOf([records]);
  expect(await tracedOf([records], log.entries)).toEqual({
    slices: [
      { numbers: [1, 2, 3, 5], addsUp: true },
      { numbers: [4, 6, 7], addsUp: true },
    ],
    numbers: [1, 2, 3, 4, 5, 6, 7],
  });
  const found = await foundOf([records], log);
  expect(found.map(({ addsUp }) => addsUp)).toEqual([false, false]);

  // Where nothing may wait for the answer, the SYN comes when the answer has been seen.
  const entries = FoundEntries.of(log.entries.map(soughtOf));
  const numbers: number[] = [];
  const trace = new PacketTrace(entries, ({ packetNo }) => numbers.push(packetNo), 0);
  const path = new PacketPath([sourceOf(records)], { layer: 'auto', gateway: fewPorts }, trace);
  trace.follow(path.decoder);
  while (path.step() as boolean);
  expect(numbers).toEqual([1, 2, 3, 5, 6, 7, 4]);
  expect([trace.outOfOrder, trace.isOver]).toEqual([1, true]);
});
