import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../support/frames';
import {
  E1,
  HOST,
  S,
  S2,
  T0,
  at,
  connection,
  echo,
  expectScenario,
  rowText,
  run,
  tcp,
  udp,
  type Scenario,
} from '../../support/nat-scenario';
import { SECOND } from '../../support/time';

/* The scenarios of the specification, by their numbers: nat-gateway reference §7.A, "Basics". */

const EIP = '198.51.100.10';
const DNS = '203.0.113.53:53';
const PINGED = '203.0.113.9';
const syn = (sec: number, client: Endpoint, to = S) => at(sec, tcp(client, to, 'S', 60));

const ping = (host: string, start: number) =>
  [0, 1, 2, 3].flatMap((sec) => [
    at(start + sec, echo(host, PINGED, 0x1234)),
    at(start + sec + 0.1, echo(PINGED, host, 0x1234, true)),
  ]);

const BASICS: readonly Scenario[] = [
  {
    name: '1: a whole connection is one row, both ways, ended by FIN',
    packets: connection(`${HOST}:47176`, S, 1),
    rows: [`6 ${HOST}:47176 -> ${S} via ${EIP}:1025 | 420/6 | 716/4 | 1-3`],
    ends: ['fin'],
    flags: [[]],
  },
  {
    name: '2: a second connection of the host at the same time has the next port',
    packets: [...connection(`${HOST}:47176`, S, 1), ...connection(`${HOST}:47177`, S, 1.05)],
    rows: [
      `6 ${HOST}:47176 -> ${S} via ${EIP}:1025 | 420/6 | 716/4 | 1-3`,
      `6 ${HOST}:47177 -> ${S} via ${EIP}:1026 | 420/6 | 716/4 | 1-3`,
    ],
  },
  {
    name: '3: a third one to another destination has the first port again',
    packets: [syn(1, `${HOST}:47176`), syn(2, `${HOST}:47177`), syn(3, `${HOST}:47178`, S2)],
    rows: [
      `6 ${HOST}:47176 -> ${S} via ${EIP}:1025 | 60/1 | 0/0 | 1-1`,
      `6 ${HOST}:47177 -> ${S} via ${EIP}:1026 | 60/1 | 0/0 | 2-2`,
      `6 ${HOST}:47178 -> ${S2} via ${EIP}:1025 | 60/1 | 0/0 | 3-3`,
    ],
  },
  {
    name: '4: two hosts with the same port have different ones outside',
    packets: [syn(0, `${HOST}:5000`), syn(0, '10.0.0.8:5000')],
    rows: [
      `6 ${HOST}:5000 -> ${S} via ${EIP}:1025 | 60/1 | 0/0 | 0-0`,
      `6 10.0.0.8:5000 -> ${S} via ${EIP}:1026 | 60/1 | 0/0 | 0-0`,
    ],
  },
  {
    name: '5: a DNS look-up',
    packets: [at(5, udp(`${HOST}:999`, DNS, 60)), at(5.02, udp(DNS, `${HOST}:999`, 120))],
    rows: [`17 ${HOST}:999 -> ${DNS} via ${EIP}:1025 | 60/1 | 120/1 | 5-5`],
  },
  {
    name: '6: pings have their identifier as port and no public one, and a host of its own another identifier outside',
    packets: [...ping(HOST, 0), ...ping('10.0.0.8', 4)],
    rows: [
      `1 ${HOST}:4660 -> ${PINGED}:0 via ${EIP}:1025 | 336/4 | 336/4 | 0-3`,
      `1 10.0.0.8:4660 -> ${PINGED}:0 via ${EIP}:1026 | 336/4 | 336/4 | 4-7`,
    ],
  },
  {
    name: '7: an unanswered SYN and its retransmissions are one row',
    packets: [0, 1, 3].map((sec) => syn(sec, `${HOST}:9`)),
    rows: [`6 ${HOST}:9 -> ${S} via ${EIP}:1025 | 180/3 | 0/0 | 0-3`],
    ends: ['idle'],
  },
  {
    name: '8: a SYN from outside to the public address belongs to no session',
    packets: [at(0, tcp(S, `${EIP}:1025`, 'S', 60))],
    rows: [],
    reasons: { no_session: 1 },
  },
  {
    name: '9: the policy preserve keeps the port of the host where it is free',
    packets: [syn(0, `${HOST}:47176`)],
    gateway: { portPolicy: 'preserve' },
    rows: [`6 ${HOST}:47176 -> ${S} via ${EIP}:47176 | 60/1 | 0/0 | 0-0`],
  },
  {
    name: '10: endpoint-independent mapping gives one endpoint towards two destinations, in two rows',
    packets: [syn(0, `${HOST}:1`), syn(1, '10.0.0.8:1', S2), syn(2, `${HOST}:1`, S2)],
    gateway: { mapping: 'eim' },
    rows: [
      `6 ${HOST}:1 -> ${S} via ${EIP}:1025 | 60/1 | 0/0 | 0-0`,
      `6 10.0.0.8:1 -> ${S2} via ${EIP}:1026 | 60/1 | 0/0 | 1-1`,
      `6 ${HOST}:1 -> ${S2} via ${EIP}:1025 | 60/1 | 0/0 | 2-2`,
    ],
  },
];

