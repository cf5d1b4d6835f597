import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ImportReport } from '../../../src-main/contract/imports';
import type { Database } from '../../../src-main/duckdb/database';
import { readLedgerPackets } from '../../../src-main/engine/ledger-packets';
import { writePackets } from '../../../src-main/engine/packets-service';
import { tcpPacket, udpPacket } from '../../support/frames';
import {
  insideOf,
  outsideOf,
  randomTraffic,
  simulateNat,
  type CrossedPacket,
  type NatOptions,
} from '../../support/nat-simulator';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { MILLISECOND, SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { importInto, writeCapture } from './imported-database';

/* Captures of both sides of a gateway whose clocks are apart; nat-gateway reference §6.2. */

const NAT = '198.51.100.10';
const OWN = { inside: ['10.0.0.0/8'], eips: [NAT] };
const T0 = 1_700_000_400n * SECOND;
const HOUR = 3600n * SECOND;
const simulated = (options: Partial<NatOptions> = {}) =>
  simulateNat(randomTraffic(7, 30), { seed: 7, natAddresses: [NAT], ...options });
const countOf = ({ ledger }: ImportReport, reason: 'public_copy' | 'lost_in_nat') =>
  ledger.packets.notInEntries[reason] ?? 0;

async function importOf(
  database: Database,
  inside: readonly CaptureRecord[],
  outside: readonly CaptureRecord[],
): Promise<ImportReport> {
  const folder = tempFolder();
  const paths = [writeCapture(folder, 'inside.pcap', inside), writeCapture(folder, 'outside.pcap', outside)];
  return importInto(database, paths, OWN);
}

const textsOf = ({ notices }: ImportReport, kind: string, word: string) =>
  notices.filter((notice) => notice.kind === kind && notice.text.includes(word)).map(({ text }) => text);

describe('the clock outside is', () => {
  test.each([
    { name: '0.2 s ahead', aheadNs: 200n * MILLISECOND, text: '0.2 s ahead of' },
    { name: '5 s ahead', aheadNs: 5n * SECOND, text: '5 s ahead of' },
    { name: '3 s behind', aheadNs: -3n * SECOND, text: '3 s behind' },
    { name: 'an hour ahead', aheadNs: HOUR, text: '3600 s (1 h 0 min) ahead of' },
    { name: 'an hour behind', aheadNs: -HOUR, text: '3600 s (1 h 0 min) behind' },
    { name: '2 ms behind, which no packet can be', aheadNs: -2n * MILLISECOND, text: 's behind' },
  ])('$name: every packet counts once, and a notice says so', async ({ aheadNs, text }) => {
    const database = await temporaryDatabase();
    // Whole nanoseconds of either way, so that the middle is the offset.
    const crossed = simulated({ clockAheadNs: aheadNs, delayUs: [100, 100] });
    const report = await importOf(database, insideOf(crossed), outsideOf(crossed));
    expect(countOf(report, 'public_copy')).toBe(crossed.length);
    expect(countOf(report, 'lost_in_nat')).toBe(0);
    const [notice] = textsOf(report, 'info', 'outside.pcap is');
    expect(notice).toContain(text);
    expect(textsOf(report, 'losses', 'both sides')).toEqual([]);
    // What the captures are is said by their own clocks.
    const [first, second] = ['inside.pcap', 'outside.pcap'].map((name) =>
      report.captures.find(({ path }) => path.endsWith(name)),
    );
    const times = [insideOf(crossed), outsideOf(crossed)].map((records) => records.map(({ atNs }) => atNs).sort());
    const textOf = (ns: bigint | undefined) => `${(ns ?? 0n) / SECOND}.${String((ns ?? 0n) % SECOND).padStart(9, '0')}`;
    expect([first, second].map((each) => [each?.firstTime, each?.lastTime])).toEqual(
      times.map((each) => [textOf(each[0]), textOf(each.at(-1))]),
    );
    // The same is found when the captures are read again.
    const context = { signal: new AbortController().signal };
    const request = { run: report.run, of: 'public_copy', offset: 0, limit: 1000 } as const;
    const { packets } = await readLedgerPackets(database, request, context);
    expect(packets).toHaveLength(crossed.length);
  });

  test('an hour ahead, and the gateway numbers packets anew and loses some', async () => {
    const crossed = simulated({ clockAheadNs: HOUR, renumbers: true, lostOf1000: 20, delayUs: [100, 40_000] });
    const report = await importOf(await temporaryDatabase(), insideOf(crossed), outsideOf(crossed));
    const both = crossed.filter(({ inside, outside }) => inside !== null && outside !== null).length;
    expect(countOf(report, 'public_copy')).toBe(both);
    expect(report.ledger.packets.read).toBe(insideOf(crossed).length + outsideOf(crossed).length);
  });

  test('the same: the times of both stand', async () => {
    const crossed = simulated();
    const report = await importOf(await temporaryDatabase(), insideOf(crossed), outsideOf(crossed));
    expect(countOf(report, 'public_copy')).toBe(crossed.length);
    expect(textsOf(report, 'info', 'clock')).toEqual([]);
  });

  test('drifting: it is followed as far as the captures go', async () => {
    // 40 ppm of two hours are 288 ms.
    const start = 1_700_000_400n * SECOND;
    const packets = Array.from({ length: 7200 }, (_, index) => ({
      atNs: start + BigInt(index) * SECOND,
      bytes: tcpPacket({ from: '10.0.0.7:5000', to: '203.0.113.80:443', flags: 'A', seq: index, ttl: 64 }),
    }));
    const crossed = simulateNat(packets, { seed: 1, natAddresses: [NAT] });
    const drifted = outsideOf(crossed).map(({ atNs, bytes }) => ({
      atNs: atNs + SECOND + ((atNs - start) * 40n) / 1_000_000n,
      bytes,
    }));
    const report = await importOf(await temporaryDatabase(), insideOf(crossed), drifted);
    expect(countOf(report, 'public_copy')).toBe(crossed.length);
    expect(textsOf(report, 'info', 'outside.pcap is')[0]).toMatch(/ahead of .*, and gains (39\.\d+|40(\.\d+)?) ppm/);
  });
});

test('files that follow each other outside have one clock', async () => {
  const crossed = simulated({ clockAheadNs: -HOUR });
  const folder = tempFolder();
  const outside = outsideOf(crossed);
  const paths = [
    writeCapture(folder, 'inside-1.pcap', insideOf(crossed).slice(0, 100)),
    writeCapture(folder, 'inside-2.pcap', insideOf(crossed).slice(100)),
    ...[0, 1, 2].map((part) =>
      writeCapture(
        folder,
        `outside-${part}.pcap`,
        outside.filter((_, index) => Math.floor((index * 3) / outside.length) === part),
      ),
    ),
  ];
  const report = await importInto(await temporaryDatabase(), paths, OWN);
  expect(countOf(report, 'public_copy')).toBe(crossed.length);
  expect(textsOf(report, 'info', 'outside-0.pcap, ')).toHaveLength(1);
});

test('where nothing is on both sides though both were captured, a notice says that packets may count twice', async () => {
  const crossed = simulated();
  // One that has no copy in the other, as of another day.
  const others = simulateNat(randomTraffic(8, 30), { seed: 8, natAddresses: [NAT] });
  const report = await importOf(await temporaryDatabase(), insideOf(crossed), outsideOf(others));
  expect(countOf(report, 'public_copy')).toBeLessThan(crossed.length * 0.05);
  const [notice] = textsOf(report, 'losses', 'on both sides');
  expect(notice).toMatch(/^Of \d+ packets inside of the gateway and \d+ outside, .* natscope fingerprint/);
});

test('packets that cannot be told apart are told of, and that some may be of others where packets are missing', async () => {
  const noticesOf = async (options: Partial<NatOptions>) => {
    const crossed = simulated(options);
    const report = await importOf(await temporaryDatabase(), insideOf(crossed), outsideOf(crossed));
    return textsOf(report, 'info', 'nothing tells whose is whose');
  };
  expect(await noticesOf({})).toEqual([]);
  const [whole] = await noticesOf({ renumbers: true });
  expect(whole).toMatch(/^Of the packets on both sides of the gateway \d+ are equal to those of other hosts/);
  const [missing] = await noticesOf({ renumbers: true, missedOf1000: 50 });
  expect(missing).toMatch(/\d+ packets show one as nobody else had the same at that moment/);
});

describe('clocks that cannot be compared are told of where packets of both sides have no copy:', () => {
  const apart = { none: 0n, behind: -20n * MILLISECOND };
  const inOne = (crossed: readonly CrossedPacket[]) => inTimeOrder(insideOf(crossed), outsideOf(crossed));

  test.skipIf(process.platform === 'win32').each([
    { name: 'a pipe whose clock is behind', clockAheadNs: apart.behind, told: 1 },
    { name: 'but no pipe whose clock is the same', clockAheadNs: apart.none, told: 0 },
  ])('$name', async ({ clockAheadNs, told }) => {
    const crossed = simulated({ clockAheadNs });
    const folder = tempFolder();
    const paths = [writeCapture(folder, 'inside.pcap', insideOf(crossed)), join(folder, 'pipe')] as const;
    const outside = writeCapture(folder, 'outside.pcap', outsideOf(crossed));
    execFileSync('mkfifo', [paths[1]]);
    const writing = spawn('cp', [outside, paths[1]]);
    onTestFinished(() => void writing.kill());
    const report = await importInto(await temporaryDatabase(), paths, OWN);
    const texts = textsOf(report, 'info', `what comes from ${paths[1]} is read once`);
    expect(texts).toHaveLength(told);
    expect(countOf(report, 'public_copy') < crossed.length).toBe(told === 1);
    for (const text of texts)
      expect(text).toMatch(/\d+ packets inside of the gateway and \d+ outside are on one side alone/);
  });

  test.each([
    { name: 'a capture with both sides, of which one is behind', clockAheadNs: apart.behind, told: 1 },
    { name: 'but none whose sides have one clock', clockAheadNs: apart.none, told: 0 },
  ])('$name', async ({ clockAheadNs, told }) => {
    const path = writeCapture(tempFolder(), 'both.pcap', inOne(simulated({ clockAheadNs })));
    const report = await importInto(await temporaryDatabase(), [path], OWN);
    expect(textsOf(report, 'info', `${path} has both sides of the gateway`)).toHaveLength(told);
  });

  /** Equal requests of hosts in step, and their equal answers. */
  const inStep = (isNumbered: boolean, options: Partial<NatOptions>) => {
    const requests = Array.from({ length: 40 }, (_, at): CaptureRecord[] => {
      const [client, server] = [`10.0.0.${(at % 8) + 1}:5353`, '203.0.113.53:53'] as const;
      const atNs = T0 + BigInt(Math.floor(at / 2) * 7) * MILLISECOND;
      const identification = isNumbered ? 1000 + at : 0;
      const [question, answer] = [Buffer.from('www'), Buffer.from('www is')];
      return [
        { atNs, bytes: udpPacket({ from: client, to: server, payload: question, identification }) },
        {
          atNs: atNs + 30n * MILLISECOND,
          bytes: udpPacket({ from: server, to: client, payload: answer, identification }),
        },
      ];
    });
    const all = { seed: 3, natAddresses: [NAT], delayUs: [100, 2000], ...options } as const;
    return simulateNat(inTimeOrder(...requests), all);
  };

  test.each([
    { name: 'files of which every packet is like others, and the clocks are apart', clockAheadNs: 40n, told: 1 },
    { name: 'but none whose packets are on both sides', clockAheadNs: 0n, told: 0 },
  ])('$name', async ({ clockAheadNs, told }) => {
    const crossed = inStep(false, { clockAheadNs: clockAheadNs * MILLISECOND });
    const report = await importOf(await temporaryDatabase(), insideOf(crossed), outsideOf(crossed));
    const texts = textsOf(report, 'info', 'Nothing tells how far the clocks of the two sides of the gateway are apart');
    expect(texts).toHaveLength(told);
    expect(countOf(report, 'public_copy') < crossed.length).toBe(told === 1);
  });

  test('no files whose packets are like others, and have identifications that the gateway keeps', async () => {
    const crossed = inStep(true, { clockAheadNs: 40n * MILLISECOND });
    const report = await importOf(await temporaryDatabase(), insideOf(crossed), outsideOf(crossed));
    expect(countOf(report, 'public_copy')).toBe(crossed.length);
    expect(textsOf(report, 'info', 'outside.pcap is')).toEqual([expect.stringContaining('ahead of')]);
    expect(textsOf(report, 'info', 'on one side alone')).toEqual([]);
  });

  test('no files that are compared, though packets are lost', async () => {
    const crossed = simulated({ missedOf1000: 100 });
    const report = await importOf(await temporaryDatabase(), insideOf(crossed), outsideOf(crossed));
    expect(textsOf(report, 'info', 'on one side alone')).toEqual([]);
  });
});

test('the packets of every entry are found again, also of those that were seen outside alone', async () => {
  const database = await temporaryDatabase();
  const crossed = simulated({ clockAheadNs: HOUR, missedOf1000: 150 });
  const { run, logEntries } = await importOf(database, insideOf(crossed), outsideOf(crossed));
  const context = { signal: new AbortController().signal, emit: () => undefined };
  for (let entryNo = 0; entryNo < logEntries; entryNo++) {
    const { found, counted, notices } = await writePackets(database, { run, entryNo, side: 'captured' }, context);
    expect(found).toEqual(counted);
    expect(notices.filter(({ kind }) => kind === 'losses')).toEqual([]);
  }
});

test('a capture is refused the second time, whatever its clock', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const crossed = simulated({ clockAheadNs: -HOUR });
  const paths = [
    writeCapture(folder, 'in.pcap', insideOf(crossed)),
    writeCapture(folder, 'out.pcap', outsideOf(crossed)),
  ];
  await importInto(database, paths, OWN);
  await expect(importInto(database, paths, OWN)).rejects.toMatchObject({ code: 'CAPTURE_ALREADY_IMPORTED' });
  await expect(importInto(database, paths.toReversed(), OWN)).rejects.toMatchObject({
    code: 'CAPTURE_ALREADY_IMPORTED',
  });
});
