import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { noticesOf } from '../../../src-main/engine/import-notices';
import { UnpackedSource } from '../../../src-main/engine/unpack/unpacked-source';
import { parsePublicAddress } from '../../../src-main/nat/address-text';
import type { Gateway } from '../../../src-main/nat/gateway';
import { ipv4Number, ipv4Packet, type Endpoint } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import {
  E1,
  HOST,
  S,
  S2,
  T0,
  at,
  connection,
  expectScenario,
  fixture,
  flagsOf,
  handshake,
  hostAddress,
  rowText,
  run,
  tcp,
  udp,
  type Scenario,
} from '../../support/nat-scenario';
import { LINK, inTimeOrder, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { simplePcapng } from '../../support/pcapng-writer';
import { sessionLog, type Entry } from '../../support/session-log';
import { SECOND, splitNs } from '../../support/time';

/*
 * The scenarios of the specification, by their numbers: nat-gateway reference §7.G, "Legs, time, delivery, export".
 *
 * Those of both legs (69 to 71) are in both-sides.test.ts and leg-pairing.test.ts, that of copies (72) is in
 * duplicates.test.ts, that of the spelling of exported fields (82) is in query-command.test.ts, and that of loading either
 * of them in load.test.ts. Those of delivery are in delivery-service.test.ts (80) and
 * delivery/simulate.test.ts (81).
 */

const EIP = '198.51.100.10';
const CLIENT: Endpoint = `${HOST}:7`;
const NAT = `${EIP}:1025`;
const out = (sec: number) => at(sec, tcp(CLIENT, S, 'A', 52));
const tcpRow = (counts: string) => `6 ${CLIENT} -> ${S} via ${NAT} | ${counts}`;
const syn = (sec: number, client: Endpoint, to = S) => at(sec, tcp(client, to, 'S', 60));
/** The same entry, whatever the numbers of its packets. */
const withoutPackets = (entry: Entry) => ({ ...entry, firstPacket: 0, lastPacket: 0 });

describe('7.G: legs', () => {
  test('70: of the public leg alone the private side is unknown, and the translation observed', async () => {
    const { entries } = await run(connection(`${EIP}:48155`, S, 1));
    expect(entries.map(rowText)).toEqual([`6 unknown -> ${S} via ${EIP}:48155 | 420/6 | 716/4 | 1-3`]);
    expect(entries.map(({ natSource, natEip, end }) => [natSource, natEip, end])).toEqual([['observed', EIP, 'fin']]);
  });
});

/** Sessions over two windows; their times are whole milliseconds. */
const several = inTimeOrder(
  connection(CLIENT, S, 590),
  connection('10.0.0.8:7', S, 598.5),
  connection('10.1.0.1:7', S, 599.2),
  [590, 620, 650].map((sec) => at(sec, udp('10.0.0.9:53', '203.0.113.53:53', 60))),
);
const inPcap = (records: readonly CaptureRecord[], resolution: 'us' | 'ns' = 'ns') =>
  pcapFile(records, { linkType: LINK.raw, resolution });
const inPcapng = (resolution: number) => simplePcapng(several, { linkType: LINK.raw, resolution });

describe('7.G: order', () => {
  test('73: packets swapped by a second give what sorted ones give', async () => {
    const sorted = Array.from({ length: 9000 }, (_, index) =>
      at(index / 7, udp(`${HOST}:${3000 + (index % 50)}`, S, 60)),
    );
    const swapped = sorted.slice();
    for (let index = 0; index + 7 < swapped.length; index += 11)
      swapped.splice(index, 8, swapped[index + 7]!, ...swapped.slice(index + 1, index + 7), swapped[index]!);
    const expected = await run(sorted);
    const actual = await run(swapped);
    expect(actual.backwardSteps).toBeGreaterThan(0);
    expect(actual.latePackets).toBe(0);
    expect(actual.entries.map(withoutPackets)).toEqual(expected.entries.map(withoutPackets));
  });

  const files = Array.from({ length: 5 }, (_, index) => {
    const each = Math.ceil(several.length / 5);
    return several.slice(index * each, (index + 1) * each);
  });

  // Names of files do not come into it: captures are merged by time. That the order in which they are named does not
  // matter, and that an export is the same to the octet, is in `unit/engine/same-rows.test.ts`.
  test('77: split into five files, the packets give the same rows', async () => {
    const whole = await run(several);
    const parts = files.map((records) => {
      const { sec, nsec } = splitNs(records[0]!.atNs);
      return { source: memorySource(inPcap(records)), firstSec: sec, firstNsec: nsec };
    });
    const log = await sessionLog(parts, fixture());
    expect(log.captures).toHaveLength(5);
    expect(log.entries.map(withoutPackets)).toEqual(whole.entries.map(withoutPackets));
    expect(log.ledger.packets).toEqual(whole.ledger.packets);
    expect(log.ledger.ipBytes).toEqual(whole.ledger.ipBytes);
  });

  test.each([
    { name: 'pcap of microseconds', bytes: inPcap(several, 'us') },
    { name: 'pcapng of milliseconds', bytes: inPcapng(3) },
    { name: 'pcapng of microseconds', bytes: inPcapng(6) },
    { name: 'pcapng of nanoseconds', bytes: inPcapng(9) },
    { name: 'pcap with gzip', bytes: gzipSync(inPcap(several)) },
    { name: 'pcapng with gzip', bytes: gzipSync(inPcapng(6)) },
  ])('77: as $name, too', async ({ bytes }) => {
    const whole = await run(several);
    const log = await sessionLog([new UnpackedSource(memorySource(bytes), 200)], fixture());
    expect(whole.entries.length).toBeGreaterThan(4);
    expect(log.entries).toEqual(whole.entries);
  });
});

/** A packet of t=595 that comes when all before 700 are known to have come. */
const late = [out(590), out(702), out(595), out(710)];

const LATE: readonly Scenario[] = [
  {
    name: '74: a packet that comes after its window was closed is carried into the open one, and flagged',
    packets: late,
    gateway: { latePolicy: 'carry' },
    rows: [tcpRow('52/1 | 0/0 | 590-590'), tcpRow('156/3 | 0/0 | 600-710')],
    flags: [['midstream'], ['midstream', 'lateCarried']],
  },
  {
    name: '74: or dropped, and counted',
    packets: late,
    gateway: { latePolicy: 'drop' },
    rows: [tcpRow('52/1 | 0/0 | 590-590'), tcpRow('104/2 | 0/0 | 702-710')],
    reasons: { late_dropped: 1 },
    flags: [['midstream'], ['midstream']],
  },
];

describe('7.G: late packets', () => {
  test.each(LATE)('$name', expectScenario);

  // The row of a closed window is gone: what corrects it follows, and the log makes one row of revision 1 of both.
  test('74: or its row is revised', async () => {
    const { entries } = await run(late, { latePolicy: 'revise' });
    expect(entries.map(({ revision }) => revision)).toEqual([0, 1, 0]);
    expect(entries.map(rowText)).toEqual([
      tcpRow('52/1 | 0/0 | 590-590'),
      tcpRow('52/1 | 0/0 | 595-595'),
      tcpRow('104/2 | 0/0 | 702-710'),
    ]);
    expect(entries.map(flagsOf)).toEqual([['midstream'], ['midstream', 'revised'], ['midstream']]);
  });

  test('74: a session that begins with it has it at the start of the open window', async () => {
    const log = await run(
      [
        at(1, udp(`${HOST}:1`, S, 60)),
        at(700, udp(`${HOST}:2`, S, 60)),
        at(800, udp(`${HOST}:2`, S, 60)),
        at(595, udp(`${HOST}:3`, S, 60)),
      ],
      { latePolicy: 'carry' },
    );
    expect(log.latePackets).toBe(1);
    const entry = log.entries.find(({ pri }) => pri === `${HOST}:3`);
    expect(entry?.flags).toContain('lateCarried');
    expect(entry?.windowStart).toBe(Number(T0) + 600);
    expect(entry?.firstNs).toBe((T0 + 600n) * SECOND);
  });

  // §6: "never … refreshes a timer backwards (last = max(last, ts))".
  test.each([
    {
      name: 'before the last one of its session counts idleness from that on',
      lateSec: 695,
      thenSec: 761,
      sessions: 2,
    },
    { name: 'after it counts idleness from itself on', lateSec: 710, thenSec: 769, sessions: 1 },
    { name: 'after it does not count idleness from later on', lateSec: 710, thenSec: 770, sessions: 2 },
  ])('a packet that is late and $name', async ({ lateSec, thenSec, sessions }) => {
    const own = (sec: number) => at(sec, udp(CLIENT, S, 60));
    const log = await run([
      ...[own(700), at(740, tcp('10.0.0.8:1', S, 'A', 52)), own(lateSec)],
      ...[at(750, tcp('10.0.0.8:1', S, 'A', 52)), own(thenSec)],
    ]);
    expect(new Set(log.entries.filter(({ pri }) => pri === CLIENT).map(({ sessionId }) => sessionId)).size).toBe(
      sessions,
    );
  });
});

describe('7.G: clocks', () => {
  test('75: when the clock is set back for good, all sessions end, and no row has packets of both', async () => {
    const before = Array.from({ length: 60 }, (_, index) => out(3600 + index));
    // An hour back, and on into the window that was open then.
    const after = Array.from({ length: 70 }, (_, index) => out(index * 60));
    const log = await run([...before, ...after]);
    const told = log.entries.map(({ captureEpoch, windowStart, vpc, end }) => [
      ...[captureEpoch, windowStart - Number(T0), vpc, end],
    ]);
    expect(told).toEqual([
      [0, 3600, '3120/60', 'forced_end'],
      ...[0, 600, 1200, 1800, 2400, 3000].map((start) => [1, start, '520/10', 'open']),
      [1, 3600, '520/10', 'capture_end'],
    ]);
    expect(log.sessions).toBe(2);
    expect(log.entries.map(flagsOf)).toEqual(log.entries.map(() => ['midstream']));
    expect(noticesOf(1, log, fixture()).map(({ text }) => text)).toEqual([
      'The clock of the captures was set back once for good, by more than 60 s: every session ended there, and what follows is a capture epoch of its own.',
    ]);
  });

  test.each([
    { name: 'one a second', perSec: 1 },
    { name: 'twenty a second', perSec: 20 },
    { name: 'of which batches end anywhere', perSec: 150 },
  ])('75: a clock that was set back reaches the time of the step again: $name', async ({ perSec }) => {
    const steps = (fromSec: number, count: number, client: Endpoint) =>
      Array.from({ length: count * perSec }, (_, index) => at(fromSec + index / perSec, tcp(client, S, 'A', 52)));
    const [own, other] = [steps(3000, 100, CLIENT), steps(2000, 1150, '10.0.0.8:7')];
    const counts = ({ entries }: { readonly entries: readonly Entry[] }) =>
      entries.map(({ captureEpoch, pri, vpc, end }) => `${captureEpoch} ${pri} ${vpc} ${end}`);
    const row = (epoch: number, client: Endpoint, packets: number, end: string) =>
      `${epoch} ${client} ${packets * perSec * 52}/${packets * perSec} ${end}`;
    expect(counts(await run([...own, ...other]))).toEqual([
      row(0, CLIENT, 100, 'forced_end'),
      ...[400, 600].map((packets) => row(1, '10.0.0.8:7', packets, 'open')),
      row(1, '10.0.0.8:7', 150, 'capture_end'),
    ]);
    // Of the same five-tuple, too.
    expect(counts(await run([...own, ...steps(2000, 1150, CLIENT)]))).toEqual([
      row(0, CLIENT, 100, 'forced_end'),
      ...[400, 600].map((packets) => row(1, CLIENT, packets, 'open')),
      row(1, CLIENT, 150, 'capture_end'),
    ]);
  });

  test('75: after a step, packets that are swapped within two seconds are put in order as before it', async () => {
    const before = Array.from({ length: 60 }, (_, index) => out(3600 + index));
    const after = Array.from({ length: 700 }, (_, index) => syn(index / 2, `10.0.0.8:${1000 + index}`));
    // The first fifty stay where they came.
    const swapped = after.slice();
    for (let index = 60; index + 3 < swapped.length; index += 5)
      swapped.splice(index, 4, swapped[index + 3]!, swapped[index + 1]!, swapped[index + 2]!, swapped[index]!);
    const expected = await run([...before, ...after]);
    const actual = await run([...before, ...swapped]);
    expect(actual.latePackets).toBe(0);
    expect(actual.entries.map(withoutPackets)).toEqual(expected.entries.map(withoutPackets));
  });

  /*
   * The specification has captures of one import merged by time (§6, "Order"), as rotated files and those of several interfaces
   * need it, and a new capture epoch where the clock of one goes back. So a step between two files is none: what is named
   * later and recorded earlier comes first, be it minutes or years.
   */
  test.each([
    { name: 'minutes', backSec: 300 },
    { name: 'an hour', backSec: 3600 },
    { name: 'three years', backSec: 3 * 365 * 86_400 },
  ])('75: a file that is $name before the other is merged by time, and is no epoch of its own', async ({ backSec }) => {
    const first = Array.from({ length: 100 }, (_, index) => out(7200 + index));
    const second = Array.from({ length: 100 }, (_, index) => out(7200 - backSec + index));
    const sources = [second, first].map((records) => {
      const { sec, nsec } = splitNs(records[0]!.atNs);
      const bytes = pcapFile(records, { linkType: LINK.raw, resolution: 'ns' });
      return { source: memorySource(bytes), firstSec: sec, firstNsec: nsec };
    });
    const log = await sessionLog(sources, fixture());
    expect([log.clockSteps, log.latePackets, log.repairedTimes]).toEqual([0, 0, 0]);
    const inOneFile = await run(inTimeOrder(second, first));
    expect(log.entries.map(withoutPackets)).toEqual(inOneFile.entries.map(withoutPackets));
    expect(log.ledger.packets).toEqual(inOneFile.ledger.packets);
    // The same in one file, unsorted, is a step of the clock; years, where packets agree with each other, as well.
    expect((await run([...first, ...second])).clockSteps).toBe(1);
  });

  describe('§6: no packet at all for more than 300 s', () => {
    const gapsOf = async (secs: readonly number[]) => (await run(secs.map((sec) => out(sec)))).gaps;

    test('is told, with the longest stretch and its beginning', async () => {
      const log = await run([0, 301, 1000, 1300, 1600, 3000].map((sec) => out(sec)));
      expect(log.gaps).toEqual({ count: 3, longestSec: 1400, fromSec: Number(T0) + 1600 });
      const from = new Date((Number(T0) + 1600) * 1000).toISOString().slice(0, 19);
      expect(noticesOf(1, log, fixture()).map(({ text }) => text)).toEqual([
        `gap: no packet came for 1400 s from ${from}Z on, the longest of 3 gaps over 300 s. Sessions went on meanwhile as far as their timers let them.`,
      ]);
    });

    test.each([
      { sec: 3599, text: '3599 s from' },
      { sec: 6350, text: '6350 s (1 h 45 min) from' },
      { sec: 90_000, text: '90000 s (1 day 1 h) from' },
      { sec: 259_200, text: '259200 s (3 days 0 h) from' },
    ])('is told in words where nobody reads seconds: $text', async ({ sec, text }) => {
      const log = await run([0, sec].map((each) => out(each)));
      expect(noticesOf(1, log, fixture()).map((notice) => notice.text)).toEqual([
        expect.stringContaining(`no packet came for ${text}`),
      ]);
    });

    test('is none at 300 s, for one packet, or where a late one comes from before it', async () => {
      expect(await gapsOf([0, 300, 600])).toBeNull();
      expect(await gapsOf([7])).toBeNull();
      expect(await gapsOf([500, 200, 700])).toBeNull();
    });

    test('is measured to the nanosecond', async () => {
      expect(await gapsOf([0.5, 300.5])).toBeNull();
      expect(await gapsOf([0.5, 300.500000001])).toMatchObject({ count: 1, fromSec: Number(T0) });
      expect(await gapsOf([0.9, 301.1])).toMatchObject({ count: 1 });
      expect(await gapsOf([0.9, 301.1, 602.2, 301.5, 1000])).toMatchObject({ count: 3, fromSec: Number(T0) + 602 });
      const log = await run([0, 300.9].map((sec) => out(sec)));
      expect(log.gaps?.longestSec).toBeCloseTo(300.9, 9);
      expect(noticesOf(1, log, fixture()).map(({ text }) => text)).toEqual([
        expect.stringContaining('no packet came for 300.9 s from'),
      ]);
    });

    test('is measured with packets that the gateway does not translate', async () => {
      const toAnother = { ...out(200), bytes: Uint8Array.of(0xff) };
      expect((await run([out(0), toAnother, out(400)])).gaps).toBeNull();
    });

    test('is none where the clock was set back', async () => {
      const before = Array.from({ length: 60 }, (_, index) => 5000 + index);
      const after = Array.from({ length: 60 }, (_, index) => index);
      expect(await gapsOf([...before, ...after])).toBeNull();
    });
  });

  test('75: what was idle for good before the clock was set back is forgotten with it', async () => {
    // The session of 0 is dead by 5000, and what goes on of it would be dropped.
    const behind = Array.from({ length: 60 }, (_, index) => out(100 + index));
    const log = await run([out(0), { ...out(5000) }, ...behind], { onIdleExpiry: 'drop' });
    expect(log.clockSteps).toBe(1);
    expect(log.ledger.packets.notInEntries).toEqual({ no_session: 1 });
    expect(log.entries.map(({ captureEpoch, vpc }) => [captureEpoch, vpc])).toEqual([
      [0, '52/1'],
      [1, '3120/60'],
    ]);
  });

  test.each([{ maxNewPerSec: 1 }, { maxNewPerSecPerHost: 1 }, { maxPortsPerHost: 1 }])(
    '75: a second that comes again is another one for the limit %o',
    async (limit) => {
      const before = [...Array.from({ length: 60 }, (_, index) => at(100 + index / 1000, udp(CLIENT, S, 60)))];
      const last = at(210, tcp('10.9.0.1:1', S, 'A', 52));
      const log = await run([...before, last, ...before], { limits: { ...fixture().limits, ...limit } });
      expect(log.entries.map(({ captureEpoch, vpc }) => [captureEpoch, vpc])).toEqual([
        [0, '3600/60'],
        [1, '3600/60'],
      ]);
      expect(log.ledger.packets.notInEntries).toEqual({ no_snat_entry: 1 });
    },
  );

  test('75: a few packets behind are late ones, not a clock that was set back', async () => {
    const behind = Array.from({ length: 49 }, (_, index) => out(index));
    const log = await run([out(3600), ...behind, out(3601)], { latePolicy: 'carry' });
    expect(log.entries.map(({ captureEpoch, vpc }) => [captureEpoch, vpc])).toEqual([[0, '2652/51']]);
    expect(log.latePackets).toBe(49);
  });

  test('76: a packet without a time has that of the one before, in the same session', async () => {
    const { bytes } = out(0);
    const { entries, repairedTimes } = await run([out(10), { atNs: 0n, bytes }, out(20)]);
    expect(repairedTimes).toBe(1);
    expect(entries.map(rowText)).toEqual([tcpRow('156/3 | 0/0 | 10-20')]);
    expect(entries.map(flagsOf)).toEqual([['midstream', 'timeFixed']]);
  });

  test.each([
    { name: 'that is given in seconds', gateway: { windowPhase: 137 } },
    // FNV-1a of this name, modulo 600, is 137.
    { name: "that follows from the gateway's name", gateway: { windowPhase: 'perGateway', instance: 'ngw-311' } },
  ] satisfies readonly { name: string; gateway: Partial<Gateway> }[])(
    '78: windows are off by a phase $name',
    async ({ gateway }) => {
      const { entries } = await run([out(136.999999999), out(137), out(736.999999999), out(737)], gateway);
      expect(entries.map(({ windowStart, vpc }) => [windowStart - Number(T0), vpc])).toEqual([
        [-463, '52/1'],
        [137, '104/2'],
        [737, '52/1'],
      ]);
    },
  );

  test('78: or begin with the capture', async () => {
    const { entries } = await run([out(100), out(699), out(700)], { windowPhase: 'captureStart' });
    expect(entries.map(({ windowStart, vpc }) => [windowStart - Number(T0), vpc])).toEqual([
      [100, '104/2'],
      [700, '52/1'],
    ]);
  });

  test.each<{ name: string; packets: readonly CaptureRecord[]; gateway?: Partial<Gateway>; rows: readonly unknown[] }>([
    {
      name: 'each has its own',
      packets: [out(100), at(130, udp(CLIENT, S, 60)), out(699), out(700), at(705, udp(CLIENT, S, 60))],
      // The first window of the gateway hands out what is over then.
      rows: [
        [130, '60/1', 'idle', []],
        [100, '104/2', 'open', []],
        [700, '52/1', 'capture_end', ['partialWindow']],
        [705, '60/1', 'idle', ['partialWindow']],
      ],
    },
    {
      name: 'begin with the second of its first packet, and skip what it sends nothing in',
      packets: [out(100.9), out(699.99), out(1500), out(1950)],
      rows: [
        [100, '104/2', 'open', []],
        [1300, '52/1', 'open', []],
        [1900, '52/1', 'capture_end', ['partialWindow']],
      ],
    },
    {
      name: 'are over when their session dies later, and are not when it dies in them',
      packets: [out(590), out(1480), at(2500, udp(CLIENT, S, 60)), at(3700, udp(CLIENT, S, 60))],
      rows: [
        [590, '52/1', 'open', []],
        [1190, '52/1', 'open', []],
        [2500, '60/1', 'idle', []],
        [3700, '60/1', 'idle', ['partialWindow']],
      ],
    },
    {
      name: 'are covered until the end of the capture, also where the gateway was changed after that',
      packets: [out(100), at(101, udp(CLIENT, S, 60))],
      gateway: { changes: [{ atSec: Number(T0) + 130, snatEntries: [] }] },
      rows: [
        [100, '52/1', 'forced_end', ['partialWindow']],
        [101, '60/1', 'forced_end', ['partialWindow']],
      ],
    },
    {
      name: 'are covered whole where a change has ended their session before the end of the capture',
      packets: [out(100), at(300, udp(CLIENT, S, 60))],
      gateway: { changes: [{ atSec: Number(T0) + 130, snatEntries: fixture().snatEntries.slice(1) }] },
      rows: [[100, '52/1', 'forced_end', []]],
    },
    {
      name: 'end with themselves, where entries do not end with their last packet',
      packets: [out(100), out(1300)],
      gateway: { timeModel: 'aliflow', timeouts: { ...fixture().timeouts, tcpEstablished: 7200 } },
      rows: [
        [100, '52/1', 'open', [], 700],
        [1300, '52/1', 'capture_end', ['partialWindow'], 1900],
      ],
    },
    {
      name: 'have what is late, as long as the window of the gateway is open in which they are over',
      packets: [out(100), out(710), out(720), out(650), out(99)],
      rows: [
        [100, '104/2', 'open', []],
        [-500, '52/1', 'open', ['partialWindow', 'revised']],
        [700, '104/2', 'capture_end', ['partialWindow']],
      ],
    },
    {
      name: 'are revised by what is too late for them',
      packets: [out(100), out(710), out(1320), out(650)],
      rows: [
        [100, '52/1', 'open', []],
        [700, '52/1', 'open', []],
        [100, '52/1', 'open', ['revised']],
        [1300, '52/1', 'capture_end', ['partialWindow']],
      ],
    },
    {
      name: 'have one before them for what is older than they, of which the capture covers a part',
      packets: [out(100), out(710), out(99.5), out(720)],
      rows: [
        [100, '52/1', 'open', []],
        [-500, '52/1', 'open', ['partialWindow', 'revised']],
        [700, '104/2', 'capture_end', ['partialWindow']],
      ],
    },
    {
      name: 'have one before them that the capture covers, where it began before that',
      packets: [at(-499.5, udp(CLIENT, S, 60)), out(100), out(710), out(99.5), out(720)],
      rows: [
        [-500, '60/1', 'idle', []],
        [100, '52/1', 'open', []],
        [-500, '52/1', 'open', ['revised']],
        [700, '104/2', 'capture_end', ['partialWindow']],
      ],
    },
    {
      name: 'carry it, when they are told to',
      packets: [out(100), out(710), out(720), out(650)],
      gateway: { latePolicy: 'carry' },
      rows: [
        [100, '52/1', 'open', []],
        [700, '156/3', 'capture_end', ['partialWindow', 'lateCarried']],
      ],
    },
  ])('78: or with each session, which $name', async ({ packets, gateway = {}, rows }) => {
    const { entries } = await run(packets, { windowPhase: 'session', ...gateway });
    const told = entries.map((entry) => [
      ...[entry.windowStart - Number(T0), entry.vpc, entry.end, entry.flags.filter((flag) => flag !== 'midstream')],
      ...(gateway.timeModel === 'aliflow' ? [Number(entry.lastNs / SECOND - T0)] : []),
    ]);
    expect(told).toEqual(rows);
  });

  test('79: of a capture from t=100 to t=700 both windows say that it covers them in part', async () => {
    const { entries } = await run([100, 300, 650, 700].map(out));
    expect(
      entries.map(({ windowStart, flags }) => [windowStart - Number(T0), flags.includes('partialWindow')]),
    ).toEqual([
      [0, true],
      [600, true],
    ]);
  });

  test('79: and windows that it covers do not', async () => {
    const { entries } = await run([100, 300, 650, 700, 1300].map((sec) => at(sec, udp(CLIENT, S, 60))));
    expect(entries.map(({ flags }) => flags.includes('partialWindow'))).toEqual([true, true, false, true]);
  });
});

const address = (eip: string, privateIp: string) => ({
  address: parsePublicAddress(eip),
  privateAddress: ipv4Number(privateIp),
});
const BOUND: Partial<Gateway> = {
  bindMode: 'NAT',
  addresses: [address(EIP, '172.16.10.13')],
  snatEntries: [E1],
  dnatMappings: [hostAddress('198.51.100.60', '10.0.0.8')],
};
const BOUND_DNAT = { ...BOUND, addresses: [...BOUND.addresses!, address('198.51.100.60', '172.16.10.60')] };
const HAIRPIN: Endpoint = '198.51.100.60:443';

const MODES: readonly Scenario[] = [
  {
    name: '83: in the bind mode MULTI_BINDED the private address of an EIP is that of a host, like any other',
    packets: [
      at(0, udp('10.0.0.13:5000', S, 60)),
      at(1, udp(S, '10.0.0.13:5000', 60)),
      at(2, udp(S, '10.0.0.13:1', 60)),
      at(3, udp(CLIENT, '10.0.0.13:1', 60)),
    ],
    gateway: { ...BOUND, bindMode: 'MULTI_BINDED', addresses: [address(EIP, '10.0.0.13')] },
    rows: [`17 10.0.0.13:5000 -> ${S} via ${EIP}:1025 | 60/1 | 60/1 | 0-1`],
    reasons: { no_session: 1, intra: 1 },
  },
  {
    name: '84: from the VPC to a DNAT address of the gateway is a session of SNAT, and its other leg none',
    packets: [
      syn(0, CLIENT, HAIRPIN),
      at(0.001, tcp('172.16.10.13:1025', '10.0.0.8:8443', 'S', 60)),
      at(0.002, tcp('10.0.0.8:8443', '172.16.10.13:1025', 'SA', 60)),
      at(0.003, tcp(HAIRPIN, CLIENT, 'SA', 60)),
    ],
    gateway: BOUND,
    rows: [`6 ${CLIENT} -> ${HAIRPIN} via 172.16.10.13:1025 | 60/1 | 60/1 | 0-0`],
    reasons: { egress_dnat_ip: 2 },
  },
  {
    name: '84: from the VPC to the private address of its EIP is none',
    packets: [syn(0, CLIENT, '172.16.10.60:443')],
    gateway: BOUND_DNAT,
    rows: [],
    reasons: { hairpin_unsupported: 1 },
  },
  {
    // §0 item 4: session logs do not capture sessions of DNAT.
    name: '13: what a DNAT mapping translates is no session of SNAT behind the gateway, by either address of its EIP',
    packets: ['172.16.10.60:443', HAIRPIN].flatMap((own, index) => [
      at(index, udp(own as Endpoint, S, 60)),
      at(index + 0.1, udp(S, own as Endpoint, 60)),
    ]),
    gateway: BOUND_DNAT,
    rows: [],
    reasons: { egress_dnat_ip: 4 },
  },
  {
    name: '84: which needs the bind mode NAT',
    packets: [syn(0, CLIENT, HAIRPIN)],
    gateway: { ...BOUND, bindMode: 'MULTI_BINDED' },
    rows: [],
    reasons: { hairpin_unsupported: 1 },
  },
];

describe('7.G: addresses and limits', () => {
  test.each(MODES)('$name', expectScenario);

  test('83: in the bind mode NAT sessions have the private address of their EIP, which is kept beside it', async () => {
    const { entries } = await run(handshake(CLIENT, S, 0), BOUND);
    expect(entries.map(rowText)).toEqual([`6 ${CLIENT} -> ${S} via 172.16.10.13:1025 | 112/2 | 60/1 | 0-0`]);
    expect(entries[0]?.natEip).toBe(EIP);
  });

  test('85: more than 2^32 bytes in a window are exact', async () => {
    const largest = 65_535;
    const count = 2 * 65_540;
    const header = (from: string, to: string) =>
      ipv4Packet({
        from,
        to,
        protocol: 17,
        totalLength: largest,
        payload: new Uint8Array([0, 7, 1, 187, 255, 235, 0, 0]),
      });
    const outward = header(HOST, '203.0.113.80');
    const inward = header('203.0.113.80', HOST).with(21, 187).with(20, 1).with(22, 0).with(23, 7);
    const records = Array.from({ length: count }, (_, index) => ({
      ...at(index / 1000, index % 2 === 0 ? outward : inward),
      wireBytes: largest,
    }));
    const log = await run(records);
    const half = count / 2;
    expect(half * largest).toBeGreaterThan(2 ** 32);
    expect(log.entries.map(({ vpc, inbound }) => [vpc, inbound])).toEqual([
      [`${half * largest}/${half}`, `${half * largest}/${half}`],
    ]);
    expect(log.ledger.ipBytes.inEntries).toBe(count * largest);
  });

  test('86: of five new sessions within a second, a limit of two lets two pass, and the rest is counted', async () => {
    const limits = { ...fixture().limits, maxNewPerSec: 2 };
    const log = await run(
      [1, 2, 3, 4, 5].map((port) => syn(port / 10, `${HOST}:${port}`)),
      { limits },
    );
    expect(log.entries.map(rowText)).toEqual([
      `6 ${HOST}:1 -> ${S} via ${EIP}:1025 | 60/1 | 0/0 | 0-0`,
      `6 ${HOST}:2 -> ${S} via ${EIP}:1026 | 60/1 | 0/0 | 0-0`,
    ]);
    expect(log.ledger.packets.notInEntries).toEqual({ cps_limit: 3 });
    expect(log.events).toMatchObject([{ event: 'cps_limit', pri: HOST, pub: S, packets: 3, bytes: 180 }]);
    const later = await run([syn(0.9, `${HOST}:1`), syn(0.95, `${HOST}:2`), syn(1, `${HOST}:3`)], { limits });
    expect(later.entries).toHaveLength(3);
  });

  test('87: the same seed gives the same ports, another seed others, and nothing else differs', async () => {
    const records = Array.from({ length: 500 }, (_, index) => syn(index / 10, `${HOST}:${3000 + index}`));
    const entriesOf = async (seed: number) => (await run(records, { seed, portPolicy: 'random' })).entries;
    const [first, again, other] = await Promise.all([entriesOf(1), entriesOf(1), entriesOf(2)]);
    expect(again).toEqual(first);
    expect(other.map((entry) => entry.natPort)).not.toEqual(first.map((entry) => entry.natPort));
    expect(other.map((entry) => ({ ...entry, natPort: 0 }))).toEqual(first.map((entry) => ({ ...entry, natPort: 0 })));
  });

  test('88: with redactDestination entries have no destination, and are the same otherwise', async () => {
    const records = [
      ...connection(`${HOST}:47176`, S, 1),
      at(2, udp(`${HOST}:9`, S2, 60)),
      at(3, udp(`${HOST}:9`, S, 60)),
    ];
    const plain = await run(records);
    const redacted = await run(records, { redactDestination: true });
    expect(plain.entries.map(({ pub }) => pub)).toEqual([S, S2, S]);
    expect(redacted.entries).toEqual(plain.entries.map((entry) => ({ ...entry, pub: 'unknown' })));
    expect(redacted.ledger).toEqual(plain.ledger);
  });

  test('88: neither have refusals, which stay as many', async () => {
    const records = [1, 2, 3].map((port) => syn(port, `${HOST}:${port}`));
    const limits = { ...fixture().limits, maxSessions: 1 };
    const { events } = await run([...records, at(4, tcp(`${HOST}:4`, S2, 'S', 60))], {
      redactDestination: true,
      limits,
    });
    const common = { event: 'session_limit', pri: HOST, pub: 'unknown' };
    expect(events).toMatchObject([
      { ...common, packets: 2, bytes: 120 },
      { ...common, packets: 1, bytes: 60 },
    ]);
  });
});
