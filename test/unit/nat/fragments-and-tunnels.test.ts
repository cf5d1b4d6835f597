import { describe, expect, test } from 'vitest';
import { hasLosses } from '../../../src-main/contract/ledger';
import { concat, hex, u16, u8 } from '../../support/bytes';
import { ethernet, fragment, ipv4Packet, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf } from '../../support/session-log';
import { SECOND } from '../../support/time';

/* The scenarios of the specification about fragments and tunnels, by their numbers. */
const T0 = 1_700_000_400n;
const S = '203.0.113.80:443';
const HOST = '10.0.0.7';
const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'] });

const at = (sec: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(sec * 1e9)),
  bytes,
});
const datagram = udpPacket({ from: `${HOST}:5000`, to: S, identification: 99, payload: new Uint8Array(3000) });
const pieces = fragment(datagram, 1480);

describe('fragments', () => {
  test('48: the fragments of a datagram are one entry', async () => {
    const log = await sessionLogOf(
      pieces.map((bytes, index) => at(index, bytes)),
      gateway,
    );
    expect(log.entries.map(({ pri, pub, vpc }) => [pri, pub, vpc])).toEqual([[`${HOST}:5000`, S, '3068/3']]);
  });

  test('49: the last fragment may come first', async () => {
    const log = await sessionLogOf(
      pieces.toReversed().map((bytes, index) => at(index * 4, bytes)),
      gateway,
    );
    expect(log.entries.map(({ vpc, firstNs, lastNs }) => [vpc, firstNs / SECOND - T0, lastNs / SECOND - T0])).toEqual([
      ['3068/3', 0n, 8n],
    ]);
  });

  test('50: without their first one, fragments are in no entry', async () => {
    const log = await sessionLogOf(
      [at(0, pieces[1]!), at(1, pieces[2]!), at(40, udpPacket({ from: `${HOST}:1`, to: S }))],
      gateway,
    );
    expect(log.ledger.packets).toMatchObject({ read: 3, inEntries: 1, notInEntries: { frag_no_head: 2 } });
    expect(log.ledger.ipBytes.notInEntries).toEqual({ frag_no_head: 1568 });
  });

  test('fragments beyond those that can wait at once are a loss of their own, not those without a first one', async () => {
    const tooMany = 10;
    const waiting = Array.from({ length: 65_536 + tooMany }, (_, index) =>
      at(
        0,
        ipv4Packet({
          from: HOST,
          to: '203.0.113.80',
          protocol: 17,
          identification: index % 65_536,
          fragmentOffset: 8,
          payload: new Uint8Array(8),
        }),
      ),
    );
    const log = await sessionLogOf(waiting, gateway);
    expect(log.ledger.packets).toMatchObject({
      inEntries: 0,
      notInEntries: { frag_limit: tooMany, frag_no_head: 65_536 },
    });
    expect(hasLosses(log.ledger)).toBe(true);
  });

  test('51: a fragment that comes twice counts twice', async () => {
    const log = await sessionLogOf(
      [pieces[0]!, pieces[1]!, pieces[1]!].map((bytes) => at(0, bytes)),
      gateway,
    );
    expect(log.entries.map(({ vpc }) => vpc)).toEqual(['4500/3']);
  });

  test('a later fragment of a segment neither opens nor ends a session', async () => {
    const parts = fragment(
      tcpPacket({ from: `${HOST}:5000`, to: S, flags: 'FA', identification: 5, payload: new Uint8Array(200) }),
      120,
    );
    const log = await sessionLogOf(
      parts.toReversed().map((bytes) => at(0, bytes)),
      gateway,
    );
    expect(log.entries.map(({ vpc }) => vpc)).toEqual(['260/2']);
  });
});

const inside = tcpPacket({ from: `${HOST}:47176`, to: S, flags: 'A', payload: new Uint8Array(60) });
const vxlan = (
  packet: Uint8Array,
  ends: { from: Endpoint; to: Endpoint } = { from: '10.0.9.1:50000', to: '10.0.9.2:4789' },
): Uint8Array => udpPacket({ ...ends, payload: concat(Uint8Array.of(8, 0, 0, 0, 0, 0, 42, 0), ethernet(packet)) });
const geneve = (packet: Uint8Array): Uint8Array =>
  udpPacket({
    ...{ from: '10.0.9.1:50000', to: '10.0.9.2:6081' },
    payload: concat(Uint8Array.of(1, 0, 0x65, 0x58, 0, 0, 42, 0, 0, 0, 0, 0), ethernet(packet)),
  });
const gre = (type: number, payload: Uint8Array, flags = 0): Uint8Array =>
  ipv4Packet({ from: '10.0.9.1', to: '10.0.9.2', protocol: 47, payload: concat(u16(flags), u16(type), payload) });
const ipip = (packet: Uint8Array, from = '10.0.9.1', to = '10.0.9.2'): Uint8Array =>
  ipv4Packet({ from, to, protocol: 4, payload: packet });

