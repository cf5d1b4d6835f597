import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Attribution, AttributionQuestion } from '../../../../src-main/contract/attribution';
import { readAttribution, readComplaintAnswers } from '../../../../src-main/engine/attribution/attribution-service';
import { runLoad } from '../../../../src-main/engine/load/load-service';
import { readGateway } from '../../../../src-main/nat/configuration';
import { tcpPacket, udpPacket, type Endpoint } from '../../../support/frames';
import type { CaptureRecord } from '../../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../../support/property-runs';
import { seededRandom } from '../../../support/random';
import { sessionLogOf, type Entry } from '../../../support/session-log';
import { tempFolderForFile } from '../../../support/temp';
import { SECOND } from '../../../support/time';
import { sharedDatabase } from '../../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from '../imported-database';

/** A window edge; times in tests are seconds behind it. */
const T0 = 1_700_000_400n;
const EIP = '203.0.113.1';
const OTHER_EIP = '203.0.113.2';
const HOST = '10.0.0.7';
const OTHER = '10.0.0.8';
const S: Endpoint = '198.51.100.80:443';
const S2: Endpoint = '198.51.100.81:443';
/** Every session has the only port that there is, so that destinations alone tell them apart. */
const ONE_PORT = { portMin: 2000, portMax: 2000 };

const ns = (sec: number): bigint => T0 * SECOND + BigInt(Math.round(sec * 1e9));
const timeText = (atNs: bigint): string => `${atNs / SECOND}.${String(atNs % SECOND).padStart(9, '0')}`;
const udpAt = (sec: number, from: Endpoint, to: Endpoint): CaptureRecord => ({
  atNs: ns(sec),
  bytes: udpPacket({ from, to, payload: new Uint8Array(8) }),
});
const tcpAt = (sec: number, from: Endpoint, to: Endpoint, flags: string): CaptureRecord => ({
  atNs: ns(sec),
  bytes: tcpPacket({ from, to, flags }),
});

const shared = sharedDatabase();
let folder = '';
let logstores = 0;
beforeAll(() => {
  folder = tempFolderForFile();
});
const signal = new AbortController().signal;

async function logOf(records: readonly CaptureRecord[], gateway: Record<string, unknown> = ONE_PORT): Promise<string> {
  const logstore = `who-${logstores++}`;
  await importInto(shared(), [writeCapture(folder, `${logstore}.pcap`, records)], { logstore, gateway });
  return logstore;
}

async function ask(
  logstore: string,
  atNs: bigint | string,
  changes: Partial<AttributionQuestion> = {},
): Promise<Attribution> {
  const question: AttributionQuestion = {
    ...{ address: EIP, port: 2000, protocol: null, skewSec: 0, destination: null },
    at: typeof atNs === 'string' ? atNs : timeText(atNs),
    ...changes,
  };
  const request = { ...PLACE, logstore, zone: 'UTC', run: null, questions: [question] };
  const { answers } = await readAttribution(shared(), request, { signal });
  return answers[0]!;
}

const hosts = ({ hosts: found }: Attribution): (string | null)[] => found.map(({ address }) => address);

