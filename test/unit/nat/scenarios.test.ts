import { describe, expect, test } from 'vitest';
import { icmpEcho, icmpError, ipv4Packet, tcpPacket, udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf, snatEntry, type Entry } from '../../support/session-log';
import { SECOND } from '../../support/time';

/*
 * The scenarios of the specification that this version covers, by their numbers. Times are seconds after t0, a window
 * edge; lengths are IPv4 total lengths.
 */
const T0 = 1_700_000_400n;
const S = '203.0.113.80:443';
const S2 = '203.0.113.81:443';
const HOST = '10.0.0.7';

const at = (sec: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(sec * 1e9)),
  bytes,
});
/** A TCP packet of `length` octets, of which 40 are headers. */
const tcp = (from: string, to: string, flags: string, length: number): Uint8Array =>
  tcpPacket({ from, to, flags, payload: new Uint8Array(length - 40) } as Parameters<typeof tcpPacket>[0]);
const udp = (from: string, to: string, length: number): Uint8Array =>
  udpPacket({ from, to, payload: new Uint8Array(length - 28) } as Parameters<typeof udpPacket>[0]);
const echo = (from: string, to: string, id: number, reply = false): Uint8Array =>
  icmpEcho({ from, to, id, reply, payload: new Uint8Array(56) });

const seconds = (entry: Entry): string => `${entry.firstNs / SECOND - T0}-${entry.lastNs / SECOND - T0}`;
const summary = (entry: Entry): string =>
  `${entry.protocol} ${entry.pri} -> ${entry.pub} | ${entry.vpc} | ${entry.inbound} | ${seconds(entry)}`;

const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'] });

function connection(client: string, server: string, start: number): CaptureRecord[] {
  return [
    at(start, tcp(client, server, 'S', 60)),
    at(start + 0.1, tcp(server, client, 'SA', 60)),
    at(start + 0.2, tcp(client, server, 'A', 52)),
    at(start + 0.3, tcp(client, server, 'PA', 152)),
    at(start + 0.4, tcp(server, client, 'A', 52)),
    at(start + 0.5, tcp(server, client, 'PA', 552)),
    at(start + 0.6, tcp(client, server, 'A', 52)),
    at(start + 1, tcp(client, server, 'FA', 52)),
    at(start + 1.5, tcp(server, client, 'FA', 52)),
    at(start + 2, tcp(client, server, 'A', 52)),
  ];
}

