import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { natscope } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { tempFolderForFile } from '../support/temp';

let workspace = '';
const run = (...args: readonly string[]) => natscopeHere([...args, '--workspace', workspace]);
const runApart = (...args: readonly string[]) => natscope([...args, '--workspace', workspace]);
beforeAll(async () => {
  workspace = join(tempFolderForFile(), 'workspace');
  expect((await run('import', bundledSample, '--json')).code).toBe(0);
});

describe('natscope field', () => {
  test('says what a field holds, and what query gives the same', async () => {
    const report = JSON.parse((await run('field', 'pub_port', 'protocol:6', '--json')).stdout);
    const rows = JSON.parse((await run('query', report.query, '--json')).stdout) as { entries: number }[];
    expect(rows.map((row) => ({ value: String(Reflect.get(row, 'pub_port')), entries: row.entries }))).toEqual(
      report.top,
    );
    const { code, stdout, stderr } = await run('field', 'pub_port', 'protocol:6');
    expect(code).toBe(0);
    expect(stdout).toContain('pub_port (long)');
    for (const { value } of report.top) expect(stdout).toMatch(new RegExp(`^ +${value} `, 'm'));
    expect(stdout).toContain(report.query);
    expect(stderr).toContain('UTC');
  });

  test('names the fields there are where there is none of the name', async () => {
    const { code, stderr } = await runApart('field', 'port');
    expect(code).toBe(1);
    expect(stderr).toContain('pub_port');
  });
});

describe('natscope context', () => {
  test('shows the entries around one', async () => {
    const all = JSON.parse((await run('query', '*', '--ids', '--json')).stdout) as { entry: string }[];
    const { stdout, stderr, code } = await run('context', all[4]!.entry, '--back', '2', '--forward', '1', '--json');
    expect(code).toBe(0);
    const shown = JSON.parse(stdout) as { entry: string }[];
    expect(shown.map(({ entry }) => entry)).toEqual(all.slice(2, 6).map(({ entry }) => entry));
    expect(stderr).toContain('2 entries before');
    expect((await run('context', all[0]!.entry)).stderr).toContain('0 entries before, no more');
  });

  test('says that there is no such entry', async () => {
    const { code, stderr } = await runApart('context', '1-99999999');
    expect(code).toBe(1);
    expect(stderr).toContain('ENTRY_NOT_FOUND');
  });
});
