import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Attribution } from '../../../src-main/contract/attribution';
import { readAttribution } from '../../../src-main/engine/attribution/attribution-service';
import { deleteLogstore } from '../../../src-main/engine/logstore-service';
import { readGateway } from '../../../src-main/nat/configuration';
import { tcpPacket, type Endpoint } from '../../support/frames';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { sessionLogOf } from '../../support/session-log';
import { tempFolderForFile } from '../../support/temp';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from './imported-database';
import { HOST, S, ns, readTable, timeText, type Row } from './read-nat-table';

/* Ports that are seen with another session than the one that had them, in a window in which that has no entry. */

const OTHER = '10.0.0.8';
/** Not the address of a gateway of which none is given, which nobody has. */
const EIP = '203.0.113.2';
const NARROW = { eips: [EIP], portMin: 2000, portMax: 2003, portPolicy: 'sequential', countUnpaired: true };
const shared = sharedDatabase();
let folder = '';
let logstores = 0;
beforeAll(() => {
  folder = tempFolderForFile();
});

const segment = (sec: number, from: Endpoint, to: Endpoint, seq: number, ttl: number, flags = 'A'): CaptureRecord => ({
  atNs: ns(sec),
  bytes: tcpPacket({ from, to, flags, seq, ack: 1, ttl }),
});
let seq = 0;
/** A segment of a host on both sides of the gateway, or on one. */
const seen = (sec: number, host: Endpoint, port: number, to = S, flags = 'A'): CaptureRecord[] => {
  seq += 1000;
  return [segment(sec, host, to, seq, 64, flags), segment(sec + 0.001, `${EIP}:${port}`, to, seq, 63, flags)];
};
const inside = (sec: number, host: Endpoint): CaptureRecord => segment(sec, host, S, (seq += 1000), 64);
const outside = (sec: number, port: number): CaptureRecord => segment(sec, `${EIP}:${port}`, S, (seq += 1000), 63);

async function logOf(records: readonly CaptureRecord[], gateway: Readonly<Record<string, unknown>> = NARROW) {
  const logstore = `observed-${logstores++}`;
  await importInto(shared(), [writeCapture(folder, `${logstore}.pcap`, records)], { logstore, gateway });
  return logstore;
}

const tableAt = (logstore: string, atNs: bigint) => readTable(shared(), logstore, timeText(atNs));

async function who(logstore: string, atNs: bigint, port: number): Promise<Attribution> {
  const at = timeText(atNs);
  const question = { address: EIP, port, at, protocol: null, skewSec: 0, destination: null };
  const request = { ...PLACE, logstore, zone: 'UTC', run: null, questions: [question] };
  return (await readAttribution(shared(), request, { signal: new AbortController().signal })).answers[0]!;
}

const lineOf = (row: Row): string => `${row['pri_ip'] ?? '-'} ${row['nat_port']}`;
const hostsOf = ({ hosts }: Attribution): unknown[] =>
  hosts.map(({ address, sessions }) => [address, sessions.map(({ until, endReason }) => [until, endReason])]);

describe('a session of a window before has lost its port', () => {
  test('to a host that is seen with it, and has ended', async () => {
    const log = await logOf([
      ...[...seen(580, `${HOST}:1`, 48_155), ...seen(590, `${HOST}:1`, 48_155)],
      ...[...seen(610, `${OTHER}:1`, 48_155), ...seen(1250, `${OTHER}:1`, 48_155)],
    ]);
    const [before, behind] = [await tableAt(log, ns(610) - 1n), await tableAt(log, ns(610))];
    expect(before.sessionRows.map(lineOf)).toEqual([`${HOST} 48155`]);
    expect(behind.sessionRows.map(lineOf)).toEqual([`${OTHER} 48155`]);
    expect(behind.totals).toMatchObject([{ sessions: 1, ports: 1, held: 0 }]);
    expect(behind.notices).toEqual([]);
    expect(hostsOf(await who(log, ns(610) - 1n, 48_155))).toEqual([[HOST, [[timeText(ns(610)), 'reused']]]]);
    expect(hostsOf(await who(log, ns(611), 48_155))).toEqual([[OTHER, [[timeText(ns(1800)), 'capture_end']]]]);
    expect((await who(log, ns(611), 48_155)).confidence).toBe('idle');
  });

  test('to a host that has gone since', async () => {
    const log = await logOf([
      ...[...seen(590, `${HOST}:1`, 48_155), ...seen(610, `${OTHER}:1`, 48_155, S, 'R')],
      inside(1300, `${OTHER}:2`),
    ]);
    expect((await tableAt(log, ns(619))).sessionRows.map(lineOf)).toEqual([`${OTHER} 48155`]);
    expect((await tableAt(log, ns(620))).sessions).toBe(0);
    expect((await who(log, ns(620), 48_155)).confidence).toBe('nobody');
  });

  test('that was chosen for it, and is left out until an entry tells which one it has', async () => {
    const log = await logOf([
      ...[inside(590, `${HOST}:1`), outside(610, 2000), inside(640, `${OTHER}:2`), inside(700, `${HOST}:1`)],
      inside(1300, `${HOST}:1`),
    ]);
    expect((await tableAt(log, ns(609))).sessionRows.map(lineOf)).toEqual([`${HOST} 2000`]);
    const between = await tableAt(log, ns(630));
    expect(between.sessionRows.map(lineOf)).toEqual(['- 2000']);
    expect(between.notices.map(({ kind, text }) => [kind, text])).toContainEqual([
      'limited',
      '1 live session is left out: its port was seen with another session, and no entry tells which one it has then.',
    ]);
    expect(hostsOf(await who(log, ns(630), 2000)).map((host) => (host as unknown[])[0])).toEqual([null]);
    const since = await tableAt(log, ns(700));
    expect(since.sessionRows.map(lineOf)).toEqual(['- 2000', `${HOST} 2001`, `${OTHER} 2002`]);
    expect(since.notices.filter(({ kind }) => kind === 'limited')).toEqual([]);
  });

  test('towards the same destination alone', async () => {
    const log = await logOf([
      ...seen(590, `${HOST}:1`, 48_155),
      ...seen(610, `${OTHER}:1`, 48_155, '198.51.100.81:443'),
    ]);
    expect((await tableAt(log, ns(610))).sessions).toBe(2);
    expect((await who(log, ns(610), 48_155)).hosts).toHaveLength(2);
  });

  test('where entries of live sessions end with their windows', async () => {
    const records = [
      ...seen(590, `${HOST}:1`, 48_155),
      ...seen(600, `${OTHER}:1`, 48_155),
      ...seen(700, `${OTHER}:1`, 48_155),
    ];
    const log = await logOf(records, { ...NARROW, timeModel: 'aliflow' });
    expect((await tableAt(log, ns(600))).sessionRows.map(lineOf)).toEqual([`${OTHER} 48155`]);
    expect(hostsOf(await who(log, ns(600) - 1n, 48_155))).toEqual([[HOST, [[timeText(ns(600)), 'reused']]]]);
    expect(hostsOf(await who(log, ns(601), 48_155)).map((host) => (host as unknown[])[0])).toEqual([OTHER]);
  });
});

