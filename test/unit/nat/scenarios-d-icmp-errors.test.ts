import { describe, test } from 'vitest';
import { concat, u32 } from '../../support/bytes';
import { icmpError, icmpPacket, tcpPacket, udpPacket } from '../../support/frames';
import { HOST, S, at, echo, expectScenario, handshake, tcp, udp, type Scenario } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';

/* The scenarios of the specification, by their numbers: nat-gateway reference §7.D, "ICMP errors". */

const ROUTER = '192.0.2.1';
const CLIENT = `${HOST}:7` as const;
const NAT = '198.51.100.10:1025';
const TARGET = '203.0.113.9:33434';
const PINGED = '203.0.113.9';
const probe = udpPacket({ from: CLIENT, to: TARGET, ttl: 1, payload: new Uint8Array(32) });
const sent = tcp(CLIENT, S, 'A', 52, { seq: 101, ack: 501 });

/** An error of 88 octets that quotes all of the probe. */
const long = icmpPacket({ from: ROUTER, to: HOST, type: 11, code: 0, body: concat(u32(0), probe) });
/** With another octet 22, the checksum's first. */
const damaged = (packet: Uint8Array): Uint8Array => packet.map((byte, index) => (index === 22 ? byte ^ 0x55 : byte));
const cut = (sec: number, bytes: Uint8Array, snaplen: number): CaptureRecord => ({
  ...at(sec, bytes.subarray(0, snaplen)),
  wireBytes: bytes.length,
});
const pings = [at(0, echo(HOST, PINGED, 9)), at(1, echo(PINGED, HOST, 9, true))];

const ERRORS: readonly Scenario[] = [
  {
    name: '42: an error counts in the session of the packet that it quotes, and has no row of its own',
    packets: [at(0, probe), at(1, icmpError({ from: ROUTER, to: HOST, type: 11, code: 0, about: probe }))],
    rows: [`17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 56/1 | 0-1`],
    ends: ['idle'],
  },
  {
    name: '42: it does not keep the session alive',
    packets: [
      at(0, probe),
      at(50, icmpError({ from: ROUTER, to: HOST, type: 11, code: 0, about: probe })),
      at(60, probe),
    ],
    rows: [
      `17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 56/1 | 0-50`,
      `17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 0/0 | 60-60`,
    ],
  },
  {
    // Had it ended or reset the session, that would be dead long before.
    name: '43: "fragmentation needed" counts in its TCP session, which stays established',
    packets: [
      ...handshake(CLIENT, S, 0),
      at(1, icmpError({ from: ROUTER, to: HOST, type: 3, code: 4, about: sent })),
      at(590, sent),
    ],
    rows: [`6 ${CLIENT} -> ${S} via ${NAT} | 164/3 | 116/2 | 0-590`],
    ends: ['capture_end'],
  },
  {
    name: '44: an error about no session',
    packets: [at(0, icmpError({ from: ROUTER, to: HOST, type: 3, code: 3, about: probe }))],
    rows: [],
    reasons: { icmp_no_session: 1 },
  },
  {
    name: '44: an error about a session that has died',
    packets: [at(0, probe), at(60, icmpError({ from: ROUTER, to: HOST, type: 3, code: 3, about: probe }))],
    rows: [`17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 0/0 | 0-0`],
    reasons: { icmp_no_session: 1 },
  },
  {
    name: '45: an error whose checksum is wrong is dropped',
    packets: [at(0, probe), at(1, damaged(long))],
    rows: [`17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 0/0 | 0-0`],
    reasons: { icmp_bad_checksum: 1 },
  },
  {
    name: '45: an error that quotes a header with a wrong checksum is dropped, too',
    packets: [
      at(0, probe),
      at(
        1,
        icmpPacket({
          ...{ from: ROUTER, to: HOST, type: 11, code: 0 },
          body: concat(
            u32(0),
            probe.map((byte, index) => (index === 10 ? byte ^ 0x55 : byte)),
          ),
        }),
      ),
    ],
    rows: [`17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 0/0 | 0-0`],
    reasons: { icmp_bad_checksum: 1 },
  },
  {
    name: '45: of one that was cut, the checksum cannot be told, and it counts',
    packets: [at(0, probe), cut(1, damaged(long), 56)],
    rows: [`17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 88/1 | 0-1`],
  },
  {
    name: '46: an error that quotes a header with options',
    packets: [
      ...handshake(CLIENT, S, 0),
      at(
        1,
        icmpError({
          ...{ from: ROUTER, to: HOST, type: 11, code: 0 },
          about: tcpPacket({ from: CLIENT, to: S, flags: 'A', ipOptions: new Uint8Array(8).fill(1) }),
        }),
      ),
    ],
    rows: [`6 ${CLIENT} -> ${S} via ${NAT} | 112/2 | 124/2 | 0-1`],
  },
  {
    name: '46: an error about a ping',
    packets: [...pings, at(2, icmpError({ from: ROUTER, to: HOST, type: 3, code: 1, about: echo(HOST, PINGED, 9) }))],
    rows: [`1 ${HOST}:9 -> ${PINGED}:0 via ${NAT} | 84/1 | 140/2 | 0-2`],
  },
  {
    name: '47: the gateway itself answers a ping to its address',
    packets: [at(0, echo('203.0.113.9', '198.51.100.10', 1))],
    rows: [],
    reasons: { gateway_echo: 1 },
  },
  {
    // There is no reason of its own: as anything that comes from the Internet without a session.
    name: '47: where it does not, and nothing is mapped there, the ping is dropped',
    packets: [at(0, echo('203.0.113.9', '198.51.100.10', 1))],
    gateway: { icmpReply: false },
    rows: [],
    reasons: { no_session: 1 },
  },
  {
    name: 'an error from the VPC about a packet that came in',
    packets: [
      at(0, udp(CLIENT, S, 60)),
      at(1, udp(S, CLIENT, 60)),
      at(2, icmpError({ from: HOST, to: '203.0.113.80', type: 3, code: 3, about: udp(S, CLIENT, 60) })),
    ],
    rows: [`17 ${CLIENT} -> ${S} via ${NAT} | 116/2 | 60/1 | 0-2`],
  },
  {
    name: 'a redirect is not translated',
    packets: [at(0, probe), at(1, icmpError({ from: ROUTER, to: HOST, type: 5, code: 0, about: probe }))],
    rows: [`17 ${CLIENT} -> ${TARGET} via ${NAT} | 60/1 | 0/0 | 0-0`],
    reasons: { icmp_unsupported: 1 },
  },
  {
    name: 'an echo reply without a request',
    packets: [at(0, echo(PINGED, HOST, 1, true))],
    rows: [],
    reasons: { no_session: 1 },
  },
  {
    name: 'an echo request from outside to a host',
    packets: [at(0, echo(PINGED, HOST, 1))],
    rows: [],
    reasons: { no_session: 1 },
  },
];

describe('7.D: ICMP errors', () => {
  test.each(ERRORS)('$name', expectScenario);
});