describe('the host behind an endpoint is', () => {
  test('the one that had it: active within an entry, idle between its packets and its time-out, and nobody beyond', async () => {
    const log = await logOf([
      udpAt(10, `${HOST}:999`, S),
      udpAt(40, S, `${HOST}:999`),
      // In another window.
      udpAt(640, `${HOST}:999`, S),
      udpAt(1400, `${OTHER}:1`, S2),
    ]);
    expect(await ask(log, ns(10) - 1n)).toMatchObject({ confidence: 'nobody', hosts: [] });
    expect(await ask(log, ns(10))).toMatchObject({ confidence: 'active' });
    expect(await ask(log, ns(40))).toMatchObject({ confidence: 'active' });
    const idle = await ask(log, ns(40) + 1n);
    expect(idle).toMatchObject({
      confidence: 'idle',
      at: timeText(ns(40) + 1n),
      hosts: [
        {
          ...{ address: HOST, instance: 'ngw-default', vpc: 'vpc-default', realm: null },
          sessions: [
            {
              ...{ protocol: 17, port: 999, destination: { address: '198.51.100.80', port: 443 }, natAddress: EIP },
              ...{ eip: EIP, matches: 'both', isObserved: false, isActive: false },
              ...{ from: timeText(ns(10)), until: timeText(ns(100)) },
              entries: [
                {
                  ...{ firstTime: timeText(ns(10)), lastTime: timeText(ns(40)), packets: 2 },
                  ...{ windowStart: Number(T0), firstPacket: { number: 1 }, lastPacket: { number: 2 } },
                },
              ],
            },
          ],
        },
      ],
    });
    expect(idle.hosts[0]!.sessions[0]!.entries[0]!.firstPacket!.capture).toBe(join(folder, `${log}.pcap`));
    expect(await ask(log, ns(100) - 1n)).toMatchObject({ confidence: 'idle' });
    expect(await ask(log, ns(100))).toMatchObject({ confidence: 'nobody', caveats: [] });
  });

  test('still the same through a window without an entry, and the entries on both sides are named', async () => {
    const log = await logOf([
      tcpAt(10, `${HOST}:999`, S, 'S'),
      tcpAt(11, S, `${HOST}:999`, 'SA'),
      tcpAt(12, `${HOST}:999`, S, 'A'),
      tcpAt(800, `${HOST}:999`, S, 'A'),
    ]);
    const { confidence, hosts: found } = await ask(log, ns(700));
    expect(confidence).toBe('idle');
    expect(found[0]!.sessions[0]!.entries.map(({ lastTime }) => lastTime)).toEqual([
      timeText(ns(12)),
      timeText(ns(800)),
    ]);
  });

  test.each([
    { when: 'in its window', sec: 10, endReason: 'fin' },
    // No entry of the old session tells of it.
    { when: 'in the next one', sec: 590, endReason: 'reused' },
  ])('the old one until its five-tuple is used anew $when, to the nanosecond', async ({ sec, endReason }) => {
    const records = [
      tcpAt(sec, `${HOST}:999`, S, 'S'),
      tcpAt(sec + 1, S, `${HOST}:999`, 'SA'),
      tcpAt(sec + 2, `${HOST}:999`, S, 'FA'),
      tcpAt(sec + 3, S, `${HOST}:999`, 'FA'),
      tcpAt(sec + 20, `${HOST}:999`, S, 'S'),
      tcpAt(sec + 300, `${OTHER}:1`, S2, 'S'),
    ];
    const log = await logOf(records, {});
    const { entries } = await sessionLogOf(records);
    const port = entries[0]!.natPort;
    const first = await ask(log, ns(sec + 20) - 1n, { port });
    expect(first.hosts[0]!.sessions).toMatchObject([{ session: 1, until: timeText(ns(sec + 20)), endReason }]);
    const behind = await ask(log, ns(sec + 20), { port });
    expect(behind.hosts.flatMap(({ sessions }) => sessions.map(({ session }) => session))).not.toContain(1);
  });

  test('the old one until a change of the gateway takes its address, though no entry tells of it', async () => {
    const snatEntries = [{ sourceCidr: '10.0.0.0/8', eips: [EIP] }];
    const log = await logOf(
      [
        tcpAt(10, `${HOST}:999`, S, 'A'),
        tcpAt(11, `${OTHER}:999`, S2, 'A'),
        // In another window, with the changes in it, and behind the last one, which is not made any more.
        ...[655, 1250].map((sec) => udpAt(sec, '10.0.0.9:1', S2)),
      ],
      {
        ...ONE_PORT,
        ...{ eips: [EIP, OTHER_EIP], snatEntries },
        changes: [
          { atSec: Number(T0) + 650, snatEntries: [...snatEntries, { sourceIp: HOST, eips: [OTHER_EIP] }] },
          { atSec: Number(T0) + 700, snatEntries: [{ sourceIp: OTHER, eips: [OTHER_EIP, EIP] }] },
          { atSec: Number(T0) + 1800, snatEntries: [] },
        ],
      },
    );
    expect(hosts(await ask(log, ns(650) - 1n))).toEqual([HOST, OTHER]);
    const before = await ask(log, ns(640), { destination: { address: '198.51.100.80', port: 443 } });
    expect(before.hosts[0]!.sessions).toMatchObject([{ until: timeText(ns(650)), endReason: 'forced_end' }]);
    const behind = await ask(log, ns(650), { protocol: 6 });
    expect(behind.confidence).toBe('idle');
    expect(behind.hosts).toMatchObject([{ address: OTHER, sessions: [{ until: timeText(ns(911)) }] }]);
    expect(hosts(await ask(log, ns(850), { protocol: 6 }))).toEqual([OTHER]);
  });

  describe('until it was ended by force:', () => {
    const own = [{ sourceCidr: '10.0.0.0/8', eips: [EIP] }];
    const gateway = { ...ONE_PORT, eips: [EIP, OTHER_EIP], snatEntries: own };
    const taken = (sec: number) => ({ atSec: Number(T0) + sec, snatEntries: [{ sourceIp: HOST, eips: [OTHER_EIP] }] });
    const kept = (sec: number) => ({ atSec: Number(T0) + sec, snatEntries: [...own, { sourceIp: OTHER }] });
    const talk = [udpAt(400, `${HOST}:999`, S), udpAt(410, `${HOST}:999`, S)];
    const goesOn = udpAt(450, `${OTHER}:1`, S2);
    const setBack = Array.from({ length: 60 }, (_, sec) => udpAt(sec, `${OTHER}:1`, S2));

    test.each([
      { name: 'the clock, where the gateway has no change', changes: [], packets: setBack, forcedBy: 'clock' },
      {
        name: 'the clock, where a change left it its address',
        ...{ changes: [kept(430)], packets: [goesOn, ...setBack], forcedBy: 'clock' },
      },
      {
        name: 'the clock, where a change that takes it would have come later',
        ...{ changes: [taken(2400)], packets: [goesOn, ...setBack], forcedBy: 'clock' },
      },
      { name: 'a change, where the clock went on', changes: [taken(430)], packets: [goesOn], forcedBy: 'change' },
      {
        name: 'a change or the clock, where both may have come behind its last packet',
        ...{ changes: [taken(500)], packets: [goesOn, ...setBack], forcedBy: null },
      },
    ])('$name', async ({ changes, packets, forcedBy }) => {
      const log = await logOf([...talk, ...packets], { ...gateway, changes });
      const { hosts: found } = await ask(log, ns(405));
      expect(found).toMatchObject([{ address: HOST, sessions: [{ endReason: 'forced_end', forcedBy }] }]);
    });
  });

  describe('where entries of live sessions end with their windows', () => {
    const snatEntries = [{ sourceCidr: '10.0.0.0/8', eips: [EIP] }];
    const aliflow = { ...ONE_PORT, eips: [EIP, OTHER_EIP], snatEntries, timeModel: 'aliflow' };
    const talk = [tcpAt(580, `${HOST}:999`, S, 'A'), tcpAt(595, `${HOST}:999`, S, 'A')];
    const later = [10, 100].map((sec) => udpAt(600 + sec, '10.0.0.9:1', S2));

    test.each([
      { name: 'at the edge', sec: 600 },
      { name: 'behind it', sec: 605 },
    ])('the old one until a change of the gateway $name takes its address', async ({ sec }) => {
      const change = { atSec: Number(T0) + sec, snatEntries: [{ sourceCidr: '10.0.0.0/8', eips: [OTHER_EIP] }] };
      const log = await logOf([...talk, ...later], { ...aliflow, changes: [change] });
      const before = await ask(log, ns(599), { protocol: 6 });
      expect(before.hosts[0]!.sessions).toMatchObject([{ until: timeText(ns(sec)), endReason: 'forced_end' }]);
      expect(await ask(log, ns(sec) - 1n, { protocol: 6 })).toMatchObject({ confidence: 'idle' });
      expect(await ask(log, ns(sec), { protocol: 6 })).toMatchObject({ confidence: 'nobody' });
    });

    test('not lost by one that its packets have outlived', async () => {
      const other = [{ sourceCidr: '10.0.0.0/8', eips: [OTHER_EIP] }];
      const changes = [
        { atSec: Number(T0) + 300, snatEntries: other },
        { atSec: Number(T0) + 400, snatEntries },
      ];
      const log = await logOf([...talk, ...later], { ...aliflow, changes });
      expect(await ask(log, ns(700), { protocol: 6 })).toMatchObject({
        confidence: 'idle',
        hosts: [{ address: HOST }],
      });
    });

    test.each([
      { name: 'of a connection', records: talk, protocol: 6, last: 595 },
      { name: 'of datagrams', records: [565, 570].map((sec) => udpAt(sec, `${HOST}:1`, S)), protocol: 17, last: 570 },
      { name: 'that is the only one', records: [tcpAt(580, `${HOST}:1`, S, 'A')], protocol: 6, last: 580 },
    ])('idle from its last packet $name on', async ({ records, protocol, last }) => {
      const log = await logOf([...records, ...later], aliflow);
      expect(await ask(log, ns(last), { protocol })).toMatchObject({ confidence: 'active' });
      expect(await ask(log, ns(last) + 1n, { protocol })).toMatchObject({ confidence: 'idle' });
      expect(await ask(log, ns(600), { protocol })).toMatchObject({ confidence: 'idle' });
    });

    test('active until the end of the entry where its last packet is not known', async () => {
      const log = await logOf(
        [...later, ...talk.map(({ atNs, bytes }) => ({ atNs: atNs + 200n * SECOND, bytes }))],
        aliflow,
      );
      expect(await ask(log, ns(799), { protocol: 6 })).toMatchObject({ confidence: 'active' });
    });
  });

  test('never guessed: several towards different destinations are all named, and one when its destination is', async () => {
    const log = await logOf([udpAt(10, `${HOST}:1`, S), udpAt(11, `${OTHER}:1`, S2), udpAt(50, `${HOST}:1`, S)]);
    const both = await ask(log, ns(20));
    expect(both.confidence).toBe('ambiguous');
    // The one that had packets around the time first.
    expect(hosts(both)).toEqual([HOST, OTHER]);
    expect(await ask(log, ns(20), { destination: { address: '198.51.100.81', port: null } })).toMatchObject({
      confidence: 'idle',
      hosts: [{ address: OTHER }],
    });
    expect(await ask(log, ns(20), { destination: { address: '198.51.100.81', port: 80 } })).toMatchObject({
      confidence: 'nobody',
    });
    expect(await ask(log, ns(20), { protocol: 6 })).toMatchObject({ confidence: 'nobody' });
  });

  test('nobody towards a destination that nobody talked to, which tells whether it was in use towards others', async () => {
    const log = await logOf([udpAt(10, `${HOST}:1`, S), udpAt(11, `${OTHER}:1`, S2), udpAt(50, `${HOST}:1`, S)]);
    const stranger = { address: '192.0.2.9', port: null };
    const question = { ...{ address: EIP, port: 2000, protocol: null, at: timeText(ns(20)), skewSec: 0 } };
    const asked = [
      { ...question, destination: stranger },
      { ...question, destination: null },
      { ...question, port: 7, destination: stranger },
      { ...question, at: timeText(ns(-100)), destination: stranger },
    ];
    const request = { ...PLACE, logstore: log, zone: 'UTC', run: null };
    const { answers } = await readAttribution(shared(), { ...request, questions: asked }, { signal });
    expect(answers.map(({ confidence, caveats }) => [confidence, caveats])).toEqual([
      ['nobody', ['other_destinations']],
      ['ambiguous', ['partial_window']],
      ['nobody', []],
      ['nobody', ['not_captured']],
    ]);
    for (const [place, each] of asked.entries()) {
      const alone = await readAttribution(shared(), { ...request, questions: [each] }, { signal });
      expect(alone.answers).toEqual([answers[place]]);
    }
  });

  test('ambiguous when another one had it within the skew, and near when only that one had', async () => {
    const log = await logOf([udpAt(10, `${HOST}:1`, S), udpAt(75, `${OTHER}:1`, S), udpAt(500, `${OTHER}:9`, S2)]);
    expect(hosts(await ask(log, ns(60)))).toEqual([HOST]);
    const skewed = await ask(log, ns(60), { skewSec: 20 });
    expect(skewed.confidence).toBe('ambiguous');
    expect(hosts(skewed)).toEqual([HOST, OTHER]);
    expect(await ask(log, ns(72), { skewSec: 2.5 })).toMatchObject({ confidence: 'near', hosts: [{ address: HOST }] });
    expect(await ask(log, ns(5), { skewSec: 5 })).toMatchObject({ confidence: 'near', hosts: [{ address: HOST }] });
    expect(await ask(log, ns(5), { skewSec: 4.9 })).toMatchObject({ confidence: 'nobody' });
  });

  test('hidden where only the public side was captured', async () => {
    const log = await logOf([udpAt(10, `${EIP}:2000`, S), udpAt(20, S, `${EIP}:2000`)]);
    expect(await ask(log, ns(15))).toMatchObject({ confidence: 'hidden', hosts: [{ address: null }] });
  });

  test('found by the EIP where translated addresses are private, which is said', async () => {
    const log = await logOf([udpAt(10, `${HOST}:1`, S), udpAt(20, `${HOST}:1`, S)], {
      ...ONE_PORT,
      eipBindMode: 'NAT',
      eips: [{ ipAddress: EIP, privateIpAddress: '10.9.0.1' }],
    });
    const byEip = await ask(log, ns(15));
    expect(byEip.hosts[0]!.sessions).toMatchObject([{ matches: 'nat_eip', natAddress: '10.9.0.1', eip: EIP }]);
    const byNat = await ask(log, ns(15), { address: '10.9.0.1' });
    expect(byNat.hosts[0]!.sessions).toMatchObject([{ matches: 'nat_ip' }]);
  });
});

