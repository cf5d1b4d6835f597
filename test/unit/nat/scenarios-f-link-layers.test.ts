import { describe, expect, test } from 'vitest';
import type { TunnelLayer } from '../../../src-main/contract/imports';
import { hasLosses } from '../../../src-main/contract/ledger';
import { noticesOf } from '../../../src-main/engine/import-notices';
import { concat, hex, u16, u32, u8 } from '../../support/bytes';
import {
  ethernet,
  ipv4Packet,
  ipv6Packet,
  linuxCooked,
  tcpPacket,
  udpPacket,
  type Endpoint,
} from '../../support/frames';
import {
  HOST,
  S,
  at,
  connection,
  expectScenario,
  fixture,
  flagsOf,
  handshake,
  rowText,
  run,
  udp,
  type Scenario,
} from '../../support/nat-scenario';
import { LINK, type CaptureRecord } from '../../support/pcap-writer';
import { snatEntry } from '../../support/session-log';

/* The scenarios of the specification, by their numbers: nat-gateway reference §7.F, "Link layers and tunnels". */

const CLIENT: Endpoint = `${HOST}:47176`;
const NAT = '198.51.100.10:1025';
const ROW_OF_1 = `6 ${CLIENT} -> ${S} via ${NAT} | 420/6 | 716/4 | 1-3`;
const SLL2 = 276;
const BSD_NULL = 0;
const PPPOE_SESSION = 0x8864;
const MPLS = 0x8847;

/** The packets of scenario 1, each in something. */
const each = (wrap: (packet: Uint8Array) => Uint8Array): CaptureRecord[] =>
  connection(CLIENT, S, 1).map((record) => ({ ...record, bytes: wrap(record.bytes) }));

const cooked2 = (packet: Uint8Array): Uint8Array =>
  concat(hex('0800 0000 00000001 0001 00 06 020000000001 0000'), packet);
const pppoe = (packet: Uint8Array): Uint8Array =>
  ethernet(concat(hex('11 00 0007'), u16(packet.length + 2), u16(0x0021), packet), { ethertype: PPPOE_SESSION });
const label = (number: number, isLast: boolean): Uint8Array => u32(((number << 12) | (isLast ? 0x100 : 0) | 64) >>> 0);

const vxlan = (
  packet: Uint8Array,
  ends: { from: Endpoint; to: Endpoint } = { from: '10.0.8.1:50000', to: '10.0.8.2:4789' },
): Uint8Array => udpPacket({ ...ends, payload: concat(Uint8Array.of(8, 0, 0, 0, 0, 0, 42, 0), ethernet(packet)) });
const geneve = (packet: Uint8Array): Uint8Array =>
  udpPacket({
    ...{ from: '10.0.8.1:50000', to: '10.0.8.2:6081' },
    payload: concat(Uint8Array.of(1, 0, 0x65, 0x58, 0, 0, 42, 0, 0, 0, 0, 0), ethernet(packet)),
  });
const gre = (type: number, payload: Uint8Array, flags = 0): Uint8Array =>
  ipv4Packet({ from: '10.0.8.1', to: '10.0.8.2', protocol: 47, payload: concat(u16(flags), u16(type), payload) });
const ipip = (packet: Uint8Array, from = '10.0.8.1', to = '10.0.8.2'): Uint8Array =>
  ipv4Packet({ from, to, protocol: 4, payload: packet });

const as1 = (name: string, packets: readonly CaptureRecord[], linkType: number = LINK.ethernet): Scenario => ({
  name,
  packets,
  linkType,
  rows: [ROW_OF_1],
  ends: ['fin'],
  flags: [[]],
});

const LINKS: readonly Scenario[] = [
  as1(
    '62: 802.1Q',
    each((packet) => ethernet(packet, { vlans: [12] })),
  ),
  as1(
    '62: QinQ',
    each((packet) => ethernet(packet, { vlans: [12, 34] })),
  ),
  as1('62: Linux cooked, version 1', each(linuxCooked), LINK.linuxCooked),
  as1('62: Linux cooked, version 2', each(cooked2), SLL2),
  as1('62: raw IP', connection(CLIENT, S, 1), LINK.raw),
  as1(
    '62: BSD null',
    each((packet) => concat(hex('02000000'), packet)),
    BSD_NULL,
  ),
  as1('65: PPPoE', each(pppoe)),
  as1(
    '65: MPLS',
    each((packet) => ethernet(concat(label(16, true), packet), { ethertype: MPLS })),
  ),
  as1(
    '65: MPLS with two labels',
    each((packet) => ethernet(concat(label(16, false), label(17, true), packet), { ethertype: MPLS })),
  ),
];