describe('sessions and entries', () => {
  test('1: a whole connection is one entry, both ways, ended by FIN', async () => {
    const log = await sessionLogOf(connection(`${HOST}:47176`, S, 1), gateway);
    expect(log.entries.map(summary)).toEqual([`6 ${HOST}:47176 -> ${S} | 420/6 | 716/4 | 1-3`]);
    const [entry] = log.entries;
    expect(entry).toMatchObject({ natIp: '198.51.100.10', end: 'fin', flags: ['partialWindow'] });
    expect(entry?.natPort).toBeGreaterThanOrEqual(1025);
  });

  test('2 and 4: no two live sessions share a port towards one destination', async () => {
    const hosts = Array.from({ length: 200 }, (_, index) => `10.0.${index >> 4}.${(index & 15) + 1}:5000`);
    const log = await sessionLogOf(
      hosts.map((host, index) => at(index / 100, tcp(host, S, 'S', 60))),
      gateway,
    );
    expect(new Set(log.entries.map((entry) => entry.natPort)).size).toBe(200);
  });

  test('3: one port serves two destinations when the range holds only one', async () => {
    const single = { ...gateway, portMin: 1025, portMax: 1025 };
    const log = await sessionLogOf([at(0, tcp(`${HOST}:1`, S, 'S', 60)), at(1, tcp(`${HOST}:2`, S2, 'S', 60))], single);
    expect(log.entries.map((entry) => entry.natPort)).toEqual([1025, 1025]);
  });

  test('5: a DNS look-up', async () => {
    const dns = '8.8.8.8:53';
    const log = await sessionLogOf(
      [at(5, udp(`${HOST}:999`, dns, 60)), at(5.02, udp(dns, `${HOST}:999`, 120))],
      gateway,
    );
    expect(log.entries.map(summary)).toEqual([`17 ${HOST}:999 -> ${dns} | 60/1 | 120/1 | 5-5`]);
  });

  test('6: pings are kept apart by identifier and host, and have no public port', async () => {
    const ping = [0, 1, 2, 3].flatMap((sec) => [
      at(sec, echo(HOST, '203.0.113.9', 0x1234)),
      at(sec + 0.1, echo('203.0.113.9', HOST, 0x1234, true)),
    ]);
    const log = await sessionLogOf([...ping, at(4, echo('10.0.0.8', '203.0.113.9', 0x1234))], gateway);
    expect(log.entries.map(summary)).toEqual([
      `1 ${HOST}:4660 -> 203.0.113.9:0 | 336/4 | 336/4 | 0-3`,
      '1 10.0.0.8:4660 -> 203.0.113.9:0 | 84/1 | 0/0 | 4-4',
    ]);
    expect(log.entries[0]?.natPort).not.toBe(log.entries[1]?.natPort);
  });

  test('7: an unanswered SYN and its retransmissions are one entry', async () => {
    const log = await sessionLogOf(
      [0, 1, 3].map((sec) => at(sec, tcp(`${HOST}:9`, S, 'S', 60))),
      gateway,
    );
    expect(log.entries.map(summary)).toEqual([`6 ${HOST}:9 -> ${S} | 180/3 | 0/0 | 0-3`]);
  });

  test('11: the entry with the longest prefix chooses the address', async () => {
    const snatEntries = [
      snatEntry('10.0.0.0/16', ['198.51.100.10']),
      snatEntry('10.0.1.0/24', ['198.51.100.20']),
      snatEntry('10.0.1.5/32', ['198.51.100.30']),
    ];
    const log = await sessionLogOf(
      ['10.0.5.5:1', '10.0.1.9:1', '10.0.1.5:1'].map((host, sec) => at(sec, tcp(host, S, 'S', 60))),
      gatewayWith({ snatEntries }),
    );
    expect(log.entries.map((entry) => entry.natIp)).toEqual(['198.51.100.10', '198.51.100.20', '198.51.100.30']);
  });

  test('15: connections spread over a pool, and each keeps its address', async () => {
    const pool = gatewayWith({ inside: ['10.1.0.0/16'], eips: ['198.51.100.41', '198.51.100.42', '198.51.100.43'] });
    const records = Array.from({ length: 3000 }, (_, index) => index).flatMap((index) => {
      const host = `10.1.0.${(index % 20) + 1}:${2000 + index}`;
      return [at(index / 100, tcp(host, S, 'S', 60)), at(index / 100 + 0.001, tcp(S, host, 'SA', 60))];
    });
    const log = await sessionLogOf(records, pool);
    const share = new Map<string, number>();
    for (const { natIp } of log.entries) share.set(natIp, (share.get(natIp) ?? 0) + 1);
    expect(log.entries).toHaveLength(3000);
    expect([...share.values()].every((count) => count > 750 && count < 1260)).toBe(true);
  });

  test('17 to 19: a full destination refuses new sessions, leaves live ones alone, and frees ports with time', async () => {
    const full = { ...gateway, maxPerEipPerDestination: 3 };
    const syn = (port: number, sec: number, to = S) => at(sec, tcp(`${HOST}:${port}`, to, 'S', 60));
    const log = await sessionLogOf(
      [
        ...[40001, 40002, 40003].flatMap((port, index) => [
          syn(port, index / 10),
          at(index / 10 + 0.01, tcp(S, `${HOST}:${port}`, 'SA', 60)),
          at(index / 10 + 0.02, tcp(`${HOST}:${port}`, S, 'A', 52)),
        ]),
        syn(40004, 1),
        syn(40004, 2, S2),
        at(9, tcp(`${HOST}:40001`, S, 'FA', 52)),
        at(10, tcp(S, `${HOST}:40001`, 'FA', 52)),
        syn(40004, 20),
        syn(40004, 69.9),
        syn(40004, 71),
      ],
      full,
    );
    expect(log.ledger.packets.notInEntries).toEqual({ no_port: 3 });
    expect(log.entries.map((entry) => `${entry.pri} ${entry.pub} ${entry.vpc}`)).toEqual([
      `${HOST}:40001 ${S} 164/3`,
      `${HOST}:40002 ${S} 112/2`,
      `${HOST}:40003 ${S} 112/2`,
      `${HOST}:40004 ${S2} 60/1`,
      `${HOST}:40004 ${S} 60/1`,
    ]);
  });

  test('20: a pool spills over until every address is full', async () => {
    const pool = gatewayWith({
      inside: ['10.1.0.0/16'],
      eips: ['198.51.100.41', '198.51.100.42', '198.51.100.43'],
      maxPerEipPerDestination: 3,
    });
    const records = Array.from({ length: 10 }, (_, index) => at(index, tcp(`10.1.0.1:${index + 1}`, S, 'S', 60)));
    const log = await sessionLogOf(records, pool);
    expect(log.entries).toHaveLength(9);
    expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
  });

  test('22: a range of two ports serves two sessions', async () => {
    const narrow = { ...gateway, portMin: 1025, portMax: 1026 };
    const log = await sessionLogOf(
      [1, 2, 3].map((port) => at(port, tcp(`${HOST}:${port}`, S, 'S', 60))),
      narrow,
    );
    expect(log.entries.map((entry) => entry.natPort).sort()).toEqual([1025, 1026]);
    expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
  });

  test('23: 55,001 connections to one destination: 55,000 pass', async () => {
    const records = Array.from({ length: 55_001 }, (_, index) =>
      at(index / 10_000, tcp(`10.0.${1 + (index >> 12)}.1:${1024 + (index & 4095)}`, S, 'S', 60)),
    );
    const log = await sessionLogOf(records, gateway);
    expect(log.logEntries).toBe(55_000);
    expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
    expect(new Set(log.entries.map((entry) => entry.natPort)).size).toBe(55_000);
  });
});

