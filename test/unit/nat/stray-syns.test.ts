import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { tcpPacket, type Endpoint } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { HOST, S, T0, at, fixture, handshake, rowText, run, tcp, udp } from '../../support/nat-scenario';
import { groupBy } from '../../support/nat-invariants';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { sessionLog, type SessionLog } from '../../support/session-log';
import { SECOND, splitNs } from '../../support/time';

/*
 * A SYN with another number in a session that is under way is a packet of it as long as no SYN-ACK says otherwise, whatever
 * windows close meanwhile: nat-gateway reference §4.2 rule 5.
 */

const CLIENT = `${HOST}:47176` as const;
const NAT = '198.51.100.10:1025';
const OTHER = '10.0.0.8:5000';
const LATER = '10.0.0.8:6000';
/** Padded to four octets. @see RFC 7323 §2.2 */
const WINDOW_SCALE_7 = Uint8Array.of(1, 3, 3, 7);
const syn = (sec: number, seq: number) => at(sec, tcp(CLIENT, S, 'S', 60, { seq }));
const out = (sec: number) => at(sec, tcp(CLIENT, S, 'A', 52, { seq: 101, ack: 501 }));
const synAck = (sec: number, ack: number) => at(sec, tcp(S, CLIENT, 'SA', 60, { seq: 7000, ack }));
/** Somebody else, whom the gateway needs a port for, or only time for. */
const other = (sec: number) => at(sec, tcp(OTHER, S, 'S', 60, { seq: 1 }));
const tick = (sec: number) => at(sec, udp(LATER, '203.0.113.99:53', 60));

const WINDOWS: readonly { readonly name: string; readonly windows: Partial<Gateway> }[] = [
  { name: '600 s', windows: { windowSec: 600 } },
  { name: '60 s', windows: { windowSec: 60 } },
  { name: 'one that never closes', windows: { windowSec: 2_000_000_000 } },
  { name: '60 s from the session on', windows: { windowSec: 60, windowPhase: 'session' } },
];

/** Of each session of the host: its port, and seconds until its mapping ended, by itself or by the next session. */
function mappingsOf({ entries }: SessionLog): string[] {
  const ofHost = groupBy(
    entries.filter(({ pri }) => pri === CLIENT),
    ({ sessionId }) => sessionId,
  );
  const sessions = [...ofHost.values()].map((rows) => ({ first: rows[0]!, last: rows.at(-1)! }));
  return sessions.map(({ last }, index) => {
    const nextNs = sessions[index + 1]?.first.firstNs ?? last.mappingEndNs;
    const endNs = nextNs < last.mappingEndNs ? nextNs : last.mappingEndNs;
    return `${last.natPort} until ${Number(endNs - T0 * SECOND) / 1e9}`;
  });
}

describe.each(WINDOWS)('with windows of $name', ({ windows }) => {
  test.each([
    {
      name: 'a stray SYN has made its session live on from its own time',
      packets: [...handshake(CLIENT, S, 531), syn(585, 9000), other(1451), tick(1500)],
      mappings: ['1025 until 1485'],
    },
    {
      name: 'the port of a session is not free before its time is up since the stray SYN',
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), other(949), tick(2000)],
      gateway: { portMax: 1025 },
      mappings: ['1025 until 950'],
      notInEntries: { no_port: 1 },
    },
    {
      name: 'the port of a session is free when its time is up since the stray SYN, however late somebody asks',
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), other(1777), tick(2000)],
      gateway: { portMax: 1025 },
      mappings: ['1025 until 950'],
    },
    {
      name: 'a session is alive for the packet that comes in its time since the stray SYN',
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), out(940), tick(3000)],
      mappings: ['1025 until 1840'],
    },
    {
      name: 'of several stray SYNs, the last one is what idle time begins with',
      packets: [...handshake(CLIENT, S, 0), syn(20, 9000), syn(30, 9000), syn(40, 5000), other(1000), tick(2000)],
      mappings: ['1025 until 940'],
    },
    {
      name: 'an answer to a SYN is one, though more than the idle time has passed since the packet before that',
      packets: [
        ...[syn(0, 100), synAck(0.5, 101)],
        ...[syn(60.4, 9000), synAck(60.6, 9001)],
        at(62, tcp(CLIENT, S, 'A', 52, { seq: 9001, ack: 7001 })),
        tick(2000),
      ],
      mappings: ['1025 until 60.4', '1025 until 962'],
    },
    {
      name: 'a SYN that comes 60 s after the last packet opens a session, though another SYN came meanwhile',
      packets: [...handshake(CLIENT, S, 0), syn(50, 8000), syn(60.02, 9000), tick(2000)],
      mappings: ['1025 until 60.02', '1025 until 120.02'],
    },
    {
      name: 'and where that one was the same, sent before, the session has begun with it',
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), syn(60.02, 9000), tick(2000)],
      mappings: ['1025 until 50', '1025 until 120.02'],
    },
    {
      name: 'nor do SYNs with different numbers count as activity',
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), syn(55, 5000), syn(70, 6000), tick(2000)],
      mappings: ['1025 until 70', '1025 until 130'],
    },
    {
      name: 'a SYN that comes sooner opens none',
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), syn(60.019999999, 9000), tick(2000)],
      mappings: ['1025 until 960.019999999'],
    },
    {
      name: 'nor does one that comes 60 s after the handshake, but sooner after a packet behind another SYN',
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), out(50), syn(100, 9000), tick(2000)],
      mappings: ['1025 until 1000'],
    },
  ])('$name', async ({ packets, gateway = {}, mappings, notInEntries = {} }) => {
    const log = await run(packets, { ...gateway, ...windows });
    expect(log.ledger.packets.notInEntries).toEqual(notInEntries);
    expect(mappingsOf(log)).toEqual(mappings);
  });
});

