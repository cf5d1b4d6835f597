import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { ExportProgress, ExportReport } from '../../../src-main/contract/export';
import type { QueryRequest } from '../../../src-main/contract/query';
import { runExport } from '../../../src-main/engine/export-service';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { runQuery } from '../../../src-main/engine/query-service';
import { tempFolderForFile } from '../../support/temp';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, entriesAt, importInto, writeCapture } from './imported-database';

const ENTRIES = 60_000;

const shared = sharedDatabase();
beforeAll(async () => {
  const records = entriesAt(Array.from({ length: ENTRIES }, (_, index) => 1_773_133_200 + Math.floor(index / 100)));
  await importInto(shared(), [writeCapture(tempFolderForFile(), 'a.pcap', records)]);
});
beforeEach(() => {
  rmSync(exportsFolder(shared().workspaceDir), { recursive: true, force: true });
});

const left = (): string[] => {
  const folder = exportsFolder(shared().workspaceDir);
  return existsSync(folder) ? readdirSync(folder) : [];
};
const lines = (report: ExportReport): string[] =>
  readFileSync(`${exportsFolder(shared().workspaceDir)}/${report.file}`, 'utf8')
    .trimEnd()
    .split('\n');

function exportOf(
  query: Partial<QueryRequest>,
  { signal = new AbortController().signal, onProgress = (_progress: ExportProgress): void => undefined } = {},
): Promise<ExportReport> {
  const emit = (_name: 'export:progress', progress: ExportProgress): void => onProgress(progress);
  return runExport(shared(), { query: { ...ALL_ENTRIES, ...query }, format: 'csv' }, { signal, emit });
}

test('an export has a header and a line for every entry, and tells its size', async () => {
  const report = await exportOf({});
  expect(report).toMatchObject({ rowCount: ENTRIES, notices: [{ kind: 'partial' }] });
  expect(left()).toEqual([report.file, `${report.file}.meta.json`]);
  const [header, ...rows] = lines(report);
  expect(header).toMatch(/^instance,vpc_id,protocol,/);
  expect(rows).toHaveLength(ENTRIES);
  expect(report.bytes).toBe(readFileSync(`${exportsFolder(shared().workspaceDir)}/${report.file}`).length);
});

/** Rows that pass, and behind them a value that takes more than an export of a statement has at first, but not all that there is. */
const LARGE = `* | SELECT a.x AS n, cast(1 AS bigint) AS part FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 4)) AS b(y)
  UNION ALL SELECT cardinality(array_agg(a.x * b.y)), 2 FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 2500)) AS b(y)`;

test('a statement that little memory is not enough for is written whole with more', async () => {
  const { signal } = new AbortController();
  const little = { ...ALL_ENTRIES, text: LARGE, littleMemory: true };
  await expect(runQuery(shared(), little, { signal, sendBatch: () => Promise.resolve() })).rejects.toMatchObject({
    code: 'QUERY_FAILED',
  });
  const report = await exportOf({ text: LARGE });
  expect(report.rowCount).toBe(40_001);
  expect(lines(report).at(-1)).toBe('25000000,2');
  expect(left()).toEqual([report.file, `${report.file}.meta.json`]);
});

test.each([{ partitionBy: undefined }, { partitionBy: ['part'] }])(
  'so it is as Parquet, partitioned by $partitionBy',
  async ({ partitionBy }) => {
    const { signal } = new AbortController();
    const request = { query: { ...ALL_ENTRIES, text: LARGE }, format: 'parquet', partitionBy } as const;
    const report = await runExport(shared(), request, { signal, emit: () => undefined });
    expect(report.rowCount).toBe(40_001);
    expect(left()).toEqual([report.file, `${report.file}.meta.json`]);
  },
);

test('an export is described beside it: query, rows, captures and gateway', async () => {
  const report = await exportOf({ text: 'pub_port:53', zone: 'Asia/Shanghai' });
  const path = `${exportsFolder(shared().workspaceDir)}/${report.file}.meta.json`;
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    natscope: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    query: 'pub_port:53',
    range: { from: '2026-03-10T17:00:00.000+08:00', to: '2026-03-10T17:10:00.000+08:00' },
    zone: 'Asia/Shanghai',
    rows: 20_000,
    bytes: report.bytes,
    losses: [],
    imports: [
      {
        run: 1,
        captures: [
          {
            path: expect.stringMatching(/a\.pcap$/) as string,
            head_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          },
        ],
      },
    ],
    loads: [],
    gateways: [{ runs: [1], configuration: { windowSec: 600 } }],
  });
});