describe('an answer says what it does not rest on:', () => {
  test('a time that no import has packets of', async () => {
    const log = await logOf([udpAt(10, `${HOST}:1`, S), udpAt(20, `${HOST}:1`, S)]);
    expect(await ask(log, ns(-100))).toMatchObject({ confidence: 'nobody', caveats: ['not_captured'] });
    expect(await ask(log, ns(15), { port: 7 })).toMatchObject({ confidence: 'nobody', caveats: [] });
  });

  test('a session that was under way before, and a window that the capture does not cover', async () => {
    const log = await logOf([tcpAt(100, `${HOST}:1`, S, 'A'), tcpAt(700, `${HOST}:1`, S, 'A')]);
    expect((await ask(log, ns(100))).caveats).toEqual(['midstream', 'partial_window']);
  });

  test('destinations that were not kept', async () => {
    const log = await logOf([udpAt(10, `${HOST}:1`, S), udpAt(20, `${HOST}:1`, S)], {
      ...ONE_PORT,
      redactDestination: true,
    });
    expect((await ask(log, ns(15))).caveats).not.toContain('destination_not_kept');
    const asked = await ask(log, ns(15), { destination: { address: '192.0.2.9', port: null } });
    expect(hosts(asked)).toEqual([HOST]);
    expect(asked.caveats).toContain('destination_not_kept');
  });

  test('a log that was loaded, of which only the entries are known, to the second', async () => {
    const logstore = `who-${logstores++}`;
    const file = join(folder, `${logstore}.ndjson`);
    const start = Number(T0) + 10;
    const row = {
      ...{ instance: 'ngw-1', vpc_id: 'vpc-1', protocol: 17, pri_ip: HOST, pri_port: 1, pub_ip: '198.51.100.80' },
      ...{ pub_port: 443, nat_ip: EIP, nat_port: 2000, bytes_from_pub: 1, pkts_from_pub: 1, bytes_from_vpc: 1 },
      ...{ pkts_from_vpc: 1, start_time: start, end_time: start + 20 },
    };
    writeFileSync(file, `${JSON.stringify(row)}\n`);
    await runLoad(
      shared(),
      {
        ...{ files: [file], project: 'local', logstore, schema: 'session_log', format: 'auto' },
        ...{ hashKey: null, createIndex: true, again: false, dryRun: false },
      },
      { signal, emit: () => undefined, passNoReturn: () => undefined },
    );
    const found = await ask(logstore, `${start + 20}.999999999`);
    expect(found).toMatchObject({ confidence: 'active', caveats: ['entries_only'] });
    expect(found.hosts).toMatchObject([
      { address: HOST, instance: 'ngw-1', vpc: 'vpc-1', sessions: [{ session: null, until: null }] },
    ]);
    expect(await ask(logstore, String(start + 21))).toMatchObject({ confidence: 'nobody' });
    expect(await ask(logstore, String(start + 25), { skewSec: 5 })).toMatchObject({ confidence: 'near' });
  });
});

