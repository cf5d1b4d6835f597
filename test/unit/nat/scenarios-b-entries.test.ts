import { describe, expect, test } from 'vitest';
import { parseNetwork } from '../../../src-main/nat/address-text';
import type { Gateway } from '../../../src-main/nat/gateway';
import type { Endpoint } from '../../support/frames';
import {
  E1,
  E2,
  HOST,
  S,
  S2,
  T0,
  at,
  expectScenario,
  flagsOf,
  handshake,
  hostAddress,
  rowText,
  run,
  tcp,
  udp,
  type Scenario,
} from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';
import { snatEntry, type Entry } from '../../support/session-log';
import { SECOND } from '../../support/time';

/* The scenarios of the specification, by their numbers: nat-gateway reference §7.B, "Entries, pools, exhaustion". */

const EIP = '198.51.100.10';
const POOL_E4 = ['198.51.100.41', '198.51.100.42', '198.51.100.43'];
const POOL_E5 = ['198.51.100.51', '198.51.100.52'];
const syn = (sec: number, client: Endpoint, to = S) => at(sec, tcp(client, to, 'S', 60));

/** SYNs of one host from ports 40001 on, a second apart, towards S. */
const syns = (host: string, count: number) =>
  Array.from({ length: count }, (_, index) => syn(index, `${host}:${40_001 + index}`));

const synRow = (port: number, natPort: number, sec: number, to = S) =>
  `6 ${HOST}:${port} -> ${to} via ${EIP}:${natPort} | 60/1 | 0/0 | ${sec}-${sec}`;
const FULL = { maxPerEipPerDestination: 3 };

