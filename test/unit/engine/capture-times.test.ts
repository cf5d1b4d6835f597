import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importText } from '../../../src-main/cli/ledger-text';
import { MissingFiles } from '../../../src-main/engine/missing-files';
import { readImport, readWorkspace } from '../../../src-main/engine/workspace-service';
import { udpPacket } from '../../support/frames';
import { LINK, type CaptureRecord } from '../../support/pcap-writer';
import { networkInterface, packet, pcapngFile, section } from '../../support/pcapng-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { importInto, writeCapture } from './imported-database';

const T0 = 1_700_000_400;
const at = (sec: number, from = 1): CaptureRecord => ({
  atNs: BigInt(T0 + sec) * SECOND + 7n,
  bytes: udpPacket({ from: `10.0.0.7:${from}`, to: '203.0.113.80:53', payload: new Uint8Array(8) }),
});
const time = (sec: number): string => `${T0 + sec}.000000007`;

test('an import tells the earliest and the latest time of a capture, wherever in the file they stand', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(
    tempFolder(),
    'disordered.pcap',
    [5, 3, 90, 4].map((sec) => at(sec)),
  );
  const report = await importInto(database, [capture]);
  expect(report.captures).toMatchObject([{ firstTime: time(3), lastTime: time(90) }]);
  expect(importText(report, 100)).toContain('2023-11-14 22:20:03.000 – 2023-11-14 22:21:30.000 UTC');
  expect((await readImport(database, report.run)).captures).toEqual(report.captures);
  const { imports } = await readWorkspace(database, new MissingFiles());
  expect(imports[0]?.captures).toMatchObject([{ firstTime: time(3), lastTime: time(90) }]);
});

test('a capture whose first packet has no time that can be begins with the time that it is given', async () => {
  const database = await temporaryDatabase();
  const zero: CaptureRecord = { ...at(0), atNs: 0n };
  const report = await importInto(database, [writeCapture(tempFolder(), 'zero.pcap', [zero, at(5), at(6)])]);
  expect(report.captures).toMatchObject([{ firstTime: time(5), lastTime: time(6) }]);
  expect(report.notices).toEqual([
    expect.anything(),
    {
      kind: 'info',
      text: '1 packet with a time that cannot be, zero or years from those around them: each counts at the time of the packet before it, and the first ones of a capture at that of the one behind.',
    },
  ]);
});

/** Of one packet at each time, in seconds since 1970, which may be any that the format has. */
async function noticesOf(times: readonly number[]): Promise<{ readonly texts: string[]; readonly entries: number }> {
  const database = await temporaryDatabase();
  const path = join(tempFolder(), 'odd.pcapng');
  const blocks = times.flatMap((sec, index) => [
    networkInterface({ linkType: LINK.raw, resolution: 0, offsetSec: Math.min(0, sec) }),
    packet({ ...at(0, 1000 + index), atNs: BigInt(sec) * SECOND }, { interfaceId: index }),
  ]);
  writeFileSync(path, pcapngFile([section(), ...blocks]));
  const report = await importInto(database, [path]);
  return { texts: report.notices.map(({ text }) => text), entries: report.logEntries };
}

const IMPOSSIBLE =
  'with a time before 1970 or after 2262, which no log entry can hold: each counts at the time of the packet before it in ' +
  'its file, or at the beginning of 1970 where there is none.';
/** Of the first second of the year 10000. */
const AFTER_9999 = 253_402_300_800;

test.each([
  { name: 'before 1970', times: [T0, -1], notice: `1 packet ${IMPOSSIBLE}` },
  { name: 'after 9999', times: [T0, AFTER_9999], notice: `1 packet ${IMPOSSIBLE}` },
  { name: 'first of all, and both', times: [-5, AFTER_9999, T0], notice: `2 packets ${IMPOSSIBLE}` },
])('a time $name is told exactly, and its packet counts', async ({ times, notice }) => {
  const { texts, entries } = await noticesOf(times);
  expect(texts.slice(1)).toEqual([notice]);
  expect(entries).toBe(times.length);
});
