import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PacketSide, PacketsReport } from '../../../src-main/contract/packets';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { runLoad } from '../../../src-main/engine/load/load-service';
import { writePackets } from '../../../src-main/engine/packets-service';
import { otherThanPartial } from '../../support/notices';
import { udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { readCapture } from '../../support/read-capture';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import type { Database } from '../../../src-main/duckdb/database';
import { importInto, PLACE, WHOLE_LOG, writeCapture } from './imported-database';

const START = 1_773_133_200;

/** In every second a packet of each of three hosts, and the answer to the first. */
function records(fromSec: number, seconds: number): CaptureRecord[] {
  return Array.from({ length: seconds }, (_, index) => index).flatMap((index) => {
    const atNs = BigInt(fromSec + index) * SECOND;
    const out = [1, 2, 3].map((host) => udpPacket({ from: `10.0.0.${host}:5000`, to: `198.51.100.7:${50 + host}` }));
    return [...out, udpPacket({ from: '198.51.100.7:51', to: '10.0.0.1:5000' })].map((bytes) => ({ atNs, bytes }));
  });
}

function write(
  database: Database,
  text: string,
  changes: { side?: PacketSide; from?: string; to?: string; signal?: AbortSignal } = {},
): Promise<PacketsReport> {
  const { side, signal = new AbortController().signal, ...range } = changes;
  const request = { query: { ...WHOLE_LOG, text, ...range }, side };
  return writePackets(database, request, { signal, emit: () => undefined });
}

function commentsOf(database: Database, { file }: PacketsReport): string[] {
  const text = readFileSync(join(exportsFolder(database.workspaceDir), file)).toString('utf8');
  return [...text.matchAll(/packet \d+ of [^\0]*/g)].map(([comment]) => comment);
}

test('the packets of all entries that a search finds are in the file once, in order, each with its entry', async () => {
  const folder = tempFolder();
  const database = await temporaryDatabase();
  const { run } = await importInto(database, [
    writeCapture(folder, 'one.pcap', records(START, 3)),
    writeCapture(folder, 'two.pcap', records(START + 700, 2)),
  ]);
  const report = await write(database, 'pri_ip:10.0.0.1 or pri_ip:10.0.0.3');
  expect(report).toMatchObject({ entries: 4, packets: 15, notices: [{ kind: 'partial' }] });
  expect(report.found).toEqual(report.counted);
  expect(report.description).toBe(
    '4 log entries of Logstore session-log that are found by pri_ip:10.0.0.1 or pri_ip:10.0.0.3, ' +
      '2026-03-10 09:00:00 to 2026-03-10 09:11:41 UTC',
  );
  const comments = commentsOf(database, report);
  expect(comments.map((comment) => /^packet (\d+) of (\w+)/.exec(comment)?.slice(1).join(' '))).toEqual([
    ...[1, 3, 4, 5, 7, 8, 9, 11, 12].map((record) => `${record} one`),
    ...[1, 3, 4, 5, 7, 8].map((record) => `${record} two`),
  ]);
  const firsts = comments.filter((comment) => comment.includes('the first of'));
  expect(firsts).toHaveLength(4);
  expect(firsts[0]).toMatch(
    new RegExp(
      String.raw`^packet 1 of one\.pcap, the first of log entry ${run}-\d+ of import ${run}, window 2026-03-10 09:00:00 to ` +
        String.raw`2026-03-10 09:10:00 UTC, UDP 10\.0\.0\.1:5000 → 198\.51\.100\.7:51, NAT 203\.0\.113\.1:\d+$`,
    ),
  );
  const rest = comments.filter((comment) => !comment.includes('the first of'));
  expect(rest.every((comment) => /^packet \d+ of \w+\.pcap, of log entry \d+-\d+$/.test(comment))).toBe(true);
});

test('the range is that of the search, and other windows are left out', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', records(START + 590, 20))]);
  const [all, later] = [await write(database, '*'), await write(database, '*', { from: String(START + 600) })];
  expect([all.entries, all.packets, later.entries, later.packets]).toEqual([6, 80, 3, 40]);
  expect(commentsOf(database, later)[0]).toContain('packet 41 of a.pcap');
});

