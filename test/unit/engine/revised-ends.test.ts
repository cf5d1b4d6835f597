import { beforeAll, expect, test } from 'vitest';
import { END_REASONS } from '../../../src-main/contract/log-entry';
import { findLogstore, readRows } from '../../../src-main/duckdb/catalogue';
import { logTable } from '../../../src-main/duckdb/log-table';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { tempFolderForFile } from '../../support/temp';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from './imported-database';
import { HOST, S, S2, T0, at, tcp, udp } from './read-nat-table';

/* When entries end that late packets correct, and why: as the session was at the window's end. */

const shared = sharedDatabase();
let folder = '';
let logstores = 0;
beforeAll(() => {
  folder = tempFolderForFile();
});

const out = (sec: number, flags = 'A'): CaptureRecord => at(sec, tcp(`${HOST}:1`, S, flags));
const back = (sec: number, flags = 'A'): CaptureRecord => at(sec, tcp(S, `${HOST}:1`, flags));
/** The next window opens, and nobody is late by less than this. */
const other = at(640, udp('10.0.0.8:1', S2));

type Row = readonly [end: number, isWholeSecond: boolean, reason: string, revision: number];

/** Of the session's entry in the window that ends at 600. */
async function endOf(records: readonly CaptureRecord[], timeModel: string): Promise<readonly Row[]> {
  const logstore = `ends-${logstores++}`;
  const path = writeCapture(folder, `${logstore}.pcap`, records);
  await importInto(shared(), [path], { logstore, gateway: { timeModel } });
  const { id } = await findLogstore(shared(), PLACE.project, logstore);
  const sql = `SELECT end_time::DOUBLE AS end_time, last_ns = end_time * 1000000000 AS is_whole, end_reason, revision
    FROM ${logTable(id)} WHERE window_start = ${T0} AND protocol = 6 ORDER BY entry_no`;
  const rows = await shared().withConnection((connection) => readRows(connection, sql));
  return rows.map((row) => [
    Number(row['end_time']) - Number(T0),
    row['is_whole'] === true,
    END_REASONS[Number(row['end_reason'])]!,
    Number(row['revision']),
  ]);
}

const nano = (record: CaptureRecord): CaptureRecord => ({ ...record, atNs: record.atNs + 1n });

test.each([
  {
    name: 'of a session that was alive, with the window',
    records: [out(590), other, nano(out(595))],
    aliflow: [[600, true, 'open', 1]],
    packet: [[595, false, 'open', 1]],
  },
  {
    name: 'of one that was closed, with its last packet, which came late',
    records: [out(580, 'FA'), back(590, 'FA'), other, nano(out(595))],
    aliflow: [[595, false, 'fin', 1]],
    packet: [[595, false, 'fin', 1]],
  },
  {
    name: 'of one that was reset, and was alive again when the packet came',
    records: [out(580), back(595, 'R'), out(601), other, nano(out(596))],
    aliflow: [[596, false, 'rst', 1]],
    packet: [[596, false, 'rst', 1]],
  },
  {
    name: 'of one that had no other packet there, with the window, be it closed when that came',
    records: [...inTimeOrder([out(601, 'FA'), back(602, 'FA')], [other]), nano(out(595)), out(596)],
    aliflow: [[600, true, 'open', 1]],
    packet: [[596, true, 'open', 1]],
  },
  {
    name: 'of one that late packets alone show, with what closed it',
    records: [other, out(592), nano(back(593, 'R'))],
    aliflow: [[593, false, 'rst', 1]],
    packet: [[593, false, 'rst', 1]],
  },
  {
    name: 'of one that was opened by a late packet, and closed after that, with the window',
    records: [other, out(592), back(645, 'R')],
    aliflow: [[600, true, 'open', 1]],
    packet: [[592, true, 'open', 1]],
  },
] as const)('an entry that late packets correct ends, $name', async ({ records, aliflow, packet }) => {
  expect(await endOf(records, 'aliflow')).toEqual(aliflow);
  expect(await endOf(records, 'packet')).toEqual(packet);
});
