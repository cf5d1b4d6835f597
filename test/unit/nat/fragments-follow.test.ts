import { describe, expect, test } from 'vitest';
import { concat } from '../../support/bytes';
import { icmpError, fragment, ipv4Packet, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { S, S2, HOST, at, expectScenario, handshake, run, tcp, udp, type Scenario } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';
import { sctpPacket } from '../../support/sctp';
import { gatewayWith, sessionLogOf, type SessionLog } from '../../support/session-log';

/*
 * A later fragment has no header by which a gateway could decide anything: what becomes of the first one of its packet becomes of
 * it. "Where it went through" is read as: it counts in the session that its five-tuple has when it comes, and if that has ended
 * meanwhile and there is no other, it is of none.
 */

const CLIENT: Endpoint = `${HOST}:7`;
const OTHER: Endpoint = '10.0.0.8:9';
const NAT = '198.51.100.10:1025';
const unlimited = { maxSessions: null, maxNewPerSec: null, maxPortsPerHost: null, maxNewPerSecPerHost: null };
const onePort = { portMin: 1025, portMax: 1025 };

/** Two fragments, of 1,500 and of 548 octets. */
const halves = (packet: Uint8Array) => fragment(packet, 1480) as [Uint8Array, Uint8Array];
const datagram = (from: Endpoint, to: Endpoint, identification = 77) =>
  halves(udpPacket({ from, to, identification, payload: new Uint8Array(2000) }));
const segment = (from: Endpoint, to: Endpoint, flags: string, seq: number, ack = 0) =>
  halves(tcpPacket({ from, to, flags, seq, ack, identification: 78, payload: new Uint8Array(1988) }));

const [head, tail] = datagram(CLIENT, S);
const [headIn, tailIn] = datagram(S, CLIENT);
const [dataHead, dataTail] = segment(CLIENT, S, 'A', 101, 501);
const [synHead, synTail] = segment(CLIENT, S, 'S', 9000);
const synAck = tcp(S, CLIENT, 'SA', 60, { seq: 700, ack: 9001 });
const row = (protocol: number, counts: string, pri = CLIENT, nat = NAT) =>
  `${protocol} ${pri} -> ${S} via ${nat} | ${counts}`;

/** The gateway lets one session begin in a second, and another host has it. */
const busy = (sec: number) => at(sec, udp(OTHER, S2, 60));
const busyRow = `17 ${OTHER} -> ${S2} via ${NAT} | 60/1 | 0/0 | 0-0`;
const onePerSec = { limits: { ...unlimited, maxNewPerSec: 1 } };

const REFUSED: readonly Scenario[] = [
  {
    name: 'the limit of new sessions, though the second is over',
    packets: [busy(0.5), at(0.999, head), at(1.001, tail)],
    gateway: onePerSec,
    rows: [busyRow],
    reasons: { cps_limit: 2 },
  },
  {
    name: 'the limit, and the later one came first',
    packets: [busy(0.5), at(0.6, tail), at(0.999, head), at(1.001, tail)],
    gateway: onePerSec,
    rows: [busyRow],
    reasons: { cps_limit: 3 },
  },
  {
    name: 'no port, though one is free again',
    packets: [at(0, udp(OTHER, S, 60)), at(59, head), at(61, tail)],
    gateway: onePort,
    rows: [row(17, '60/1 | 0/0 | 0-0', OTHER)],
    reasons: { no_port: 2 },
  },
  {
    name: 'no port, though the session has one by then',
    packets: [at(0, udp(OTHER, S, 60)), at(59, head), at(61, udp(CLIENT, S, 60)), at(62, tail)],
    gateway: onePort,
    rows: [row(17, '60/1 | 0/0 | 0-0', OTHER), row(17, '60/1 | 0/0 | 61-61')],
    reasons: { no_port: 2 },
  },
  {
    name: 'no session from outside, though there is one by then',
    packets: [at(1, headIn), at(2, udp(CLIENT, S, 60)), at(3, tailIn)],
    rows: [row(17, '60/1 | 0/0 | 2-2')],
    reasons: { no_session: 2 },
  },
  {
    name: 'flags that contradict each other',
    packets: [at(0, segment(CLIENT, S, 'SF', 1)[0]), at(1, tcp(CLIENT, S, 'S', 60)), at(2, dataTail)],
    rows: [row(6, '60/1 | 0/0 | 1-1')],
    reasons: { invalid_flags: 2 },
  },
  {
    name: 'the limit, but the first one came again and went through',
    packets: [busy(0.5), at(0.9, head), at(1.2, head), at(1.3, tail)],
    gateway: onePerSec,
    rows: [busyRow, row(17, '2048/2 | 0/0 | 1-1')],
    reasons: { cps_limit: 1 },
  },
];

const FOLLOWED: readonly Scenario[] = [
  {
    name: 'after the reset of its session it opens none',
    packets: [
      ...handshake(CLIENT, S, 1),
      at(2, dataHead),
      at(3, tcp(S, CLIENT, 'R', 40, { seq: 501 })),
      at(25, dataTail),
    ],
    rows: [row(6, '1612/3 | 100/2 | 1-3')],
    ends: ['rst'],
    reasons: { no_session: 1 },
  },
  {
    name: 'nor does it bring back the one that was reset',
    packets: [
      ...[...handshake(CLIENT, S, 1), at(2, dataHead), at(3, tcp(S, CLIENT, 'R', 40, { seq: 501 })), at(4, dataTail)],
      at(20, tcp(CLIENT, S2, 'S', 60)),
    ],
    rows: [row(6, '2160/4 | 100/2 | 1-4'), `6 ${CLIENT} -> ${S2} via ${NAT} | 60/1 | 0/0 | 20-20`],
    ends: ['rst', 'idle'],
  },
  {
    name: 'it counts in the next session of its five-tuple',
    packets: [
      ...[...handshake(CLIENT, S, 1), at(2, dataHead), at(3, tcp(S, CLIENT, 'R', 40, { seq: 501 }))],
      ...[at(4, tcp(CLIENT, S, 'S', 60, { seq: 9000 })), at(5, dataTail)],
    ],
    rows: [row(6, '1612/3 | 100/2 | 1-3'), row(6, '608/2 | 0/0 | 4-5')],
  },
  {
    name: 'an answer in fragments is one, and a later one alone is none',
    packets: [at(0, head), at(1, tail), at(2, headIn), at(3, tailIn)],
    rows: [row(17, '2048/2 | 2048/2 | 0-3')],
  },
  {
    name: 'a second in mid-stream is of the first, which was picked up',
    packets: [at(0, dataHead), at(29, dataTail)],
    rows: [row(6, '2048/2 | 0/0 | 0-29')],
    flags: [['midstream']],
  },
  {
    name: 'it goes where its packet would not be let out again',
    packets: [at(0, dataHead), at(1, dataTail)],
    gateway: { midstream: 'drop' },
    rows: [],
    reasons: { no_session: 2 },
  },
];

const KEPT: readonly Scenario[] = [
  {
    name: 'counts with it in the new session, when that is answered',
    packets: [...handshake(CLIENT, S, 1), at(2, synHead), at(3, synTail), at(4, synAck)],
    rows: [row(6, '112/2 | 60/1 | 1-1'), row(6, '2048/2 | 60/1 | 2-4')],
    ends: ['reused', 'idle'],
  },
  {
    name: 'counts in it also when it comes after the answer',
    packets: [...handshake(CLIENT, S, 1), at(2, synHead), at(4, synAck), at(5, synTail)],
    rows: [row(6, '112/2 | 60/1 | 1-1'), row(6, '2048/2 | 60/1 | 2-5')],
  },
  {
    name: 'counts in the old one, when it is challenged',
    packets: [...handshake(CLIENT, S, 1), at(2, synHead), at(3, synTail), at(4, tcp(S, CLIENT, 'A', 52))],
    rows: [row(6, '2160/4 | 112/2 | 1-4')],
  },
  {
    name: 'waits with it when it came before it',
    packets: [...handshake(CLIENT, S, 1), at(2, synTail), at(3, synHead), at(4, synAck)],
    rows: [row(6, '112/2 | 60/1 | 1-1'), row(6, '2048/2 | 60/1 | 2-4')],
  },
  {
    name: 'waits for the answer also in the next window',
    packets: [...handshake(CLIENT, S, 580), at(599, synHead), at(601, synTail), at(602, synTail), at(603, synAck)],
    rows: [row(6, '112/2 | 60/1 | 580-580'), row(6, '1500/1 | 0/0 | 599-599'), row(6, '1096/2 | 60/1 | 601-603')],
  },
  {
    name: 'does not settle a SYN that came after its first one',
    packets: [
      ...[...handshake(CLIENT, S, 1), at(2, segment(S, CLIENT, 'A', 501, 101)[0])],
      ...[at(3, tcp(CLIENT, S, 'S', 60, { seq: 9000 })), at(3.5, segment(S, CLIENT, 'A', 501, 101)[1]), at(4, synAck)],
    ],
    rows: [row(6, '112/2 | 2108/3 | 1-3'), row(6, '60/1 | 60/1 | 3-4')],
  },
];

describe('a later fragment is refused with its first one:', () => {
  test.each(REFUSED)('$name', expectScenario);

  test('the event of the refusal counts both', async () => {
    const { events } = await run([at(0, udp(OTHER, S, 60)), at(59, head), at(61, tail)], onePort);
    expect(events).toMatchObject([{ event: 'no_port', pri: HOST, pub: S, packets: 2, bytes: 2048 }]);
    expect(events[0]?.lastNs).toBe(at(61, tail).atNs);
  });
});

describe('a later fragment of one that went through:', () => {
  test.each(FOLLOWED)('$name', expectScenario);
});

describe('a later fragment of a SYN that may open its session anew', () => {
  test.each(KEPT)('$name', expectScenario);

  test('leaves the window that the SYN offers as wide as it is', async () => {
    // Of 100 octets, not scaled, so that a reset beyond it is none.
    const [narrow, rest] = halves(
      tcpPacket({ from: CLIENT, to: S, flags: 'S', seq: 9000, window: 100, payload: new Uint8Array(1988) }),
    );
    const tcpOptions = Uint8Array.of(3, 3, 0, 0);
    const answered = [
      at(4, tcpPacket({ from: S, to: CLIENT, flags: 'SA', seq: 700, ack: 9001, tcpOptions })),
      at(5, tcp(CLIENT, S, 'A', 52, { seq: 9001, ack: 701, window: 100 })),
      at(6, tcp(S, CLIENT, 'R', 40, { seq: 901 })),
      at(100, udp(OTHER, S2, 60)),
    ];
    const { entries } = await run([...handshake(CLIENT, S, 1), at(2, narrow), at(3, rest), ...answered]);
    expect(entries.map(({ end }) => end)).toEqual(['reused', 'capture_end', 'idle']);
  });
});

test('fragments of an ICMP error count in the session of what it quotes, and refresh nothing', async () => {
  const about = udp(CLIENT, S, 60);
  const error = icmpError({ from: '192.0.2.1', to: HOST, type: 3, code: 3, about });
  const fields = { from: '192.0.2.1', to: HOST, protocol: 1, identification: 5 };
  const pieces = [
    ipv4Packet({ ...fields, moreFragments: true, payload: error.subarray(20) }),
    ipv4Packet({ ...fields, fragmentOffset: 40, payload: new Uint8Array(20) }),
  ];
  await expectScenario({
    name: '',
    packets: [at(0, about), ...pieces.map((bytes, index) => at(50 + index, bytes)), at(60, udp(CLIENT, S, 60))],
    rows: [row(17, '60/1 | 96/2 | 0-51'), row(17, '60/1 | 0/0 | 60-60')],
  });
  await expectScenario({
    name: '',
    packets: [at(0, udp(CLIENT, S2, 60)), ...pieces.map((bytes) => at(1, bytes))],
    rows: [`17 ${CLIENT} -> ${S2} via ${NAT} | 60/1 | 0/0 | 0-0`],
    reasons: { icmp_no_session: 2 },
  });
});

test('fragments of an INIT that is sent again refresh as little as that does', async () => {
  const [first, later] = halves(concat(sctpPacket(CLIENT, S, 'init'), new Uint8Array(1956)));
  const packets = [
    at(0, sctpPacket(CLIENT, S, 'init')),
    at(5, first),
    at(9, later),
    at(11, sctpPacket(S, CLIENT, 'initAck')),
  ];
  const { entries, ledger } = await run(packets, { otherProtocols: 'translate' });
  expect(entries.map(({ vpc, end }) => [vpc, end])).toEqual([['2080/3', 'idle']]);
  expect(ledger.packets.notInEntries).toEqual({ no_session: 1 });
});

describe('in captures of both sides', () => {
  const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'] });
  const OUTSIDE: Endpoint = '198.51.100.10:48155';
  const sent = (from: Endpoint, ttl: number) =>
    halves(udpPacket({ from, to: S, ttl, identification: 9, payload: new Uint8Array(2000).fill(7) }));
  const [inHead, inTail] = sent(CLIENT, 64);
  const [outHead, outTail] = sent(OUTSIDE, 63);
  const whole = (sec: number): CaptureRecord[] =>
    [CLIENT, OUTSIDE].map((from, index) =>
      at(
        sec + index * 0.002,
        udpPacket({ from, to: S, ttl: 64 - index, identification: 1 + sec, payload: Uint8Array.of(1, 2, 3, sec) }),
      ),
    );
  const told = ({ entries, ledger }: SessionLog) => [
    entries.map(({ pri, natPort, vpc, flags }) => `${pri} ${natPort} ${vpc} ${flags.join()}`),
    ledger.packets.notInEntries,
  ];

  test('each fragment counts once', async () => {
    const log = await sessionLogOf([at(0, inHead), at(0.002, outHead), at(0.003, inTail), at(0.005, outTail)], gateway);
    expect(told(log)).toEqual([[`${CLIENT} 48155 2048/2 partialWindow`], { public_copy: 2 }]);
  });

  test('a later one that comes first counts with its packet, also where another host has had its number', async () => {
    const other: Endpoint = '10.0.0.8:20010';
    const [otherInHead, otherInTail] = sent(other, 64);
    const [otherOutHead, otherOutTail] = sent('198.51.100.10:46795', 63);
    const packets = [
      ...[at(0, otherInHead), at(0.001, otherOutHead), at(0.00101, otherInTail), at(0.00201, otherOutTail)],
      ...[at(0.168, inHead), at(0.16801, inTail), at(0.169, outTail), at(0.16901, outHead)],
    ];
    expect(told(await sessionLogOf(packets, gateway))).toEqual([
      [`${other} 46795 2048/2 partialWindow`, `${CLIENT} 48155 2048/2 partialWindow`],
      { public_copy: 4 },
    ]);
  });

  test('a later one whose copy inside is missing counts in the session of the first', async () => {
    const log = await sessionLogOf([...whole(0), at(1, inHead), at(1.002, outHead), at(1.005, outTail)], gateway);
    expect(told(log)).toEqual([[`${CLIENT} 48155 2080/3 partialWindow,legMissing`], { public_copy: 2 }]);
  });

  test('without the first one outside, nothing of the packet was seen to come out', async () => {
    const log = await sessionLogOf(
      [...whole(0), at(1, inHead), at(1.003, inTail), at(1.005, outTail), ...whole(2)],
      gateway,
    );
    expect(told(log)).toEqual([
      [`${CLIENT} 48155 64/2 partialWindow`],
      { public_copy: 2, lost_in_nat: 2, frag_no_head: 1 },
    ]);
  });

  test('first ones that were seen outside alone have the later ones with them', async () => {
    const log = await sessionLogOf([...whole(0), at(1, outHead), at(1.003, inTail), at(1.005, outTail)], gateway);
    expect(told(log)).toEqual([
      [`${CLIENT} 48155 2080/3 partialWindow,legMissing`],
      { public_copy: 1, frag_no_head: 1 },
    ]);
  });
});

test('with dedupe, copies of the first one change nothing of what became of it', async () => {
  const packets = [busy(0.5), at(0.999, head), at(0.9991, head), at(1.001, tail), at(1.0011, tail)];
  const { entries, ledger } = await run(packets, { ...onePerSec, dedupe: true });
  expect(entries.length).toBe(1);
  expect(ledger.packets.notInEntries).toEqual({ cps_limit: 2, duplicate: 2 });
});
