import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConversations } from '../../../src-main/engine/conversations';
import { concat, hex } from '../../support/bytes';
import {
  arpMessage,
  ethernet,
  ETHERTYPE,
  fragment,
  ipv4Packet,
  PROTOCOL,
  tcpPacket,
  udpPacket,
} from '../../support/frames';
import { pcapFile } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';

function captureOf(frames: readonly Uint8Array[]): string {
  const path = join(tempFolder(), 'a.pcap');
  writeFileSync(path, pcapFile(frames.map((bytes, index) => ({ atNs: BigInt(600 * index) * SECOND, bytes }))));
  return path;
}

test('a is whoever sent first, and each window is counted by itself', async () => {
  const there = tcpPacket({ from: '192.0.2.9:443', to: '10.0.0.1:5000', flags: 'A' });
  const back = tcpPacket({ from: '10.0.0.1:5000', to: '192.0.2.9:443', flags: 'A', payload: new Uint8Array(60) });
  const { conversations } = await readConversations([captureOf([ethernet(there), ethernet(back)])], 'outer');
  expect(conversations).toEqual([
    {
      ...{ ver: 4, proto: 6, a_ip: '192.0.2.9', a_port: 443, b_ip: '10.0.0.1', b_port: 5000 },
      ...{ pkts_ab: 1, pkts_ba: 1, bytes_ab: 40, bytes_ba: 100 },
      ...{ first_ts: '0.000000000', last_ts: '600.000000000' },
      windows: { 0: [1, 40, 0, 0], 600: [0, 0, 1, 100] },
    },
  ]);
});

test('packets in no conversation are counted by reason', async () => {
  const arp = arpMessage({ senderMac: '02:00:00:00:00:01', sender: '10.0.0.1', target: '10.0.0.2' });
  const bad = udpPacket({ from: '10.0.0.1:1', to: '10.0.0.2:2' });
  bad[0] = 0x75;
  const path = captureOf([ethernet(arp, { ethertype: ETHERTYPE.arp }), ethernet(bad), ethernet(bad)]);
  const { conversations, notCounted } = await readConversations([path], 'outer');
  expect(conversations).toEqual([]);
  expect(notCounted).toEqual({ non_ip: 1, malformed: 2 });
});

test('a packet in a tunnel counts by its outermost or its innermost header', async () => {
  const inner = ethernet(udpPacket({ from: '192.168.0.7:4000', to: '192.168.0.8:53' }));
  const header = Uint8Array.of(8, 0, 0, 0, 0, 0, 1, 0);
  const vxlan = udpPacket({ from: '10.0.0.1:50000', to: '10.0.0.2:4789', payload: concat(header, inner) });
  const path = captureOf([ethernet(vxlan)]);
  const ends = async (layer: 'outer' | 'inner'): Promise<unknown[]> =>
    (await readConversations([path], layer)).conversations.map((row) => [
      row.a_ip,
      row.a_port,
      row.b_ip,
      row.b_port,
      row.bytes_ab,
    ]);
  expect(await ends('outer')).toEqual([['10.0.0.1', 50_000, '10.0.0.2', 4789, 20 + 8 + 8 + inner.length]]);
  expect(await ends('inner')).toEqual([['192.168.0.7', 4000, '192.168.0.8', 53, 28]]);
});

test('a packet in more tunnels than are followed is told', async () => {
  const within = (packet: Uint8Array, depth: number): Uint8Array =>
    depth === 0
      ? packet
      : within(ipv4Packet({ from: `10.9.9.${depth}`, to: '10.9.9.9', protocol: 4, payload: packet }), depth - 1);
  const packet = udpPacket({ from: '10.0.0.1:1', to: '10.0.0.2:2' });
  const deep = captureOf([ethernet(within(packet, 4)), ethernet(within(packet, 6))]);
  expect((await readConversations([deep], 'inner')).tooDeep).toBe(1);
  expect((await readConversations([deep], 'outer')).tooDeep).toBe(0);
});

test('of packets in one frame of 802.11, the others are told', async () => {
  const [first, second, third] = ['1', '2', '3'].map((host) =>
    udpPacket({ from: `10.0.0.${host}:1000`, to: '10.0.0.9:53' }),
  );
  const path = join(tempFolder(), 'aggregate.pcap');
  const frame = concat(hex(`8801 0000 ${'00'.repeat(20)} 8000`), ...[first!, second!, third!].map(subframe));
  writeFileSync(path, pcapFile([{ atNs: SECOND, bytes: frame }], { linkType: 105 }));
  const of = async (layer: 'outer' | 'inner'): Promise<unknown> => {
    const { conversations, aggregatedPackets } = await readConversations([path], layer);
    return [aggregatedPackets, ...conversations.map(({ a_ip: host, bytes_ab: bytes }) => `${host}, ${bytes}`)];
  };
  expect(await of('outer')).toEqual([2, '10.0.0.1, 28']);
  expect(await of('inner')).toEqual([2, '10.0.0.3, 28']);
});

