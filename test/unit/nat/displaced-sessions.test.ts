import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { udpPacket, type Endpoint } from '../../support/frames';
import { expectRowsToShareNoEndpoint } from '../../support/nat-invariants';
import type { CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf } from '../../support/session-log';
import { SECOND } from '../../support/time';

/*
 * What becomes of a session whose endpoint was chosen for it, and is seen with another one towards the same destination: of two that
 * are alive, none has what the other has. nat-gateway reference §6, "Invariants to property-test".
 */

const T0 = 1_700_000_400n;
const S: Endpoint = '203.0.113.80:443';
const gateway = gatewayWith({
  ...{ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'], portPolicy: 'preserve', portMin: 1025, portMax: 1026 },
  countUnpaired: true,
});

const at = (sec: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(sec * 1000)) * 1_000_000n,
  bytes,
});
let content = 0;
/** A datagram to the server that only one side shows. */
const from = (sec: number, end: string, ttl = 64): CaptureRecord => {
  content = (content + 1) % 250;
  return at(sec, udpPacket({ from: end as Endpoint, to: S, ttl, payload: new Uint8Array(32).fill(content) }));
};
const inside = (sec: number, host: number, port: number): CaptureRecord => from(sec, `10.0.0.${host}:${port}`);
const outside = (sec: number, port: number): CaptureRecord => from(sec, `198.51.100.10:${port}`, 63);
/** One that both sides show. */
const both = (sec: number, host: number, port: number, natPort: number): CaptureRecord[] => {
  const first = inside(sec, host, port);
  content--;
  return [first, outside(sec + 0.002, natPort)];
};

/** Of each row: the host, its port, between which seconds, and how it has ended. */
async function rowsOf(packets: readonly CaptureRecord[], changes: Partial<Gateway>): Promise<string[]> {
  const of = { ...gateway, ...changes };
  const log = await sessionLogOf(packets, of);
  expectRowsToShareNoEndpoint({ gateway: of, log });
  const second = (ns: bigint): number => Math.floor(Number(ns - T0 * SECOND) / 1e9);
  return log.entries.map(({ pri, natPort, firstNs, lastNs, end }) => {
    const host = pri === 'unknown' ? '?' : pri.split(':')[0]!.split('.')[3]!;
    return `${host} ${natPort} ${second(firstNs)}-${second(lastNs)} ${end}`;
  });
}

const WINDOWS: readonly { readonly windows: string; readonly changes: Partial<Gateway> }[] = [
  { windows: 'all sessions', changes: {} },
  { windows: 'each session', changes: { windowPhase: 'session' } },
];

describe.each(WINDOWS)('with windows of $windows', ({ changes }) => {
  test.each<{
    readonly name: string;
    readonly packets: readonly CaptureRecord[];
    readonly changes?: Partial<Gateway>;
    readonly rows: readonly string[];
  }>([
    {
      name: 'it ends where the other ports have been somebody’s since it began',
      packets: [inside(0, 8, 1026), inside(30, 7, 1025), inside(80, 7, 1025), outside(100, 1025)],
      rows: ['8 1026 0-0 idle', '7 1025 30-80 reused', '? 1025 100-100 idle'],
    },
    {
      name: 'it has another that was free when it began',
      packets: [inside(0, 8, 1026), inside(60, 7, 1025), inside(80, 7, 1025), outside(100, 1025)],
      rows: ['8 1026 0-0 idle', '7 1026 60-80 idle', '? 1025 100-100 idle'],
    },
    {
      name: 'it has the next that nobody has had since it began',
      packets: [inside(0, 8, 1026), inside(30, 7, 1025), inside(80, 7, 1025), outside(100, 1025)],
      changes: { portMax: 1027 },
      rows: ['8 1026 0-0 idle', '7 1027 30-80 idle', '? 1025 100-100 idle'],
    },
    {
      name: 'likewise with the lowest of all',
      packets: [
        ...[inside(0, 8, 5000), inside(20, 6, 5000), inside(30, 7, 5000), inside(79, 6, 5000), inside(80, 7, 5000)],
        ...[outside(100, 1027), inside(110, 9, 5000)],
      ],
      changes: { portPolicy: 'sequential', portMax: 1029 },
      rows: ['8 1025 0-0 idle', '6 1026 20-79 idle', '7 1028 30-80 idle', '? 1027 100-100 idle', '9 1025 110-110 idle'],
    },
    {
      name: 'it ends for a session that both sides show to have had its port from the beginning',
      packets: [inside(0, 8, 1026), inside(30, 7, 1025), inside(80, 7, 1025), ...both(100, 6, 1030, 1025)],
      rows: ['8 1026 0-0 idle', '7 1025 30-80 reused', '6 1025 100-100 idle'],
    },
    {
      name: 'it has the port that was chosen for the other one, which was nobody’s',
      packets: [inside(30, 7, 1025), inside(80, 7, 1025), ...both(100, 6, 1026, 1025)],
      rows: ['7 1026 30-80 idle', '6 1025 100-100 idle'],
    },
    {
      name: 'the other has its port from then on where it was not the first to have it',
      packets: [inside(0, 8, 1026), inside(30, 7, 1025), ...both(80, 7, 1025, 1026), inside(90, 7, 1025)],
      rows: ['8 1026 0-0 idle', '7 1025 30-30 reused', '7 1026 80-90 idle'],
    },
    {
      name: 'and from the beginning on where it was',
      packets: [inside(0, 8, 1026), inside(60, 7, 1025), ...both(80, 7, 1025, 1026), inside(90, 7, 1025)],
      rows: ['8 1026 0-0 idle', '7 1026 60-90 idle'],
    },
    {
      name: 'two that have each other’s port have had it from then on',
      packets: [inside(0, 8, 1026), inside(10, 7, 1025), ...both(50, 7, 1025, 1026), ...both(51, 8, 1026, 1025)],
      rows: ['8 1026 0-0 reused', '7 1025 10-10 reused', '7 1026 50-50 idle', '8 1025 51-51 idle'],
    },
  ])('$name', async ({ packets, changes: others = {}, rows }) => {
    expect(await rowsOf(packets, { ...changes, ...others })).toEqual(rows);
  });
});

test('a port that is held back for one session, and seen with the next, ends that when it is seen with a third', async () => {
  const packets = [
    ...[...both(520, 8, 5000, 1026), ...both(565, 7, 5000, 1026), ...both(605, 7, 5000, 1026)],
    ...[...both(655, 6, 5000, 1026), inside(1300, 9, 1025)],
  ];
  expect(await rowsOf(packets, { portHold: { tcp: 0, udp: 120, icmp: 0 } })).toEqual([
    ...['8 1026 520-520 reused', '7 1026 565-565 open', '7 1026 605-605 reused', '6 1026 655-655 idle'],
    '9 1025 1300-1300 idle',
  ]);
});