describe('tunnels', () => {
  test.each([
    { name: '64: VXLAN', bytes: vxlan(inside) },
    { name: '64: Geneve with an option', bytes: geneve(inside) },
    { name: '64: GRE', bytes: gre(0x0800, inside) },
    { name: '64: GRE with key and checksum', bytes: gre(0x0800, concat(new Uint8Array(8), inside), 0xa000) },
    { name: '64: transparent Ethernet bridging', bytes: gre(0x6558, ethernet(inside)) },
    { name: '64: ERSPAN type I', bytes: gre(0x88be, ethernet(inside)) },
    {
      name: '64: ERSPAN type II',
      bytes: gre(0x88be, concat(hex('0000 0001 1000 0000 0000 0000'), ethernet(inside)), 0x1000),
    },
    {
      name: '64: ERSPAN type III',
      bytes: gre(0x22eb, concat(hex('0000 0001 2000 0000 0000 0000 0000 0000'), ethernet(inside)), 0x1000),
    },
    { name: '64: IP in IP', bytes: ipip(inside) },
    { name: '66: four deep', bytes: ipip(vxlan(gre(0x0800, ipip(inside)))) },
  ])('$name: a mirrored packet counts as what it is a copy of', async ({ bytes }) => {
    const log = await sessionLogOf([at(0, bytes)], gateway);
    expect(log.entries.map(({ pri, pub, vpc }) => [pri, pub, vpc])).toEqual([[`${HOST}:47176`, S, '100/1']]);
    const outer = await sessionLogOf([at(0, bytes)], gateway, 'outer');
    expect(outer.ledger.packets.notInEntries).toEqual({ intra: 1 });
    expect(outer.ledger.ipBytes.read).toBe(bytes.length);
  });

  test('66: what is in more than four tunnels is not looked at', async () => {
    const log = await sessionLogOf([at(0, ipip(ipip(ipip(ipip(ipip(inside))))))], gateway);
    expect(log.ledger.packets).toMatchObject({ inEntries: 0, notInEntries: { encap_depth: 1 } });
    expect(hasLosses(log.ledger)).toBe(true);
    // That of the last header that was opened.
    expect(log.ledger.ipBytes.read).toBe(120);
  });

  test("a host's own tunnel counts as the gateway sees it, unless the innermost header is asked for", async () => {
    const own = ipip(inside, HOST, '198.51.100.99');
    const ends = async (layer: 'auto' | 'inner' | 'outer'): Promise<unknown> => {
      const { ledger, entries } = await sessionLogOf([at(0, own)], gateway, layer);
      return entries[0]?.pub ?? Object.keys(ledger.packets.notInEntries);
    };
    expect([await ends('auto'), await ends('outer')]).toEqual([['unsupported_protocol'], ['unsupported_protocol']]);
    expect(await ends('inner')).toBe(S);
    const udp = vxlan(inside, { from: `${HOST}:50000`, to: '198.51.100.99:4789' });
    const { entries } = await sessionLogOf([at(0, udp)], gateway);
    expect(entries[0]?.pub).toBe('198.51.100.99:4789');
  });

  test('auto takes the first header between the sides of the gateway, also where networks are longer than /16', async () => {
    const narrow = gatewayWith({ inside: ['10.0.0.0/29'], eips: ['198.51.100.10'] });
    const log = await sessionLogOf([at(0, ipip(inside))], narrow);
    expect(log.entries[0]?.pri).toBe(`${HOST}:47176`);
    const crossing = ipip(inside, '10.0.0.1', '10.0.9.2');
    expect((await sessionLogOf([at(0, crossing)], narrow)).ledger.packets.notInEntries).toEqual({
      unsupported_protocol: 1,
    });
  });

  test('67: IPv6 in a tunnel is not translated', async () => {
    const ipv6 = concat(u8(0x60), new Uint8Array(3), u16(0), u8(59), u8(64), new Uint8Array(32));
    const sixInFour = ipv4Packet({ from: '10.0.9.1', to: '10.0.9.2', protocol: 41, payload: ipv6 });
    const log = await sessionLogOf([at(0, sixInFour)], gateway);
    expect(log.ledger.packets.notInEntries).toEqual({ ipv6_not_translated: 1 });
    expect(log.ledger.ipBytes.read).toBe(40);
  });

  test('what is no tunnel in spite of its port counts as it is', async () => {
    const query = udpPacket({ from: `${HOST}:4789`, to: '203.0.113.53:53', payload: ethernet(inside) });
    expect((await sessionLogOf([at(0, query)], gateway, 'inner')).entries[0]?.pub).toBe('203.0.113.53:53');
    const noise = udpPacket({ from: '10.0.9.1:50000', to: '10.0.9.2:4789', payload: new Uint8Array(40).fill(0xff) });
    expect((await sessionLogOf([at(0, noise)], gateway)).ledger.packets.notInEntries).toEqual({ intra: 1 });
  });
});
