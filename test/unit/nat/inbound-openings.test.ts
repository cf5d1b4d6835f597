import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import {
  HOST,
  handshake,
  S,
  S2,
  T0,
  at,
  expectScenario,
  flagsOf,
  run,
  tcp,
  udp,
  type Scenario,
} from '../../support/nat-scenario';
import { sctpPacket } from '../../support/sctp';
import { SECOND } from '../../support/time';

/*
 * What comes in and belongs to no session: who is let in, and what session begins with it. On the public side, packets are to
 * and from the address of the gateway.
 */

const CLIENT = `${HOST}:7` as const;
const NAT = '198.51.100.10:1025';
const STRANGER = '203.0.113.99:5555';
const SEEN: Partial<Gateway> = { mapping: 'eim', filtering: 'eif' };

describe('a packet to the public side that belongs to no session', () => {
  // §4.2 rule 3 lets a session begin with it "on a private-side capture"; §1.6: "unsolicited inbound: dropped".
  test.each(['S', 'SA', 'A', 'PA', 'FA', 'R', 'RA'])(
    'is dropped with the flags %s, as in scenario 8',
    async (flags) => {
      const log = await run([at(1, tcp(S, NAT, flags, 60))]);
      expect(log.entries).toEqual([]);
      expect(log.ledger.packets.notInEntries).toEqual({ no_session: 1 });
    },
  );

  // On the public side nothing but a packet that goes out tells a session from a scan.
  const UNDER_WAY: Scenario = {
    name: '37: of a connection under way is dropped until something goes out, and the session is picked up then',
    packets: [
      ...[at(1, tcp(S, NAT, 'PA', 1500)), at(1.1, tcp(S, NAT, 'A', 1500))],
      ...[at(1.2, tcp(NAT, S, 'A', 52)), at(1.3, tcp(S, NAT, 'PA', 700))],
    ],
    rows: [`6 unknown -> ${S} via ${NAT} | 52/1 | 700/1 | 1-1`],
    reasons: { no_session: 2 },
    flags: [['midstream']],
  };
  // §4.2 rule 10.
  const DEAD: Scenario = {
    name: 'of a connection that has died is dropped',
    packets: [at(0, tcp(NAT, S, 'A', 52)), at(900, tcp(S, NAT, 'A', 52)), at(901, tcp(NAT, S, 'A', 52))],
    rows: [`6 unknown -> ${S} via ${NAT} | 52/1 | 0/0 | 0-0`, `6 unknown -> ${S} via ${NAT} | 52/1 | 0/0 | 901-901`],
    reasons: { no_session: 1 },
  };
  const SCANNED: Scenario = {
    name: 'of an ACK scan and of a victim of forged SYNs makes no rows',
    packets: [
      ...[22, 80, 443].map((port, index) => at(index, tcp(STRANGER, `198.51.100.10:${port}`, 'A', 40))),
      at(4, tcp('203.0.113.98:443', '198.51.100.10:30000', 'RA', 40)),
    ],
    rows: [],
    reasons: { no_session: 4 },
  };
  const OF_SCTP: Scenario = {
    name: 'of an association of SCTP is dropped until something goes out, also in the beginning',
    packets: [at(1, sctpPacket(S, NAT, 'data')), at(2, sctpPacket(NAT, S, 'sack')), at(3, sctpPacket(S, NAT, 'data'))],
    gateway: { otherProtocols: 'translate' },
    rows: [`132 unknown -> ${S} via ${NAT} | 52/1 | 52/1 | 2-3`],
    reasons: { no_session: 1 },
    flags: [['midstream']],
  };
  test.each([UNDER_WAY, DEAD, SCANNED, OF_SCTP])('$name', expectScenario);
});

describe('a session of which only the public side is seen', () => {
  const packets = [at(1, udp(NAT, S, 60)), at(2, udp(STRANGER, NAT, 70)), at(3, udp(NAT, STRANGER, 60))];
  const ofS = `17 unknown -> ${S} via ${NAT} | 60/1 | 0/0 | 1-1`;
  const FILTERS: readonly Scenario[] = [
    {
      name: 'eif: lets anybody in',
      packets,
      gateway: SEEN,
      rows: [ofS, `17 unknown -> ${STRANGER} via ${NAT} | 60/1 | 70/1 | 2-3`],
    },
    {
      name: 'adf: lets nobody in whom it has not sent to',
      packets,
      gateway: { mapping: 'eim', filtering: 'adf' },
      rows: [ofS, `17 unknown -> ${STRANGER} via ${NAT} | 60/1 | 0/0 | 3-3`],
      reasons: { no_session: 1 },
    },
    {
      name: 'adf: lets in whom it has sent to, from another port',
      packets: [at(1, udp(NAT, S, 60)), at(2, udp('203.0.113.80:9', NAT, 70))],
      gateway: { mapping: 'eim', filtering: 'adf' },
      rows: [ofS, `17 unknown -> 203.0.113.80:9 via ${NAT} | 0/0 | 70/1 | 2-2`],
    },
    {
      name: 'apdf: lets nobody else in',
      packets: [at(1, udp(NAT, S, 60)), at(2, udp('203.0.113.80:9', NAT, 70))],
      gateway: { mapping: 'eim' },
      rows: [ofS],
      reasons: { no_session: 1 },
    },
    {
      name: 'eif: is no mapping of another protocol, or of another port',
      packets: [
        at(1, udp(NAT, S, 60)),
        at(2, tcp(STRANGER, NAT, 'S', 60)),
        at(3, udp(STRANGER, '198.51.100.10:1026', 70)),
      ],
      gateway: SEEN,
      rows: [ofS],
      reasons: { no_session: 2 },
    },
    {
      name: 'eif: lets nobody in when it has died',
      packets: [at(1, udp(NAT, S, 60)), at(61, udp(STRANGER, NAT, 70))],
      gateway: SEEN,
      rows: [ofS],
      reasons: { no_session: 1 },
    },
    {
      name: 'eif: lets in by one that has begun anew in the place of another',
      packets: [
        ...handshake(NAT, S, 1),
        ...[at(10, tcp(NAT, S, 'S', 60, { seq: 9000 })), at(10.1, tcp(S, NAT, 'SA', 60, { seq: 7000, ack: 9001 }))],
        ...[at(60, tcp(STRANGER, NAT, 'S', 60)), at(140, tcp('203.0.113.98:1', NAT, 'S', 60))],
      ],
      gateway: SEEN,
      rows: [
        `6 unknown -> ${S} via ${NAT} | 112/2 | 60/1 | 1-1`,
        `6 unknown -> ${S} via ${NAT} | 60/1 | 60/1 | 10-10`,
        `6 unknown -> ${STRANGER} via ${NAT} | 0/0 | 60/1 | 60-60`,
      ],
      reasons: { no_session: 1 },
    },
    {
      name: 'eif: lets in as long as another of its mapping lives',
      packets: [
        ...[at(1, udp(NAT, S, 60)), at(31, udp(NAT, S2, 60))],
        ...[at(61, udp(STRANGER, NAT, 70)), at(121, udp('203.0.113.98:1', NAT, 70))],
      ],
      gateway: SEEN,
      rows: [
        ofS,
        `17 unknown -> ${S2} via ${NAT} | 60/1 | 0/0 | 31-31`,
        `17 unknown -> ${STRANGER} via ${NAT} | 0/0 | 70/1 | 61-61`,
      ],
      reasons: { no_session: 1 },
    },
  ];
  test.each(FILTERS)('$name', expectScenario);
});

