import { describe, expect, test } from 'vitest';
import type { CaptureRecord } from '../../support/pcap-writer';
import {
  HOST,
  S,
  T0,
  at,
  connection,
  echo,
  expectScenario,
  flagsOf,
  handshake,
  rowText,
  run,
  tcp,
  udp,
  type Scenario,
  fixture,
} from '../../support/nat-scenario';
import { SECOND } from '../../support/time';

/* The scenarios of the specification, by their numbers: nat-gateway reference §7.C, "Timers and windows". */

const CLIENT = `${HOST}:7` as const;
const NAT = '198.51.100.10:1025';
const PINGED = '203.0.113.9';
const out = (sec: number) => at(sec, tcp(CLIENT, S, 'A', 52));
const back = (sec: number) => at(sec, tcp(S, CLIENT, 'A', 52));
const tcpRow = (counts: string, nat = NAT) => `6 ${CLIENT} -> ${S} via ${nat} | ${counts}`;
const udpRow = (counts: string) => `17 ${CLIENT} -> ${S} via ${NAT} | ${counts}`;
const OVER_THE_EDGE = [590, 599.999999999, 600, 610].map(out);
/** One port, which is held back after each session. */
const HELD_PORT = { portMin: 1025, portMax: 1025, portHold: { tcp: 120, udp: 0, icmp: 0 } };
/** A host in the VPC ends its half, and the other side its own. */
const fins = (sec: number): CaptureRecord[] => [
  at(sec, tcp(CLIENT, S, 'FA', 52, { seq: 101, ack: 501 })),
  at(sec + 0.01, tcp(S, CLIENT, 'FA', 52, { seq: 501, ack: 102 })),
];

