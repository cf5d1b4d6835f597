import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NatTableTotal } from '../../../src-main/contract/nat-table';
import { readRows } from '../../../src-main/duckdb/catalogue';
import { deleteLogstore } from '../../../src-main/engine/logstore-service';
import { formatIpv4 } from '../../../src-main/nat/address-text';
import type { Gateway } from '../../../src-main/nat/gateway';
import type { Endpoint } from '../../support/frames';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom, type Random } from '../../support/random';
import { sessionLogOf, type Entry } from '../../support/session-log';
import { tempFolderForFile } from '../../support/temp';
import { SECOND } from '../../support/time';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from './imported-database';
import {
  EIP,
  HOST,
  S,
  S2,
  T0,
  at,
  instants,
  ns,
  readTable,
  tcp,
  timeText,
  traffic,
  udp,
  type Row,
  type Table,
} from './read-nat-table';

/* What a table of the gateway says beyond log entries: ports that are held back, and sessions that a change has ended. */

const OTHER_EIP = '203.0.113.2';
const shared = sharedDatabase();
let folder = '';
let logstores = 0;
beforeAll(() => {
  folder = tempFolderForFile();
});

interface Log {
  readonly logstore: string;
  /** As the import was run with it. */
  readonly gateway: Gateway;
}

/** @param gateway a configuration */
async function logOf(records: readonly CaptureRecord[], gateway: Readonly<Record<string, unknown>>): Promise<Log> {
  const logstore = `held-${logstores++}`;
  const path = writeCapture(folder, `${logstore}.pcap`, records);
  const { run } = await importInto(shared(), [path], { logstore, gateway: { eips: [EIP, OTHER_EIP], ...gateway } });
  const sql = 'SELECT gateway FROM catalogue.import_run WHERE run_id = $1::UINTEGER';
  const rows = await shared().withConnection((connection) => readRows(connection, sql, [run]));
  return { logstore, gateway: JSON.parse(String(rows[0]!['gateway'])) as Gateway };
}

const read = ({ logstore }: Log, atNs: bigint): Promise<Table> => readTable(shared(), logstore, timeText(atNs));

/** Ports in use and held back, of all destinations, at each of the times. */
async function portsAt(log: Log, times: readonly number[]): Promise<readonly (readonly [number, number])[]> {
  const counts: [number, number][] = [];
  for (const time of times) {
    const { portRows } = await read(log, ns(time));
    const sum = (name: string): number => portRows.reduce((total, row) => total + (row[name] as number), 0);
    counts.push([sum('ports'), sum('held')]);
  }
  return counts;
}

const ALL = [{ sourceCidr: '10.0.0.0/8', eips: [EIP] }];

