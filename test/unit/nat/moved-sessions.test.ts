import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { expectRowsToShareNoEndpoint } from '../../support/nat-invariants';
import type { CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf, type SessionLog } from '../../support/session-log';
import { SECOND } from '../../support/time';

/* What a capture of both sides makes of conversations that the real gateway gives another translation while they are alive here. */

const T0 = 1_700_000_400n;
const S: Endpoint = '203.0.113.80:443';
const HOST: Endpoint = '10.0.0.7:47176';
const OTHER: Endpoint = '10.0.0.8:5000';
const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'], portPolicy: 'sequential' });

const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({ atNs: T0 * SECOND + BigInt(ms * 1000) * 1000n, bytes });
const nat = (port: number): Endpoint => `198.51.100.10:${port}`;

/** A datagram of a content of its own as both sides see it, 1 ms apart. */
const datagram = (from: Endpoint, to: Endpoint, ttl: number, content: number): Uint8Array =>
  udpPacket({ from, to, ttl, payload: new Uint8Array(32).fill(content) });
let content = 0;
const asked = (ms: number, port: number, host = HOST): CaptureRecord[] => {
  content = (content + 1) % 250;
  return [at(ms, datagram(host, S, 64, content)), at(ms + 1, datagram(nat(port), S, 63, content))];
};
const answered = (ms: number, port: number, host = HOST): CaptureRecord[] => {
  content = (content + 1) % 250;
  return [at(ms, datagram(S, nat(port), 60, content)), at(ms + 1, datagram(S, host, 59, content))];
};

/** A segment likewise. */
const segment = (ms: number, port: number, flags: string, seq: number, ack = 0): CaptureRecord[] => [
  at(ms, tcpPacket({ from: HOST, to: S, flags, seq, ack, ttl: 64 })),
  at(ms + 1, tcpPacket({ from: nat(port), to: S, flags, seq, ack, ttl: 63 })),
];
const reply = (ms: number, port: number, flags: string, seq: number, ack = 0): CaptureRecord[] => [
  at(ms, tcpPacket({ from: S, to: nat(port), flags, seq, ack, ttl: 60 })),
  at(ms + 1, tcpPacket({ from: S, to: HOST, flags, seq, ack, ttl: 59 })),
];

const inOrder = (records: readonly CaptureRecord[]): CaptureRecord[] =>
  [...records].sort((one, other) => (one.atNs < other.atNs ? -1 : one.atNs > other.atNs ? 1 : 0));
const logOf = (records: readonly CaptureRecord[], changes: Partial<Gateway> = {}): Promise<SessionLog> =>
  sessionLogOf(inOrder(records), { ...gateway, ...changes });
const secondsOf = (ns: bigint): number => Number(ns - T0 * SECOND) / 1e9;
const rowsOf = ({ entries }: SessionLog): string[] =>
  entries.map(
    ({ pri, natPort, natSource, vpc, inbound, firstNs, lastNs, end }) =>
      `${pri} ${natPort} ${natSource} | ${vpc} | ${inbound} | ${secondsOf(firstNs)}-${secondsOf(lastNs)} ${end}`,
  );

