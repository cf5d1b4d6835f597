import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExportProgress, ExportReport, ExportRequest } from '../../../src-main/contract/export';
import { runExport } from '../../../src-main/engine/export-service';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { otherThanPartial } from '../../support/notices';
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

function exported(
  { query, ...changes }: Changes = {},
  signal = new AbortController().signal,
  onProgress = (_progress: ExportProgress): void => undefined,
): Promise<ExportReport> {
  const request = { format: 'parquet', ...changes, query: { ...ALL_ENTRIES, ...query } } as const;
  return runExport(shared(), request, { signal, emit: (_name, progress) => onProgress(progress) });
}
const read = ({ file }: ExportReport): Promise<ReadParquet> => readParquet(join(folder(), file));

test('a Parquet file has the rows of the query in its order, packed with zstd, and is described beside it', async () => {
  const report = await exported({ query: { reverse: true } });
  expect(report).toMatchObject({ rowCount: ENTRIES, file: expect.stringMatching(/\.parquet$/) as string });
  expect(otherThanPartial(report.notices)).toEqual([]);
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

test('progress of what the database writes by itself is how large the file is', async () => {
  const seen: ExportProgress[] = [];
  // As many rows as are written for a second and more, and so are looked at a few times.
  const text =
    '* | select a.pri_ip, a.pub_ip, b.pri_port * random() as n from log a cross join log b cross join log c limit 6000000';
  const report = await exported({ query: { text } }, undefined, (progress) => seen.push(progress));
  expect(seen.length).toBeGreaterThan(0);
  for (const [index, { rows, bytes }] of seen.entries()) {
    expect([rows, bytes <= report.bytes, bytes >= (seen[index - 1]?.bytes ?? 0)]).toEqual([null, true, true]);
  }
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

/** The files of a partitioned export, each with its rows. */
async function readPartitions({ file }: ExportReport): Promise<Readonly<Record<string, ReadParquet>>> {
  const files = readdirSync(join(folder(), file), { recursive: true, encoding: 'utf8' });
  const parquet = files.filter((path) => path.endsWith('.parquet')).toSorted();
  const read = parquet.map(async (path) => [path, await readParquet(join(folder(), file, path))] as const);
  return Object.fromEntries(await Promise.all(read));
}

describe('a partitioned export', () => {
  test('has a folder for each value, with the other columns in the order of the query', async () => {
    const report = await exported({ partitionBy: ['pub_port', 'pub_ip'], query: { reverse: true } });
    expect(report.rowCount).toBe(ENTRIES);
    expect(left()).toEqual([report.file, `${report.file}.meta.json`]);
    const partitions = await readPartitions(report);
    expect(Object.keys(partitions)).toEqual([
      'pub_port=443/pub_ip=198.51.100.8/data_0.parquet',
      'pub_port=53/pub_ip=198.51.100.7/data_0.parquet',
    ]);
    const whole = await read(await exported({ query: { reverse: true } }));
    const [port, address] = [whole.names.indexOf('pub_port'), whole.names.indexOf('pub_ip')];
    for (const [path, { names, rows, codecs }] of Object.entries(partitions)) {
      expect(codecs).toEqual(new Set(['ZSTD']));
      expect(names).toEqual(whole.names.filter((_, at) => at !== port && at !== address));
      const own = whole.rows.filter((row) => path.startsWith(`pub_port=${String(row[port])}/`));
      expect(rows).toEqual(own.map((row) => row.filter((_, at) => at !== port && at !== address)));
    }
    const meta: unknown = JSON.parse(readFileSync(join(folder(), `${report.file}.meta.json`), 'utf8'));
    expect(meta).toMatchObject({
      options: { partition_by: ['pub_port', 'pub_ip'] },
      bytes: report.bytes,
      rows: ENTRIES,
    });
  });

  test.each([
    { name: 'texts', values: ["'a/b=c%'", 'NULL', "''", '\'中 "x"\'', "'..'", "'__HIVE_DEFAULT_PARTITION__'"] },
    { name: 'numbers', values: ['-1', 'NULL', '9223372036854775807'] },
    { name: 'truths', values: ['true', 'false', 'NULL'] },
    { name: 'days', values: ["date('2026-03-10')", 'NULL'] },
    {
      name: 'times',
      values: ["cast('2026-03-10 09:00:00.123456' as timestamp)", "cast('1969-12-31 23:59:59' as timestamp)"],
    },
  ])('has each of $name as a folder of its own', async ({ values }) => {
    const once = 'from (select 1 as one from log limit 1)';
    const text = `* | ${values.map((value, at) => `select ${value} as k, ${at} as v ${once}`).join(' union all ')}`;
    const report = await exported({ query: { text, zone: 'Asia/Shanghai' }, partitionBy: ['k'] });
    const partitions = Object.values(await readPartitions(report));
    const rows = partitions.map((partition) => partition.rows.map((row) => row.map(Number)));
    expect(rows.toSorted()).toEqual(values.map((_, at) => [[at]]));
  });

  test('of many values has one file each, and no more than 10,000', async () => {
    const text = '* | select pri_ip, pri_port, bytes_from_vpc from log limit 300';
    const report = await exported({ query: { text }, partitionBy: ['pri_ip'] });
    expect(Object.keys(await readPartitions(report))).toHaveLength(300);
    const many = '* | select pri_port * 3 + n as k, 1 as v from log cross join unnest(sequence(0, 2)) as t(n)';
    await expect(exported({ query: { text: many }, partitionBy: ['k'] })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('more than 10000 partitions') as string,
    });
  });

  test('without rows is an empty folder', async () => {
    const report = await exported({ query: { text: 'protocol:6' }, partitionBy: ['nat_ip'] });
    expect(readdirSync(join(folder(), report.file))).toEqual([]);
  });

  test.each([
    { name: 'a field that is not there', by: ['x'], text: '*', says: 'they do not have: name one of instance, vpc_id' },
    { name: 'all columns', by: ['a'], text: '* | select 1 as a', says: 'leave at least one' },
    { name: 'doubles', by: ['a'], text: '* | select 0.5 as a, 1 as b', says: 'neither text, whole numbers' },
    { name: 'lists', by: ['a'], text: '* | select array[1] as a, 1 as b', says: 'neither text, whole numbers' },
    {
      name: 'a long text',
      by: ['a'],
      text: "* | select rpad('', 300, 'x') as a, 1 as b",
      says: 'longer than the name',
    },
  ])('by $name is refused and leaves nothing', async ({ by, text, says }) => {
    await expect(exported({ query: { text }, partitionBy: by })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(says) as string,
    });
    expect(left()).toEqual([]);
  });

  test('is one of Parquet alone', async () => {
    await expect(exported({ format: 'csv', partitionBy: ['nat_ip'] })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });
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

test('an export tells how many octets there are while it is written, and can be cancelled then', async () => {
  const abort = new AbortController();
  const seen: ExportProgress[] = [];
  const running = exported({ query: { text: JOIN } }, abort.signal, (progress) => {
    seen.push(progress);
    if (progress.bytes > 0) abort.abort();
  });
  await expect(running).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  expect(seen.at(-1)?.bytes).toBeGreaterThan(0);
  expect(seen.map(({ rows }) => rows)).toEqual(seen.map(() => null));
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
