import { expect, test } from 'vitest';
import { logTable } from '../../../src-main/duckdb/log-table';
import { udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { importInto, writeCapture } from './imported-database';

const T0 = 1_700_000_400;
const at = (sec: number, port: number, length = 60): CaptureRecord => ({
  atNs: BigInt(T0 + sec) * SECOND,
  bytes: udpPacket({ from: `10.0.0.7:${port}`, to: '203.0.113.80:53', payload: new Uint8Array(length - 28) }),
});

test('entries are corrected by what came too late for them, once, and what has no entry becomes one', async () => {
  const database = await temporaryDatabase();
  const records = [
    ...[at(590, 1), at(610, 1), at(640, 1), at(595, 1, 100), at(592, 1, 100)],
    // In a later window, more for the same entry, and for a session that has none there.
    ...[at(1210, 2), at(1250, 2), at(594, 2, 200), at(593, 2, 200), at(591, 2, 300)],
  ];
  const capture = writeCapture(tempFolder(), 'late.pcap', records);
  const report = await importInto(database, [capture]);
  const rows = await database.withConnection(async (connection) =>
    (
      await connection.runAndReadAll(`
        SELECT pri_port::INTEGER AS port, (window_start - ${T0})::INTEGER AS window, revision::INTEGER AS revision,
          pkts_from_vpc::INTEGER AS packets, bytes_from_vpc::INTEGER AS bytes,
          (start_time - ${T0})::INTEGER AS first, (end_time - ${T0})::INTEGER AS last
        FROM ${logTable(1)} ORDER BY window_start, pri_port`)
    ).getRows(),
  );
  expect(rows).toEqual([
    [1, 0, 1, 3, 260, 590, 595],
    [2, 0, 1, 3, 700, 591, 594],
    [1, 600, 0, 2, 120, 610, 640],
    [2, 1200, 0, 2, 120, 1210, 1250],
  ]);
  expect(report.logEntries).toBe(4);
  expect(report.ledger.packets).toEqual({ read: 10, inEntries: 10, notInEntries: {} });
  expect(report.notices.map(({ text }) => text).join(' ')).toContain('5 packets came more than two seconds late');
});
