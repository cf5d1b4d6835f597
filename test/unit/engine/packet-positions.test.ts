import { closeSync, openSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PacketsReport } from '../../../src-main/contract/packets';
import { readPositions } from '../../../src-main/duckdb/run-reads';
import { writePackets } from '../../../src-main/engine/packets-service';
import { otherThanPartial } from '../../support/notices';
import { udpPacket } from '../../support/frames';
import { LINK, type CaptureRecord } from '../../support/pcap-writer';
import { networkInterface, packet, pcapngFile, section } from '../../support/pcapng-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { importInto, writeCapture } from './imported-database';

const START = 1_773_133_200n;
const HOSTS = 7;

const COUNT = 20_000;
const PER_SECOND = 14;

/** Some 40 MB in three windows; one packet in fifty is late by more than a second. */
const records: CaptureRecord[] = Array.from({ length: COUNT }, (_, index) => ({
  atNs: (START + BigInt(Math.floor((index % 50 === 49 ? index - 20 : index) / PER_SECOND))) * SECOND,
  bytes: udpPacket({
    from: `10.0.0.${(index % HOSTS) + 1}:5000`,
    to: '198.51.100.7:53',
    payload: new Uint8Array(2000),
  }),
}));

function writePcapng(folder: string): string {
  const path = join(folder, 'many.pcapng');
  const blocks = records.flatMap((record, index) => [
    // The third interface comes in the middle, and the second section has others.
    ...(index === 12_000 ? [networkInterface({ linkType: LINK.raw })] : []),
    ...(index === 16_000 ? [section(), networkInterface({ linkType: LINK.raw })] : []),
    packet(record, { interfaceId: index >= 16_000 ? 0 : index >= 12_000 ? 2 : 1 }),
  ]);
  const interfaces = [networkInterface({ linkType: LINK.ethernet }), networkInterface({ linkType: LINK.raw })];
  writeFileSync(path, pcapngFile([section(), ...interfaces, ...blocks]));
  return path;
}

test.each([
  { name: 'pcap', write: (folder: string) => writeCapture(folder, 'many.pcap', records) },
  { name: 'pcapng', write: writePcapng },
])('entries of a long $name are read from a position before them, and all packets are found', async ({ write }) => {
  const database = await temporaryDatabase();
  const path = write(tempFolder());
  const { run, logEntries } = await importInto(database, [path]);
  const positions = (await readPositions(database, run)).get(0);
  expect(positions?.latestSec).toBe(Number(START) + Math.floor((COUNT - 2) / PER_SECOND));
  expect(positions?.positions.map(({ record }) => record)).toEqual([8193, 16_385]);
  expect(logEntries).toBe(3 * HOSTS);
  const find = (entryNo: number): Promise<PacketsReport> =>
    writePackets(database, { run, entryNo }, { signal: new AbortController().signal, emit: () => undefined });
  let packets = 0;
  for (let entryNo = 0; entryNo < logEntries; entryNo++) {
    const report = await find(entryNo);
    expect(otherThanPartial(report.notices)).toEqual([]);
    packets += report.found.packets;
  }
  expect(packets).toBe(records.length);
  // What is before the position is not looked at, so nobody sees that it is gone.
  const { atimeMs, mtimeMs } = statSync(path);
  const file = openSync(path, 'r+');
  writeSync(file, new Uint8Array(1 << 20), 0, 1 << 20, 4 << 20);
  closeSync(file);
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
  expect(otherThanPartial((await find(logEntries - 1)).notices)).toEqual([]);
  expect(otherThanPartial((await find(0)).notices)).toMatchObject([{ kind: 'losses' }]);
});
