import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { natscope, natscopeBin } from '../support/command';
import { canMount, natscopeOnTmpfs, needingMounts } from '../support/mounts';
import { readParquet } from '../support/parquet';
import { tempFolder, tempFolderForFile } from '../support/temp';

const ENTRIES = 20_000;
/** Millions of rows: longer than any test waits. */
const LONG = '* | SELECT a.n, b.s FROM log a JOIN log b ON a.s = b.s';
/** Some 6 MB, however they are packed. */
const UNPACKABLE = `* | SELECT ${Array.from({ length: 10 }, (_, at) => `sha256(to_utf8(cast(n * 10 + ${at} AS varchar))) AS h${at}`).join(', ')} FROM log`;
const TIMEOUT_MS = 300_000;

let workspace: string;
beforeAll(async () => {
  const folder = tempFolderForFile();
  workspace = join(folder, 'workspace');
  const log = join(folder, 'log.ndjson');
  const line = (_: unknown, index: number): string =>
    `{"time":${1_700_000_000 + index},"n":${index},"s":"x${index % 7}"}\n`;
  writeFileSync(log, Array.from({ length: ENTRIES }, line).join(''));
  const loaded = await natscope(['load', log, '--logstore', 'exported', '--schema', 'auto', '--workspace', workspace]);
  expect(loaded.code).toBe(0);
}, TIMEOUT_MS);

const queryTo = (out: string, format: string, text = LONG): string[] => [
  ...['query', text, '--logstore', 'exported', '--workspace', workspace],
  ...['--format', format, '--out', out],
];

/** What is half written in a folder, octets of the largest file. */
const unfinishedBytes = (folder: string): number =>
  Math.max(
    0,
    ...(existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => name.endsWith('.part'))
      .map((name) => statSync(join(folder, name)).size),
  );

test.each(['csv', 'csv.gz', 'ndjson', 'xlsx', 'parquet'])(
  'a kill in the middle of writing %s leaves the old file with its description',
  async (extension) => {
    const folder = tempFolder();
    const out = join(folder, `rows.${extension}`);
    writeFileSync(out, 'old');
    writeFileSync(`${out}.meta.json`, 'of the old one');
    const [format = ''] = extension.split('.');
    const child = spawn(process.execPath, [natscopeBin, ...queryTo(out, format)], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
    // Parquet is written in the workspace first, by the database.
    const exports = join(workspace, 'tmp', 'exports');
    const written = (): number => Math.max(unfinishedBytes(folder), unfinishedBytes(exports));
    await expect.poll(written, { timeout: TIMEOUT_MS }).toBeGreaterThan(1_000_000);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(readFileSync(out, 'utf8')).toBe('old');
    expect(readFileSync(`${out}.meta.json`, 'utf8')).toBe('of the old one');
    const next = await natscope(queryTo(join(folder, 'next.csv'), 'csv', '* | SELECT 1'));
    expect(next.code).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  },
  TIMEOUT_MS,
);

test.skipIf(!canMount)(
  needingMounts('a disk that fills up is a coded error, whatever is written'),
  async () => {
    const disk = join(tempFolder(), 'disk');
    mkdirSync(disk);
    for (const [format, text] of [
      ['csv', LONG],
      ['xlsx', LONG],
      ['parquet', UNPACKABLE],
    ] as const) {
      const { code, stderr } = await natscopeOnTmpfs(disk, 'size=4m', queryTo(join(disk, 'rows'), format, text));
      expect(code).toBe(1);
      expect(stderr).toContain('(ENOSPC): its disk is full');
      expect(stderr).toContain('(OUTPUT_UNWRITABLE)');
    }
  },
  TIMEOUT_MS,
);

test.skipIf(!canMount)(
  needingMounts('a disk of the workspace that fills up while the database writes is a coded error, and leaves nothing'),
  async () => {
    const out = join(tempFolder(), 'rows.parquet');
    const command = queryTo(out, 'parquet', UNPACKABLE);
    const { code, stderr } = await natscopeOnTmpfs(join(workspace, 'tmp'), 'size=1m', command);
    expect(code).toBe(1);
    expect(stderr).toContain('(WORKSPACE_FULL)');
    expect(readdirSync(join(out, '..'))).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'Parquet takes the place of the old file, also on another disk, and leaves nothing in the workspace',
  async () => {
    const folders = [tempFolder(), ...(existsSync('/dev/shm') ? [mkdtempSync('/dev/shm/natscope-test-')] : [])];
    for (const folder of folders) {
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const out = join(folder, 'rows.parquet');
      writeFileSync(out, 'old', { mode: 0o600 });
      const { code, stderr } = await natscope(queryTo(out, 'parquet', '* | SELECT n, s FROM log ORDER BY n'));
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('20,000 rows in ') as string });
      const { rows } = await readParquet(out);
      expect(rows[19_999]).toEqual([19_999n, `x${19_999 % 7}`]);
      expect(statSync(out).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder)).toEqual(['rows.parquet', 'rows.parquet.meta.json']);
      expect(readdirSync(join(workspace, 'tmp', 'exports'))).toEqual([]);
    }
  },
  TIMEOUT_MS,
);