describe('timers and windows', () => {
  const host = `${HOST}:7`;
  const data = (sec: number) => at(sec, tcp(host, S, 'A', 52));

  test('26: a packet on the edge belongs to the later window; the mapping stays', async () => {
    const log = await sessionLogOf([590, 599.999999999, 600, 610].map(data), gateway);
    expect(log.entries.map(summary)).toEqual([
      `6 ${host} -> ${S} | 104/2 | 0/0 | 590-599`,
      `6 ${host} -> ${S} | 104/2 | 0/0 | 600-610`,
    ]);
    expect(log.entries[0]?.natPort).toBe(log.entries[1]?.natPort);
    expect(log.entries.map((entry) => entry.end)).toEqual(['open', 'capture_end']);
    expect(log.entries[0]?.lastNs).toBe((T0 + 600n) * SECOND - 1n);
  });

  test('27: a session may live through a window without a row', async () => {
    const log = await sessionLogOf([data(599), data(1201)], gateway);
    expect(log.entries.map((entry) => [entry.sessionId, entry.windowStart - Number(T0)])).toEqual([
      [1, 0],
      [1, 1200],
    ]);
  });

  test.each([
    { name: '28: idle for just less than the time-out is alive', gap: 899.999999999, sessions: 1 },
    { name: '28: idle for exactly the time-out is dead', gap: 900, sessions: 2 },
  ])('$name', async ({ gap, sessions }) => {
    const log = await sessionLogOf([data(100), data(100 + gap)], gateway);
    expect(log.sessions).toBe(sessions);
    expect(log.entries.at(-1)?.flags).toContain('midstream');
  });

  test('29: one UDP five-tuple can be two sessions, and two rows, of one window', async () => {
    const log = await sessionLogOf(
      [0, 59, 119].map((sec) => at(sec, udp(host, S, 60))),
      gateway,
    );
    expect(log.entries.map(summary)).toEqual([
      `17 ${host} -> ${S} | 120/2 | 0/0 | 0-59`,
      `17 ${host} -> ${S} | 60/1 | 0/0 | 119-119`,
    ]);
    expect(log.entries.map((entry) => entry.end)).toEqual(['idle', 'idle']);
  });

  test('30: packets from outside keep a UDP session alive', async () => {
    const log = await sessionLogOf(
      [at(0, udp(host, S, 60)), at(50, udp(S, host, 60)), at(105, udp(host, S, 60))],
      gateway,
    );
    expect(log.sessions).toBe(1);
  });

  test('31: a half-closed session lives as long as an established one', async () => {
    const log = await sessionLogOf(
      [data(1), at(10, tcp(host, S, 'FA', 52)), at(500, tcp(S, host, 'A', 1040))],
      gateway,
    );
    expect(log.sessions).toBe(1);
  });

  test.each([
    {
      name: '32: data after a reset brings the session back',
      late: [at(12, tcp(S, host, 'A', 52))],
      then: 30,
      sessions: 1,
    },
    { name: '32: a session stays dead ten seconds after a reset', late: [], then: 20, sessions: 2 },
  ])('$name', async ({ late, then, sessions }) => {
    const log = await sessionLogOf([data(1), at(10, tcp(S, host, 'R', 40)), ...late, data(then)], gateway);
    expect(log.sessions).toBe(sessions);
  });

  test('34: a SYN after both FINs is a new session with its own entry', async () => {
    const records = [...connection(host, S, 1), at(15, tcp(host, S, 'S', 60))];
    const log = await sessionLogOf(records, gateway);
    expect(log.entries.map((entry) => [entry.sessionId, entry.vpc, entry.end])).toEqual([
      [1, '420/6', 'fin'],
      [2, '60/1', 'idle'],
    ]);
  });

  test('37: a session under way is picked up from either side', async () => {
    const outward = await sessionLogOf([data(1), at(2, tcp(S, host, 'A', 52))], gateway);
    const inward = await sessionLogOf([at(1, tcp(S, host, 'A', 52)), data(2)], gateway);
    expect(outward.entries.map(summary)).toEqual(inward.entries.map(summary));
    expect(outward.entries[0]?.flags).toContain('midstream');
  });

  test('38: crossing SYNs are one session', async () => {
    const log = await sessionLogOf(
      [
        at(0, tcp(host, S, 'S', 60)),
        at(0.1, tcp(S, host, 'S', 60)),
        at(0.2, tcp(host, S, 'SA', 60)),
        at(0.3, tcp(S, host, 'SA', 60)),
        at(800, tcp(host, S, 'A', 52)),
      ],
      gateway,
    );
    // Established, or it would have been dead 60 s after the last SYN.
    expect(log.sessions).toBe(1);
    expect(log.entries.map(({ vpc, inbound }) => [vpc, inbound])).toEqual([
      ['120/2', '120/2'],
      ['52/1', '0/0'],
    ]);
  });

  test('39: a keep-alive every 600 seconds for two hours has one row a window', async () => {
    const log = await sessionLogOf(
      Array.from({ length: 13 }, (_, index) => data(index * 600)),
      gateway,
    );
    expect(log.sessions).toBe(1);
    expect(log.entries).toHaveLength(13);
  });

  test('40: a ping 60 seconds after the last one is a new session', async () => {
    const log = await sessionLogOf(
      [0, 59, 119].map((sec) => at(sec, echo(HOST, '203.0.113.9', 7))),
      gateway,
    );
    expect(log.entries.map((entry) => entry.vpc)).toEqual(['168/2', '84/1']);
  });

  test('79: windows that the capture covers in part say so', async () => {
    const log = await sessionLogOf(
      [100, 300, 650, 700, 1300].map((sec) => at(sec, udp(host, S, 60))),
      gateway,
    );
    expect(log.entries.map((entry) => entry.flags.includes('partialWindow'))).toEqual([true, true, false, true]);
  });

  test('a gap of years costs nothing per empty window', async () => {
    const years = 40 * 365 * 86_400;
    const log = await sessionLogOf([data(0), data(years)], gateway);
    expect(log.windows).toBe(2);
  });
});