test('of a SYN that opens a session when it is sent again, none counts in the session before', async () => {
  const again = [31, 32, 34, 38, 46, 62].map((sec) => syn(sec, 9000));
  const { entries } = await run([...handshake(CLIENT, S, 1), ...again, synAck(62.1, 9001)]);
  expect(entries.map(rowText)).toEqual([
    `6 ${CLIENT} -> ${S} via ${NAT} | 112/2 | 60/1 | 1-1`,
    `6 ${CLIENT} -> ${S} via ${NAT} | 360/6 | 60/1 | 31-62`,
  ]);
});

test('one that is sent again too soon for the limit of new sessions is refused, and the session before lives on', async () => {
  const limits = { maxSessions: null, maxNewPerSec: 1, maxPortsPerHost: null, maxNewPerSecPerHost: null };
  const packets = [...handshake(CLIENT, S, 1), syn(50, 9000), tick(62), syn(62.5, 9000), synAck(63, 9001)];
  const log = await run(packets, { limits });
  expect(log.ledger.packets.notInEntries).toEqual({ cps_limit: 1 });
  expect(log.entries.filter(({ pri }) => pri === CLIENT).map(rowText)).toEqual([
    `6 ${CLIENT} -> ${S} via ${NAT} | 112/2 | 60/1 | 1-1`,
    `6 ${CLIENT} -> ${S} via ${NAT} | 60/1 | 60/1 | 50-63`,
  ]);
});

describe('the windows of a session that the answer to a SYN has opened', () => {
  const scaled = (sec: number, from: Endpoint, to: Endpoint, flags: string, fields: { seq: number; ack?: number }) =>
    at(sec, tcpPacket({ from, to, flags, window: 500, tcpOptions: WINDOW_SCALE_7, ...fields }));
  const ended = async (isKept: boolean, resetSeq: number): Promise<unknown[]> => {
    const { entries } = await run([
      ...(isKept ? handshake(CLIENT, S, 1) : []),
      scaled(20, CLIENT, S, 'S', { seq: 9000 }),
      scaled(20.1, S, CLIENT, 'SA', { seq: 7000, ack: 9001 }),
      at(20.2, tcpPacket({ from: CLIENT, to: S, flags: 'A', window: 500, seq: 9001, ack: 7001 })),
      at(21, tcp(S, CLIENT, 'R', 40, { seq: resetSeq })),
      tick(40),
    ]);
    return entries.filter(({ pri }) => pri === CLIENT).map(({ end }) => end);
  };

  // 500 << 7 octets behind the acknowledgement.
  test('are as wide as both SYNs have said', async () => {
    expect(await ended(false, 7001 + 63_999)).toEqual(['rst']);
    expect(await ended(true, 7001 + 63_999)).toEqual(['reused', 'rst']);
    expect(await ended(true, 7001 + 64_000)).toEqual(['reused', 'capture_end']);
  });
});

