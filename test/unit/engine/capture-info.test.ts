import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCaptureInfo } from '../../../src-main/engine/capture-info';
import { HostTable } from '../../../src-main/engine/host-table';
import { concat, u16, u8 } from '../../support/bytes';
import { compress } from '../../support/compress';
import {
  arpMessage,
  ethernet,
  ETHERTYPE,
  fragment,
  ipv4Packet,
  ipv6Packet,
  ipv6Udp,
  tcpPacket,
  udpPacket,
} from '../../support/frames';
import { LINK, pcapFile } from '../../support/pcap-writer';
import { networkInterface, packet, pcapngFile, section, simplePacket } from '../../support/pcapng-writer';
import { seededRandom } from '../../support/random';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function fileOf(bytes: Uint8Array): string {
  const path = join(tempFolder(), 'a.pcap');
  writeFileSync(path, bytes);
  return path;
}

const records = (frames: readonly Uint8Array[]) =>
  frames.map((bytes, index) => ({ atNs: BigInt(1000 + index) * SECOND, bytes }));
const captureOf = (frames: readonly Uint8Array[]): string => fileOf(pcapFile(records(frames)));

const inside = udpPacket({ from: '192.168.7.7:4000', to: '192.168.8.8:53', payload: new Uint8Array(20) });
const outbound = udpPacket({ from: '10.0.0.5:4000', to: '198.51.100.1:53', payload: new Uint8Array(20) });
const outer = { from: '172.16.0.1', to: '172.16.0.2' };
const inUdp = (port: number, payload: Uint8Array): Uint8Array =>
  udpPacket({ from: `${outer.from}:50000`, to: `${outer.to}:${port}`, payload });
const inIp = (protocol: number, payload: Uint8Array): Uint8Array => ipv4Packet({ ...outer, protocol, payload });
const gre = (type: number, payload: Uint8Array, flags = 0): Uint8Array =>
  inIp(47, concat(u16(flags), u16(type), payload));
const zeros = (length: number): Uint8Array => new Uint8Array(length);

describe('tunnels are counted by their kind', () => {
  const inside6 = ipv6Udp({ from: '2001:db8::1', to: '2001:db8::2', fromPort: 4000, toPort: 53 });
  test.each([
    { kind: 'ipip', bytes: inIp(4, inside) },
    { kind: 'six_in_four', bytes: inIp(41, inside6) },
    { kind: 'gre', bytes: gre(0x0800, inside) },
    { kind: 'erspan', bytes: gre(0x88be, ethernet(inside)) },
    { kind: 'wccp', bytes: gre(0x883e, inside) },
    { kind: 'etherip', bytes: inIp(97, concat(u16(0x3000), ethernet(inside))) },
    { kind: 'mpls_in_ip', bytes: inIp(137, concat(u8(0), u8(0), u8(1), u8(64), inside)) },
    { kind: 'ethernet_in_ip', bytes: inIp(143, ethernet(inside)) },
    { kind: 'vxlan', bytes: inUdp(4789, concat(zeros(8), ethernet(inside))) },
    { kind: 'vxlan_gpe', bytes: inUdp(4790, concat(Uint8Array.of(0x0c, 0, 0, 1), zeros(4), inside)) },
    { kind: 'geneve', bytes: inUdp(6081, concat(u16(0), u16(0x6558), zeros(4), ethernet(inside))) },
    { kind: 'gtp', bytes: inUdp(2152, concat(Uint8Array.of(0x30, 255), u16(inside.length), zeros(4), inside)) },
    { kind: 'teredo', bytes: inUdp(3544, inside6) },
    { kind: 'l2tp', bytes: inUdp(1701, concat(u16(2), zeros(4), u16(0x0021), inside)) },
    { kind: 'gre_in_udp', bytes: inUdp(4754, concat(u16(0), u16(0x0800), inside)) },
    { kind: 'mpls_in_udp', bytes: inUdp(6635, concat(u8(0), u8(0), u8(1), u8(64), inside)) },
    { kind: 'lisp', bytes: inUdp(4341, concat(zeros(8), inside)) },
    { kind: 'ayiya', bytes: inUdp(5072, concat(Uint8Array.of(0, 0, 1, 4), zeros(5), inside)) },
    { kind: 'tzsp', bytes: inUdp(37008, concat(Uint8Array.of(1, 0, 0, 1, 1), ethernet(inside))) },
    { kind: 'pim', bytes: inIp(103, concat(Uint8Array.of(0x21, 0, 0, 0, 0, 0, 0, 0), inside)) },
  ])('$kind', async ({ kind, bytes }) => {
    for (const layer of ['auto', 'outer', 'inner'] as const) {
      const report = await readCaptureInfo(captureOf([ethernet(bytes)]), { layer });
      expect(report.tunnels).toEqual([{ kind, packets: 1 }]);
      expect(report).toMatchObject({ tunnelPackets: 1, ipv4: { packets: 1, bytes: bytes.length } });
      expect(report.ipv6).toEqual({ packets: 0, bytes: 0 });
    }
  });

  test('tunnels in each other count under each, and their packet once', async () => {
    const bytes = inIp(4, inUdp(4789, concat(zeros(8), ethernet(gre(0x0800, inside)))));
    const report = await readCaptureInfo(captureOf([ethernet(bytes), ethernet(inside)]));
    expect(report.tunnels.map(({ kind, packets }) => `${kind} ${packets}`)).toEqual(['ipip 1', 'gre 1', 'vxlan 1']);
    expect(report).toMatchObject({ tunnelPackets: 1, ipv4: { packets: 2, bytes: bytes.length + inside.length } });
  });

  test('a tunnel that the gateway translates as it is counts as well, and so does what is in too many', async () => {
    const own = udpPacket({
      from: '10.0.0.5:50000',
      to: '198.51.100.9:4789',
      payload: concat(zeros(8), ethernet(inside)),
    });
    const deep = inIp(4, inIp(4, inIp(4, inIp(4, inIp(4, inside)))));
    const report = await readCaptureInfo(captureOf([ethernet(own), ethernet(deep)]));
    expect(report.tunnels).toEqual([
      { kind: 'ipip', packets: 4 },
      { kind: 'vxlan', packets: 1 },
    ]);
    expect(report).toMatchObject({ tunnelPackets: 2, decoding: { encap_depth: 1 }, translated: { packets: 1 } });
    expect(report.busiestHosts).toEqual([{ address: '10.0.0.5', packets: 1, bytes: own.length }]);
  });

  test('what only looks like a tunnel is none', async () => {
    const report = await readCaptureInfo(
      captureOf([ethernet(inUdp(4789, zeros(30))), ethernet(gre(0x0800, zeros(4)))]),
    );
    expect(report).toMatchObject({ tunnelPackets: 0, tunnels: [] });
  });
});