describe('a session of which another translation is seen has ended, and another one begins', () => {
  test('for each that a datagram from the host is seen with', async () => {
    const log = await logOf([
      ...[...asked(0, 20_001), ...answered(100, 20_001)],
      ...[...asked(40_000, 20_002), ...answered(40_100, 20_002), ...asked(85_000, 20_003), ...asked(125_000, 20_003)],
    ]);
    expect(rowsOf(log)).toEqual([
      `${HOST} 20001 observed | 60/1 | 60/1 | 0-0.101 reused`,
      `${HOST} 20002 observed | 60/1 | 60/1 | 40-40.101 reused`,
      `${HOST} 20003 observed | 120/2 | 0/0 | 85-125 idle`,
    ]);
    expect(log.entries.map(({ sessionId, mappingEndNs }) => [sessionId, secondsOf(mappingEndNs)])).toEqual([
      ...[
        [1, 40],
        [2, 85],
        [3, 185],
      ],
    ]);
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 6 });
  });

  test('also where the translation that was left comes back', async () => {
    const log = await logOf([...asked(0, 20_001), ...asked(40_000, 20_002), ...asked(80_000, 20_001)]);
    expect(log.entries.map(({ natPort, vpc }) => [natPort, vpc])).toEqual([
      ...[
        [20_001, '60/1'],
        [20_002, '60/1'],
        [20_001, '60/1'],
      ],
    ]);
  });

  test('across the edge of a window', async () => {
    const log = await logOf([...asked(540_000, 20_001), ...asked(580_000, 20_002), ...asked(620_000, 20_003)]);
    expect(rowsOf(log)).toEqual([
      `${HOST} 20001 observed | 60/1 | 0/0 | 540-540 reused`,
      `${HOST} 20002 observed | 60/1 | 0/0 | 580-580 open`,
      `${HOST} 20003 observed | 60/1 | 0/0 | 620-620 idle`,
    ]);
  });

  test('and its own time begins with its own packets', async () => {
    // An answer shows that a datagram has gone out, which only the public side need have seen.
    const log = await logOf([...asked(0, 20_001), ...answered(45_000, 20_002), ...asked(104_000, 20_002)]);
    expect(log.entries.map(({ natPort, vpc, inbound }) => [natPort, vpc, inbound])).toEqual([
      [20_001, '60/1', '0/0'],
      [20_002, '60/1', '60/1'],
    ]);
  });

  test('with windows of its own', async () => {
    const log = await logOf([...asked(0, 20_001), ...asked(40_000, 20_002), ...asked(80_000, 20_002)], {
      windowPhase: 'session',
    });
    expect(log.entries.map(({ natPort, vpc, windowStart }) => [natPort, vpc, windowStart - Number(T0)])).toEqual([
      [20_001, '60/1', 0],
      [20_002, '120/2', 40],
    ]);
  });
});

describe('a connection that is seen with another translation', () => {
  const opened = [
    ...[...segment(0, 20_001, 'S', 1), ...reply(10, 20_001, 'SA', 100, 2)],
    ...segment(20, 20_001, 'A', 2, 101),
  ];

  test('goes on from its middle', async () => {
    const log = await logOf([
      ...[...opened, ...segment(300_000, 20_002, 'PA', 2, 101), ...reply(300_010, 20_002, 'A', 101, 42)],
      ...[...segment(301_000, 20_002, 'FA', 42, 101), ...reply(301_010, 20_002, 'FA', 101, 43)],
    ]);
    expect(rowsOf(log)).toEqual([
      `${HOST} 20001 observed | 80/2 | 40/1 | 0-0.02 reused`,
      `${HOST} 20002 observed | 80/2 | 80/2 | 300-301.011 fin`,
    ]);
    expect(log.entries.map(({ flags }) => flags.includes('midstream'))).toEqual([false, true]);
  });

  test('also where the gateway lets nothing begin in the middle', async () => {
    const log = await logOf([...opened, ...segment(300_000, 20_002, 'PA', 2, 101)], { midstream: 'drop' });
    expect(log.entries.map(({ natPort, vpc }) => [natPort, vpc])).toEqual([
      [20_001, '80/2'],
      [20_002, '40/1'],
    ]);
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 4 });
  });

  test('has another SYN in the middle of it, which opens another one at once', async () => {
    const log = await logOf([...opened, ...segment(30_000, 20_002, 'S', 900), ...segment(31_000, 20_002, 'S', 900)]);
    expect(rowsOf(log)).toEqual([
      `${HOST} 20001 observed | 80/2 | 40/1 | 0-0.02 reused`,
      `${HOST} 20002 observed | 80/2 | 0/0 | 30-31 idle`,
    ]);
    expect(log.entries.map(({ flags }) => flags.includes('midstream'))).toEqual([false, false]);
  });

  test('has a SYN in it that nobody knows the translation of, and the answer tells', async () => {
    const syn = segment(30_000, 20_002, 'S', 900).slice(0, 1);
    const log = await logOf([...opened, ...syn, ...reply(30_010, 20_002, 'SA', 700, 901)], { countUnpaired: true });
    expect(rowsOf(log)).toEqual([
      `${HOST} 20001 observed | 80/2 | 40/1 | 0-0.02 reused`,
      `${HOST} 20002 observed | 40/1 | 40/1 | 30-30.011 idle`,
    ]);
  });

  test('keeps one of the translation that it has', async () => {
    const log = await logOf([...opened, ...segment(30_000, 20_001, 'S', 900), ...reply(30_010, 20_001, 'A', 101, 2)]);
    expect(log.entries.map(({ natPort, vpc, inbound }) => [natPort, vpc, inbound])).toEqual([
      [20_001, '120/3', '80/2'],
    ]);
  });
});