test('a packed export holds the same rows', async () => {
  const plain = await exportOf({ limit: 3000 });
  const packed = await runExport(
    shared(),
    { query: { ...ALL_ENTRIES, limit: 3000 }, format: 'csv', gzip: true },
    { signal: new AbortController().signal, emit: () => undefined },
  );
  expect(packed.file).toMatch(/\.csv\.gz$/);
  expect(packed.bytes).toBeLessThan(plain.bytes);
  const folder = exportsFolder(shared().workspaceDir);
  expect(gunzipSync(readFileSync(`${folder}/${packed.file}`))).toEqual(readFileSync(`${folder}/${plain.file}`));
});

test('an export of a statement has its rows', async () => {
  const text = '* | select pub_port, count(*) as n from log group by pub_port order by pub_port';
  expect(lines(await exportOf({ text }))).toEqual(['pub_port,n', '53,20000', '443,40000']);
});

test('an export without rows has its header', async () => {
  const report = await exportOf({ text: 'protocol:6' });
  expect(lines(report)).toHaveLength(1);
  expect(report.rowCount).toBe(0);
});

test('exports at the same time have files of their own', async () => {
  const reports = await Promise.all([exportOf({ limit: 5 }), exportOf({ limit: 5, offset: 5 })]);
  expect(
    left()
      .filter((file) => !file.endsWith('.json'))
      .toSorted(),
  ).toEqual(reports.map(({ file }) => file).toSorted());
  const [first, second] = reports.map(lines);
  expect(first).not.toEqual(second);
});

test('progress goes up, and comes at most ten times a second', async () => {
  const seen: { readonly progress: ExportProgress; readonly atMs: number }[] = [];
  // A clock of its own, which goes on whenever it is looked at: a busy machine makes no difference.
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 10));
  onTestFinished(() => clock.mockRestore());
  const onProgress = (progress: ExportProgress): void => void seen.push({ progress, atMs: nowMs });
  const text = '* | select a.pri_ip, b.pri_port from log a join log b on a.start_time = b.start_time limit 700000';
  const report = await exportOf({ text }, { onProgress });
  expect(seen.length).toBeGreaterThan(2);
  seen.forEach(({ progress, atMs }, index) => {
    expect(progress.rows).toBeLessThanOrEqual(report.rowCount);
    expect(progress.bytes).toBeLessThanOrEqual(report.bytes);
    const before = seen[index - 1];
    if (before === undefined) return;
    expect(progress.rows).toBeGreaterThan(before.progress.rows ?? Infinity);
    expect(atMs - before.atMs).toBeGreaterThanOrEqual(100);
  });
});

test.each([
  { name: 'before it begins', after: 0 },
  { name: 'while it writes', after: 1 },
])('an export that is cancelled $name leaves nothing', async ({ after }) => {
  const abort = new AbortController();
  if (after === 0) abort.abort();
  const text = '* | select a.pri_ip, b.pri_port from log a join log b on a.protocol = b.protocol';
  const running = exportOf({ text }, { signal: abort.signal, onProgress: () => abort.abort() });
  await expect(running).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  expect(left()).toEqual([]);
});

test.each([
  { name: 'fails to compile', text: 'nothing:1', code: 'QUERY_UNKNOWN_FIELD' },
  { name: 'fails at a row', text: '* | select cast(pri_ip as bigint) from log', code: 'QUERY_FAILED' },
])('an export that $name leaves nothing', async ({ text, code }) => {
  await expect(exportOf({ text })).rejects.toMatchObject({ code });
  expect(left()).toEqual([]);
});

test('an export of a workspace that was deleted is refused, and does not bring it back', async () => {
  const { workspaceDir } = shared();
  renameSync(workspaceDir, `${workspaceDir}-elsewhere`);
  try {
    await expect(exportOf({})).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(existsSync(workspaceDir)).toBe(false);
  } finally {
    renameSync(`${workspaceDir}-elsewhere`, workspaceDir);
  }
});

test('an export that finds a file in the place of its folder is refused', async () => {
  writeFileSync(exportsFolder(shared().workspaceDir), '');
  await expect(exportOf({})).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
});
