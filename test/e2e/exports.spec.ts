import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Locator, Page } from '@playwright/test';
import { natscope } from '../support/command';
import { closeDialog, exportAnswer } from './exported-file';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* What a user exports is what the command writes, in every format. */

const QUERY = 'pub_port:443 not pri_ip:10.0.1.12';

async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('search').getByRole('textbox').fill(text);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  // The answer before is shown, and would be exported, until this one is there.
  await expect(page.getByRole('main')).not.toContainText('316 entries');
}

/** Path of the file that the command writes of the same answer. */
async function byCommand({ workspace, folder }: Desk, ...options: readonly string[]): Promise<string> {
  const path = join(folder, 'by-command');
  for (const each of [path, `${path}.meta.json`]) rmSync(each, { recursive: true, force: true });
  const { code, stderr } = await natscope([
    ...['query', QUERY, '--workspace', workspace, '--reverse', '--out', path, ...options],
  ]);
  expect(stderr).not.toContain('natscope:');
  expect(code).toBe(0);
  return path;
}

const choose =
  (format: string, ...checks: readonly string[]) =>
  async (dialog: Locator): Promise<void> => {
    await dialog.getByText(format, { exact: true }).click();
    await expect(dialog.getByRole('radio', { name: format, exact: true })).toBeChecked();
    for (const name of checks) await dialog.getByRole('checkbox', { name }).check();
  };

for (const { format, name } of [
  { format: 'tsv', name: 'TSV' },
  { format: 'json', name: 'JSON' },
  { format: 'ndjson', name: 'NDJSON' },
  { format: 'xlsx', name: 'XLSX' },
  { format: 'parquet', name: 'Parquet' },
]) {
  test(`an answer that is exported as ${name} is what the command writes`, async ({ sampleDesk: desk }) => {
    await search(desk.page, QUERY);
    const file = await exportAnswer(desk, choose(name));
    const expected = readFileSync(await byCommand(desk, '--format', format));
    expect(expected.length).toBeGreaterThan(1000);
    expect(readFileSync(file).equals(expected)).toBe(true);
    await closeDialog(desk);
  });
}

test('a packed file with the spelling of the preview and neutralised formulas is what the command writes', async ({
  sampleDesk: desk,
}) => {
  await search(desk.page, QUERY);
  const file = await exportAnswer(desk, async (dialog) => {
    await choose('CSV', 'Pack with gzip', 'Neutralise formulas')(dialog);
    await dialog.getByText('intstance, portocol').click();
    await expect(dialog).toContainText('session-log.csv.gz');
  });
  const options = ['--format', 'csv', '--gzip', '--neutralise-formulas', '--spelling', 'preview2024'];
  const expected = gunzipSync(readFileSync(await byCommand(desk, ...options)));
  expect(gunzipSync(readFileSync(file)).equals(expected)).toBe(true);
  expect(expected.toString()).toContain('intstance');
  await expect(desk.page.getByRole('dialog')).toContainText('Formulas are neutralised: 0 texts');
  await closeDialog(desk);
});

/** Paths that the stand-in was asked to show among other files. */
const shownInFolder = async (desk: Desk): Promise<readonly string[]> => {
  const asked = await desk.app?.evaluate(({ shell }) => {
    const all = (shell as unknown as Record<symbol, { action: string; target: string }[]>)[Symbol.for('standin.asked')];
    return (all ?? []).filter(({ action }) => action === 'showItemInFolder').map(({ target }) => target);
  });
  return asked ?? [];
};

test('the dialog says what is exported, and where it and its description are', async ({ sampleDesk: desk, host }) => {
  const { page } = desk;
  await search(page, QUERY);
  const file = await exportAnswer(desk, async (dialog) => {
    await expect(dialog).toContainText(QUERY);
    await expect(dialog).toContainText('Zone of its times');
    await expect(dialog).toContainText('may run it');
    await expectWellMade(page);
  });
  const dialog = page.getByRole('dialog');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length - 1;
  await expect(dialog).toContainText(`Exported ${lines} rows`);
  await expectWellMade(page);
  let metaFile = `${file}.meta.json`;
  if (desk.app === null) {
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Fetch its description' }).click();
    expect((await download).suggestedFilename()).toBe('session-log.csv.meta.json');
    metaFile = await (await download).path();
  } else {
    await expect(dialog).toContainText(metaFile);
  }
  if (host === 'standin') {
    await dialog.getByRole('button', { name: 'Show in folder' }).click();
    await expect.poll(() => shownInFolder(desk)).toEqual([file]);
    // No page can have others shown.
    const other = await page.evaluate(() => window.natscope?.call('export:show', { path: '/etc/passwd' }));
    expect(other).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
    expect(await shownInFolder(desk)).toEqual([file]);
  }
  expect(JSON.parse(readFileSync(metaFile, 'utf8'))).toMatchObject({ query: QUERY, format: 'csv', rows: lines });
  await closeDialog(desk);
});

test('a folder of partitions is written on the desktop, and not offered by a browser', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  await search(page, QUERY);
  if (desk.app === null) {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await choose('Parquet')(page.getByRole('dialog'));
    await expect(page.getByRole('checkbox', { name: /folder of partitions/ })).toBeHidden();
    await closeDialog(desk);
    return;
  }
  const folder = await exportAnswer(desk, async (dialog) => {
    await choose('Parquet', 'Write a folder of partitions')(dialog);
    await expect(dialog.getByRole('button', { name: /^Export \S+ rows?$/ })).toBeDisabled();
    for (const name of ['protocol', 'pri_ip']) await dialog.getByRole('checkbox', { name, exact: true }).check();
    await expect(dialog).toContainText('Folders: protocol=…/pri_ip=…');
    await expectWellMade(page);
  });
  expect(existsSync(`${folder}.meta.json`)).toBe(true);
  const expected = await byCommand(desk, '--format', 'parquet', '--partition-by', 'protocol,pri_ip');
  const part = join('protocol=6', 'pri_ip=10.0.1.11', 'data_0.parquet');
  expect(readFileSync(join(folder, part)).equals(readFileSync(join(expected, part)))).toBe(true);
  await closeDialog(desk);
});

const SLOW_STATEMENT =
  '* | SELECT a.pri_port, b.pub_port, c.nat_port FROM log a CROSS JOIN log b CROSS JOIN log c LIMIT 20000000';

test('a long export leaves the page free, shows how far it is, and is cancelled without a trace', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  await page.getByRole('search').getByRole('textbox').fill(SLOW_STATEMENT);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('columnheader')).toHaveCount(3, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('more than 1,000,000 rows');
  if (desk.app !== null) {
    // Told at once, and not when all is written.
    await desk.answerSaveDialog(join(desk.folder, 'gone', 'never.csv'));
    await dialog.getByRole('button', { name: 'Export all rows' }).click();
    await expect(dialog.getByRole('alert')).toContainText('its folder is gone');
    await desk.answerSaveDialog(join(desk.folder, 'never.csv'));
  }
  await dialog.getByRole('button', { name: 'Export all rows' }).click();
  await expect(dialog.getByText(/[1-9]\S* of more than 1,000,000 rows, \S+\s?.?B written/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Go on in the background' }).click();
  await expect(page.getByText(/\d rows, .* written/)).toBeVisible();
  await page.getByRole('tab', { name: 'Graph' }).click();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await dialog.getByRole('button', { name: 'Cancel the export' }).click();
  await expect(dialog).toContainText('The export was cancelled.');
  expect(existsSync(join(desk.folder, 'never.csv'))).toBe(false);
  await closeDialog(desk);
});
