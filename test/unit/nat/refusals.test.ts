import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { S, at, udp } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf } from '../../support/session-log';
import { MILLISECOND, SECOND } from '../../support/time';

/* Where new sessions are refused one after another, who is alive is known for each of them, to the nanosecond. */

const SESSIONS = 5000;
const NO_LIMITS = { maxSessions: null, maxNewPerSec: null, maxPortsPerHost: null, maxNewPerSecPerHost: null };

const START = at(0, new Uint8Array()).atNs;
const hostOf = (index: number): string => `10.1.${index >> 8}.${index & 0xff}`;

/** A datagram of a host, that its session goes on or begins with. */
function packet(afterNs: bigint, index: number): CaptureRecord {
  return { ...at(0, udp(`${hostOf(index)}:5000`, S, 60)), atNs: START + afterNs };
}

interface Setting {
  readonly name: string;
  readonly changes: Partial<Gateway>;
  readonly reason: string;
}

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
  { name: 'endpoints', changes: { mapping: 'eim', portMin: 2000, portMax: 1999 + SESSIONS }, reason: 'no_port' },
];

describe.each(SETTINGS)('of as many $name as there can be', ({ changes, reason }) => {
  test('each is free at the instant of its death, and not before', async () => {
    const packets: CaptureRecord[] = [];
    for (let index = 0; index < SESSIONS; index++) {
      const ms = BigInt(index) * MILLISECOND;
      packets.push(packet(ms, index));
      // Some live longer, so that deaths are in another order than births.
      if (index % 3 === 0) packets.push(packet(30n * SECOND + ms, index));
      const deathNs = (index % 3 === 0 ? 90n : 60n) * SECOND + ms;
      packets.push(packet(deathNs - 1n, SESSIONS + index), packet(deathNs, SESSIONS + index));
    }
    packets.sort((one, other) => Number(one.atNs - other.atNs));
    const { entries, ledger } = await sessionLogOf(packets, gatewayWith(changes));
    expect(ledger.packets.notInEntries).toEqual({ [reason]: SESSIONS });
    expect(entries).toHaveLength(SESSIONS * 2);
  });
});