/** Seven folders, whose rows are not in the order of the query. */
const partitionsTo = (out: string, text: string): string[] => [...queryTo(out, 'parquet', text), '--partition-by', 's'];

test(
  'a partitioned export takes an empty folder and no other, on any disk, and loads again',
  async () => {
    const folders = [tempFolder(), ...(existsSync('/dev/shm') ? [mkdtempSync('/dev/shm/natscope-test-')] : [])];
    for (const [index, folder] of folders.entries()) {
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const out = join(folder, 'by-s');
      mkdirSync(out);
      const done = await natscope(partitionsTo(out, '* | SELECT time, n, s FROM log'));
      expect({ code: done.code, err: done.stderr }).toMatchObject({
        code: 0,
        err: expect.stringContaining('20,000 rows') as string,
      });
      expect(readdirSync(folder)).toEqual(['by-s', 'by-s.meta.json']);
      expect(readdirSync(join(workspace, 'tmp', 'exports'))).toEqual([]);
      const parts = Array.from({ length: 7 }, (_, part) => `s=x${part}`);
      expect(readdirSync(out)).toEqual(parts);
      const again = await natscope(partitionsTo(out, '* | SELECT n, s FROM log'));
      expect(again).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('none is replaced (OUTPUT_UNWRITABLE)') as string,
      });
      const files = parts.map((part) => join(out, part, 'data_0.parquet'));
      const logstore = `again-${index}`;
      await natscope(['load', ...files, '--logstore', logstore, '--workspace', workspace]);
      const sum = '* | SELECT s, count(*) AS c, sum(n) AS n FROM log GROUP BY s ORDER BY s';
      const sums = ['exported', logstore].map((name) =>
        natscope(['query', sum, '--logstore', name, '--workspace', workspace, '--json']),
      );
      const [before, after] = await Promise.all(sums);
      expect(after?.stdout).toBe(before?.stdout);
      expect(JSON.parse(after?.stdout ?? '')).toHaveLength(7);
    }
  },
  TIMEOUT_MS,
);

test(
  'a kill in the middle of a partitioned export leaves nothing in its place, and the next command clears the workspace',
  async () => {
    const folder = tempFolder();
    const out = join(folder, 'by-s');
    const child = spawn(process.execPath, [natscopeBin, ...partitionsTo(out, LONG)], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
    const exports = join(workspace, 'tmp', 'exports');
    const written = (): number => (existsSync(exports) ? readdirSync(exports).length : 0);
    await expect.poll(written, { timeout: TIMEOUT_MS }).toBeGreaterThan(1);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(readdirSync(folder).filter((name) => !name.startsWith('.natscope-'))).toEqual([]);
    expect(readdirSync(exports)).not.toEqual([]);
    await natscope(['query', '* | SELECT count(*) FROM log', '--logstore', 'exported', '--workspace', workspace]);
    expect(existsSync(exports) ? readdirSync(exports) : []).toEqual([]);
  },
  TIMEOUT_MS,
);