describe('a port is held back', () => {
  const late = at(1500, udp('10.9.0.8:1', S2));

  test('from the end of its session on, for as long as the gateway holds ports of its protocol', async () => {
    const log = await logOf([at(10, udp(`${HOST}:1`, S)), at(12, tcp(`${HOST}:1`, S, 'R')), late], {
      ...{ snatEntries: ALL, portHoldSec: { tcp: 30, udp: 100, icmp: 0 } },
    });
    expect(await portsAt(log, [11, 12, 21.999, 22, 51.999, 52, 69.999, 70, 169.999, 170])).toEqual([
      ...[
        [1, 0],
        [2, 0],
        [2, 0],
        [1, 1],
        [1, 1],
        [1, 0],
        [1, 0],
        [0, 1],
        [0, 1],
        [0, 0],
      ],
    ]);
    const { sessions, totals, portRows, notices } = await read(log, ns(100));
    expect(sessions).toBe(0);
    expect(portRows).toMatchObject([{ nat_ip: EIP, protocol: 17, pub_ip: '198.51.100.80', ports: 0, held: 1 }]);
    expect(totals).toMatchObject([{ protocol: 17, sessions: 0, ports: 0, held: 1, destinations: 1, busiestPorts: 1 }]);
    expect(notices).toEqual([]);
  });

  test('from when its five-tuple is used for a new session, in a window without entries of the old one', async () => {
    const packets = [
      ...[at(590, tcp(`${HOST}:1`, S, 'FA')), at(591, tcp(S, `${HOST}:1`, 'FA')), at(610, tcp(`${HOST}:1`, S, 'S'))],
      late,
    ];
    const log = await logOf(packets, { snatEntries: ALL, portHoldSec: { tcp: 30, udp: 0, icmp: 0 } });
    expect(await portsAt(log, [609.999, 610, 639.999, 640])).toEqual([
      [1, 0],
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
    const { totals } = await read(log, ns(620));
    expect(totals).toMatchObject([{ sessions: 1, ports: 1, held: 1, busiestPorts: 2 }]);
  });

  test('until its mapping, which lives by other sessions, uses it again', async () => {
    const packets = inTimeOrder(
      [0, 50, 100, 150].map((sec) => at(sec, udp(`${HOST}:1`, S2))),
      [0, 110].map((sec) => at(sec, udp(`${HOST}:1`, S))),
      [late],
    );
    const log = await logOf(packets, {
      ...{ snatEntries: ALL, mapping: 'eim', portHoldSec: { tcp: 0, udp: 100, icmp: 0 } },
    });
    expect(await portsAt(log, [59.999, 60, 109.999, 110])).toEqual([
      [2, 0],
      [1, 1],
      [1, 1],
      [2, 0],
    ]);
  });
});

test('a port counts once in the sums of its address: in use, where it is held back towards another destination', async () => {
  const packets = inTimeOrder(
    [0, 50, 100].map((sec) => at(sec, udp(`${HOST}:1`, S))),
    [at(1, udp(`${HOST}:1`, S2)), at(2, udp(`${HOST}:2`, S2)), at(1500, udp('10.9.0.8:1', S2))],
  );
  const log = await logOf(packets, {
    ...{ snatEntries: ALL, portPolicy: 'sequential', portHoldSec: { tcp: 0, udp: 200, icmp: 0 } },
  });
  const sumsAt = async (sec: number): Promise<unknown> => {
    const { portRows, totals } = await read(log, ns(sec));
    const byDestination = portRows.map(({ pub_ip, ports, held }) => [pub_ip, ports, held]);
    return { byDestination, totals: totals.map(({ ports, held, busiestPorts }) => [ports, held, busiestPorts]) };
  };
  // Two ports, of which the first is used towards both.
  expect(await sumsAt(60)).toEqual({
    byDestination: [
      ['198.51.100.81', 2, 0],
      ['198.51.100.80', 1, 0],
    ],
    totals: [[2, 0, 2]],
  });
  expect(await sumsAt(100)).toEqual({
    byDestination: [
      ['198.51.100.81', 0, 2],
      ['198.51.100.80', 1, 0],
    ],
    totals: [[1, 1, 2]],
  });
  expect(await sumsAt(160)).toEqual({
    byDestination: [
      ['198.51.100.81', 0, 2],
      ['198.51.100.80', 0, 1],
    ],
    totals: [[0, 2, 2]],
  });
});

describe('a change of the gateway ends', () => {
  const packets = inTimeOrder(
    [at(10, tcp('10.0.0.7:1', S, 'A')), at(11, tcp('10.0.1.7:1', S, 'A')), at(12, tcp('10.1.0.7:1', S, 'A'))],
    [at(590, udp('10.9.0.9:1', S2)), at(700, udp('10.9.0.9:1', S2)), at(1300, udp('10.9.0.9:1', S2))],
  );
  const hosts = async (log: Log, sec: number): Promise<unknown[]> =>
    (await read(log, ns(sec))).sessionRows
      .filter(({ protocol }) => protocol === 6)
      .map((row) => row['pri_ip'])
      .sort();

  test('sessions without packets since, whose host has lost their address, and no others', async () => {
    const log = await logOf(packets, {
      snatEntries: ALL,
      changes: [
        {
          atSec: Number(T0) + 650,
          snatEntries: [
            { sourceCidr: '10.0.0.0/16', eips: [OTHER_EIP, EIP] },
            { sourceCidr: '10.0.1.0/24', eips: [OTHER_EIP] },
            { sourceCidr: '10.9.0.0/16', eips: [EIP] },
          ],
        },
      ],
    });
    expect(await hosts(log, 649.999)).toEqual(['10.0.0.7', '10.0.1.7', '10.1.0.7']);
    expect(await hosts(log, 650)).toEqual(['10.0.0.7']);
    expect((await read(log, ns(650))).notices).toEqual([]);
  });

  test('them once, and their ports are held back from then on', async () => {
    const log = await logOf(packets, {
      ...{ snatEntries: ALL, portHoldSec: { tcp: 60, udp: 0, icmp: 0 } },
      changes: [
        { atSec: Number(T0) + 650, snatEntries: [{ sourceCidr: '10.9.0.0/16', eips: [EIP] }] },
        { atSec: Number(T0) + 680, snatEntries: ALL },
      ],
    });
    expect(await portsAt(log, [649.999, 650, 709.999, 710])).toEqual([
      [4, 0],
      [0, 3],
      [1, 3],
      [1, 0],
    ]);
  });
});

/* Laws, over traffic that uses few five-tuples again and again. */

/** Each is an import, and eight tables. */
const LAW_RUNS = Math.ceil(PROPERTY_RUNS / 10);
const PORTS = 6;

/** Few ports, most of which are held back, and SNAT entries that come and go. */
function configuration(random: Random): Readonly<Record<string, unknown>> {
  const hold = (): number => random.pick([0, 5, 60, 700]);
  const entries = (): unknown[] =>
    [
      { sourceCidr: '10.0.0.0/16', eips: random.pick([[EIP], [OTHER_EIP], [EIP, OTHER_EIP]]) },
      { sourceCidr: '10.0.0.2/31', eips: random.pick([[EIP], [OTHER_EIP]]) },
    ].filter(() => random.int(0, 3) > 0);
  return {
    portMin: 2000,
    portMax: 1999 + PORTS,
    portPolicy: random.pick(['random', 'sequential', 'preserve']),
    portHoldSec: { tcp: hold(), udp: hold(), icmp: hold() },
    snatEntries: [{ sourceCidr: '10.0.0.0/8', eips: random.pick([[EIP], [EIP, OTHER_EIP]]) }],
    changes: [random.int(0, 1500), random.int(1501, 3900)].map((sec) => ({
      atSec: Number(T0) + sec,
      snatEntries: [...entries(), { sourceCidr: '10.0.0.0/8', eips: [EIP] }].slice(random.int(0, 1)),
    })),
  };
}

const lineOfRow = (row: Row): string =>
  `${row['session_id']} ${row['pri_ip']}:${row['pri_port']} ${row['pub_ip']} ${row['nat_ip']}:${row['nat_port']} ${row['created_ns']}`;
const lineOfEntry = ({ sessionId, pri, pub, natIp, natPort, firstNs }: Entry): string =>
  `${sessionId} ${pri} ${pub.split(':')[0]} ${natIp}:${natPort} ${firstNs}`;

const follows = (other: Entry, entry: Entry): boolean =>
  other.sessionId > entry.sessionId &&
  other.firstNs < entry.mappingEndNs &&
  [other.protocol, other.pri, other.pub].join(' ') === [entry.protocol, entry.pri, entry.pub].join(' ');

const holdNs = ({ portHold }: Gateway, protocol: number): bigint =>
  BigInt(protocol === 6 ? portHold.tcp : protocol === 1 ? portHold.icmp : portHold.udp) * SECOND;

/** A gateway with one window only, in which each session has one entry, which ends when the session does. */
const whole = async (records: readonly CaptureRecord[], gateway: Gateway): Promise<readonly Entry[]> =>
  (await sessionLogOf(records, { ...gateway, windowSec: 2_000_000_000 })).entries;

describe('laws', () => {
  test('the table has the sessions and ports of the gateway, whatever it holds back and however it is changed', async () => {
    let held = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 20, max: 400 }), async (seed, count) => {
        const records = traffic(seed, count, ['tcp', 'tcp', 'udp', 'icmp']);
        const log = await logOf(records, configuration(seededRandom(seed)));
        const entries = await whole(records, log.gateway);
        for (const atNs of instants(seed, records)) {
          const { sessionRows, portRows, totals } = await read(log, atNs);
          const begun = entries.filter(({ firstNs }) => firstNs <= atNs);
          // The answer to a SYN opens a session in the place of a live one, whose port goes on.
          const own = begun.filter((entry) => !begun.some((other) => follows(other, entry)));
          const live = own.filter(({ mappingEndNs }) => mappingEndNs > atNs);
          const ended = own.filter(
            ({ mappingEndNs, protocol }) => mappingEndNs <= atNs && mappingEndNs + holdNs(log.gateway, protocol) > atNs,
          );
          expect(sessionRows.map(lineOfRow).sort()).toEqual(live.map(lineOfEntry).sort());
          expect(portRows.flatMap((row) => portsOf(row)).sort()).toEqual(
            [
              ...live.map((entry) => destinationOf(entry)),
              ...ended.map((entry) => `held ${destinationOf(entry)}`),
            ].sort(),
          );
          expect(totals.map(sumOf).sort()).toEqual(sumsFrom(live, ended).sort());
          held += ended.length;
        }
        await deleteLogstore(shared(), { project: PLACE.project, logstore: log.logstore });
      }),
      { numRuns: LAW_RUNS, examples: [[144_458_263, 396]] },
    );
    expect(held).toBeGreaterThan(LAW_RUNS);
  });

  test('as many new hosts get a port at an instant as the table says that there are free ones', async () => {
    let full = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 20, max: 400 }), async (seed, count) => {
        const records = traffic(seed, count, ['udp', 'tcp']);
        const log = await logOf(records, { ...configuration(seededRandom(seed)), portPolicy: 'random' });
        for (const atNs of instants(seed, records)) {
          const { portRows } = await read(log, atNs);
          const used = portRows
            .filter((row) => row['protocol'] === 17 && row['pub_ip'] === '198.51.100.1' && row['nat_ip'] === EIP)
            .reduce((sum, row) => sum + (row['ports'] as number) + (row['held'] as number), 0);
          // The gateway itself, from then on: others have its first address only, and ask for all of its ports.
          const probes = Array.from({ length: PORTS + 1 }, (_, index): CaptureRecord => ({
            atNs,
            bytes: udp(`10.200.0.${index + 1}:5000`, '198.51.100.1:443' satisfies Endpoint),
          }));
          const probing = [
            ...log.gateway.snatEntries.map((entry) => entry),
            { ...log.gateway.snatEntries[0]!, id: 'probe', network: PROBES, eips: [ipOf(EIP)] },
          ];
          const changes = log.gateway.changes.map((change) => ({
            ...change,
            snatEntries: [...change.snatEntries, probing.at(-1)!],
          }));
          const until = records.filter((record) => record.atNs <= atNs);
          const { entries } = await sessionLogOf([...until, ...probes], {
            ...log.gateway,
            snatEntries: probing,
            changes,
          });
          const opened = entries.filter(({ pri, firstNs }) => pri.startsWith('10.200.') && firstNs === atNs).length;
          expect(opened).toBe(Math.min(PORTS + 1, PORTS - used));
          if (used > 0) full++;
        }
        await deleteLogstore(shared(), { project: PLACE.project, logstore: log.logstore });
      }),
      { numRuns: LAW_RUNS },
    );
    expect(full).toBeGreaterThan(0);
  });
});

