import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SoughtEntry } from '../../../src-main/capture/entry-packets';
import type { TracedEntry } from '../../../src-main/engine/entry-trace';
import { findPackets, tracePackets } from '../../../src-main/engine/find-packets';
import { at, fewPorts, fewSessions, sourceOf } from '../../support/few-sessions';
import { ethernet, ipv4Number, splitEndpoint, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { LINK, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { sessionLog, type Entry, type SessionLog } from '../../support/session-log';

/** A thousand runs take four minutes, and longer on a busy machine. */
const TIMEOUT_MS = 60_000 + 800 * PROPERTY_RUNS;

function soughtOf(entry: Entry): SoughtEntry & TracedEntry {
  const { protocol, pri, pub, natIp, sessionId, windowStart, firstPacket, lastPacket } = entry;
  const [from, to] = [splitEndpoint(pri as Endpoint), splitEndpoint(pub as Endpoint)];
  const tuple = {
    priIp: ipv4Number(from.address),
    priPort: from.port,
    pubIp: ipv4Number(to.address),
    pubPort: to.port,
  };
  return { protocol, ...tuple, natIp: ipv4Number(natIp), sessionId, windowStart, firstPacket, lastPacket };
}

interface Slice {
  readonly numbers: readonly number[];
  /** Whether packets and octets are those that the entry counts. */
  readonly addsUp: boolean;
}

/** Windows of the gateway's, and of each session's own. */
const windows = fc.constantFrom(fewPorts, { ...fewPorts, windowPhase: 'session' as const });

type Captures = readonly (readonly CaptureRecord[])[];

/** What one of the two ways finds of each entry. */
async function slicesOf(
  captures: Captures,
  log: SessionLog,
  find: typeof findPackets | typeof tracePackets,
  gateway = fewPorts,
): Promise<Slice[]> {
  const slices: Slice[] = [];
  for (const entry of log.entries) {
    const numbers: number[] = [];
    const found = await find(captures.map(sourceOf), {
      entry: soughtOf(entry),
      layer: 'auto',
      gateway,
      onPacket: ({ packetNo, frame }) => {
        numbers.push(packetNo);
        const record = captures[Math.floor(packetNo / 2 ** 40)]?.[(packetNo % 2 ** 40) - 1];
        expect(frame).toMatchObject({ linkType: LINK.ethernet, wireBytes: record?.bytes.length });
        expect(Buffer.compare(frame.bytes, record?.bytes ?? new Uint8Array())).toBe(0);
      },
    });
    const [vpc, inbound] = [entry.vpc, entry.inbound].map((text) => text.split('/').map(Number));
    const addsUp = found.packets === vpc![1]! + inbound![1]! && found.ipBytes === vpc![0]! + inbound![0]!;
    slices.push({ numbers, addsUp });
  }
  return slices;
}

function logOf(captures: Captures, gateway = fewPorts): Promise<SessionLog> {
  return sessionLog(captures.map(sourceOf), gateway);
}

test(
  'law: the packets of each entry add up to it, and each packet in entries is in exactly one slice',
  async () => {
    await fc.assert(
      fc.asyncProperty(fewSessions, windows, async (captures, gateway) => {
        const log = await logOf(captures, gateway);
        const slices = await slicesOf(captures, log, tracePackets, gateway);
        expect(slices.every(({ addsUp }) => addsUp)).toBe(true);
        const all = slices.flatMap(({ numbers }) => numbers);
        expect(new Set(all).size).toBe(all.length);
        expect(all.length).toBe(log.ledger.packets.inEntries);
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
        const found = await slicesOf(captures, log, findPackets, gateway);
        const traced = await slicesOf(captures, log, tracePackets, gateway);
        for (const [place, { numbers, addsUp }] of found.entries()) {
          const own = new Set(traced[place]!.numbers);
          expect(numbers.filter((packetNo) => own.has(packetNo))).toEqual(traced[place]!.numbers);
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
  expect(await slicesOf([records], log, findPackets)).toEqual([
    { numbers: [2, 3, 4, 5, 6, 7], addsUp: true },
    { numbers: [8, 9, 10], addsUp: true },
  ]);
});

test('a packet that came late is written where the gateway saw it', async () => {
  const udp = (ms: number): CaptureRecord =>
    at(ms, ethernet(udpPacket({ from: '10.0.0.1:1000', to: '203.0.113.9:53' })));
  const records = [udp(0), udp(1500), udp(1000), udp(9000)];
  const log = await logOf([records]);
  for (const find of [findPackets, tracePackets]) {
    expect(await slicesOf([records], log, find)).toEqual([{ numbers: [1, 3, 2, 4], addsUp: true }]);
  }
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
  expect(await slicesOf([records], log, tracePackets)).toEqual([
    { numbers: [1, 2, 3, 5], addsUp: true },
    { numbers: [4, 6, 7], addsUp: true },
  ]);
  const found = await slicesOf([records], log, findPackets);
  expect(found.map(({ addsUp }) => addsUp)).toEqual([false, false]);
});