describe('packets in no entry', () => {
  const from = (source: string, target = S) => udp(`${source}:1`, target, 60);
  test.each([
    { name: '8: a SYN from outside', bytes: tcp(S, `${HOST}:9`, 'S', 60), reason: 'no_session' },
    {
      name: '8: a packet to the public address itself',
      bytes: tcp(S, '198.51.100.10:1025', 'S', 60),
      reason: 'no_session',
    },
    { name: 'a datagram from outside', bytes: udp(S, `${HOST}:9`, 60), reason: 'no_session' },
    { name: 'an echo reply without a request', bytes: echo('203.0.113.9', HOST, 1, true), reason: 'no_session' },
    { name: 'an echo request from outside', bytes: echo('203.0.113.9', HOST, 1), reason: 'no_session' },
    { name: '12: a host that no entry covers', bytes: from('10.9.0.1'), reason: 'no_snat_entry' },
    { name: 'two public hosts', bytes: from('192.0.2.1'), reason: 'no_snat_entry' },
    {
      name: '58: GRE',
      bytes: ipv4Packet({ from: HOST, to: '192.0.2.1', protocol: 47, payload: new Uint8Array(40) }),
      reason: 'unsupported_protocol',
    },
    { name: '59: multicast', bytes: from(HOST, '224.0.0.251:5353'), reason: 'not_routable' },
    { name: '59: broadcast', bytes: from(HOST, '255.255.255.255:67'), reason: 'not_routable' },
    { name: '59: link-local', bytes: from('169.254.1.1'), reason: 'not_routable' },
    { name: '59: DHCP without an address', bytes: from('0.0.0.0'), reason: 'not_routable' },
    { name: '60: two hosts of the VPC', bytes: from(HOST, '10.0.0.8:1'), reason: 'intra' },
    {
      name: '50: a later fragment',
      bytes: udpPacket({ from: `${HOST}:1`, to: S, fragmentOffset: 1480, payload: new Uint8Array(40) }),
      reason: 'frag_no_head',
    },
    {
      name: '44: an ICMP error about no session',
      bytes: icmpError({ from: '192.0.2.1', to: HOST, type: 3, code: 3, about: from(HOST) }),
      reason: 'icmp_no_session',
    },
    {
      name: 'a redirect',
      bytes: icmpError({ from: '192.0.2.1', to: HOST, type: 5, code: 0, about: from(HOST) }),
      reason: 'icmp_unsupported',
    },
    {
      name: '61: a header length below five words',
      bytes: Uint8Array.of(0x44, ...new Uint8Array(39)),
      reason: 'malformed',
    },
    { name: '61: version 7', bytes: Uint8Array.of(0x75, ...new Uint8Array(39)), reason: 'malformed' },
    {
      name: '61: a total length below the header',
      bytes: ipv4Packet({ from: HOST, to: '192.0.2.1', protocol: 17, totalLength: 19, payload: new Uint8Array(20) }),
      reason: 'malformed',
    },
  ])('$name: $reason', async ({ bytes, reason }) => {
    const log = await sessionLogOf([at(0, bytes)], gateway);
    expect(log.entries).toEqual([]);
    expect(log.ledger.packets.notInEntries).toEqual({ [reason]: 1 });
  });

  test('53: the snap length cut the ports', async () => {
    const bytes = from(HOST);
    const log = await sessionLogOf([{ ...at(0, bytes.subarray(0, 20)), wireBytes: bytes.length }], gateway);
    expect(log.ledger.packets.notInEntries).toEqual({ l4_truncated: 1 });
    expect(log.ledger.ipBytes.notInEntries).toEqual({ l4_truncated: 60 });
  });

  test('52: a cut packet counts with the length of its header', async () => {
    const bytes = udp(`${HOST}:1`, S, 1500);
    const log = await sessionLogOf([{ ...at(0, bytes.subarray(0, 54)), wireBytes: bytes.length }], gateway);
    expect(log.entries.map((entry) => entry.vpc)).toEqual(['1500/1']);
  });

  test('54: a total length of 0 is inferred from the frame, and flagged', async () => {
    const bytes = tcpPacket({ from: `${HOST}:1`, to: S, flags: 'A', totalLength: 0, payload: new Uint8Array(4380) });
    const log = await sessionLogOf([at(0, bytes)], gateway);
    expect(log.entries.map((entry) => [entry.vpc, entry.flags])).toEqual([
      ['4420/1', ['midstream', 'partialWindow', 'lengthInferred']],
    ]);
  });
});

