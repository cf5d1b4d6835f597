import { describe, expect, test } from 'vitest';
import { S, at, udp } from '../../support/nat-scenario';
import type { Endpoint } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf } from '../../support/session-log';
import { MILLISECOND, SECOND } from '../../support/time';

/* Where new sessions are refused one after another, who is alive is known for each of them, to the nanosecond. */

const SESSIONS = 5000;
const NO_LIMITS = { maxSessions: null, maxNewPerSec: null, maxPortsPerHost: null, maxNewPerSecPerHost: null };

const START = at(0, new Uint8Array()).atNs;
const hostOf = (index: number): string => `10.1.${index >> 8}.${index & 0xff}`;

/** A datagram of a host, that its session goes on or begins with. */
function packet(afterNs: bigint, from: Endpoint): CaptureRecord {
  return { ...at(0, udp(from, S, 60)), atNs: START + afterNs };
}

interface Setting {
  readonly name: string;
  readonly changes: Parameters<typeof gatewayWith>[0];
  readonly reason: string;
  /** As many as there can be at once; `SESSIONS` when absent. */
  readonly sessions?: number;
  /** Whose session is opened; another host each time when absent. */
  readonly endpointOf?: (index: number) => Endpoint;
}

const ofOneHost = (index: number): Endpoint => `10.0.0.1:${10_000 + index}`;
const TWO_EIPS = ['203.0.113.1', '203.0.113.2'];

const SETTINGS: readonly Setting[] = [
  { name: 'sessions', changes: { limits: { ...NO_LIMITS, maxSessions: SESSIONS } }, reason: 'session_limit' },
  { name: 'sessions with a destination', changes: { maxPerEipPerDestination: SESSIONS }, reason: 'no_port' },
  {
    name: 'blocks',
    changes: {
      portPolicy: 'blocks',
      portMin: 2000,
      portMax: 1999 + SESSIONS * 2,
      portBlockSize: 2,
      maxBlocksPerHost: 1,
    },
    reason: 'no_port',
  },
  // Less than all ports of an address, of which a host may have no others.
  {
    name: 'ports of a class',
    changes: { portPolicy: 'preserve', portMin: 1000, portMax: 1023 + SESSIONS / 2, eips: TWO_EIPS },
    reason: 'no_port',
  },
  {
    name: 'low ports',
    changes: { portPolicy: 'preserve', portMin: 24, portMax: 2000, eips: TWO_EIPS },
    ...{ reason: 'no_port', sessions: 2000, endpointOf: (index) => `${hostOf(index)}:5` },
  },
  {
    name: 'low ports in Linux',
    changes: { portPolicy: 'linux', portMin: 1024, portMax: 65_535 },
    // Each asks for its own port first, and so finds the only one that is free.
    ...{ reason: 'no_port', sessions: 511, endpointOf: (index) => `${hostOf(index)}:${1 + (index % 511)}` },
  },
  {
    name: 'ports of a block that follows from the host',
    changes: { portPolicy: 'deterministic', portBlockSize: 2000 },
    ...{ reason: 'no_port', sessions: 2000, endpointOf: ofOneHost },
  },
  {
    name: 'ports of the blocks of a host',
    changes: { portPolicy: 'blocks', portBlockSize: 500, maxBlocksPerHost: 4 },
    ...{ reason: 'no_port', sessions: 2000, endpointOf: ofOneHost },
  },
  { name: 'endpoints', changes: { mapping: 'eim', portMin: 2000, portMax: 1999 + SESSIONS }, reason: 'no_port' },
];

describe.each(SETTINGS)('of as many $name as there can be', (setting) => {
  const { changes, reason, sessions = SESSIONS, endpointOf = (index) => `${hostOf(index)}:5000` } = setting;
  test('each is free at the instant of its death, and not before', async () => {
    const packets: CaptureRecord[] = [];
    for (let index = 0; index < sessions; index++) {
      const ms = BigInt(index) * MILLISECOND;
      packets.push(packet(ms, endpointOf(index)));
      // Some live longer, so that deaths are in another order than births.
      if (index % 3 === 0) packets.push(packet(30n * SECOND + ms, endpointOf(index)));
      const deathNs = (index % 3 === 0 ? 90n : 60n) * SECOND + ms;
      packets.push(packet(deathNs - 1n, endpointOf(sessions + index)), packet(deathNs, endpointOf(sessions + index)));
    }
    packets.sort((one, other) => Number(one.atNs - other.atNs));
    const { entries, ledger } = await sessionLogOf(packets, gatewayWith(changes));
    expect(ledger.packets.notInEntries).toEqual({ [reason]: sessions });
    expect(entries).toHaveLength(sessions * 2);
  });
});

test('whom each host has sent to may answer from another port, however many hosts there are', async () => {
  const each = (sec: bigint, record: (index: number) => Uint8Array): CaptureRecord[] =>
    Array.from({ length: SESSIONS }, (_, index) => ({
      ...at(0, record(index)),
      atNs: START + sec * SECOND + BigInt(index) * MILLISECOND,
    }));
  const packets = [
    ...each(0n, (index) => udp(`${hostOf(index)}:5000`, S, 60)),
    ...each(10n, (index) => udp('203.0.113.80:444', `${hostOf(index)}:5000`, 60)),
  ];
  const { entries, ledger } = await sessionLogOf(packets, gatewayWith({ mapping: 'eim', filtering: 'adf' }));
  expect(ledger.packets.notInEntries).toEqual({});
  expect(entries).toHaveLength(SESSIONS * 2);
});
