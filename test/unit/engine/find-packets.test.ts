import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MergeSource } from '../../../src-main/capture/capture-merge';
import type { SoughtEntry } from '../../../src-main/capture/entry-packets';
import { findPackets } from '../../../src-main/engine/find-packets';
import {
  fragment,
  icmpEcho,
  ipv4Number,
  splitEndpoint,
  tcpPacket,
  udpPacket,
  type Endpoint,
} from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { gatewayWith, sessionLog, type Entry, type SessionLog } from '../../support/session-log';
import { MILLISECOND, SECOND } from '../../support/time';

const T0 = 1_700_000_400n;
const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'] });

const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({ atNs: T0 * SECOND + BigInt(ms) * MILLISECOND, bytes });
const fileOf = (records: readonly CaptureRecord[]): Uint8Array => pcapFile(records, { linkType: LINK.raw });
const sourceOf = (records: readonly CaptureRecord[]): MergeSource => {
  const ns = records[0]?.atNs ?? 0n;
  return { source: memorySource(fileOf(records)), firstSec: Number(ns / SECOND), firstNsec: Number(ns % SECOND) };
};

function soughtOf({ protocol, pri, pub, firstPacket, lastPacket }: Entry): SoughtEntry {
  const [from, to] = [splitEndpoint(pri as Endpoint), splitEndpoint(pub as Endpoint)];
  const [priIp, pubIp] = [ipv4Number(from.address), ipv4Number(to.address)];
  return { protocol, priIp, priPort: from.port, pubIp, pubPort: to.port, firstPacket, lastPacket };
}

/** The numbers of each entry's packets, and whether their sums are those that the entry counts. */
async function slicesOf(
  captures: readonly (readonly CaptureRecord[])[],
  log: SessionLog,
): Promise<{ readonly numbers: readonly number[][]; readonly addUp: boolean }> {
  const numbers: number[][] = [];
  let addUp = true;
  for (const entry of log.entries) {
    const own: number[] = [];
    const found = await findPackets(captures.map(sourceOf), {
      entry: soughtOf(entry),
      layer: 'auto',
      gateway,
      onPacket: ({ packetNo, frame }) => {
        own.push(packetNo);
        const record = captures[Math.floor(packetNo / 2 ** 40)]?.[(packetNo % 2 ** 40) - 1];
        expect(frame).toMatchObject({ linkType: LINK.raw, wireBytes: record?.bytes.length });
        expect(Buffer.compare(frame.bytes, record?.bytes ?? new Uint8Array())).toBe(0);
      },
    });
    const [vpc, inbound] = [entry.vpc, entry.inbound].map((text) => text.split('/').map(Number));
    addUp &&= found.packets === vpc![1]! + inbound![1]! && found.ipBytes === vpc![0]! + inbound![0]!;
    numbers.push(own);
  }
  return { numbers, addUp };
}

function logOf(captures: readonly (readonly CaptureRecord[])[]): Promise<SessionLog> {
  return sessionLog(captures.map(sourceOf), gateway);
}

const packet = fc
  .record({
    kind: fc.constantFrom('udp', 'tcp', 'icmp', 'fragments', 'swapped fragments'),
    host: fc.integer({ min: 1, max: 2 }),
    port: fc.integer({ min: 1, max: 2 }),
    isIn: fc.boolean(),
    flags: fc.constantFrom('S', 'SA', 'A', 'PA', 'FA', 'R'),
    identification: fc.integer({ min: 0, max: 3 }),
    payloadBytes: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ kind, host, port, isIn, flags, identification, payloadBytes }): Uint8Array[] => {
    const [inside, outside]: [Endpoint, Endpoint] = [`10.0.0.${host}:${1000 + port}`, `203.0.113.9:${port}`];
    const ends = isIn ? { from: outside, to: inside } : { from: inside, to: outside };
    const payload = new Uint8Array(payloadBytes);
    if (kind === 'udp') return [udpPacket({ ...ends, payload })];
    if (kind === 'tcp') return [tcpPacket({ ...ends, flags, payload })];
    if (kind === 'icmp') {
      const addresses = { from: splitEndpoint(ends.from).address, to: splitEndpoint(ends.to).address };
      return [icmpEcho({ ...addresses, id: port, reply: isIn === payloadBytes % 4 > 0, payload })];
    }
    const parts = fragment(udpPacket({ ...ends, identification, payload: new Uint8Array(40 + payloadBytes) }), 24);
    return kind === 'fragments' ? parts : parts.toReversed();
  });

const capture = fc
  .array(
    fc.record({
      bytes: packet,
      // Mostly close together, sometimes late by more than two seconds, sometimes in another window.
      stepMs: fc.oneof(
        { arbitrary: fc.integer({ min: 0, max: 900 }), weight: 12 },
        { arbitrary: fc.integer({ min: -6000, max: 0 }), weight: 4 },
        { arbitrary: fc.integer({ min: 10_000, max: 700_000 }), weight: 1 },
      ),
    }),
    { maxLength: 16 },
  )
  .map((steps) => {
    let ms = 590_000;
    return steps.flatMap(({ bytes, stepMs }) => {
      ms = Math.max(0, ms + stepMs);
      return bytes.map((octets, index) => at(ms + index, octets));
    });
  });

test('law: the packets of each entry add up to it, and each packet in entries is in exactly one slice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(capture, { minLength: 1, maxLength: 3 }), async (captures) => {
      const ordered = captures
        .filter((records) => records.length > 0)
        .toSorted((one, other) => Number((one[0]?.atNs ?? 0n) - (other[0]?.atNs ?? 0n)));
      fc.pre(ordered.length > 0);
      const log = await logOf(ordered);
      const { numbers, addUp } = await slicesOf(ordered, log);
      expect(addUp).toBe(true);
      const all = numbers.flat();
      expect(new Set(all).size).toBe(all.length);
      expect(all.length).toBe(log.ledger.packets.inEntries);
    }),
    { numRuns: PROPERTY_RUNS },
  );
  // A thousand of them take a minute.
}, 200_000);

test('packets of a reused five-tuple stay apart, and those in no entry are in none', async () => {
  const [client, server] = ['10.0.0.1:1000', '203.0.113.9:443'] as const;
  const out = (ms: number, flags: string): CaptureRecord => at(ms, tcpPacket({ from: client, to: server, flags }));
  const back = (ms: number, flags: string): CaptureRecord => at(ms, tcpPacket({ from: server, to: client, flags }));
  const records = [
    back(0, 'S'), // Nobody's.
    ...[out(10, 'S'), back(20, 'SA'), out(30, 'A'), out(40, 'FA'), back(50, 'FA'), out(60, 'A')],
    ...[out(70, 'S'), back(80, 'SA'), out(90, 'A')],
  ];
  const log = await logOf([records]);
  expect(log.entries).toHaveLength(2);
  const { numbers, addUp } = await slicesOf([records], log);
  expect(numbers).toEqual([
    [2, 3, 4, 5, 6, 7],
    [8, 9, 10],
  ]);
  expect(addUp).toBe(true);
});

test('a packet that came late is written where the gateway saw it', async () => {
  const udp = (ms: number): CaptureRecord => at(ms, udpPacket({ from: '10.0.0.1:1000', to: '203.0.113.9:53' }));
  const records = [udp(0), udp(1500), udp(1000), udp(9000)];
  const log = await logOf([records]);
  expect((await slicesOf([records], log)).numbers).toEqual([[1, 3, 2, 4]]);
});