/** Of a port mirror: between two hosts of the VPC, which no gateway translates. */
const MIRRORS: readonly { readonly name: string; readonly wrap: (packet: Uint8Array) => Uint8Array }[] = [
  { name: 'VXLAN', wrap: vxlan },
  { name: 'Geneve with an option', wrap: geneve },
  { name: 'GRE', wrap: (packet) => gre(0x0800, packet) },
  { name: 'GRE with key and checksum', wrap: (packet) => gre(0x0800, concat(new Uint8Array(8), packet), 0xa000) },
  { name: 'transparent Ethernet bridging', wrap: (packet) => gre(0x6558, ethernet(packet)) },
  { name: 'ERSPAN type I', wrap: (packet) => gre(0x88be, ethernet(packet)) },
  {
    name: 'ERSPAN type II',
    wrap: (packet) => gre(0x88be, concat(hex('0000 0001 1000 0000 0000 0000'), ethernet(packet)), 0x1000),
  },
  {
    name: 'ERSPAN type III',
    wrap: (packet) => gre(0x22eb, concat(hex('0000 0001 2000 0000 0000 0000 0000 0000'), ethernet(packet)), 0x1000),
  },
  { name: 'IP in IP', wrap: ipip },
  { name: 'four deep', wrap: (packet) => ipip(vxlan(gre(0x0800, ipip(packet)))) },
];

const inside = tcpPacket({ from: CLIENT, to: S, flags: 'A', payload: new Uint8Array(60) });
const ipv6Tcp = (to: string): Uint8Array =>
  ipv6Packet({
    ...{ from: '2001:db8::1', to, nextHeader: 6 },
    payload: concat(u16(5000), u16(443), u32(0), u32(0), hex('5002 ffff 0000 0000')),
  });
const ipv6InFour = ipv4Packet({
  ...{ from: '10.0.8.1', to: '10.0.8.2', protocol: 41 },
  payload: concat(u8(0x60), new Uint8Array(3), u16(0), u8(59), u8(64), new Uint8Array(32)),
});

describe('7.F: link layers', () => {
  test.each(LINKS)('$name: the row of scenario 1', expectScenario);

  const tagged = (vlan: number, start: number) =>
    handshake(CLIENT, S, start).map(({ atNs, bytes }) => ({ atNs, bytes: ethernet(bytes, { vlans: [vlan] }) }));
  const twoVlans = [...tagged(12, 0), ...tagged(34, 1)];

  test('63: where VLANs are networks, one private five-tuple of two of them is two sessions', async () => {
    const { entries } = await run(twoVlans, { vlanAware: true }, { linkType: LINK.ethernet });
    expect(entries.map(rowText)).toEqual([
      `6 ${CLIENT} -> ${S} via 198.51.100.10:1025 | 112/2 | 60/1 | 0-0`,
      `6 ${CLIENT} -> ${S} via 198.51.100.10:1026 | 112/2 | 60/1 | 1-1`,
    ]);
    expect(entries.map(flagsOf)).toEqual([[], []]);
    expect(entries.map(({ realm }) => realm)).toEqual([12, 34]);
  });

  test('63: a realm is told by two tags, and is the same in both directions and in every window', async () => {
    const inTags = (sec: number, packet: Uint8Array, vlans: readonly number[]) => at(sec, ethernet(packet, { vlans }));
    const packets = [
      inTags(0, udp(CLIENT, S, 60), [7, 12]),
      inTags(1, udp(S, CLIENT, 90), [7, 12]),
      inTags(2, udp(CLIENT, S, 60), [12]),
      at(3, ethernet(udp(CLIENT, S, 60))),
      inTags(50, udp(CLIENT, S, 60), [7, 12]),
    ];
    const { entries } = await run(packets, { vlanAware: true, windowSec: 30 }, { linkType: LINK.ethernet });
    expect(entries.map(({ realm, vpc, inbound }) => [realm, vpc, inbound])).toEqual([
      [7 * 4096 + 12, '60/1', '90/1'],
      [12, '60/1', '0/0'],
      [0, '60/1', '0/0'],
      [7 * 4096 + 12, '60/1', '0/0'],
    ]);
  });

  test('63: where they are not, it is one, and its row says that they met in it', async () => {
    const { entries } = await run(twoVlans, {}, { linkType: LINK.ethernet });
    expect(entries.map(rowText)).toEqual([`6 ${CLIENT} -> ${S} via ${NAT} | 224/4 | 120/2 | 0-1`]);
    expect(entries.map(flagsOf)).toEqual([['realmConflict']]);
    expect(entries.map(({ realm }) => realm)).toEqual([null]);
  });
});

