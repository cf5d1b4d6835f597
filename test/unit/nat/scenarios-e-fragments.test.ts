import { describe, expect, test } from 'vitest';
import { hasLosses } from '../../../src-main/contract/ledger';
import { concat, hex, u16 } from '../../support/bytes';
import {
  ETHERTYPE,
  arpMessage,
  ethernet,
  fragment,
  icmpEcho,
  icmpError,
  ipv4Packet,
  tcpPacket,
  udpPacket,
  type Endpoint,
} from '../../support/frames';
import {
  E1,
  HOST,
  S,
  at,
  expectScenario,
  flagsOf,
  rowText,
  run,
  tcp,
  udp,
  type Scenario,
} from '../../support/nat-scenario';
import { LINK, cut } from '../../support/pcap-writer';

/* The scenarios of the specification, by their numbers: nat-gateway reference §7.E, "Fragments, truncation, odd frames". */

const CLIENT: Endpoint = `${HOST}:5000`;
const NAT = '198.51.100.10:1025';
const SERVER = '203.0.113.80';
const datagram = udpPacket({ from: CLIENT, to: S, identification: 99, payload: new Uint8Array(3000) });
const [head, middle, last] = fragment(datagram, 1480) as [Uint8Array, Uint8Array, Uint8Array];
/** The last fragment of the datagram, as somebody else might cut it. */
const piece = (fragmentOffset: number, octets: number): Uint8Array =>
  ipv4Packet({
    ...{ from: HOST, to: SERVER, protocol: 17, identification: 99, fragmentOffset },
    payload: new Uint8Array(octets),
  });
const udpRow = (counts: string) => `17 ${CLIENT} -> ${S} via ${NAT} | ${counts}`;
const tcpRow = (counts: string) => `6 ${CLIENT} -> ${S} via ${NAT} | ${counts}`;
const later = at(40, udpPacket({ from: CLIENT, to: S, payload: new Uint8Array(32) }));

const FRAGMENTS: readonly Scenario[] = [
  {
    name: '48: the fragments of a datagram are one row',
    packets: [head, middle, last].map((bytes, sec) => at(sec, bytes)),
    rows: [udpRow('3068/3 | 0/0 | 0-2')],
  },
  {
    name: '49: the last fragment may come first',
    packets: [last, middle, head].map((bytes, index) => at(index * 4, bytes)),
    rows: [udpRow('3068/3 | 0/0 | 0-8')],
  },
  {
    name: '49: for 30 seconds a fragment waits for its first one',
    packets: [at(0, last), at(30, head)],
    rows: [udpRow('1568/2 | 0/0 | 0-30')],
  },
  {
    name: '49: and not for longer',
    packets: [at(0, last), at(30.001, head)],
    rows: [udpRow('1500/1 | 0/0 | 30-30')],
    reasons: { frag_no_head: 1 },
  },
  {
    name: '50: nor is a first one remembered for longer',
    packets: [at(0.5, head), at(30.5, middle), at(30.501, last)],
    rows: [udpRow('3000/2 | 0/0 | 0-30')],
    reasons: { frag_no_head: 1 },
  },
  {
    name: '50: without their first one, fragments are in no row',
    packets: [at(0, middle), at(1, last), later],
    rows: [udpRow('60/1 | 0/0 | 40-40')],
    reasons: { frag_no_head: 2 },
  },
  {
    name: '51: a fragment that comes twice counts twice',
    packets: [head, middle, middle].map((bytes) => at(0, bytes)),
    rows: [udpRow('4500/3 | 0/0 | 0-0')],
  },
  {
    name: '51: fragments that overlap count each with their own length',
    packets: [at(0, head), at(0, piece(1400, 1608))],
    rows: [udpRow('3128/2 | 0/0 | 0-0')],
  },
  {
    name: 'a later fragment of a segment neither opens nor ends a session',
    packets: fragment(
      tcpPacket({ from: CLIENT, to: S, flags: 'FA', identification: 5, payload: new Uint8Array(200) }),
      120,
    )
      .toReversed()
      .map((bytes) => at(0, bytes)),
    rows: [tcpRow('260/2 | 0/0 | 0-0')],
  },
];

