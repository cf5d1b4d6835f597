import { describe, expect, test } from 'vitest';
import type { WindowsReport } from '../../../src-main/contract/windows';
import type { Database } from '../../../src-main/duckdb/database';
import { logTable } from '../../../src-main/duckdb/log-table';
import { applyDelivery } from '../../../src-main/engine/delivery-service';
import { updateLogstore } from '../../../src-main/engine/logstore-service';
import { readWindows } from '../../../src-main/engine/windows-service';
import { udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from './imported-database';

const T0 = 1_700_000_400;
const at = (sec: number, host: number, length = 60): CaptureRecord => ({
  atNs: BigInt(T0 + sec) * SECOND,
  bytes: udpPacket({ from: `10.0.0.${host}:5000`, to: '203.0.113.80:53', payload: new Uint8Array(length - 28) }),
});
/** Two windows, of which the captures cover neither whole, and one between them. */
const RECORDS = [at(10, 1), at(20, 1, 100), at(30, 2), at(700, 3), at(1300, 4), at(1301, 5)];

async function imported(records = RECORDS, changes: object = {}): Promise<Database> {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', records)], changes);
  return database;
}

async function read(database: Database, run: number | null = null): Promise<WindowsReport & { rows: object[] }> {
  const rows: object[] = [];
  const report = await readWindows(
    database,
    { ...PLACE, run },
    {
      signal: new AbortController().signal,
      sendBatch: ({ rowCount, columns }) => {
        for (let row = 0; row < rowCount; row++) {
          const cells = columns.map((column) => [
            column.name,
            column.type === 'text' ? column.dictionary[column.data[row]!] : Number(column.data[row]),
          ]);
          rows.push(Object.fromEntries(cells) as object);
        }
        return Promise.resolve();
      },
    },
  );
  expect(report.windows).toBe(rows.length);
  return { ...report, rows };
}

const marker = (start: number, entries: number, packets: number, bytes: number, changes: object = {}): object => ({
  ...{ instance: 'ngw-default', epoch: 0, window_start: T0 + start, window_end: T0 + start + 600 },
  ...{ entries, packets, bytes, in_log_entries: entries, in_log_packets: packets, in_log_bytes: bytes, is_partial: 0 },
  ...changes,
});

describe('the marker of a window', () => {
  test('has what was sealed in it, and what of that is in the Logstore', async () => {
    const { rows, incomplete, unbalanced, expired } = await read(await imported());
    expect(rows).toEqual([
      { run: 1, ...marker(0, 2, 3, 220, { is_partial: 1 }) },
      { run: 1, ...marker(600, 1, 1, 60) },
      { run: 1, ...marker(1200, 2, 2, 120, { is_partial: 1 }) },
    ]);
    expect({ incomplete, unbalanced, expired }).toEqual({ incomplete: 0, unbalanced: [], expired: [] });
  });

  test('tells of what was not delivered, and that it is there again by another script', async () => {
    const database = await imported();
    // The breaker keeps the second one from the Logstore, too.
    const lost = { faults: [{ fault: 'logstore_deleted', from: '+10m', to: '+19m' }] };
    await applyDelivery(database, { run: 1, script: lost });
    const found = await read(database);
    const none = { in_log_entries: 0, in_log_packets: 0, in_log_bytes: 0 };
    const [first, second, third] = [marker(0, 2, 3, 220), marker(600, 1, 1, 60), marker(1200, 2, 2, 120)];
    expect(found.rows).toMatchObject([
      { ...first, ...none, is_partial: 1 },
      { ...second, ...none },
      { ...third, is_partial: 1 },
    ]);
    expect(found).toMatchObject({ incomplete: 2, unbalanced: [] });
    await applyDelivery(database, { run: 1, script: {} });
    expect((await read(database)).incomplete).toBe(0);
  });

  test('has what came late for it', async () => {
    const { rows, incomplete, unbalanced } = await read(await imported([at(590, 1), at(610, 2), at(580, 1)]));
    expect(rows).toMatchObject([{ entries: 1, packets: 2, bytes: 120, in_log_packets: 2 }, { entries: 1 }]);
    expect({ incomplete, unbalanced }).toEqual({ incomplete: 0, unbalanced: [] });
  });

  test('has the length of the windows of its own gateway', async () => {
    const database = await imported(RECORDS, { gateway: { windowSec: 60 } });
    const { rows } = await read(database);
    expect(rows[0]).toMatchObject({ window_start: T0, window_end: T0 + 60, entries: 2 });
    expect(await read(database, 1)).toMatchObject({ rows });
    await expect(read(database, 7)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});

test('entries that a retention has deleted are told, and no loss', async () => {
  const database = await imported([at(10, 1), at(3 * 86_400, 2)]);
  await updateLogstore(database, { ...PLACE, ttlDays: 1 });
  const { rows, incomplete, unbalanced, expired } = await read(database);
  expect(rows).toHaveLength(1);
  expect({ incomplete, unbalanced, expired }).toEqual({
    ...{ incomplete: 0, unbalanced: [] },
    expired: [{ run: 1, entries: 1 }],
  });
});

test('an import of which rows are missing that nobody deleted does not add up', async () => {
  const database = await imported();
  await database.transaction((connection) => connection.run(`DELETE FROM ${logTable(1)} WHERE pri_ip & 255 = 3`));
  expect((await read(database)).unbalanced).toEqual([1]);
});
