import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { HOST, S, T0, at, handshake, run, tcp, udp } from '../../support/nat-scenario';
import { groupBy } from '../../support/nat-invariants';
import type { SessionLog } from '../../support/session-log';
import { SECOND } from '../../support/time';

/*
 * A SYN with another number in a session that is under way is a packet of it as long as no SYN-ACK says otherwise, whatever
 * windows close meanwhile: nat-gateway reference §4.2 rule 5.
 */

const CLIENT = `${HOST}:47176` as const;
const OTHER = '10.0.0.8:5000';
const LATER = '10.0.0.8:6000';
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
      packets: [...handshake(CLIENT, S, 0), syn(50, 9000), syn(60.02, 9000), tick(2000)],
      mappings: ['1025 until 60.02', '1025 until 120.02'],
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

test('of two that are kept, the later one may have been sent before the window, and the entry begins with it', async () => {
  const { entries } = await run([out(599), syn(600.001, 900), syn(598, 900)], { latePolicy: 'carry' });
  const [, second] = entries;
  expect([second?.vpc, second?.flags.includes('lateCarried')]).toEqual(['120/2', true]);
  expect([second?.firstNs, second?.lastNs]).toEqual([
    at(600, new Uint8Array()).atNs,
    at(600.001, new Uint8Array()).atNs,
  ]);
});