/**
 * Few hosts and ports, over several windows.
 *
 * @param isMixed hosts are seen on both sides of the gateway, or inside; else each is seen always on both, or never
 */
function traffic(seed: number, count: number, isMixed: boolean): CaptureRecord[] {
  const random = seededRandom(seed);
  const times = Array.from({ length: count }, () => random.int(0, 4000)).toSorted((a, b) => a - b);
  const packets = times.map((sec, index) => {
    const exact = sec + index / 1000;
    const number = random.int(1, 4);
    const host: Endpoint = `10.0.0.${number}:${random.int(1, 2)}`;
    const port = random.int(2000, 2003);
    if (random.int(0, 9) === 0) return [outside(exact, port)];
    const isInside = isMixed ? random.int(0, 2) === 0 : number > 2;
    return isInside ? [inside(exact, host)] : seen(exact, host, port);
  });
  return inTimeOrder(...packets);
}

test('law: no two live sessions have one port, and those that have one are alive in the gateway', async () => {
  const sums = { live: 0, leftOut: 0 };
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 20, max: 150 }), fc.boolean(), async (seed, count, isMixed) => {
      const records = traffic(seed, count, isMixed);
      const gateway = { ...NARROW, portMax: 2007 };
      const log = await logOf(records, gateway);
      // In one window, each session has one entry, which ends when the session does.
      const whole = { ...readGateway(gateway).gateway, windowSec: 2_000_000_000 };
      const { entries } = await sessionLogOf(records, whole);
      const random = seededRandom(seed);
      for (let probe = 0; probe < 8; probe++) {
        const atNs = random.pick(records).atNs + BigInt(random.int(0, 1));
        const { sessionRows, notices } = await tableAt(log, atNs);
        const ports = sessionRows.map((row) => row['nat_port'] as number);
        expect(new Set(ports).size).toBe(ports.length);
        const leftOut = notices.flatMap(({ text }) => /^(\d+) live session/.exec(text)?.[1] ?? []).map(Number);
        sums.live += ports.length;
        sums.leftOut += leftOut[0] ?? 0;
        // When a host that was seen inside alone is seen on both sides, no entry tells, and its endpoint is that from its first packet on.
        if (isMixed) continue;
        const alive = entries.filter(({ firstNs, mappingEndNs }) => firstNs <= atNs && atNs < mappingEndNs);
        expect(sessionRows.length + (leftOut[0] ?? 0)).toBe(alive.length);
        const ids = new Set<unknown>(alive.map(({ sessionId }) => sessionId));
        expect(sessionRows.filter((row) => !ids.has(row['session_id']))).toEqual([]);
        for (const row of sessionRows.filter((each) => each['nat_source'] === 'observed')) {
          const { hosts } = await who(log, atNs, row['nat_port'] as number);
          // One that was chosen for a host may have gone to others and come back.
          const named = hosts.flatMap(({ sessions }) => sessions).filter(({ isObserved }) => isObserved);
          expect(named.map(({ session }) => session)).toEqual([row['session_id']]);
        }
      }
      await deleteLogstore(shared(), { project: PLACE.project, logstore: log });
    }),
    { numRuns: Math.ceil(PROPERTY_RUNS / 10) },
  );
  expect(sums.live).toBeGreaterThan(10);
});