const fullSize = udp(CLIENT, S, 1500);
const wrong = (packet: Uint8Array, place: number): Uint8Array =>
  packet.map((byte, index) => (index === place ? byte ^ 0x55 : byte));
const LLC = hex('0180c2000000 020000000001 0026 4242 03 0000 00 00 00 8000 020000000001');
const frameOf = (ethertype: number, payload: Uint8Array) => ethernet(payload, { ethertype });
const ARP = arpMessage({ senderMac: '02:00:00:00:00:01', sender: HOST, target: '10.0.0.1' });

const ping = at(0, icmpEcho({ from: HOST, to: SERVER, id: 9, payload: new Uint8Array(56) }));
const error = icmpError({ from: SERVER, to: HOST, type: 3, code: 1, about: ping.bytes });
/** On the wire as well. */
const shortened = (packet: Uint8Array): Uint8Array => packet.subarray(0, packet.length - 2);

const TRUNCATED: readonly Scenario[] = [
  {
    name: '52: a cut packet counts with the length of its header',
    packets: cut([at(0, ethernet(fullSize))], 54),
    linkType: LINK.ethernet,
    rows: [udpRow('1500/1 | 0/0 | 0-0')],
  },
  {
    name: '53: the snap length cut the ports',
    packets: cut([at(0, ethernet(fullSize))], 34),
    linkType: LINK.ethernet,
    rows: [],
    reasons: { l4_truncated: 1 },
  },
  {
    name: '54: a total length of 0 is inferred from the frame, and flagged',
    packets: [
      at(0, ethernet(tcpPacket({ from: CLIENT, to: S, flags: 'A', totalLength: 0, payload: new Uint8Array(4380) }))),
    ],
    linkType: LINK.ethernet,
    rows: [tcpRow('4420/1 | 0/0 | 0-0')],
    flags: [['midstream', 'lengthInferred']],
  },
  {
    name: '54: a total length beyond the frame counts as it is, and is flagged',
    packets: [
      at(0, ethernet(tcpPacket({ from: CLIENT, to: S, flags: 'A', totalLength: 1500, payload: new Uint8Array(100) }))),
    ],
    linkType: LINK.ethernet,
    rows: [tcpRow('1500/1 | 0/0 | 0-0')],
    flags: [['midstream', 'shortFrame']],
  },
  {
    name: '54: so does one of an ICMP query, and of an error about it',
    packets: [ping, at(0, shortened(error)), at(0, shortened(ping.bytes))].map(({ bytes }) => at(0, ethernet(bytes))),
    linkType: LINK.ethernet,
    rows: [`1 ${HOST}:9 -> ${SERVER}:0 via ${NAT} | 168/2 | 56/1 | 0-0`],
    flags: [['shortFrame']],
  },
  {
    name: '54: a frame that only the capture cut short is not short',
    packets: cut([at(0, ethernet(fullSize))], 60),
    linkType: LINK.ethernet,
    rows: [udpRow('1500/1 | 0/0 | 0-0')],
    flags: [[]],
  },
  {
    name: '55: padding does not count',
    packets: [at(0, ethernet(tcp(CLIENT, S, 'S', 40)))],
    linkType: LINK.ethernet,
    rows: [tcpRow('40/1 | 0/0 | 0-0')],
  },
  {
    // Nothing asks for the check of IP headers, so that is not made either.
    name: '56: wrong checksums of TCP, UDP and IP, as offloading leaves them, do not matter',
    packets: [
      at(0, wrong(tcp(CLIENT, S, 'S', 60), 36)),
      at(1, wrong(udp(CLIENT, S, 60), 26)),
      at(2, wrong(udp(CLIENT, S, 60), 10)),
    ],
    rows: [tcpRow('60/1 | 0/0 | 0-0'), udpRow('120/2 | 0/0 | 1-2')],
  },
  {
    name: '56: with ipChecksums, those of IP matter, whatever the field, and no others',
    packets: [
      at(0, wrong(tcp(CLIENT, S, 'S', 60), 36)),
      at(1, wrong(udp(CLIENT, S, 60), 26)),
      at(2, wrong(udp(CLIENT, S, 60), 10)),
      at(3, wrong(udp(CLIENT, S, 60), 1)),
    ],
    gateway: { ipChecksums: true },
    rows: [tcpRow('60/1 | 0/0 | 0-0'), udpRow('60/1 | 0/0 | 1-1')],
    reasons: { malformed: 2 },
  },
  {
    name: '57: ARP, LLDP, spanning tree, 802.3 with LLC, EAPOL',
    packets: [
      at(0, frameOf(ETHERTYPE.arp, ARP)),
      at(1, frameOf(0x88cc, hex('0207 04 0200000000 01'))),
      at(2, LLC),
      at(3, hex(`ffffffffffff 020000000001 0003 e0e0 03 ${'00'.repeat(43)}`)),
      at(4, frameOf(0x888e, hex('0101 0000'))),
    ],
    linkType: LINK.ethernet,
    rows: [],
    reasons: { non_ip: 5 },
  },
];