test('where windows begin with their session, SYNs that are kept are in those of the session that they open', async () => {
  const { entries } = await run(
    [
      ...[...handshake(CLIENT, S, 0), syn(31, 9000), out(50), syn(62, 9000), out(90), syn(95, 9000), syn(100, 9000)],
      ...[synAck(101, 9001), tick(300)],
    ],
    { windowSec: 60, windowPhase: 'session' },
  );
  const rows = entries.filter(({ pri }) => pri === CLIENT);
  expect(
    rows.map(({ sessionId, windowStart, vpc, inbound, firstNs, lastNs, firstPacket, lastPacket, flags }) =>
      [
        ...[sessionId, windowStart - Number(T0), vpc, inbound, Number(firstNs - T0 * SECOND) / 1e9],
        ...[Number(lastNs - T0 * SECOND) / 1e9, firstPacket, lastPacket, ...flags],
      ].join(' '),
    ),
  ).toEqual([
    '1 0 164/3 60/1 0 50 1 5',
    '1 60 52/1 0/0 90 90 7 7',
    '2 31 120/2 0/0 31 62 4 6',
    '2 91 120/2 60/1 95 101 8 10',
  ]);
});

test('as many are kept as there are sessions', async () => {
  const count = 66_000;
  const host = (index: number) => `10.1.${(index >> 8) & 0xff}.${index & 0xff}:${1000 + (index >> 16)}` as const;
  const packets = (sec: number, of: (from: Endpoint) => Uint8Array) =>
    Array.from({ length: count }, (_, index) => at(sec + index / 1e6, of(host(index))));
  const log = await run([
    ...packets(0, (from) => tcp(from, S, 'A', 40, { seq: 1, ack: 1 })),
    ...packets(10, (from) => tcp(from, S, 'S', 40, { seq: 9000 })),
    ...packets(20, (to) => tcp(S, to, 'SA', 40, { seq: 7000, ack: 9001 })),
  ]);
  expect(log.sessions).toBe(2 * count);
});

test('of two that are kept, the later one may have been sent before the window, and the entry begins with it', async () => {
  const { entries } = await run([out(599), syn(600.001, 900), syn(598, 900)], { latePolicy: 'carry' });
  const [, second] = entries;
  expect([second?.vpc, second?.flags.includes('lateCarried')]).toEqual(['120/2', true]);
  expect([second?.firstNs, second?.lastNs]).toEqual([
    at(600, new Uint8Array()).atNs,
    at(600.001, new Uint8Array()).atNs,
  ]);
});

describe('when a window edge lies between a SYN and its answer', () => {
  const before = [...handshake(CLIENT, S, 590), syn(599.99, 9000)];
  const lines = ({ entries }: SessionLog): string[] =>
    entries.map(
      ({ sessionId, windowStart, vpc, inbound, firstNs, lastNs, revision, flags }) =>
        `${sessionId} in ${windowStart - Number(T0)} | ${vpc} | ${inbound} | ` +
        `${Number(firstNs - T0 * SECOND) / 1e9}-${Number(lastNs - T0 * SECOND) / 1e9} | ${[revision, ...flags].join(' ')}`,
    );

  test('the SYN that opens a session is never counted in the one before', async () => {
    const log = await run([...before, synAck(600.01, 9001), tick(700)]);
    expect(lines(log)).toEqual([
      '1 in 0 | 112/2 | 60/1 | 590-590.02 | 0 partialWindow',
      '2 in 0 | 60/1 | 0/0 | 599.99-599.99 | 1 partialWindow revised',
      '2 in 600 | 0/0 | 60/1 | 600.01-600.01 | 0 partialWindow',
      expect.stringMatching(/^3 in 600/),
    ]);
  });

  test('a stray one corrects the entry of its own window, and those that were sent again that of theirs', async () => {
    const log = await run([...before, syn(600.5, 9000), at(601, tcp(S, CLIENT, 'A', 52, { ack: 101 })), tick(700)]);
    expect(lines(log)).toEqual([
      '1 in 0 | 112/2 | 60/1 | 590-590.02 | 0 partialWindow',
      '1 in 0 | 60/1 | 0/0 | 599.99-599.99 | 1 partialWindow revised',
      '1 in 600 | 60/1 | 52/1 | 600.5-601 | 0 partialWindow',
      expect.stringMatching(/^2 in 600/),
    ]);
  });

  test.each([
    { name: 'opens a session', answer: synAck(606, 9001), session: 3 },
    { name: 'is a stray one', answer: at(606, tcp(S, CLIENT, 'A', 52, { ack: 101 })), session: 1 },
  ])('one that came late corrects the entry of its own window, when it $name', async ({ answer, session }) => {
    const log = await run([...handshake(CLIENT, S, 590), tick(605), syn(599, 9000), answer, tick(700)]);
    expect(lines(log)).toContain(`${session} in 0 | 60/1 | 0/0 | 599-599 | 1 partialWindow revised`);
    expect(log.latePackets).toBe(1);
    expect(log.entries.find(({ revision }) => revision === 1)?.seenNs).toBe(tick(605).atNs);
  });

  test.each(['carry', 'drop'] as const)(
    'it counts in the window that is open, under the policy %s',
    async (latePolicy) => {
      const log = await run([...before, synAck(600.01, 9001), tick(700)], { latePolicy });
      expect(lines(log)).toEqual([
        '1 in 0 | 112/2 | 60/1 | 590-590.02 | 0 partialWindow',
        '2 in 600 | 60/1 | 60/1 | 600-600.01 | 0 partialWindow lateCarried',
        expect.stringMatching(/^3 in 600/),
      ]);
      expect(log.ledger.packets.notInEntries).toEqual({});
    },
  );

  test('a session that a change of the gateway ends before the first packet of a window had its SYN in that window', async () => {
    const changes = [{ atSec: Number(T0) + 1300, snatEntries: [] }];
    const log = await run([...before, tick(700), tick(1310)], { latePolicy: 'carry', changes });
    expect(lines(log)).toEqual([
      '1 in 0 | 112/2 | 60/1 | 590-590.02 | 0 partialWindow',
      expect.stringMatching(/^2 in 600/),
      '1 in 1200 | 60/1 | 0/0 | 1200-1200 | 0 partialWindow lateCarried',
    ]);
  });
});

