import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { natscope, natscopeBin } from '../support/command';
import { canMount, natscopeOnTmpfs, needingMounts } from '../support/mounts';
import { tempFolder, tempFolderForFile } from '../support/temp';

const ENTRIES = 20_000;
/** Millions of rows: longer than any test waits. */
const LONG = '* | SELECT a.n, b.s FROM log a JOIN log b ON a.s = b.s';
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

const queryTo = (out: string, format: string): string[] => [
  ...['query', LONG, '--logstore', 'exported', '--workspace', workspace],
  ...['--format', format, '--out', out],
];

test.each(['csv', 'csv.gz', 'ndjson', 'xlsx'])(
  'a kill in the middle of writing %s leaves the old file with its description',
  async (extension) => {
    const folder = tempFolder();
    const out = join(folder, `rows.${extension}`);
    writeFileSync(out, 'old');
    writeFileSync(`${out}.meta.json`, 'of the old one');
    const [format = ''] = extension.split('.');
    const child = spawn(process.execPath, [natscopeBin, ...queryTo(out, format)], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
    const written = (): number =>
      Math.max(
        0,
        ...readdirSync(folder)
          .filter((name) => name.endsWith('.part'))
          .map((name) => statSync(join(folder, name)).size),
      );
    await expect.poll(written, { timeout: TIMEOUT_MS }).toBeGreaterThan(1_000_000);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(readFileSync(out, 'utf8')).toBe('old');
    expect(readFileSync(`${out}.meta.json`, 'utf8')).toBe('of the old one');
  },
  TIMEOUT_MS,
);

test.skipIf(!canMount)(
  needingMounts('a disk that fills up is a coded error, whatever is written'),
  async () => {
    const disk = join(tempFolder(), 'disk');
    mkdirSync(disk);
    for (const format of ['csv', 'xlsx']) {
      const { code, stderr } = await natscopeOnTmpfs(disk, 'size=4m', queryTo(join(disk, 'rows'), format));
      expect(code).toBe(1);
      expect(stderr).toContain('(ENOSPC): its disk is full');
      expect(stderr).toContain('(OUTPUT_UNWRITABLE)');
    }
  },
  TIMEOUT_MS,
);