const TIMERS: readonly Scenario[] = [
  {
    name: '26: a packet on the edge belongs to the later window; the mapping stays',
    packets: OVER_THE_EDGE,
    rows: [tcpRow('104/2 | 0/0 | 590-599'), tcpRow('104/2 | 0/0 | 600-610')],
    ends: ['open', 'capture_end'],
  },
  {
    name: '28: idle for just less than the time-out is alive',
    packets: [out(100), out(999.999)],
    rows: [tcpRow('52/1 | 0/0 | 100-100'), tcpRow('52/1 | 0/0 | 999-999')],
    ends: ['open', 'capture_end'],
    flags: [['midstream'], ['midstream']],
  },
  {
    name: '28: idle for exactly the time-out is dead, and what goes on is a new session under way',
    packets: [...handshake(CLIENT, S, 99.98), out(1000)],
    rows: [tcpRow('112/2 | 60/1 | 99-100'), tcpRow('52/1 | 0/0 | 1000-1000')],
    ends: ['open', 'capture_end'],
    flags: [[], ['midstream']],
  },
  {
    name: '29: one UDP five-tuple can be two sessions, and two rows, of one window',
    packets: [0, 59, 119].map((sec) => at(sec, udp(CLIENT, S, 60))),
    rows: [udpRow('120/2 | 0/0 | 0-59'), udpRow('60/1 | 0/0 | 119-119')],
    ends: ['idle', 'idle'],
  },
  {
    name: '30: packets from outside keep a UDP session alive',
    packets: [at(0, udp(CLIENT, S, 60)), at(50, udp(S, CLIENT, 60)), at(105, udp(CLIENT, S, 60))],
    rows: [udpRow('120/2 | 60/1 | 0-105')],
  },
  {
    name: '30: unless the gateway is told that they do not',
    packets: [at(0, udp(CLIENT, S, 60)), at(50, udp(S, CLIENT, 60)), at(105, udp(CLIENT, S, 60))],
    gateway: { udpInboundRefresh: false },
    rows: [udpRow('60/1 | 60/1 | 0-50'), udpRow('60/1 | 0/0 | 105-105')],
    ends: ['idle', 'idle'],
  },
  {
    // Answered, it has ten seconds from its only packet that counts.
    name: '30: and the port is free when the time of its last packet from the VPC is up, whatever came since',
    packets: [
      at(0, udp(CLIENT, S, 60)),
      at(5, udp('10.0.0.8:7', S, 60)),
      at(6, udp(S, CLIENT, 60)),
      at(9, udp('10.0.0.8:7', S, 60)),
      at(10, udp('10.0.0.8:7', S, 60)),
    ],
    gateway: {
      ...{ udpInboundRefresh: false, maxPerEipPerDestination: 1 },
      timeouts: { ...fixture().timeouts, udpReplied: 10 },
    },
    rows: [udpRow('60/1 | 60/1 | 0-6'), `17 10.0.0.8:7 -> ${S} via ${NAT} | 60/1 | 0/0 | 10-10`],
    reasons: { no_port: 2 },
  },
  {
    name: '31: a half-closed session lives as long as an established one',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(10, tcp(CLIENT, S, 'FA', 52, { seq: 101, ack: 501 })),
      at(500, tcp(S, CLIENT, 'A', 1040, { seq: 501, ack: 102 })),
    ],
    rows: [tcpRow('164/3 | 1100/2 | 1-500')],
  },
  {
    name: '32: data after a reset brings the session back',
    packets: [out(1), at(10, tcp(S, CLIENT, 'R', 40)), back(12), out(30)],
    rows: [tcpRow('104/2 | 92/2 | 1-30')],
    ends: ['capture_end'],
  },
  {
    name: '32: without it the session is dead ten seconds after',
    packets: [out(1), at(10, tcp(S, CLIENT, 'R', 40)), out(20)],
    rows: [tcpRow('52/1 | 40/1 | 1-10'), tcpRow('52/1 | 0/0 | 20-20')],
    ends: ['rst', 'capture_end'],
  },
  {
    name: '33: a reset outside of the window counts, and changes nothing',
    packets: [...handshake(CLIENT, S, 1), at(10, tcp(S, CLIENT, 'R', 40, { seq: 501 + 0x40000000 })), out(500)],
    rows: [tcpRow('164/3 | 100/2 | 1-500')],
    ends: ['capture_end'],
  },
  {
    name: '34: a SYN after both FINs is a new session with its own row',
    packets: [...handshake(CLIENT, S, 1), ...fins(10), at(15, tcp(CLIENT, S, 'S', 60, { seq: 9000 }))],
    rows: [tcpRow('164/3 | 112/2 | 1-10'), tcpRow('60/1 | 0/0 | 15-15')],
    ends: ['fin', 'idle'],
  },
  {
    name: '35: a SYN with another number that is answered has opened a new session, where it counts',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(20, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(20.5, tcp(S, CLIENT, 'SA', 60, { seq: 7000, ack: 9001 })),
      at(21, tcp(CLIENT, S, 'A', 52, { seq: 9001, ack: 7001 })),
    ],
    rows: [tcpRow('112/2 | 60/1 | 1-1'), tcpRow('112/2 | 60/1 | 20-21')],
    ends: ['reused', 'capture_end'],
  },
  {
    name: '36: a SYN with another number that is challenged is a stray one of its session',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(20, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(20.5, tcp(S, CLIENT, 'A', 52, { seq: 501, ack: 101 })),
    ],
    rows: [tcpRow('172/3 | 112/2 | 1-20')],
    ends: ['capture_end'],
  },
  {
    // Reference §3.5 C11: what is refused evicts no live mapping.
    name: '35: a SYN that is refused, be it late or answered, leaves its session alive',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(100, udp('10.0.0.9:9', S, 60)),
      at(100.5, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(102, tcp(S, CLIENT, 'A', 52, { seq: 501, ack: 101 })),
      at(110, tcp(CLIENT, S, 'S', 60, { seq: 8000 })),
      at(111, udp('10.0.0.9:10', S, 60)),
      at(111.5, tcp(S, CLIENT, 'SA', 60, { seq: 7000, ack: 8001 })),
      at(112, tcp(CLIENT, S, 'A', 52, { seq: 101, ack: 501 })),
    ],
    rows: [
      tcpRow('224/4 | 172/3 | 1-112'),
      '17 10.0.0.9:9 -> 203.0.113.80:443 via 198.51.100.10:1025 | 60/1 | 0/0 | 100-100',
      '17 10.0.0.9:10 -> 203.0.113.80:443 via 198.51.100.10:1026 | 60/1 | 0/0 | 111-111',
    ],
    reasons: { cps_limit: 1 },
    gateway: { limits: { maxSessions: null, maxNewPerSec: 1, maxPortsPerHost: null, maxNewPerSecPerHost: null } },
  },
  {
    // The port of the old session would be held back, and there is no other; but a SYN that was answered has gone out by it.
    name: '35: a SYN that finds no port leaves its session alive, and one that is answered has the port of its session',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(100, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(102, tcp(S, CLIENT, 'A', 52, { seq: 501, ack: 101 })),
      at(110, tcp(CLIENT, S, 'S', 60, { seq: 8000 })),
      at(111.5, tcp(S, CLIENT, 'SA', 60, { seq: 7000, ack: 8001 })),
      at(112, tcp(CLIENT, S, 'A', 52, { seq: 101, ack: 501 })),
    ],
    rows: [tcpRow('112/2 | 112/2 | 1-102'), tcpRow('112/2 | 60/1 | 110-112')],
    reasons: { no_port: 1 },
    ends: ['reused', 'capture_end'],
    gateway: HELD_PORT,
  },
  {
    name: '35: a second SYN that finds no port leaves the one that waits for its answer',
    packets: [
      at(1, tcp(CLIENT, S, 'S', 60, { seq: 100 })),
      at(5, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(6, tcp(S, CLIENT, 'SA', 60, { seq: 500, ack: 101 })),
    ],
    rows: [tcpRow('60/1 | 60/1 | 1-6')],
    reasons: { no_port: 1 },
    gateway: HELD_PORT,
  },
  {
    name: '34: a SYN that finds no port leaves a closed session to its timer, from which its port is held back',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(2, tcp(CLIENT, S, 'FA', 52, { seq: 101, ack: 501 })),
      at(3, tcp(S, CLIENT, 'FA', 52, { seq: 501, ack: 102 })),
      at(20, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(21, tcp(CLIENT, S, 'A', 52, { seq: 102, ack: 502 })),
      // 60 seconds after the last packet, and 120 after that.
      at(200.9, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(201, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
    ],
    rows: [tcpRow('216/4 | 112/2 | 1-21'), tcpRow('60/1 | 0/0 | 201-201')],
    reasons: { no_port: 2 },
    ends: ['fin', 'idle'],
    gateway: HELD_PORT,
  },
  {
    // §4.2 rule 6.
    name: '34: without a hold the new session has the port of the old one, where there is no other',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(100, tcp(CLIENT, S, 'S', 60, { seq: 9000 })),
      at(101, tcp(S, CLIENT, 'SA', 60, { seq: 700, ack: 9001 })),
    ],
    rows: [tcpRow('112/2 | 60/1 | 1-1'), tcpRow('60/1 | 60/1 | 100-101')],
    ends: ['reused', 'idle'],
    gateway: { portMin: 1025, portMax: 1025 },
  },
  {
    // §4.2 rule 3: on the private side it shows a SYN that came before the capture.
    name: '37: a session is picked up from the answer to its SYN',
    packets: [at(1, tcp(S, CLIENT, 'SA', 60, { seq: 500, ack: 101 })), out(2)],
    rows: [tcpRow('52/1 | 60/1 | 1-2')],
    flags: [['midstream']],
  },
  {
    name: '37: a session under way is picked up from its private side',
    packets: [out(1), back(2)],
    rows: [tcpRow('52/1 | 52/1 | 1-2')],
    flags: [['midstream']],
  },
  {
    name: '37: a session under way is picked up from its public side, with the same numbers',
    packets: [back(1), out(2)],
    rows: [tcpRow('52/1 | 52/1 | 1-2')],
    flags: [['midstream']],
  },
  {
    // Established, or it would have been dead 60 s after the last SYN.
    name: '38: crossing SYNs are one session, which is established',
    packets: [
      at(0, tcp(CLIENT, S, 'S', 60)),
      at(0.1, tcp(S, CLIENT, 'S', 60)),
      at(0.2, tcp(CLIENT, S, 'SA', 60)),
      at(0.3, tcp(S, CLIENT, 'SA', 60)),
      out(800),
    ],
    rows: [tcpRow('120/2 | 120/2 | 0-0'), tcpRow('52/1 | 0/0 | 800-800')],
    ends: ['open', 'capture_end'],
    flags: [[], []],
  },
  {
    name: '40: a ping 60 seconds after the last one is a new session',
    packets: [
      at(0, echo(HOST, PINGED, 7)),
      at(0.1, echo(PINGED, HOST, 7, true)),
      at(59, echo(HOST, PINGED, 7)),
      at(119, echo(HOST, PINGED, 7)),
    ],
    rows: [
      `1 ${HOST}:7 -> ${PINGED}:0 via ${NAT} | 168/2 | 84/1 | 0-59`,
      `1 ${HOST}:7 -> ${PINGED}:0 via ${NAT} | 84/1 | 0/0 | 119-119`,
    ],
    ends: ['idle', 'idle'],
  },
  {
    name: '41: in the time model aliflow, rows of a live session end with their windows',
    packets: OVER_THE_EDGE,
    gateway: { timeModel: 'aliflow' },
    rows: [tcpRow('104/2 | 0/0 | 590-600'), tcpRow('104/2 | 0/0 | 600-1200')],
  },
  {
    // "Closed there": both sides have ended it within the window, and its time is up before the window's is.
    name: '41: and that of one which is closed with its last packet',
    packets: [...OVER_THE_EDGE.slice(0, 3), at(609, tcp(CLIENT, S, 'FA', 52)), at(610, tcp(S, CLIENT, 'FA', 52))],
    gateway: { timeModel: 'aliflow' },
    rows: [tcpRow('104/2 | 0/0 | 590-600'), tcpRow('104/2 | 52/1 | 600-610')],
    ends: ['open', 'fin'],
  },
];

describe('7.C: timers and windows', () => {
  test.each(TIMERS)('$name', expectScenario);

  // The identity of a row is its number in the run, and what it is of: its session and window.
  test('26: the two rows are of one session and two windows', async () => {
    const { entries } = await run(OVER_THE_EDGE);
    expect(entries.map(({ sessionId, windowStart }) => [sessionId, windowStart - Number(T0)])).toEqual([
      [1, 0],
      [1, 600],
    ]);
    expect(new Set(entries.map(({ entryNo }) => entryNo)).size).toBe(2);
    expect(entries[0]?.lastNs).toBe((T0 + 600n) * SECOND - 1n);
  });

  test('27: a session may live through a window without a row', async () => {
    const { entries } = await run([out(599), out(1201)]);
    expect(entries.map(({ sessionId, windowStart }) => [sessionId, windowStart - Number(T0)])).toEqual([
      [1, 0],
      [1, 1200],
    ]);
    expect(entries.map(rowText)).toEqual([tcpRow('52/1 | 0/0 | 599-599'), tcpRow('52/1 | 0/0 | 1201-1201')]);
  });

  test.each([
    { name: 'just less than the time-out', gap: 899.999999999, sessions: 1 },
    { name: 'exactly the time-out', gap: 900, sessions: 2 },
  ])('28: to the nanosecond, idle for $name', async ({ gap, sessions }) => {
    const log = await run([out(100), out(100 + gap)]);
    expect(log.sessions).toBe(sessions);
    expect(flagsOf(log.entries.at(-1)!)).toEqual(['midstream']);
  });

  test.each([
    { onIdleExpiry: 'repick', sessions: 2, reasons: {}, resets: [] },
    { onIdleExpiry: 'drop', sessions: 1, reasons: { no_session: 5 }, resets: [] },
    {
      onIdleExpiry: 'rst',
      sessions: 1,
      reasons: { no_session: 5 },
      resets: [{ event: 'idle_reset', protocol: 6, pri: CLIENT.split(':')[0], pub: S, packets: 2, bytes: 80 }],
    },
  ] as const)(
    '28: what goes on in a dead session is dropped where it is to be, and answered where that is to be: $onIdleExpiry',
    async ({ onIdleExpiry, sessions, reasons, resets }) => {
      // Neither what comes from the Internet nor a reset is answered.
      const late = [out(900), out(901), back(902), at(903, tcp(CLIENT, S, 'R', 40)), back(904)];
      const log = await run([out(0), ...late], { onIdleExpiry });
      expect(log.sessions).toBe(sessions);
      expect(log.ledger.packets.notInEntries).toEqual(reasons);
      expect(log.events).toMatchObject(resets);
      expect(log.events).toHaveLength(resets.length);
    },
  );

  test('34: without numbers that tell, a SYN after both FINs is a new session, too', async () => {
    const { entries } = await run([...connection(CLIENT, S, 1), at(15, tcp(CLIENT, S, 'S', 60))]);
    expect(entries.map((entry) => [entry.sessionId, entry.vpc, entry.end])).toEqual([
      [1, '420/6', 'fin'],
      [2, '60/1', 'idle'],
    ]);
  });

  // Rule 3 before rule 10: what a capture of the private side shows from the Internet has passed the real gateway.
  test('28: where what goes on is picked up, so is what comes from the Internet first', async () => {
    const { sessions, entries } = await run([out(0), back(900), out(901)]);
    expect(sessions).toBe(2);
    expect(entries.map(({ vpc, inbound, end }) => [vpc, inbound, end])).toEqual([
      ['52/1', '0/0', 'open'],
      ['52/1', '52/1', 'capture_end'],
    ]);
  });

  // The table of states has no other way out than time or a SYN.
  test('34: a reset after both FINs neither ends the session sooner nor lets what comes then bring it back', async () => {
    const late = [at(3, tcp(S, CLIENT, 'R', 40)), back(20)];
    const { entries, sessions } = await run([...connection(CLIENT, S, 1), ...late, back(81)]);
    expect(sessions).toBe(2);
    expect(entries.map(({ inbound, end }) => [inbound, end])).toEqual([
      ['808/6', 'fin'],
      ['52/1', 'capture_end'],
    ]);
  });

  test('39: a keep-alive every 600 seconds for two hours has one row a window, and holds the port', async () => {
    const beats = Array.from({ length: 13 }, (_, index) => out(index * 600));
    const other = at(6900, tcp('10.0.0.8:7', S, 'S', 60));
    const log = await run([...beats.slice(0, 12), other, ...beats.slice(12)]);
    const kept = log.entries.filter(({ pri }) => pri === CLIENT);
    expect(log.sessions).toBe(2);
    expect(kept.map(rowText)).toEqual(
      Array.from({ length: 13 }, (_, index) => tcpRow(`52/1 | 0/0 | ${index * 600}-${index * 600}`)),
    );
    expect(new Set(kept.map(({ sessionId }) => sessionId)).size).toBe(1);
    expect(log.entries.find(({ pri }) => pri !== CLIENT)?.natPort).toBe(1026);
  });

  test('a gap of years costs nothing per empty window', async () => {
    const years = 40 * 365 * 86_400;
    const log = await run([out(0), out(years)]);
    expect(log.windows).toBe(2);
  });
});
