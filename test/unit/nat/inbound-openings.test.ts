import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { S, S2, at, expectScenario, run, tcp, udp, type Scenario } from '../../support/nat-scenario';

/*
 * What comes in and belongs to no session: who is let in, and what session begins with it. On the public side, packets are to
 * and from the address of the gateway.
 */

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
  test.each([UNDER_WAY, DEAD, SCANNED])('$name', expectScenario);
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