describe('a SYN that is let in opens a session, which is half-open until the handshake is done', () => {
  const open = at(0, tcp(CLIENT, S, 'S', 60));
  const syn = (sec: number) => at(sec, tcp(STRANGER, CLIENT, 'S', 60, { seq: 1 }));
  const answer = (sec: number) => at(sec, tcp(CLIENT, STRANGER, 'SA', 60, { seq: 50, ack: 2 }));
  const ack = (sec: number) => at(sec, tcp(STRANGER, CLIENT, 'A', 52, { seq: 2, ack: 51 }));
  const keep = at(40, tcp(CLIENT, S, 'S', 60));

  /** Seconds until the mapping of the stranger's session ended, and why its entry did. */
  test.each([
    { name: 'unanswered', packets: [open, syn(10)], ends: ['70 idle'] },
    { name: 'sent again', packets: [open, syn(10), syn(11)], ends: ['71 idle'] },
    { name: 'answered', packets: [open, syn(10), answer(11)], ends: ['71 idle'] },
    { name: 'answered twice', packets: [open, syn(10), answer(11), answer(12)], ends: ['72 idle'] },
    { name: 'sent again and answered', packets: [open, syn(10), syn(11), answer(12)], ends: ['72 idle'] },
    { name: 'with the whole handshake', packets: [open, syn(10), answer(11), ack(12)], ends: ['912 open'] },
    {
      name: 'refused by the host',
      packets: [open, syn(10), at(11, tcp(CLIENT, STRANGER, 'RA', 40, { seq: 0, ack: 2 }))],
      ends: ['21 rst'],
    },
    {
      name: 'crossed by the SYN of the host, which is one session with it',
      packets: [open, syn(10), at(30, tcp(CLIENT, STRANGER, 'S', 60, { seq: 50 }))],
      ends: ['90 idle'],
    },
    {
      name: 'crossed and answered by both',
      packets: [open, syn(10), at(10.1, tcp(CLIENT, STRANGER, 'S', 60, { seq: 50 })), answer(10.2)],
      ends: ['910.2 open'],
    },
    {
      name: 'unanswered when its time is up',
      packets: [open, syn(10), keep, syn(70)],
      ends: ['70 idle', '130 idle'],
    },
  ])('$name', async ({ packets, ends }) => {
    for (const midstream of ['create', 'drop'] as const) {
      const log = await run([...packets, at(2000, udp('10.0.0.9:1', S, 60))], { ...SEEN, midstream });
      const ofStranger = log.entries.filter(({ pub }) => pub === STRANGER);
      const endOf = (ns: bigint): number => Number(ns - T0 * SECOND) / 1e9;
      expect(ofStranger.map(({ mappingEndNs, end }) => `${endOf(mappingEndNs)} ${end}`)).toEqual(ends);
      expect(ofStranger.map(flagsOf)).toEqual(ends.map(() => []));
      expect(log.ledger.packets.notInEntries).toEqual({});
    }
  });

  test('seen on the public side alone, too', async () => {
    const log = await run([at(0, tcp(NAT, S, 'S', 60)), at(10, tcp(STRANGER, NAT, 'S', 60))], SEEN);
    expect(
      log.entries.map(({ pub, end, flags, mappingEndNs }) => [pub, end, flags.includes('midstream'), mappingEndNs]),
    ).toEqual([
      [S, 'idle', false, (T0 + 60n) * SECOND],
      [STRANGER, 'idle', false, (T0 + 70n) * SECOND],
    ]);
  });

  test('while the answer to one that was not seen is picked up, and dropped where sessions under way are', async () => {
    const packets = [open, answer(1)];
    const [, picked] = (await run(packets, SEEN)).entries;
    expect(picked?.flags).toContain('midstream');
    const { ledger, entries } = await run(packets, { ...SEEN, midstream: 'drop' });
    expect([entries.length, ledger.packets.notInEntries]).toEqual([1, { no_session: 1 }]);
  });
});