const from = (source: string, target: Endpoint = S) => udp(`${source}:1`, target, 60);
const protocol = (number: number, name: string): Scenario => ({
  name: `58: ${name}`,
  packets: [at(0, ipv4Packet({ from: HOST, to: '192.0.2.1', protocol: number, payload: new Uint8Array(40) }))],
  rows: [],
  reasons: { unsupported_protocol: 1 },
});
const nowhere = (name: string, bytes: Uint8Array): Scenario => ({
  name: `59: ${name}`,
  packets: [at(0, bytes)],
  rows: [],
  reasons: { not_routable: 1 },
});
const malformed = (name: string, bytes: Uint8Array): Scenario => ({
  name: `61: ${name}`,
  packets: [at(0, bytes)],
  rows: [],
  reasons: { malformed: 1 },
});

const ODD: readonly Scenario[] = [
  // To a host, as the ledger's order has not_routable before the protocol, and IGMP goes to groups.
  ...[protocol(47, 'GRE'), protocol(50, 'ESP'), protocol(132, 'SCTP'), protocol(2, 'IGMP')],
  nowhere('multicast', from(HOST, '224.0.0.251:5353')),
  nowhere('broadcast', from(HOST, '255.255.255.255:67')),
  nowhere('link-local', from(HOST, '169.254.169.254:80')),
  nowhere('link-local source', from('169.254.1.1')),
  nowhere('loopback', from(HOST, '127.0.0.1:53')),
  nowhere('DHCP without an address', from('0.0.0.0')),
  nowhere('DHCP without an address, to everybody', udp('0.0.0.0:68', '255.255.255.255:67', 328)),
  {
    name: '60: two hosts of the VPC',
    packets: [at(0, from('10.0.0.1', '10.0.0.2:1'))],
    rows: [],
    reasons: { intra: 1 },
  },
  malformed('a header length below five words', Uint8Array.of(0x44, ...new Uint8Array(39))),
  malformed('version 7', Uint8Array.of(0x75, ...new Uint8Array(39))),
  malformed(
    'a total length below the header',
    ipv4Packet({ from: HOST, to: '192.0.2.1', protocol: 17, totalLength: 19, payload: new Uint8Array(20) }),
  ),
  {
    name: 'a datagram from outside',
    packets: [at(0, udp(S, `${HOST}:9`, 60))],
    rows: [],
    reasons: { no_session: 1 },
  },
  {
    name: 'a SYN from outside to a host',
    packets: [at(0, tcp(S, `${HOST}:9`, 'S', 60))],
    rows: [],
    reasons: { no_session: 1 },
  },
];