describe('a session is not left', () => {
  test('for what was on its way to the host when the translation changed', async () => {
    const log = await logOf([
      ...[...segment(0, 20_001, 'PA', 2, 101), ...reply(40_000, 20_001, 'PA', 101, 42)],
      ...[...segment(40_000.5, 20_002, 'PA', 42, 101), ...reply(40_050, 20_002, 'A', 141, 82)],
    ]);
    expect(log.entries.map(({ natPort, vpc, inbound }) => [natPort, vpc, inbound])).toEqual([
      [20_001, '40/1', '0/0'],
      [20_002, '40/1', '80/2'],
    ]);
  });

  test('for what comes late, which counts in the window of its own time', async () => {
    const late = segment(20_000, 20_001, 'PA', 2, 101);
    const records = inOrder([...segment(0, 20_001, 'A', 2, 101), ...segment(40_000, 20_002, 'A', 2, 101)]);
    const log = await sessionLogOf([...records, ...late], gateway);
    expect(log.entries.map(({ natPort, vpc }) => [natPort, vpc])).toEqual([
      [20_001, '40/1'],
      [20_002, '80/2'],
    ]);
  });

  test('for another host’s translation, which that one has lost', async () => {
    const log = await logOf([
      ...[...asked(0, 20_001), ...asked(1000, 20_002, OTHER)],
      ...[...asked(45_000, 20_002), ...asked(46_000, 20_003, OTHER), ...asked(60_000, 20_002)],
    ]);
    expect(rowsOf(log)).toEqual([
      `${HOST} 20001 observed | 60/1 | 0/0 | 0-0 reused`,
      `${OTHER} 20002 observed | 60/1 | 0/0 | 1-1 reused`,
      `${HOST} 20002 observed | 120/2 | 0/0 | 45-60 idle`,
      `${OTHER} 20003 observed | 60/1 | 0/0 | 46-46 idle`,
    ]);
  });
});

describe('what a gateway counts follows the translation', () => {
  test('of ports that it holds, those that were left are held', async () => {
    const held = { portHold: { ...gateway.portHold, udp: 120 }, portMin: 1025, portMax: 1026 };
    const other = (ms: number): CaptureRecord => at(ms, datagram(OTHER, S, 64, 251));
    const log = await logOf([...asked(0, 1025), ...asked(40_000, 1026), other(50_000)], {
      ...held,
      countUnpaired: true,
    });
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 2, no_port: 1 });
  });

  test('of blocks, one is given for each and taken back', async () => {
    const log = await logOf([...asked(0, 1025), ...asked(40_000, 1027), ...asked(80_000, 1029)], {
      ...{ portPolicy: 'blocks', portMin: 1025, portMax: 1030, portBlockSize: 2, maxBlocksPerHost: 1 },
    });
    expect(log.entries.map(({ natPort }) => natPort)).toEqual([1025, 1027, 1029]);
    const kinds = log.events.map(({ event }) => event);
    expect(kinds.filter((kind) => kind === 'block_allocate')).toHaveLength(
      kinds.filter((kind) => kind === 'block_free').length,
    );
  });

  test('of the sessions of a host, one is live', async () => {
    const log = await logOf(
      [...asked(0, 1025), ...asked(40_000, 1027), at(41_000, datagram('10.0.0.7:1', S, 64, 252))],
      {
        limits: { ...gateway.limits, maxPortsPerHost: 2 },
        countUnpaired: true,
      },
    );
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 2 });
  });
});

test('the answer to a SYN that is kept is not seen with a port that somebody else has had since that', async () => {
  const changes = { countUnpaired: true };
  const packets = [
    ...segment(0, 20_001, 'A', 1, 1),
    // Kept: the answer tells whether it opens the session anew. Meanwhile another host has the port.
    ...segment(2000, 20_001, 'S', 7000).slice(0, 1),
    at(4000, tcpPacket({ from: nat(20_002), to: S, flags: 'A', seq: 5, ack: 5, ttl: 63 })),
    ...reply(5000, 20_002, 'SA', 900, 7001),
    ...segment(5010, 20_002, 'A', 7001, 901),
  ];
  const log = await logOf(packets, changes);
  expectRowsToShareNoEndpoint({ gateway: { ...gateway, ...changes }, log });
  expect(rowsOf(log).map((row) => row.replace(/ \|.*\| /, ' '))).toEqual([
    `${HOST} 20001 observed 0-0 reused`,
    'unknown 20002 observed 4-4 reused',
    `${HOST} 20001 emulated 2-5.001 reused`,
    `${HOST} 20002 observed 5.01-5.01 capture_end`,
  ]);
});