const REFUSED: readonly Scenario[] = [
  {
    name: '11: the entry with the longest prefix chooses the address',
    packets: [syn(0, '10.0.5.5:1'), syn(1, '10.0.1.9:1'), syn(2, '10.0.1.5:1')],
    rows: [
      `6 10.0.5.5:1 -> ${S} via 198.51.100.10:1025 | 60/1 | 0/0 | 0-0`,
      `6 10.0.1.9:1 -> ${S} via 198.51.100.20:1025 | 60/1 | 0/0 | 1-1`,
      `6 10.0.1.5:1 -> ${S} via 198.51.100.30:1025 | 60/1 | 0/0 | 2-2`,
    ],
  },
  {
    name: '12: a host that no entry covers',
    packets: [syn(0, '10.9.0.1:1')],
    rows: [],
    reasons: { no_snat_entry: 1 },
  },
  {
    name: '12: two public hosts',
    packets: [at(0, udp('192.0.2.1:1', S, 60))],
    rows: [],
    reasons: { no_snat_entry: 1 },
  },
  {
    name: '12: hosts behind another gateway, which send and are sent to, beside one that is behind none',
    packets: [syn(0, '10.9.0.1:1'), at(1, tcp(S, '10.9.0.1:1', 'SA', 60)), syn(2, '10.8.0.1:1')],
    gateway: { otherNetworks: [parseNetwork('10.9.0.0/16')] },
    rows: [],
    reasons: { other_gateway: 2, no_snat_entry: 1 },
  },
  {
    name: '12: a network of another gateway in which an entry covers a host',
    packets: [syn(0, '10.0.1.5:1'), at(1, udp('192.0.2.1:1', S, 60))],
    gateway: { otherNetworks: [parseNetwork('10.0.0.0/8')] },
    rows: [`6 10.0.1.5:1 -> ${S} via 198.51.100.30:1025 | 60/1 | 0/0 | 0-0`],
    reasons: { no_snat_entry: 1 },
  },
  {
    name: '13: a host with a DNAT mapping of any port, though an entry covers it',
    packets: [syn(0, '10.0.9.9:1')],
    rows: [],
    reasons: { egress_dnat_ip: 1 },
  },
  {
    name: '14: a host with an EIP of its own',
    packets: [syn(0, `${HOST}:1`)],
    gateway: { hostEips: [hostAddress('198.51.100.77', HOST)] },
    rows: [],
    reasons: { egress_own_eip: 1 },
  },
  {
    name: '17: a fourth session to a destination is refused where three are allowed, and the live ones stay',
    packets: [...syns(HOST, 4), syn(5, `${HOST}:40001`)],
    gateway: FULL,
    rows: [
      `6 ${HOST}:40001 -> ${S} via ${EIP}:1025 | 120/2 | 0/0 | 0-5`,
      synRow(40_002, 1026, 1),
      synRow(40_003, 1027, 2),
    ],
    reasons: { no_port: 1 },
  },
  {
    name: '18: towards another destination it has the first port',
    packets: [...syns(HOST, 4), syn(4, `${HOST}:40004`, S2)],
    gateway: FULL,
    rows: [synRow(40_001, 1025, 0), synRow(40_002, 1026, 1), synRow(40_003, 1027, 2), synRow(40_004, 1025, 4, S2)],
    reasons: { no_port: 1 },
  },
  {
    // The sessions of scenario 17 are given their handshakes here: one of which only a SYN was seen cannot end by FIN, and
    // those of the other two would be dead at t=71 by themselves.
    name: '19: the port of a session that both sides have ended is free a minute later, not before',
    packets: [
      ...[40_001, 40_002, 40_003].flatMap((port, index) => handshake(`${HOST}:${port}`, S, index / 10)),
      syn(1, `${HOST}:40004`),
      at(9, tcp(`${HOST}:40001`, S, 'FA', 52)),
      at(10, tcp(S, `${HOST}:40001`, 'FA', 52)),
      syn(20, `${HOST}:40004`),
      syn(69.999, `${HOST}:40004`),
      syn(71, `${HOST}:40004`),
    ],
    gateway: FULL,
    rows: [
      `6 ${HOST}:40001 -> ${S} via ${EIP}:1025 | 164/3 | 112/2 | 0-10`,
      `6 ${HOST}:40002 -> ${S} via ${EIP}:1026 | 112/2 | 60/1 | 0-0`,
      `6 ${HOST}:40003 -> ${S} via ${EIP}:1027 | 112/2 | 60/1 | 0-0`,
      synRow(40_004, 1025, 71),
    ],
    reasons: { no_port: 3 },
    ends: ['fin', 'capture_end', 'capture_end', 'idle'],
  },
  {
    name: '22: a range of two ports serves two sessions',
    packets: syns(HOST, 3),
    gateway: { portMin: 1025, portMax: 1026 },
    rows: [synRow(40_001, 1025, 0), synRow(40_002, 1026, 1)],
    reasons: { no_port: 1 },
  },
  {
    // Ended by both FINs at t=10, so dead at t=70, and the port is held back until t=190.
    name: '24: a port that is held back after its session is refused until its time is up',
    packets: [
      ...handshake(`${HOST}:1`, S, 0),
      at(9, tcp(`${HOST}:1`, S, 'FA', 52)),
      at(10, tcp(S, `${HOST}:1`, 'FA', 52)),
      syn(100, `${HOST}:1`),
      syn(189.999, `${HOST}:1`),
      syn(191, `${HOST}:1`),
    ],
    gateway: { portMin: 1025, portMax: 1025, portHold: { tcp: 120, udp: 0, icmp: 0 } },
    rows: [`6 ${HOST}:1 -> ${S} via ${EIP}:1025 | 164/3 | 112/2 | 0-10`, synRow(1, 1025, 191)],
    reasons: { no_port: 2 },
    ends: ['fin', 'idle'],
  },
  {
    // An entry cannot be without any address, so .20 is exchanged for .21.
    name: '25: sessions of an address that their entry loses end, and what goes on has one that it has',
    packets: [
      ...handshake('10.0.1.9:1', S, 50),
      ...handshake(`${HOST}:1`, S, 51),
      at(150, tcp('10.0.1.9:1', S, 'A', 52)),
      at(151, tcp(`${HOST}:1`, S, 'A', 52)),
    ],
    gateway: {
      changes: [{ atSec: 1_700_000_500, snatEntries: [E1, snatEntry('10.0.1.0/24', ['198.51.100.21'])] }],
      snatEntries: [E1, E2],
    },
    rows: [
      `6 10.0.1.9:1 -> ${S} via 198.51.100.20:1025 | 112/2 | 60/1 | 50-50`,
      `6 ${HOST}:1 -> ${S} via ${EIP}:1025 | 164/3 | 60/1 | 51-151`,
      `6 10.0.1.9:1 -> ${S} via 198.51.100.21:1025 | 52/1 | 0/0 | 150-150`,
    ],
    ends: ['forced_end', 'capture_end', 'capture_end'],
    flags: [[], [], ['midstream']],
  },
];

const addressesOf = (entries: readonly Entry[]): Set<string> => new Set(entries.map(({ natIp }) => natIp));