describe('repeatability', () => {
  const records = Array.from({ length: 500 }, (_, index) => at(index / 10, tcp(`${HOST}:${3000 + index}`, S, 'S', 60)));

  test('87: the same seed gives the same ports, another seed others, and nothing else differs', async () => {
    const ports = async (seed: number) =>
      (await sessionLogOf(records, gatewayWith({ inside: ['10.0.0.0/16'], seed }))).entries;
    const [first, again, other] = await Promise.all([ports(1), ports(1), ports(2)]);
    expect(again).toEqual(first);
    expect(other.map((entry) => entry.natPort)).not.toEqual(first.map((entry) => entry.natPort));
    expect(other.map((entry) => ({ ...entry, natPort: 0 }))).toEqual(first.map((entry) => ({ ...entry, natPort: 0 })));
  });

  test('73: packets swapped within two seconds give what sorted ones give', async () => {
    const sorted = Array.from({ length: 9000 }, (_, index) =>
      at(index / 7, udp(`${HOST}:${3000 + (index % 50)}`, S, 60)),
    );
    const swapped = sorted.slice();
    for (let index = 0; index + 10 < swapped.length; index += 11)
      swapped.splice(index, 10, ...swapped.slice(index, index + 10).reverse());
    const expected = await sessionLogOf(sorted, gateway);
    const actual = await sessionLogOf(swapped, gateway);
    const withoutPackets = (entry: Entry) => ({ ...entry, firstPacket: 0, lastPacket: 0 });
    expect(actual.backwardSteps).toBeGreaterThan(0);
    expect(actual.latePackets).toBe(0);
    expect(actual.entries.map(withoutPackets)).toEqual(expected.entries.map(withoutPackets));
  });

  test('74: a packet too late for its window is carried into the open one, and its entry says so', async () => {
    const log = await sessionLogOf(
      [
        at(1, udp(`${HOST}:1`, S, 60)),
        at(700, udp(`${HOST}:2`, S, 60)),
        at(800, udp(`${HOST}:2`, S, 60)),
        at(595, udp(`${HOST}:3`, S, 60)),
      ],
      { ...gateway, latePolicy: 'carry' },
    );
    expect(log.latePackets).toBe(1);
    const late = log.entries.find((entry) => entry.pri === `${HOST}:3`);
    expect(late?.flags).toContain('lateCarried');
    expect(late?.windowStart).toBe(Number(T0) + 600);
    expect(late?.firstNs).toBe((T0 + 600n) * SECOND);
  });
});
