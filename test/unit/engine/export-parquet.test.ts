import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { ExportReport, ExportRequest } from '../../../src-main/contract/export';
import { runExport } from '../../../src-main/engine/export-service';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { readParquet, type ReadParquet } from '../../support/parquet';
import { tempFolderForFile } from '../../support/temp';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, entriesAt, importInto, writeCapture } from './imported-database';

const ENTRIES = 5000;

const shared = sharedDatabase();
beforeAll(async () => {
  const records = entriesAt(Array.from({ length: ENTRIES }, (_, index) => 1_773_133_200 + Math.floor(index / 10)));
  await importInto(shared(), [writeCapture(tempFolderForFile(), 'a.pcap', records)]);
});
beforeEach(() => {
  rmSync(exportsFolder(shared().workspaceDir), { recursive: true, force: true });
});

const folder = (): string => exportsFolder(shared().workspaceDir);
const left = (): string[] => (existsSync(folder()) ? readdirSync(folder()) : []);

type Changes = Partial<Omit<ExportRequest, 'query'>> & { readonly query?: Partial<ExportRequest['query']> };

function exported({ query, ...changes }: Changes = {}, signal = new AbortController().signal): Promise<ExportReport> {
  const request = { format: 'parquet', ...changes, query: { ...ALL_ENTRIES, ...query } } as const;
  return runExport(shared(), request, { signal, emit: () => undefined });
}
const read = ({ file }: ExportReport): Promise<ReadParquet> => readParquet(join(folder(), file));

test('a Parquet file has the rows of the query in its order, packed with zstd, and is described beside it', async () => {
  const report = await exported({ query: { reverse: true } });
  expect(report).toMatchObject({ rowCount: ENTRIES, file: expect.stringMatching(/\.parquet$/) as string, notices: [] });
  expect(left()).toEqual([report.file, `${report.file}.meta.json`]);
  const { names, rows, codecs } = await read(report);
  expect(codecs).toEqual(new Set(['ZSTD']));
  const csv = await exported({ format: 'csv', query: { reverse: true } });
  const [head = '', ...lines] = readFileSync(join(folder(), csv.file), 'utf8').trimEnd().split('\n');
  expect(names).toEqual(head.split(','));
  expect(rows.map((row) => row.map(String).join(','))).toEqual(lines);
  const meta: unknown = JSON.parse(readFileSync(join(folder(), `${report.file}.meta.json`), 'utf8'));
  const bytes = statSync(join(folder(), report.file)).size;
  expect(meta).toMatchObject({ format: 'parquet', rows: ENTRIES, bytes, zone: 'UTC', options: { reverse: true } });
  expect(report.bytes).toBe(bytes);
});

test('a statement is exported with its own columns, whose names differ for readers that ignore case', async () => {
  const text =
    "* | select from_unixtime(0) as t, sum(pkts_from_vpc) as n, 'x' as n, 1 as N, nat_ip as ip from log group by nat_ip";
  const report = await exported({ query: { text, zone: 'Asia/Shanghai' } });
  const { names, rows } = await read(report);
  expect(names).toEqual(['t', 'n', 'n_2', 'N_3', 'ip']);
  expect(rows).toEqual([[0n, BigInt(ENTRIES), 'x', 1, '203.0.113.1']]);
});

test("fields are spelled as the product's preview spelled them, also in the description", async () => {
  const report = await exported({ query: { limit: 1 }, spelling: 'preview2024' });
  const { names } = await read(report);
  expect(names.slice(0, 3)).toEqual(['intstance', 'vpc_id', 'portocol']);
  const meta = JSON.parse(readFileSync(join(folder(), `${report.file}.meta.json`), 'utf8')) as {
    columns: readonly { name: string }[];
  };
  expect(meta).toMatchObject({ options: { spelling: 'preview2024' } });
  expect(meta.columns.map(({ name }) => name)).toEqual(names);
});

test('rows that nothing was found for are a file with columns', async () => {
  const report = await exported({ query: { text: 'protocol:6' } });
  expect(report.rowCount).toBe(0);
  const { metadata } = await read(report);
  expect(metadata.schema.map(({ name }) => name).slice(0, 3)).toEqual(['duckdb_schema', 'instance', 'vpc_id']);
});

test.each([
  { name: 'gzip', changes: { gzip: true }, says: 'packed already' },
  { name: 'neutralised formulas', changes: { neutraliseFormulas: true }, says: 'Formulas are neutralised in csv' },
])('$name is refused', async ({ changes, says }) => {
  await expect(exported(changes)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining(says) as string,
  });
  expect(left()).toEqual([]);
});

const JOIN = '* | select a.pri_ip, b.pri_port from log a join log b on a.protocol = b.protocol';

test.each([
  { name: 'before it begins', waits: false },
  { name: 'while it writes', waits: true },
])('an export that is cancelled $name leaves nothing', async ({ waits }) => {
  const abort = new AbortController();
  if (!waits) abort.abort();
  const running = exported({ query: { text: JOIN } }, abort.signal);
  if (waits) await expect.poll(() => left().length, { timeout: 30_000 }).toBeGreaterThan(0);
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  expect(left()).toEqual([]);
});

test.each([
  { name: 'fails to compile', text: 'nothing:1', code: 'QUERY_UNKNOWN_FIELD' },
  { name: 'fails at a row', text: '* | select cast(pri_ip as bigint) from log', code: 'QUERY_FAILED' },
  { name: 'names a file', text: `* | select * from '/etc/passwd'`, code: 'QUERY_UNSUPPORTED' },
  { name: 'would copy', text: `* | copy (select 1) to 'x'`, code: 'QUERY_UNSUPPORTED' },
])('an export that $name is refused with $code and leaves nothing', async ({ text, code }) => {
  await expect(exported({ query: { text } })).rejects.toMatchObject({ code });
  expect(left()).toEqual([]);
});
