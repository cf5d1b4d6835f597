import { describe, expect, test } from 'vitest';
import { PACKET_FLAG, PacketBatch } from '../../../src-main/capture/packet-batch';
import { ConversationTable, type Conversation } from '../../../src-main/window/conversation-table';

interface Packet {
  readonly version?: 4 | 6;
  readonly protocol?: number;
  /** One word for IPv4, four for IPv6. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly ports: readonly [from: number, to: number];
  readonly bytes?: number;
  /** Null for a packet without a time of its own. */
  readonly atSec?: number | null;
}

function add(table: ConversationTable, packets: readonly Packet[]): void {
  const batch = new PacketBatch();
  for (const packet of packets) {
    const row = batch.length++;
    const { version = 4, atSec = 1200 } = packet;
    batch.ipVersion[row] = version;
    batch.protocol[row] = packet.protocol ?? 17;
    batch.ports[row] = packet.ports[0] * 0x1_0000 + packet.ports[1];
    batch.ipBytes[row] = packet.bytes ?? 100;
    batch.tsSec[row] = atSec ?? 0;
    batch.flags[row] = atSec === null ? PACKET_FLAG.noTime : 0;
    if (version === 6) {
      batch.address6.set([...packet.from, ...packet.to], row * 8);
    } else {
      batch.srcIp[row] = packet.from[0]!;
      batch.dstIp[row] = packet.to[0]!;
    }
    if (batch.length < batch.srcIp.length) continue;
    table.add(batch);
    batch.length = 0;
  }
  table.add(batch);
}

function tableOf(packets: readonly Packet[]): readonly Conversation[] {
  const table = new ConversationTable();
  add(table, packets);
  return table.conversations;
}

const reversed = (packet: Packet): Packet => ({
  ...packet,
  from: packet.to,
  to: packet.from,
  ports: [packet.ports[1], packet.ports[0]],
});
const HOST = [0x0a00_0005];
/** Above 2^31, where a signed word would be negative. */
const SERVER = [0xc633_6407];

describe('a conversation', () => {
  test.each([
    { name: 'from the lower address', first: { from: HOST, to: SERVER, ports: [40_000, 53] } },
    { name: 'from the higher address', first: { from: SERVER, to: HOST, ports: [53, 40_000] } },
    { name: 'between ports of one address', first: { from: HOST, to: HOST, ports: [53, 40_000] } },
  ] as const)('has as `a` who sent first, $name', ({ first }) => {
    const answer = { ...reversed(first), bytes: 900 };
    expect(tableOf([first, answer, answer])).toMatchObject([
      {
        aAddress: first.from,
        aPort: first.ports[0],
        bAddress: first.to,
        bPort: first.ports[1],
        pktsAb: 1,
        bytesAb: 100,
        pktsBa: 2,
        bytesBa: 1800,
      },
    ]);
  });

  test('with the same endpoint on both sides is all from a to b', () => {
    const packet: Packet = { from: SERVER, to: SERVER, ports: [7, 7] };
    expect(tableOf([packet, reversed(packet), packet])).toMatchObject([
      { aPort: 7, bPort: 7, pktsAb: 3, bytesAb: 300, pktsBa: 0, bytesBa: 0 },
    ]);
    const packet6: Packet = { version: 6, from: [1, 0, 0, 9], to: [1, 0, 0, 9], ports: [0, 0] };
    expect(tableOf([packet6, reversed(packet6)])).toMatchObject([{ pktsAb: 2, pktsBa: 0 }]);
  });

  test('is told from others by each word of its IPv6 addresses, by ports, protocol and version', () => {
    const first: Packet = { version: 6, from: [0x2001_0db8, 0, 0, 1], to: [0xfe80_0000, 0, 0, 2], ports: [546, 547] };
    const others: Packet[] = [
      ...[0, 1, 2, 3].map((word) => ({ ...first, from: first.from.with(word, 0x8000_0001) })),
      ...[0, 1, 2, 3].map((word) => ({ ...first, to: first.to.with(word, 0x8000_0001) })),
      { ...first, ports: [546, 548] },
      { ...first, ports: [547, 546] },
      { ...first, protocol: 6 },
      { from: [0x2001_0db8], to: [0xfe80_0000], ports: [546, 547] },
    ];
    const packets = [first, ...others];
    const conversations = tableOf([...packets, ...packets.map(reversed)]);
    expect(conversations.map(({ aAddress, bAddress, aPort, bPort }) => [aAddress, bAddress, aPort, bPort])).toEqual(
      packets.map(({ from, to, ports }) => [from, to, ...ports]),
    );
    expect(conversations.every(({ pktsAb, pktsBa }) => pktsAb === 1 && pktsBa === 1)).toBe(true);
  });

  test('counts packets by ten-minute window, and those without a time in none', () => {
    const packet: Packet = { from: HOST, to: SERVER, ports: [40_000, 53] };
    const [conversation] = tableOf([
      { ...packet, atSec: 1799 },
      { ...packet, atSec: 1800 },
      { ...reversed(packet), atSec: 1200 },
      { ...packet, atSec: null },
    ]);
    expect(conversation).toMatchObject({ pktsAb: 3, pktsBa: 1, firstSec: 1200, lastSec: 1800 });
    expect([...(conversation?.windows.values() ?? [])]).toEqual([
      { startSec: 1200, pktsAb: 1, bytesAb: 100, pktsBa: 1, bytesBa: 100 },
      { startSec: 1800, pktsAb: 1, bytesAb: 100, pktsBa: 0, bytesBa: 0 },
    ]);
  });
});

test('25,000 conversations of both versions keep their counts and the order of their first packets', () => {
  const packets = Array.from({ length: 25_000 }, (_, index): Packet => {
    const ports = [1024 + (index % 60_000), 443] as const;
    return index % 2 === 0
      ? { from: [0x0a00_0000 + (index % 700)], to: [0xc633_6400 + (index % 200)], ports }
      : { version: 6, from: [0x2001_0db8, 0, 0, index], to: [0x2001_0db8, 1, index % 3, 7], ports };
  });
  const table = new ConversationTable();
  add(table, packets);
  expect(table.conversations).toHaveLength(packets.length);
  // Each is found again, from either side, in a table that has grown since it was put in.
  add(table, packets.map(reversed));
  add(table, packets.slice(0, 100));
  expect(table.conversations.map(({ aAddress, aPort, bAddress }) => [aAddress, aPort, bAddress])).toEqual(
    packets.map(({ from, to, ports }) => [from, ports[0], to]),
  );
  expect(table.conversations.map(({ pktsAb }) => pktsAb)).toEqual(packets.map((_, index) => (index < 100 ? 2 : 1)));
  expect(table.conversations.every(({ pktsBa, bytesBa }) => pktsBa === 1 && bytesBa === 100)).toBe(true);
});