test('IPv4, IPv6, fragments and the rest', async () => {
  const six = ipv6Packet({ from: '2001:db8::1', to: '2001:db8::2', nextHeader: 59, payload: zeros(8) });
  const arp = arpMessage({ senderMac: '02:00:00:00:00:01', sender: '10.0.0.1', target: '10.0.0.2' });
  const parts = fragment(udpPacket({ from: '10.0.0.5:1', to: '10.0.0.6:2', payload: zeros(200) }), 120);
  const bad = inside.slice();
  bad[0] = 0x75;
  const report = await readCaptureInfo(
    captureOf([
      ...parts.map((bytes) => ethernet(bytes)),
      ethernet(six, { ethertype: ETHERTYPE.ipv6 }),
      ethernet(arp, { ethertype: ETHERTYPE.arp }),
      ethernet(bad),
    ]),
  );
  expect(report).toMatchObject({
    packets: parts.length + 3,
    ipv4: { packets: parts.length },
    ipv6: { packets: 1, bytes: 48 },
    otherPackets: 2,
    fragments: parts.length,
    decoding: { malformed: 1, non_ip: 1 },
    translated: { packets: 0 },
    insideHosts: 0,
  });
});

test('the busiest hosts behind the default gateway, and how many there are', async () => {
  const frames = Array.from({ length: 40 }, (_, index) =>
    ethernet(udpPacket({ from: `10.0.${index % 8}.1:4000`, to: '198.51.100.1:53', payload: zeros(10 + (index % 8)) })),
  );
  const report = await readCaptureInfo(captureOf(frames));
  expect(report).toMatchObject({ insideHosts: 8, outbound: { packets: 40 }, translated: { packets: 40 } });
  expect(report.busiestHosts.map(({ address, packets }) => `${address} ${packets}`)).toEqual([
    '10.0.7.1 5',
    '10.0.6.1 5',
    '10.0.5.1 5',
    '10.0.4.1 5',
    '10.0.3.1 5',
  ]);
});