test('as the Internet saw them, every packet has a translated end', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', records(START, 4))]);
  const report = await write(database, '*', { side: 'public' });
  const { rows, balanced } = readCapture(readFileSync(join(exportsFolder(database.workspaceDir), report.file)));
  expect([balanced, rows.length]).toEqual([true, 16]);
  expect(rows.every((row) => row.includes(` 3405803777 `))).toBe(true);
});

test('several imports follow each other by time, and what both read is written once, which is said', async () => {
  const folder = tempFolder();
  const database = await temporaryDatabase();
  const paths = [
    writeCapture(folder, 'later.pcap', records(START + 1200, 2)),
    writeCapture(folder, 'earlier.pcap', records(START, 2)),
  ];
  for (const path of paths) await importInto(database, [path]);
  await importInto(database, [paths[1]!], { seed: 7 });
  const report = await write(database, 'pri_ip:10.0.0.2');
  expect(report).toMatchObject({ entries: 3, packets: 4, found: { packets: 6 }, counted: { packets: 6 } });
  expect(otherThanPartial(report.notices)).toEqual([
    {
      kind: 'info',
      text: 'Several imports read the same captures: 2 packets that are of an entry of each are in the file once, as the first import has them.',
    },
  ]);
  const captures = commentsOf(database, report).map((comment) => /of (\w+)\.pcap/.exec(comment)?.[1]);
  expect(captures).toEqual(['earlier', 'earlier', 'later', 'later']);
});

test('entries that were loaded from files have no packets, and how many is said', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  await importInto(database, [writeCapture(folder, 'a.pcap', records(START, 2))]);
  const csv = join(folder, 'log.csv');
  const names = ['instance', 'vpc_id', 'protocol', 'pri_ip', 'pri_port', 'pub_ip', 'pub_port', 'nat_ip', 'nat_port'];
  const counters = ['bytes_from_pub', 'pkts_from_pub', 'bytes_from_vpc', 'pkts_from_vpc', 'start_time', 'end_time'];
  const values = ['ngw-x', 'vpc-x', 17, '10.0.0.9', 5, '198.51.100.7', 53, '203.0.113.9', 1025, 0, 0, 60, 1];
  const lines = [
    [...names, ...counters],
    [...values, START + 5, START + 5],
  ].map((cells) => cells.join(','));
  writeFileSync(csv, `${lines.join('\n')}\n`);
  await runLoad(
    database,
    {
      ...{ files: [csv], ...PLACE, schema: 'session_log', format: 'auto', hashKey: null },
      ...{ createIndex: true, again: false, dryRun: false },
    },
    { signal: new AbortController().signal, emit: () => undefined, passNoReturn: () => undefined },
  );
  const report = await write(database, '*');
  expect(report).toMatchObject({ entries: 4, packets: 8 });
  expect(otherThanPartial(report.notices)).toEqual([
    { kind: 'losses', text: 'Left out: 1 of the log entries were loaded from files, and have no packets.' },
  ]);
});

describe('what is not so', () => {
  test('a statement finds no entries', async () => {
    const database = await temporaryDatabase();
    await importInto(database, [writeCapture(tempFolder(), 'a.pcap', records(START, 1))]);
    await expect(write(database, '* | SELECT count(*)')).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      detail: { position: 2, length: 17 },
    });
    await expect(write(database, 'pri_ip:')).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
  });

  test('a capture that was moved is named', async () => {
    const database = await temporaryDatabase();
    const path = writeCapture(tempFolder(), 'gone.pcap', records(START, 1));
    const { run } = await importInto(database, [path]);
    rmSync(path);
    await expect(write(database, '*')).rejects.toMatchObject({
      code: 'CAPTURE_NOT_FOUND',
      detail: { run, file: path },
    });
  });

  test('a search that finds nothing gives a capture without packets', async () => {
    const database = await temporaryDatabase();
    await importInto(database, [writeCapture(tempFolder(), 'a.pcap', records(START, 1))]);
    const report = await write(database, 'pri_ip:10.9.9.9');
    expect(report).toMatchObject({ entries: 0, packets: 0, notices: [{ kind: 'partial' }] });
    expect(readCapture(readFileSync(join(exportsFolder(database.workspaceDir), report.file))).balanced).toBe(true);
  });

  test('a cancelled call leaves no file', async () => {
    const database = await temporaryDatabase();
    await importInto(database, [writeCapture(tempFolder(), 'a.pcap', records(START, 1))]);
    const abort = new AbortController();
    abort.abort();
    await expect(write(database, '*', { signal: abort.signal })).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  });
});
