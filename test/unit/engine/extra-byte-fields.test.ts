import { describe, expect, test } from 'vitest';
import type { ImportRequest } from '../../../src-main/contract/imports';
import type { Database } from '../../../src-main/duckdb/database';
import { runQuery } from '../../../src-main/engine/query-service';
import { tempFolder } from '../../support/temp';
import { addingRowsTo, type TextRow } from '../../support/rows';
import { udpPacket } from '../../support/frames';
import { SECOND } from '../../support/time';
import type { CaptureRecord } from '../../support/pcap-writer';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, entriesAt, importInto, writeCapture } from './imported-database';

const SEC = 1_773_133_200;
const EXTRA: Partial<ImportRequest> = { gateway: { extraBytes: true } };
const NAMES = ['frame_bytes_from_pub', 'frame_bytes_from_vpc', 'payload_bytes_from_pub', 'payload_bytes_from_vpc'];

async function rowsOf(database: Database, text: string): Promise<TextRow[]> {
  const rows: TextRow[] = [];
  const { signal } = new AbortController();
  await runQuery(database, { ...ALL_ENTRIES, text }, { signal, sendBatch: addingRowsTo(rows) });
  return rows;
}

const datagram = (sec: number, payloadBytes: number): CaptureRecord => ({
  atNs: BigInt(SEC + sec) * SECOND,
  bytes: udpPacket({ from: '10.0.0.1:4000', to: '198.51.100.7:53', payload: new Uint8Array(payloadBytes) }),
});

describe('what entries have beyond the fields of the product', () => {
  test('is searched and summed up like any field, and indexed with a Logstore that has no index yet', async () => {
    const database = await temporaryDatabase();
    const capture = writeCapture(tempFolder(), 'a.pcap', [datagram(0, 8), datagram(1, 20), datagram(700, 1)]);
    const { notices } = await importInto(database, [capture], EXTRA);
    expect(notices.map(({ text }) => text)).not.toContainEqual(expect.stringContaining('index of the Logstore'));
    expect(await rowsOf(database, '*')).toMatchObject([
      { frame_bytes_from_vpc: '84', payload_bytes_from_vpc: '28', frame_bytes_from_pub: '0', bytes_from_vpc: '84' },
      { frame_bytes_from_vpc: '29', payload_bytes_from_vpc: '1' },
    ]);
    expect(await rowsOf(database, 'payload_bytes_from_vpc > 1 | SELECT sum(frame_bytes_from_vpc) AS total')).toEqual([
      { total: '84' },
    ]);
  });

  test('is told where it is in no index, and other imports of the Logstore have none of it', async () => {
    const database = await temporaryDatabase();
    const folder = tempFolder();
    await importInto(database, [writeCapture(folder, 'a.pcap', entriesAt([SEC]))]);
    const second = writeCapture(folder, 'b.pcap', entriesAt([SEC + 1]));
    const { notices } = await importInto(database, [second], EXTRA);
    expect(notices).toContainEqual({
      kind: 'limited',
      text: `New fields are not in the index of the Logstore: ${NAMES.join(', ')}. natscope index set adds them.`,
    });
    const rows = await rowsOf(database, '*');
    expect(rows.map((row) => row.payload_bytes_from_vpc)).toEqual(['', '8']);
    const third = await importInto(database, [writeCapture(folder, 'c.pcap', entriesAt([SEC + 2]))], EXTRA);
    expect(third.notices.map(({ text }) => text)).not.toContainEqual(expect.stringContaining('New fields'));
  });

  test('is none without being asked for, and to say so makes no other import', async () => {
    const database = await temporaryDatabase();
    const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC]));
    await importInto(database, [capture], { gateway: {} });
    expect(Object.keys((await rowsOf(database, '*'))[0]!)).not.toContain('frame_bytes_from_pub');
    await expect(importInto(database, [capture], { gateway: { extraBytes: false } })).rejects.toMatchObject({
      code: 'CAPTURE_ALREADY_IMPORTED',
    });
    expect(await importInto(database, [capture], EXTRA)).toMatchObject({ run: 2 });
  });

  test.each([
    { name: 'an import', live: false },
    { name: 'a live import', live: true },
  ])('is corrected by late packets, in $name', async ({ live }) => {
    const database = await temporaryDatabase();
    // Of the first window: one for its entry, and one of a session that has none there.
    const late = [
      datagram(5, 30),
      { ...datagram(6, 2), bytes: udpPacket({ from: '10.0.0.2:9', to: '198.51.100.7:53' }) },
    ];
    const records = [datagram(595, 8), datagram(601, 8), ...late, datagram(602, 8)];
    const capture = writeCapture(tempFolder(), 'late.pcap', records);
    await importInto(database, [capture], { ...EXTRA, live });
    const rows = await rowsOf(database, '*');
    expect(rows.map((row) => [row.pri_ip, row.frame_bytes_from_vpc, row.payload_bytes_from_vpc])).toEqual([
      ['10.0.0.1', '94', '38'],
      ['10.0.0.2', '28', '0'],
      ['10.0.0.1', '72', '16'],
    ]);
    expect(rows.map((row) => row.frame_bytes_from_vpc)).toEqual(rows.map((row) => row.bytes_from_vpc));
  });
});
