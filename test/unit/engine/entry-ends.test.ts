import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ResultColumn } from '../../../src-main/contract/result-batch';
import { runLoad } from '../../../src-main/engine/load/load-service';
import { runQuery } from '../../../src-main/engine/query-service';
import type { Endpoint } from '../../support/frames';
import { at, tcp, udp } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';
import { tempFolderForFile } from '../../support/temp';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, importInto, writeCapture } from './imported-database';

const S: Endpoint = '198.51.100.80:443';

const udpAt = (sec: number, from: Endpoint, to: Endpoint): CaptureRecord => at(sec, udp(from, to, 36));
const tcpAt = (sec: number, from: Endpoint, to: Endpoint, flags: string): CaptureRecord =>
  at(sec, tcp(from, to, flags, 40));
const closedAt = (sec: number, host: Endpoint): CaptureRecord[] => [
  tcpAt(sec, host, S, 'S'),
  tcpAt(sec + 1, S, host, 'SA'),
  tcpAt(sec + 2, host, S, 'FA'),
  tcpAt(sec + 3, S, host, 'FA'),
];

/** A session of each end. Those that go on are cut by the edges of windows. */
const RECORDS: readonly CaptureRecord[] = [
  ...closedAt(1, '10.0.0.1:1'),
  ...[tcpAt(1, '10.0.0.2:2', S, 'S'), tcpAt(2, S, '10.0.0.2:2', 'RA')],
  udpAt(1, '10.0.0.3:3', S),
  ...[tcpAt(500, '10.0.0.4:4', S, 'S'), tcpAt(501, S, '10.0.0.4:4', 'SA'), tcpAt(502, '10.0.0.4:4', S, 'A')],
  ...[tcpAt(700, '10.0.0.4:4', S, 'A'), udpAt(1190, '10.0.0.5:5', S)],
  // Numbered otherwise, so it is another session, and the old one ends by it.
  at(10, tcp('10.0.0.6:6', S, 'S', 40, { seq: 1 })),
  at(20, tcp('10.0.0.6:6', S, 'S', 40, { seq: 900_000 })),
].toSorted((a, b) => Number(a.atNs - b.atNs));

const shared = sharedDatabase();
let folder = '';
beforeAll(async () => {
  folder = tempFolderForFile();
  await importInto(shared(), [writeCapture(folder, 'ends.pcap', RECORDS)], { gateway: {} });
});

const { signal } = new AbortController();
const context = { signal, emit: () => undefined, passNoReturn: () => undefined };
const load = (file: string, logstore: string, schema: 'session_log' | 'auto'): Promise<unknown> =>
  runLoad(
    shared(),
    {
      ...{ files: [file], project: 'local', logstore, schema, format: 'auto' },
      ...{ hashKey: null, createIndex: true, again: true, dryRun: false },
    },
    context,
  );

function textIn(column: ResultColumn | undefined, row: number): string | null {
  if (column === undefined || column.validity?.[row] === 0) return null;
  if (column.type === 'text' || column.type === 'json') return column.dictionary[column.data[row]!]!;
  return String(column.data[row]);
}

async function endsOf(text = '*', changes: object = {}): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  await runQuery(
    shared(),
    { ...ALL_ENTRIES, text, entryEnds: true, ...changes },
    {
      signal,
      sendBatch: ({ rowCount, columns }) => {
        const shown = ['pri_port', '__end_reason__', '__flow_end_reason__'].map((wanted) =>
          columns.find(({ name }) => name === wanted),
        );
        for (let row = 0; row < rowCount; row++) rows.push(shown.map((column) => textIn(column, row)));
        return Promise.resolve();
      },
    },
  );
  return rows;
}

describe('why the session of an entry ended', () => {
  test('stands behind its fields, as IPFIX has it too', async () => {
    expect(await endsOf()).toEqual([
      ['1', 'fin', '3'],
      ['2', 'rst', '3'],
      ['3', 'idle', '1'],
      ['6', 'reused', '3'],
      ['6', 'idle', '1'],
      ['4', 'open', '2'],
      ['4', 'capture_end', '4'],
      ['5', 'capture_end', '4'],
    ]);
  });

  test('stays with its entry where rows are cut', async () => {
    expect(await endsOf('*', { limit: 2, offset: 5 })).toEqual([
      ['4', 'open', '2'],
      ['4', 'capture_end', '4'],
    ]);
  });

  test.each([
    { text: '__end_reason__:rst', ports: ['2'] },
    { text: '__flow_end_reason__:1', ports: ['3', '6'] },
    { text: '__flow_end_reason__ >= 3 and not __end_reason__:fin', ports: ['2', '6', '4', '5'] },
  ])('finds entries: $text', async ({ text, ports }) => {
    expect((await endsOf(text)).map(([port]) => port)).toEqual(ports);
  });

  test('can be counted behind a search', async () => {
    const counts: string[] = [];
    const text = '__flow_end_reason__:3 | SELECT count(*) AS entries FROM log';
    await runQuery(
      shared(),
      { ...ALL_ENTRIES, text },
      {
        signal,
        sendBatch: ({ columns }) => {
          counts.push(String(columns[0]!.data[0]));
          return Promise.resolve();
        },
      },
    );
    expect(counts).toEqual(['3']);
  });

  test.each([
    { name: 'statements', changes: { text: '* | SELECT 1' }, says: 'leave the statement out' },
    { name: 'other logs', changes: { logstore: 'web' }, says: 'Only entries of session logs' },
  ])('is refused for $name', async ({ changes, says }) => {
    const file = join(folder, 'web.ndjson');
    writeFileSync(file, '{"status":200}\n');
    if ('logstore' in changes) await load(file, 'web', 'auto');
    const asked = runQuery(
      shared(),
      { ...ALL_ENTRIES, entryEnds: true, ...changes },
      { signal, sendBatch: () => Promise.resolve() },
    );
    await expect(asked).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining(says) });
  });

  test('is not known of session logs that were loaded', async () => {
    const file = join(folder, 'loaded.csv');
    const fields = 'instance,vpc_id,protocol,pri_ip,pri_port,pub_ip,pub_port,nat_ip,nat_port';
    const counts = 'bytes_from_pub,pkts_from_pub,bytes_from_vpc,pkts_from_vpc,start_time,end_time';
    const row = 'ngw-1,vpc-1,17,10.0.0.9,9,198.51.100.80,443,203.0.113.1,2000,0,0,60,1,1700000400,1700000400';
    writeFileSync(file, `${fields},${counts}\n${row}\n`);
    await load(file, 'loaded', 'session_log');
    expect(await endsOf('*', { logstore: 'loaded' })).toEqual([['9', null, null]]);
  });
});