describe('7.A: basics', () => {
  test.each(BASICS)('$name', expectScenario);

  test('4: no two of 200 hosts share a port towards one destination', async () => {
    const hosts = Array.from({ length: 200 }, (_, index): Endpoint => `10.0.${index >> 4}.${(index & 15) + 1}:5000`);
    const log = await run(
      hosts.map((host, index) => syn(index / 100, host)),
      { portPolicy: 'random', snatEntries: [E1], dnatMappings: [] },
    );
    expect(new Set(log.entries.map((entry) => entry.natPort)).size).toBe(200);
  });

  test('3: one port serves two destinations when the range holds only one', async () => {
    const log = await run([syn(0, `${HOST}:1`), syn(1, `${HOST}:2`, S2)], { portMin: 1025, portMax: 1025 });
    expect(log.entries.map((entry) => entry.natPort)).toEqual([1025, 1025]);
  });

  test.each([
    { name: 'alive just before', sec: 62.999999999, sessions: 1 },
    { name: 'dead from then on', sec: 63, sessions: 2 },
  ])('7: the session dies 60 s after the last SYN, at t=63: $name', async ({ sec, sessions }) => {
    const log = await run([0, 1, 3, sec].map((each) => syn(each, `${HOST}:9`)));
    expect(log.sessions).toBe(sessions);
    const mappingEnd = (T0 + 63n) * SECOND;
    if (sessions === 2) expect(log.entries[0]?.mappingEndNs).toBe(mappingEnd);
  });

  test.each([
    { name: 'an unprivileged one', port: 47176, portMin: 1025, class: [1024, 65535] },
    { name: 'a privileged one, where the range has such', port: 500, portMin: 1, class: [1, 1023] },
  ])('9: taken towards the destination, the port becomes another of its class: $name', async (given) => {
    const { port, portMin } = given;
    const packets = [syn(0, `${HOST}:${port}`), syn(1, `10.0.0.8:${port}`), syn(2, `10.0.0.9:${port}`, S2)];
    const log = await run(packets, { portPolicy: 'preserve', portMin });
    const [first, second, elsewhere] = log.entries.map(({ natPort }) => natPort);
    expect([first, elsewhere]).toEqual([port, port]);
    expect(second).not.toBe(port);
    expect(second).toBeGreaterThanOrEqual(given.class[0]!);
    expect(second).toBeLessThanOrEqual(given.class[1]!);
  });

  test('10: without it, as by default, each destination has a mapping of its own', async () => {
    const log = await run([syn(0, `${HOST}:1`), syn(1, '10.0.0.8:1', S2), syn(2, `${HOST}:1`, S2)]);
    expect(log.entries.map(rowText).map((row) => row.split(' ')[5])).toEqual([
      `${EIP}:1025`,
      `${EIP}:1025`,
      `${EIP}:1026`,
    ]);
  });
});