const PROBES = { base: ipOf('10.200.0.0'), prefixBits: 16 };

function ipOf(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

const sumOf = ({ epoch, natIp, protocol, sessions, ports, held, destinations, busiestPorts }: NatTableTotal): string =>
  `${epoch} ${formatIpv4(natIp)} ${protocol} ${[sessions, ports, held, destinations, busiestPorts].join(' ')}`;

const portsIn = (entries: readonly Entry[]): Set<number> => new Set(entries.map(({ natPort }) => natPort));

/** By address and protocol, from sessions that are alive and those of which the port is held back. */
function sumsFrom(live: readonly Entry[], ended: readonly Entry[]): string[] {
  const addressOf = ({ captureEpoch, natIp, protocol }: Entry): string => `${captureEpoch} ${natIp} ${protocol}`;
  return [...new Set([...live, ...ended].map(addressOf))].map((address) => {
    const ownLive = live.filter((entry) => addressOf(entry) === address);
    const own = [...ownLive, ...ended.filter((entry) => addressOf(entry) === address)];
    const inUse = portsIn(ownLive);
    const heldOnly = own.filter(({ natPort }) => !inUse.has(natPort));
    const destinations = [...new Set(own.map(({ pub }) => pub))];
    const towardsEach = destinations.map((pub) => portsIn(own.filter((entry) => entry.pub === pub)).size);
    const ports = [inUse.size, portsIn(heldOnly).size];
    return [address, ownLive.length, ...ports, destinations.length, Math.max(...towardsEach)].join(' ');
  });
}

const destinationOf = ({ natIp, protocol, pub }: Entry): string => `${natIp} ${protocol} ${pub}`;

/** One line for each port. */
function portsOf(row: Row): string[] {
  const destination = `${row['nat_ip']} ${row['protocol']} ${row['pub_ip']}:${row['pub_port']}`;
  return [
    ...Array.from({ length: row['ports'] as number }, () => destination),
    ...Array.from({ length: row['held'] as number }, () => `held ${destination}`),
  ];
}