describe('7.E: fragments', () => {
  test.each(FRAGMENTS)('$name', expectScenario);

  test('50: their bytes are in the ledger', async () => {
    const { ledger } = await run([at(0, middle), at(1, last), later]);
    expect(ledger.packets).toMatchObject({ read: 3, inEntries: 1, notInEntries: { frag_no_head: 2 } });
    expect(ledger.ipBytes.notInEntries).toEqual({ frag_no_head: 1568 });
  });

  test.each([
    { name: 'a fragment that comes twice is flagged', packets: [head, middle, middle], flags: ['fragOverlap'] },
    { name: 'one that overlaps, too', packets: [head, piece(1400, 1608)], flags: ['fragOverlap'] },
    { name: 'the first one that comes twice, too', packets: [head, head, middle, last], flags: ['fragOverlap'] },
    { name: 'and where it comes last', packets: [middle, piece(2952, 56), last, head], flags: ['fragOverlap'] },
    { name: 'in any order, none that fit are', packets: [last, head, middle], flags: [] },
    {
      name: 'none of a packet that has the number of one before',
      packets: [head, middle, last, head, last],
      flags: [],
    },
  ])('51: $name', async ({ packets, flags }) => {
    const { entries } = await run(packets.map((bytes) => at(0, bytes)));
    expect(entries.map(flagsOf)).toEqual([flags]);
  });

  test('fragments of ICMP are of its session', async () => {
    const request = icmpEcho({ from: HOST, to: SERVER, id: 5, identification: 7, payload: new Uint8Array(2000) });
    const { entries } = await run(fragment(request, 1480).map((bytes) => at(0, bytes)));
    expect(entries.map(rowText)).toEqual([`1 ${HOST}:5 -> ${SERVER}:0 via ${NAT} | 2048/2 | 0/0 | 0-0`]);
  });

  test('fragments beyond those that can wait at once are a loss of their own, not those without a first one', async () => {
    const tooMany = 10;
    const waiting = Array.from({ length: 65_536 + tooMany }, (_, index) =>
      at(
        0,
        ipv4Packet({
          ...{ from: HOST, to: SERVER, protocol: 17 },
          identification: index % 65_536,
          fragmentOffset: 8,
          payload: new Uint8Array(8),
        }),
      ),
    );
    const log = await run(waiting);
    expect(log.ledger.packets).toMatchObject({
      inEntries: 0,
      notInEntries: { frag_limit: tooMany, frag_no_head: 65_536 },
    });
    expect(hasLosses(log.ledger)).toBe(true);
  });
});

describe('7.E: truncation', () => {
  test.each(TRUNCATED)('$name', expectScenario);

  test('53: its bytes are in the ledger', async () => {
    const { ledger } = await run(cut([at(0, fullSize)], 20));
    expect(ledger.packets.notInEntries).toEqual({ l4_truncated: 1 });
    expect(ledger.ipBytes.notInEntries).toEqual({ l4_truncated: 1500 });
  });
});

describe('7.E: packets in no row', () => {
  test.each(ODD)('$name', expectScenario);

  test('58: which protocols were refused, and whose, is told by events', async () => {
    const packet = (sec: number, protocolNumber: number, source: string, target: string) =>
      at(sec, ipv4Packet({ from: source, to: target, protocol: protocolNumber, payload: new Uint8Array(40) }));
    const { events, ledger } = await run([
      ...[packet(1, 47, HOST, '192.0.2.1'), packet(2, 50, HOST, '192.0.2.1'), packet(3, 47, HOST, '192.0.2.1')],
      ...[packet(4, 47, '192.0.2.1', HOST), packet(5, 47, '198.51.100.10', '192.0.2.1')],
    ]);
    expect(ledger.packets.notInEntries).toEqual({ unsupported_protocol: 5 });
    const common = { event: 'unsupported_protocol', pub: '192.0.2.1:0' };
    expect(events).toMatchObject([
      { ...common, protocol: 47, pri: HOST, packets: 3, bytes: 180, firstNs: at(1, new Uint8Array()).atNs },
      { ...common, protocol: 50, pri: HOST, packets: 1, bytes: 60 },
      { ...common, protocol: 47, pri: '198.51.100.10', packets: 1, bytes: 60 },
    ]);
    expect(events[0]?.lastNs).toBe(at(4, new Uint8Array()).atNs);
  });

  test('61: no length of a header makes it stop', async () => {
    const packets = Array.from({ length: 256 }, (_, first) =>
      at(first, concat(Uint8Array.of(first, 0), u16(40), new Uint8Array(36))),
    );
    const log = await run(packets, { snatEntries: [E1] });
    expect(log.ledger.packets.read).toBe(256);
    expect(log.entries).toEqual([]);
  });
});