describe('the first packet of an entry with a stray SYN, and the last, are those that the gateway saw first and last', () => {
  const answer = (sec: number) => at(sec, tcp(S, CLIENT, 'A', 52, { ack: 101 }));
  const inOwn = { windowSec: 60, windowPhase: 'session' } as const;

  // Numbers are those of the records, from 1; those of the second capture come behind all of the first.
  test.each<{
    readonly name: string;
    readonly captures: readonly (readonly CaptureRecord[])[];
    readonly gateway: Partial<Gateway>;
    readonly bounds: readonly string[];
  }>([
    {
      name: 'carried into the window that is open, before what came in it',
      captures: [[...handshake(CLIENT, S, 590), out(601), syn(599.99, 9000), tick(700)]],
      gateway: { latePolicy: 'carry' },
      bounds: ['1-3', '5-4'],
    },
    {
      name: 'carried into it with one that came there',
      captures: [[...handshake(CLIENT, S, 590), syn(600.1, 9000), syn(599.99, 9000), out(601), tick(700)]],
      gateway: { latePolicy: 'carry' },
      bounds: ['1-3', '5-6'],
    },
    {
      name: 'carried, of a capture that is read behind that of the other packets',
      captures: [
        [...handshake(CLIENT, S, 590), out(601), tick(700)],
        [tick(595), syn(599.99, 9000)],
      ],
      gateway: { latePolicy: 'carry' },
      bounds: ['1-3', '102-4'],
    },
    {
      name: 'corrects an entry together with a late packet',
      captures: [
        [tick(590), tick(605), out(599.5), tick(700)],
        [...handshake(CLIENT, S, 590), syn(599.99, 9000)],
      ],
      gateway: {},
      bounds: ['101-103', '104-3'],
    },
    {
      name: 'late, between late packets',
      captures: [
        [tick(590), tick(605), out(599.5), tick(605.3), out(599.7), tick(700)],
        [...handshake(CLIENT, S, 590), tick(605.1), syn(599.6, 9000), tick(605.2)],
      ],
      gateway: {},
      bounds: ['101-103', '3-5'],
    },
    {
      name: 'late, before late packets, when the window after has closed',
      captures: [
        [tick(590), tick(605), tick(1205), out(599.7), tick(1210)],
        [...handshake(CLIENT, S, 590), tick(605.1), syn(599.6, 9000), tick(605.2)],
      ],
      gateway: {},
      bounds: ['101-103', '105-4'],
    },
    {
      name: 'in a window of the session that is over',
      captures: [[...handshake(CLIENT, S, 10), syn(69, 9000), out(68), out(71), answer(72), tick(300)]],
      gateway: inOwn,
      bounds: ['1-4', '6-7'],
    },
    {
      name: 'in one of which the gateway has closed a window of its own since',
      captures: [[...handshake(CLIENT, S, 10), syn(59, 9000), out(58), out(71), answer(72), tick(300)]],
      gateway: inOwn,
      bounds: ['1-4', '6-7'],
    },
    {
      name: 'in one whose entry was handed out since',
      captures: [[...handshake(CLIENT, S, 0), syn(59, 9000), out(58), out(61), answer(63), tick(300)]],
      gateway: inOwn,
      bounds: ['1-5', '4-4', '6-7'],
    },
    {
      name: 'with others in a window of the session that is over, and packets between',
      captures: [
        [...handshake(CLIENT, S, 10), out(71), syn(70.1, 9000), syn(70.2, 9000), out(129), syn(128, 9000), out(131)],
        [answer(132), tick(300)],
      ],
      gateway: inOwn,
      bounds: ['1-3', '5-7', '9-101'],
    },
    {
      name: 'carried into a window of the session',
      captures: [[...handshake(CLIENT, S, 0), out(61), syn(59.5, 9000), answer(62), tick(300)]],
      gateway: { ...inOwn, latePolicy: 'carry' },
      bounds: ['1-3', '5-6'],
    },
  ])('$name', async ({ captures, gateway, bounds }) => {
    const sources = captures.map((records) => {
      const { sec: firstSec, nsec: firstNsec } = splitNs(records[0]!.atNs);
      return { source: memorySource(pcapFile(records, { linkType: LINK.raw, resolution: 'ns' })), firstSec, firstNsec };
    });
    const { entries } = await sessionLog(sources, fixture(gateway));
    const numberOf = (packetNo: number): number => Math.floor(packetNo / 2 ** 40) * 100 + (packetNo % 2 ** 40);
    expect(
      entries
        .filter(({ pri }) => pri === CLIENT)
        .map(({ firstPacket, lastPacket }) => `${numberOf(firstPacket)}-${numberOf(lastPacket)}`),
    ).toEqual(bounds);
  });
});