describe('7.F: tunnels', () => {
  test.each(MIRRORS)('64 and 66: $name: what is mirrored counts as what it is a copy of', async ({ wrap }) => {
    await expectScenario({ ...as1('', each(wrap)), linkType: LINK.raw });
    const outer = await run([at(0, wrap(inside))], {}, { layer: 'outer' });
    expect(outer.ledger.packets.notInEntries).toEqual({ intra: 1 });
    expect(outer.ledger.ipBytes.read).toBe(wrap(inside).length);
  });

  test('64: with the outer header asked for, a tunnel through the gateway is its own session only', async () => {
    const ends = { from: '10.0.0.9:50000', to: '203.0.113.200:4789' } as const;
    const packets = each((packet) => vxlan(packet, ends));
    const bytes = packets.reduce((sum, record) => sum + record.bytes.length, 0);
    const log = await run(packets, {}, { layer: 'outer' });
    expect(log.entries.map(rowText)).toEqual([`17 ${ends.from} -> ${ends.to} via ${NAT} | ${bytes}/10 | 0/0 | 1-3`]);
    const inner = await run(packets, {}, { layer: 'inner' });
    expect(inner.entries.map(rowText)).toEqual([ROW_OF_1]);
  });

  test('66: what is in more than four tunnels is not looked at', async () => {
    const log = await run([at(0, ipip(ipip(ipip(ipip(ipip(inside))))))]);
    expect(log.ledger.packets).toMatchObject({ inEntries: 0, notInEntries: { encap_depth: 1 } });
    expect(hasLosses(log.ledger)).toBe(true);
    // That of the last header that was opened.
    expect(log.ledger.ipBytes.read).toBe(120);
  });

  test("a host's own tunnel counts as the gateway sees it, unless the innermost header is asked for", async () => {
    const own = ipip(inside, HOST, '203.0.113.99');
    const ends = async (layer: TunnelLayer): Promise<unknown> => {
      const { ledger, entries } = await run([at(0, own)], {}, { layer });
      return entries[0]?.pub ?? Object.keys(ledger.packets.notInEntries);
    };
    expect([await ends('auto'), await ends('outer')]).toEqual([['unsupported_protocol'], ['unsupported_protocol']]);
    expect(await ends('inner')).toBe(S);
    const { entries } = await run([at(0, vxlan(inside, { from: `${HOST}:50000`, to: '203.0.113.99:4789' }))]);
    expect(entries[0]?.pub).toBe('203.0.113.99:4789');
  });

  test('auto takes the first header between the sides of the gateway, also where networks are longer than /16', async () => {
    const narrow = { snatEntries: [snatEntry('10.0.0.0/29', ['198.51.100.10'])] };
    const log = await run([at(0, ipip(inside))], narrow);
    expect(log.entries[0]?.pri).toBe(CLIENT);
    const crossing = ipip(inside, '10.0.0.1', '10.0.8.2');
    expect((await run([at(0, crossing)], narrow)).ledger.packets.notInEntries).toEqual({ unsupported_protocol: 1 });
  });

  test('what is no tunnel in spite of its port counts as it is', async () => {
    const query = udpPacket({ from: `${HOST}:4789`, to: '203.0.113.53:53', payload: ethernet(inside) });
    expect((await run([at(0, query)], {}, { layer: 'inner' })).entries[0]?.pub).toBe('203.0.113.53:53');
    const noise = udpPacket({ from: '10.0.8.1:50000', to: '10.0.8.2:4789', payload: new Uint8Array(40).fill(0xff) });
    expect((await run([at(0, noise)])).ledger.packets.notInEntries).toEqual({ intra: 1 });
  });
});

describe('7.F: IPv6', () => {
  // The hint "nat64_like" of scenario 68 is a notice and no reason of the ledger: the packet has that of scenario 67.
  test.each([
    { name: '67: TCP over IPv6', packet: ipv6Tcp('2001:db8::2'), bytes: 60, hints: 0 },
    { name: '67: IPv6 in IPv4', packet: ipv6InFour, bytes: 40, hints: 0 },
    { name: '68: to the addresses of NAT64', packet: ipv6Tcp('64:ff9b::cb00:7150'), bytes: 60, hints: 1 },
    { name: '68: beside the addresses of NAT64', packet: ipv6Tcp('64:ff9b:0:1::1'), bytes: 60, hints: 0 },
  ])('$name is not translated', async ({ packet, bytes, hints }) => {
    const log = await run([at(0, packet)]);
    expect(log.entries).toEqual([]);
    expect(log.ledger.packets.notInEntries).toEqual({ ipv6_not_translated: 1 });
    expect(log.ledger.ipBytes.read).toBe(bytes);
    expect(log.nat64Packets).toBe(hints);
    const says = noticesOf(1, log, fixture()).map(({ text }) => text.split(':')[0]);
    expect(says.filter((code) => code === 'nat64_like')).toHaveLength(hints);
  });
});