test('what cannot be is refused', async () => {
  const log = await logOf([udpAt(10, `${HOST}:1`, S)]);
  await expect(ask(log, 'noon')).rejects.toMatchObject({ code: 'TIME_INVALID' });
  await expect(ask(log, ns(10), { address: '203.0.113' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  const request = { ...PLACE, logstore: log, zone: 'UTC', run: 999_999, questions: [] };
  await expect(readAttribution(shared(), request, { signal })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});

test('complaints are answered in the order of their text, and those without a port are shown as such', async () => {
  const log = await logOf([udpAt(10, `${HOST}:1`, S), udpAt(30, `${HOST}:1`, S)]);
  const text = [
    'Dear all,',
    `${new Date((Number(T0) + 20) * 1000).toISOString()} 198.51.100.80:443 was hit by ${EIP}:2000`,
    `${EIP} without a port`,
  ].join('\n');
  const request = { ...PLACE, logstore: log, zone: 'UTC', run: null, text, skewSec: 0 };
  const { complaints } = await readComplaintAnswers(shared(), request, { signal });
  expect(complaints).toMatchObject([
    { line: 2, answer: { confidence: 'active', hosts: [{ address: HOST }] } },
    { line: 3, question: null, answer: null, missing: ['port', 'time'] },
  ]);
});

test('a long text is given up where it is being read', async () => {
  const log = await logOf([udpAt(10, `${HOST}:1`, S)]);
  const text = `${EIP}:2000 2026-03-10 14:03:21 UTC\n`.repeat(100_000);
  const request = { ...PLACE, logstore: log, zone: 'UTC', run: null, text, skewSec: 0 };
  const controller = new AbortController();
  const answering = readComplaintAnswers(shared(), request, controller);
  setTimeout(() => controller.abort(), 30);
  await expect(answering).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  // Read to its end, it has too many.
  await expect(readComplaintAnswers(shared(), request, { signal })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
}, 60_000);

/* Laws, over traffic that uses few endpoints again and again, within windows and across them. */

const LAW_RUNS = Math.ceil(PROPERTY_RUNS / 10);
const FEW_PORTS = { portMin: 2000, portMax: 2003 };

function traffic(seed: number, count: number): CaptureRecord[] {
  const random = seededRandom(seed);
  const times = Array.from({ length: count }, () => random.int(0, 2_000_000)).toSorted((a, b) => a - b);
  return times.map((ms, index) => {
    const host: Endpoint = `10.0.0.${random.int(1, 4)}:${random.int(1000, 1001)}`;
    const server: Endpoint = `198.51.100.${random.int(1, 2)}:443`;
    const isInward = random.int(0, 2) === 0;
    const [from, to] = isInward ? [server, host] : [host, server];
    const flags = random.pick(['A', 'A', 'FA', 'R']);
    const bytes =
      random.int(0, 1) === 0 ? udpPacket({ from, to, payload: new Uint8Array(8) }) : tcpPacket({ from, to, flags });
    return { atNs: T0 * SECOND + BigInt(ms) * 1_000_000n + BigInt(2 * index + 1), bytes };
  });
}

interface Expected {
  readonly question: AttributionQuestion;
  readonly check: (answer: Attribution) => void;
}

/** What the endpoints of the sessions that are alive at an instant have to be answered, by a look at all of them. */
function expectedAt(sessions: readonly Entry[], atNs: bigint, endNs: bigint): Expected[] {
  const alive = sessions.filter(({ firstNs, mappingEndNs }) => firstNs <= atNs && atNs < mappingEndNs);
  const questionOf = ({ natIp, natPort }: Entry): AttributionQuestion => ({
    ...{ address: natIp, port: natPort, protocol: null, at: timeText(atNs), skewSec: 0, destination: null },
  });
  const exact = alive.map((session): Expected => {
    const [address = '', port = ''] = session.pub.split(':');
    const destination = { address, port: Number(port) };
    return {
      question: { ...questionOf(session), protocol: session.protocol, destination },
      check: (answer) => {
        expect(hosts(answer)).toEqual([hostOf(session)]);
        expect(session.lastNs < atNs ? ['idle'] : ['active', 'idle']).toContain(answer.confidence);
        expect(answer.hosts[0]!.sessions).toMatchObject([
          {
            ...{ session: session.sessionId, from: timeText(session.firstNs) },
            // Those that the end of the capture has ended do so with their window, which is another one there.
            ...(session.mappingEndNs > endNs ? {} : { until: timeText(session.mappingEndNs) }),
          },
        ]);
      },
    };
  });
  const [any] = alive;
  if (any === undefined) return exact;
  const holders = new Set(
    alive.filter(({ natIp, natPort }) => natIp === any.natIp && natPort === any.natPort).map(hostOf),
  );
  const check = (answer: Attribution): void => {
    expect(new Set(hosts(answer))).toEqual(holders);
    expect(answer.confidence === 'ambiguous').toBe(holders.size > 1);
  };
  return [...exact, { question: questionOf(any), check }];
}

/** Few ports, and in every other case SNAT entries by which hosts lose their addresses. */
function configuration(seed: number): Record<string, unknown> {
  if (seed % 2 === 0) return FEW_PORTS;
  const random = seededRandom(seed ^ 0xc4a9e);
  const pool = (): string[] => random.pick([[EIP], [OTHER_EIP], [EIP, OTHER_EIP]]);
  const entries = (): unknown[] => [
    { sourceCidr: '10.0.0.0/24', eips: pool() },
    { sourceCidr: '10.0.0.2/31', eips: pool() },
  ];
  return {
    ...{ ...FEW_PORTS, eips: [EIP, OTHER_EIP], snatEntries: entries() },
    changes: [random.int(1, 900), random.int(901, 1999)].map((sec) => ({
      atSec: Number(T0) + sec,
      snatEntries: entries().slice(random.int(0, 1)),
    })),
  };
}

test('at the times of packets, the answer is the host whose session had the endpoint, and only that', async () => {
  let asked = 0;
  let ambiguous = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 20, max: 120 }), async (seed, count) => {
      const records = traffic(seed, count);
      // Each session has one entry there, which ends when the session does: nothing is left to conclude.
      const json = configuration(seed);
      const { entries } = await sessionLogOf(records, { ...readGateway(json).gateway, windowSec: 2_000_000_000 });
      const logstore = await logOf(records, json);
      const random = seededRandom(seed ^ 0x5eed);
      const expected = Array.from({ length: 12 }, () =>
        expectedAt(entries, random.pick(records).atNs, records.at(-1)!.atNs),
      ).flat();
      if (expected.length === 0) return;
      const questions = expected.map(({ question }) => question);
      const { answers } = await readAttribution(
        shared(),
        { ...PLACE, logstore, zone: 'UTC', run: null, questions },
        { signal },
      );
      expected.forEach(({ check }, index) => check(answers[index]!));
      asked += answers.length;
      ambiguous += answers.filter(({ confidence }) => confidence === 'ambiguous').length;
    }),
    { numRuns: LAW_RUNS },
  );
  expect(asked).toBeGreaterThan(LAW_RUNS * 10);
  expect(ambiguous).toBeGreaterThan(0);
});

function hostOf({ pri }: Entry): string {
  return pri.split(':')[0]!;
}
