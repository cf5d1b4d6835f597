import { describe, expect, test } from 'vitest';
import { S, at, expectScenario, run, tcp, type Scenario } from '../../support/nat-scenario';

/*
 * What comes in and belongs to no session: who is let in, and what session begins with it. On the public side, packets are to
 * and from the address of the gateway.
 */

const NAT = '198.51.100.10:1025';
const STRANGER = '203.0.113.99:5555';

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