describe('7.B: entries, pools, exhaustion', () => {
  test.each(REFUSED)('$name', expectScenario);

  test('15: connections spread over a pool, and all packets of each have one address', async () => {
    const clients = Array.from({ length: 3000 }, (_, index): Endpoint => `10.1.0.${(index % 20) + 1}:${2000 + index}`);
    // Of each, packets in two windows.
    const log = await run([
      ...clients.flatMap((client, index) => handshake(client, S, 100 + index / 10)),
      ...clients.map((client, index) => at(700 + index / 100, tcp(client, S, 'A', 52))),
    ]);
    const addressOf = new Map<string, Set<string>>();
    const share = new Map<string, number>();
    for (const { pri, natIp } of log.entries) {
      addressOf.set(pri, (addressOf.get(pri) ?? new Set()).add(natIp));
      share.set(natIp, (share.get(natIp) ?? 0) + 1);
    }
    expect(log.entries).toHaveLength(6000);
    expect([...addressOf.values()].every((addresses) => addresses.size === 1)).toBe(true);
    expect([...share.keys()].toSorted()).toEqual(POOL_E4);
    for (const count of share.values()) {
      expect(count / 6000).toBeGreaterThan(0.25);
      expect(count / 6000).toBeLessThan(0.42);
    }
  });

  test('16: with affinity a host has one address only, and another one may have another', async () => {
    const one = await run(Array.from({ length: 200 }, (_, index) => syn(index / 100, `10.2.0.3:${1000 + index}`)));
    expect(one.entries).toHaveLength(200);
    expect(addressesOf(one.entries).size).toBe(1);
    const many = await run(Array.from({ length: 50 }, (_, index) => syn(index / 100, `10.2.0.${index + 1}:1000`)));
    expect([...addressesOf(many.entries)].toSorted()).toEqual(POOL_E5);
  });

  test('17: the refusal is counted, with whom it was for', async () => {
    const log = await run(syns(HOST, 4), FULL);
    expect(log.events).toMatchObject([{ event: 'no_port', protocol: 6, pri: HOST, pub: S, packets: 1, bytes: 60 }]);
  });

  test('20: a pool spills over until every address is full', async () => {
    const log = await run(syns('10.1.0.1', 10), FULL);
    const endpoints = log.entries.map(({ natIp, natPort }) => `${natIp}:${natPort}`);
    expect(endpoints.toSorted()).toEqual(POOL_E4.flatMap((eip) => [`${eip}:1025`, `${eip}:1026`, `${eip}:1027`]));
    expect(log.entries.map(({ pri }) => pri)).not.toContain('10.1.0.1:40010');
    expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
  });

  test('21: with affinity the fourth is refused though another address is free', async () => {
    const log = await run(syns('10.2.0.3', 4), FULL);
    expect(log.entries.map(({ natPort }) => natPort)).toEqual([1025, 1026, 1027]);
    expect(addressesOf(log.entries).size).toBe(1);
    expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
  });

  test('21: with soft affinity it goes to the other address, and its row says so', async () => {
    const log = await run(syns('10.2.0.3', 4), {
      ...FULL,
      snatEntries: [snatEntry('10.2.0.0/16', POOL_E5, { affinity: true, softAffinity: true })],
    });
    expect(log.ledger.packets.notInEntries).toEqual({});
    const [first, ...others] = log.entries;
    expect(addressesOf([first!, ...others.slice(0, 2)]).size).toBe(1);
    expect(others[2]?.natIp).not.toBe(first?.natIp);
    expect(others[2]?.natPort).toBe(1025);
    expect(log.entries.map(flagsOf)).toEqual([[], [], [], ['affinityBroken']]);
  });

  // Within bounded time and memory: the bounds are those of the import's benchmarks.
  test.each(['sequential', 'random'] as const)(
    '23: of 55,001 connections to one destination 55,000 pass, with the policy %s',
    async (portPolicy) => {
      const records = Array.from({ length: 55_001 }, (_, index) =>
        syn(index / 10_000, `10.0.${2 + (index >> 12)}.1:${1024 + (index & 4095)}`),
      );
      const log = await run(records, { portPolicy });
      expect(log.logEntries).toBe(55_000);
      expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
      const ports = new Set(log.entries.map((entry) => entry.natPort));
      expect(ports.size).toBe(55_000);
      if (portPolicy === 'sequential') expect(Math.max(...ports)).toBe(1025 + 54_999);
    },
  );

  test('a block of ports is free from the time at which its last port was', async () => {
    const blocks = { portPolicy: 'blocks', portMin: 1024, portMax: 1151, portBlockSize: 64 } as const;
    const datagram = (sec: number, host: number): CaptureRecord => at(sec, udp(`10.0.0.${host}:7`, S, 60));

    const records = [datagram(1, 1), at(20.25, udp('10.0.0.1:8', S, 60)), datagram(30, 2), datagram(500, 2)];
    const eventsOf = async (portHold: Gateway['portHold']) =>
      (await run(records, { ...blocks, portHold })).events
        .map(({ event, pri, lastNs }) => `${event} ${pri} ${Number(lastNs - T0 * SECOND) / 1e9}`)
        .sort();
    const given = ['block_allocate 10.0.0.1 1', 'block_allocate 10.0.0.2 30', 'block_allocate 10.0.0.2 500'];
    expect(await eventsOf({ tcp: 0, udp: 0, icmp: 0 })).toEqual([
      ...given,
      ...['block_free 10.0.0.1 80.25', 'block_free 10.0.0.2 560', 'block_free 10.0.0.2 90'],
    ]);
    expect(await eventsOf({ tcp: 0, udp: 10, icmp: 0 })).toEqual([
      ...given,
      ...['block_free 10.0.0.1 90.25', 'block_free 10.0.0.2 100', 'block_free 10.0.0.2 570'],
    ]);
  });

  test('a port that is held back after a reuse is the lowest free one when its hold is over', async () => {
    const held = { portHold: { tcp: 5, udp: 0, icmp: 0 } };
    // The table of destinations is not built anew from here on, so that it goes on where it searched last.
    const before = [1, 2, 3].map((host) => syn(990 + host, `${HOST}:7`, `203.0.113.${host}:443`));
    const reuse = [at(1001, tcp(`${HOST}:1`, S, 'A', 52, { seq: 100, ack: 500 })), syn(1061, `${HOST}:1`)];
    const log = await run([...before, ...reuse, syn(1065, '10.0.0.8:1'), syn(1067, '10.0.0.9:1')], held);
    expect(log.entries.filter(({ pub }) => pub === S).map(rowText)).toEqual([
      `6 ${HOST}:1 -> ${S} via ${EIP}:1025 | 52/1 | 0/0 | 1001-1001`,
      `6 ${HOST}:1 -> ${S} via ${EIP}:1026 | 60/1 | 0/0 | 1061-1061`,
      `6 10.0.0.8:1 -> ${S} via ${EIP}:1027 | 60/1 | 0/0 | 1065-1065`,
      `6 10.0.0.9:1 -> ${S} via ${EIP}:1025 | 60/1 | 0/0 | 1067-1067`,
    ]);
  });

  // §4.2 rule 8: what has ended by itself is no forced end, however long its port is kept.
  test.each([
    { name: 'both FINs', closing: ['FA', 'FA'], end: 'fin' },
    { name: 'one FIN', closing: ['FA'], end: 'forced_end' },
    { name: 'a reset', closing: ['R'], end: 'rst' },
  ])('25: a session of which $name came before it lost its address has ended as $end', async ({ closing, end }) => {
    const client: Endpoint = `${HOST}:1`;
    const closes = closing.map((flags, index) => {
      const [from, to, seq] = index === 0 ? ([client, S, 101] as const) : ([S, client, 501] as const);
      return at(95 + index, tcp(from, to, flags, 52, { seq, ack: 600 - seq }));
    });
    const records = [...handshake(client, S, 90), ...closes, at(300, tcp('10.9.0.1:1', S, 'A', 52))];
    for (const portHold of [0, 120]) {
      const { entries } = await run(records, {
        snatEntries: [E1],
        changes: [{ atSec: Number(T0) + 100, snatEntries: [snatEntry('10.0.0.0/16', ['198.51.100.20'])] }],
        portHold: { tcp: portHold, udp: 0, icmp: 0 },
      });
      expect(entries.map((entry) => [entry.end, entry.mappingEndNs])).toEqual([[end, (T0 + 100n) * SECOND]]);
    }
  });

  test('25: the row of a session that was ended is not changed by what follows', async () => {
    const packets = [...handshake('10.0.1.9:1', S, 50), at(150, tcp('10.0.1.9:1', S, 'A', 52))];
    const changes = [{ atSec: 1_700_000_500, snatEntries: [E1] }];
    const log = await run(packets, { snatEntries: [E1, E2], changes });
    // Without E2 the host is one of E1.
    expect(log.entries.map(rowText)).toEqual([
      `6 10.0.1.9:1 -> ${S} via 198.51.100.20:1025 | 112/2 | 60/1 | 50-50`,
      `6 10.0.1.9:1 -> ${S} via ${EIP}:1025 | 52/1 | 0/0 | 150-150`,
    ]);
  });
});