/** Addresses, length, LLC and SNAP, and padding to four octets. */
function subframe(packet: Uint8Array): Uint8Array {
  const padding = new Uint8Array((4 - ((22 + packet.length) % 4)) % 4);
  return concat(hex(`${'00'.repeat(12)} 00${(8 + packet.length).toString(16)} aaaa03 000000 0800`), packet, padding);
}

test('a packet with a source route is one of a conversation with the host at the end of it', async () => {
  const packet = (option: string): Uint8Array => {
    const plain = udpPacket({ from: '10.0.0.1:1000', to: '10.0.0.2:53' });
    const bytes = concat(plain.subarray(0, 20), hex(option), plain.subarray(20));
    bytes[0] = 0x47;
    bytes[3] = bytes.length;
    return ethernet(bytes);
  };
  const routes = [
    '8307 04 0a000009 00',
    '8907 04 0a000009 00',
    '8307 08 0a000009 00',
    '0101 8306 0409 0000',
    '0083 0704 0a00 0009',
  ];
  const { conversations } = await readConversations([captureOf(routes.map(packet))], 'outer');
  expect(conversations.map(({ b_ip: host, pkts_ab: packets }) => [host, packets])).toEqual([
    ['10.0.0.9', 2],
    ['10.0.0.2', 3],
  ]);
});

test('who sent first goes by time, and not by the order in which captures are named', async () => {
  const there = udpPacket({ from: '10.0.0.1:5000', to: '10.0.0.2:53' });
  const back = udpPacket({ from: '10.0.0.2:53', to: '10.0.0.1:5000' });
  const [early, late] = [there, back].map((packet, index) => {
    const path = join(tempFolder(), `${index}.pcap`);
    writeFileSync(path, pcapFile([{ atNs: BigInt(5 + index) * SECOND, bytes: ethernet(packet) }]));
    return path;
  });
  for (const paths of [
    [early!, late!],
    [late!, early!],
  ]) {
    const { conversations } = await readConversations(paths, 'outer');
    expect(conversations).toMatchObject([{ a_ip: '10.0.0.1', pkts_ab: 1, pkts_ba: 1 }]);
  }
});

test('a later fragment counts with its first one, which may come after it and after the answer', async () => {
  const [head, tail] = fragment(
    udpPacket({ from: '10.0.0.1:5000', to: '10.0.0.2:53', identification: 7, payload: new Uint8Array(40) }),
    24,
  );
  const answer = udpPacket({ from: '10.0.0.2:53', to: '10.0.0.1:5000' });
  const lost = fragment(
    udpPacket({ from: '10.0.0.1:1', to: '10.0.0.2:2', identification: 8, payload: new Uint8Array(40) }),
    24,
  )[1];
  const path = captureOf([tail!, answer, lost!, head!].map((packet) => ethernet(packet)));
  const rows = (await readConversations([path], 'outer')).conversations;
  expect(rows.map((row) => [row.a_ip, row.a_port, row.b_port, row.pkts_ab, row.bytes_ab, row.pkts_ba])).toEqual([
    ['10.0.0.1', 5000, 53, 2, 20 + 24 + 20 + 24, 1],
    ['10.0.0.1', 0, 0, 1, 20 + 24, 0],
  ]);
});

test('an ICMP error is a conversation of its own, and listed with what it quotes', async () => {
  const quoted = udpPacket({ from: '10.0.0.1:5000', to: '198.51.100.1:33434' });
  const message = concat(Uint8Array.of(11, 0, 0, 0, 0, 0, 0, 0), quoted);
  const error = ipv4Packet({ from: '192.0.2.1', to: '10.0.0.1', protocol: PROTOCOL.icmp, payload: message });
  const { conversations, icmpErrors } = await readConversations(
    [captureOf([ethernet(quoted), ethernet(error)])],
    'inner',
  );
  expect(conversations).toHaveLength(2);
  expect(conversations[1]).toMatchObject({ a_ip: '192.0.2.1', a_port: 0, b_ip: '10.0.0.1', bytes_ab: 56 });
  expect(icmpErrors).toMatchObject([
    {
      ...{ frame: 2, src: '192.0.2.1', dst: '10.0.0.1', type: 11, code: 0 },
      quoted: { ver: 4, proto: 17, src: '10.0.0.1', sport: 5000, dst: '198.51.100.1', dport: 33434 },
    },
  ]);
});