describe('a session that is opened by the answer to a SYN has the mapping by which that has gone out', () => {
  const POLICIES = ['random', 'sequential', 'preserve', 'linux', 'blocks'] as const;
  const reset = (sec: number, to: typeof OTHER | typeof LATER) => at(sec, tcp(S, to, 'RA', 40, { seq: 0, ack: 2 }));
  // Ports are given and let go between the SYN and its answer.
  const packets = [
    ...[at(0, tcp(LATER, S, 'S', 60, { seq: 1 })), ...handshake(CLIENT, S, 1), reset(2, LATER), syn(11, 9000)],
    ...[other(12.5), syn(18, 9000), synAck(26, 9001), at(27, tcp(CLIENT, S, 'A', 52, { seq: 9001, ack: 7001 }))],
    tick(60),
  ];

  test.each(POLICIES)('with the policy %s', async (portPolicy) => {
    const { entries, events } = await run(packets, { portPolicy, portHold: { tcp: 20, udp: 0, icmp: 0 } });
    const [before, after] = entries.filter(({ pri }) => pri === CLIENT);
    expect(after).toMatchObject({ vpc: '172/3', inbound: '60/1', natIp: before!.natIp, natPort: before!.natPort });
    expect(before).toMatchObject({ vpc: '112/2', inbound: '60/1', end: 'reused' });
    expect(entries.find(({ pri }) => pri === OTHER)?.natPort).not.toBe(after!.natPort);
    // The block of its host goes on as well.
    const isOf = (wanted: string) => events.filter(({ event, pri }) => event === wanted && pri === HOST);
    expect(isOf('block_allocate')).toHaveLength(portPolicy === 'blocks' ? 1 : 0);
    expect(isOf('block_free').filter(({ firstNs }) => firstNs <= tick(60).atNs)).toEqual([]);
  });

  test('and its host has as many ports as it had', async () => {
    const limits = { maxSessions: 3, maxNewPerSec: null, maxPortsPerHost: 1, maxNewPerSecPerHost: null };
    const { entries, ledger } = await run(packets, { limits });
    expect(entries.filter(({ pri }) => pri === CLIENT)).toHaveLength(2);
    expect(ledger.packets.notInEntries).toEqual({});
  });
});