test('any number of hosts are told apart', () => {
  const random = seededRandom(7);
  const table = new HostTable();
  const expected = new Map<number, number>();
  for (let count = 0; count < 20_000; count++) {
    const address = random.int(0, 4) === 0 ? 0xffff_ffff - random.int(0, 3000) : random.int(0, 3000);
    table.add(address, count);
    expected.set(address, (expected.get(address) ?? 0) + count);
  }
  expect(table.size).toBe(expected.size);
  expect(new Map(table.busiest(Infinity).map(({ address, bytes }) => [address, bytes]))).toEqual(expected);
});

describe('times', () => {
  test('are the earliest and the latest, whatever their order in the file', async () => {
    const at = [5, 3, 9, 4, 4, 10, 2].map((sec) => ({
      atNs: BigInt(sec) * SECOND + 7n * 1000n,
      bytes: ethernet(inside),
    }));
    const report = await readCaptureInfo(fileOf(pcapFile(at)));
    expect(report).toMatchObject({
      earliestTime: '2.000007000',
      latestTime: '10.000007000',
      backwardSteps: 3,
      disorderedPackets: 4,
    });
  });

  test('that are missing or impossible are counted, and are not the first or the last', async () => {
    const bytes = ethernet(inside);
    const report = await readCaptureInfo(
      fileOf(
        pcapngFile([
          section(),
          networkInterface({ linkType: LINK.ethernet }),
          networkInterface({ offsetSec: -100 }),
          simplePacket(bytes),
          packet({ atNs: 50n * SECOND, bytes }),
          packet({ atNs: -5n * SECOND, bytes }, { interfaceId: 1 }),
        ]),
      ),
    );
    expect(report).toMatchObject({
      packets: 3,
      timelessRecords: 1,
      impossibleTimes: 1,
      earliestTime: '50.000000000',
      latestTime: '50.000000000',
      backwardSteps: 0,
    });
  });

  test('of a capture without packets there are none', async () => {
    const report = await readCaptureInfo(captureOf([]));
    expect(report).toMatchObject({ packets: 0, earliestTime: null, latestTime: null, linkTypes: [], wireBytes: 0 });
  });
});

describe('the digest', () => {
  const bytes = pcapFile(records(Array.from({ length: 50 }, () => ethernet(outbound))));

  test('is of the octets as they are stored', async () => {
    const packed = compress('gzip', bytes);
    expect(await readCaptureInfo(fileOf(packed))).toMatchObject({
      sha256: sha256(packed),
      storedBytes: packed.length,
      compression: 'gzip',
      fileBytes: bytes.length,
      packets: 50,
    });
  });

  test('is of the whole file, also where only a part of it can be read', async () => {
    const damaged = compress('gzip', bytes);
    damaged.fill(0xff, 20, 60);
    const whole = concat(compress('gzip', bytes), damaged, zeros(1 << 20));
    const report = await readCaptureInfo(fileOf(whole));
    expect(report).toMatchObject({ sha256: sha256(whole), storedBytes: whole.length });
    expect(report.unreadable).toHaveLength(1);
  });
});

test('what was captured, and what was on the wire', async () => {
  const bytes = ethernet(tcpPacket({ from: '10.0.0.5:1000', to: '198.51.100.1:443', flags: 'A', payload: zeros(400) }));
  const record = { atNs: SECOND, bytes: bytes.subarray(0, 60), wireBytes: bytes.length };
  const report = await readCaptureInfo(fileOf(pcapFile([record], { snaplen: 60 })));
  expect(report).toMatchObject({ capturedBytes: 60, wireBytes: bytes.length, interfaces: [{ snapBytes: 60 }] });
});

test('it can be cancelled', async () => {
  const path = captureOf(Array.from({ length: 20_000 }, () => ethernet(outbound)));
  await expect(readCaptureInfo(path, { isCancelled: () => true })).rejects.toMatchObject({ code: 'IMPORT_CANCELLED' });
});

test('what a pcap says of its records and frames is told', async () => {
  const bytes = pcapFile(records([ethernet(outbound)]), { modified: true });
  // In units of two octets, behind the bit that says that there is a number.
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(20, ((0x24 << 24) | LINK.ethernet) >>> 0, true);
  expect(await readCaptureInfo(fileOf(bytes))).toMatchObject({ isModified: true, frameCheckBytes: 4, packets: 1 });
  const plain = await readCaptureInfo(captureOf([ethernet(outbound)]));
  expect([plain.isModified, plain.frameCheckBytes]).toEqual([undefined, undefined]);
});
