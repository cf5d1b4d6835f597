import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { natscope } from '../support/command';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* What a user loads into the app is what the command loads. */

const sample = join(import.meta.dirname, '../../resources/sample.pcapng');

async function command(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await natscope([...args]);
  expect(stderr).not.toContain('natscope:');
  expect(code === 0 || code === 3).toBe(true);
  return stdout;
}

/** The lines of all entries of a Logstore. */
async function entriesOf(workspace: string, logstore: string): Promise<readonly string[]> {
  const options = ['--workspace', workspace, '--logstore', logstore, '--format', 'csv'];
  return (await command('query', '*', ...options)).trimEnd().split('\n').toSorted();
}

/** Path of the session logs of the sample, as the command exports them. */
async function exportedSessions({ folder }: Desk, name: string, ...options: readonly string[]): Promise<string> {
  const workspace = join(folder, 'other');
  if (!existsSync(workspace)) await command('import', sample, '--workspace', workspace);
  const path = join(folder, name);
  await command('query', '*', '--workspace', workspace, '--out', path, ...options);
  return path;
}

const dialogOf = (page: Page) => page.getByRole('dialog');
const rows = (page: Page) => page.getByRole('grid').getByRole('row');

const REQUESTS = [
  '{"time":"2026-03-10T08:00:00Z","status":200,"client":"10.0.0.1","zip":"07","ms":0.5}',
  'nonsense',
  '{"time":"2026-03-10T08:01:00Z","status":404,"client":"10.0.0.2","zip":"08","ms":2}',
  '{"time":"never","status":500}',
  '',
].join('\n');

for (const { name, file, options } of [
  {
    name: 'CSV in the spelling of the preview',
    file: 'cloud.csv',
    options: ['--spelling', 'preview2024', '--format', 'csv'],
  },
  { name: 'packed NDJSON', file: 'cloud.bin', options: ['--format', 'ndjson', '--gzip'] },
  { name: 'Parquet', file: 'cloud.pcap', options: ['--format', 'parquet'] },
]) {
  test(`session logs as ${name} are recognised by their content, and loaded whole`, async ({ desk }) => {
    const { page, folder, workspace } = desk;
    const path = await exportedSessions(desk, file, ...options);
    await desk.drop([path]);
    await expect(dialogOf(page)).toContainText('session logs, fields spelled as');
    await expect(dialogOf(page)).toContainText('all 316 entries');
    await dialogOf(page).getByRole('combobox', { name: 'Logstore' }).selectOption('New Logstore');
    await dialogOf(page).getByRole('textbox', { name: 'New Logstore' }).fill('from-cloud');
    await dialogOf(page).getByRole('button', { name: 'Load into from-cloud' }).click();
    await expect(page.getByRole('main')).toContainText('316 entries');
    await expect(rows(page).nth(1)).toBeVisible();
    expect(await entriesOf(workspace, 'from-cloud')).toEqual(await entriesOf(join(folder, 'other'), 'session-log'));
    // A load keeps what it has read, so that nothing of what a browser sent has to stay.
    if (desk.app === null) await expect.poll(() => readdirSync(join(workspace, 'uploads'))).toEqual([]);
  });
}

test('any log is loaded with the types that are chosen, and what is no entry is shown with its line', async ({
  desk,
}) => {
  const { page, folder, workspace } = desk;
  const path = join(folder, 'Access Log.ndjson.gz');
  writeFileSync(path, gzipSync(REQUESTS));
  await desk.chooseFiles([path]);
  const dialog = dialogOf(page);
  await expect(dialog).toContainText('NDJSON, packed with gzip');
  await expect(dialog).toContainText('1 line of what was looked at is no log entry.');
  await expect(dialog.getByRole('combobox', { name: 'Type of zip' })).toHaveValue('text');
  await dialog.getByRole('combobox', { name: 'Type of status' }).selectOption('text');
  await expectWellMade(page);
  await dialog.getByRole('button', { name: 'Load into access-log' }).click();
  await expect(page.getByText('2 lines are no log entry, and kept aside.')).toBeVisible();
  await expectWellMade(page);

  await page.getByRole('button', { name: 'Show 2 bad lines' }).click();
  await expect(dialog).toContainText('Access Log.ndjson.gz, line 2:');
  await expect(dialog).toContainText('nonsense');
  await expect(dialog).toContainText('Access Log.ndjson.gz, line 4:');
  await expectWellMade(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Show 2 bad lines' })).toBeFocused();
  await page.getByRole('button', { name: 'Open the log' }).click();
  await expect(page.getByRole('main')).toContainText('2 entries');

  const other = join(folder, 'other');
  const schema = join(folder, 'schema.json');
  writeFileSync(schema, '{"fields":{"status":"text"}}');
  await command('load', path, '--workspace', other, '--schema', schema);
  expect(await entriesOf(workspace, 'access-log')).toEqual(await entriesOf(other, 'access-log'));
});

test('captures and logs that are dropped together go their own ways', async ({ desk }) => {
  const { page, folder, workspace } = desk;
  const log = join(folder, 'web.csv');
  writeFileSync(log, 'time,client,status\n2026-03-10 08:00:00,10.0.0.1,200\n');
  await desk.drop([sample, log]);
  await desk.importAsProposed();
  await expect(dialogOf(page)).toContainText('Load web.csv');
  await dialogOf(page).getByRole('button', { name: 'Load into web' }).click();
  // Whichever ends last may show its log.
  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  await expect(page.getByRole('main').getByText(/Imported sample.pcapng: 316 log entries/)).toBeVisible();
  await expect(page.getByRole('main').getByText('Loaded web.csv: 1 entry into web.')).toBeVisible();
  expect((await entriesOf(workspace, 'session-log')).length).toBe(317);

  // The same once more is refused, until it is wanted.
  await desk.drop([log]);
  await dialogOf(page).getByRole('button', { name: 'Load into web' }).click();
  await expect(page.getByRole('main').getByText('These files are in the Logstore already.')).toBeVisible();
  await page.getByRole('button', { name: 'Load again' }).click();
  await expect.poll(() => entriesOf(workspace, 'web')).toHaveLength(3);
});

test('a load that is cancelled leaves nothing', async ({ desk }) => {
  const { page, folder, workspace } = desk;
  const path = join(folder, 'large.csv');
  const lines = Array.from({ length: 200_000 }, (_, index) => `2026-03-10 08:00:00,10.0.0.1,${index}\n`).join('');
  writeFileSync(path, `time,client,status\n${lines.repeat(15)}`);
  await desk.drop([path]);
  await dialogOf(page).getByRole('button', { name: 'Load into large' }).click();
  await expect(page.getByText(/of .* read, [1-9]\S* entries/)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByText('Loading large.csv was cancelled.')).toBeVisible();
  const { stdout } = await natscope(['query', '*', '--workspace', workspace, '--logstore', 'large', '--format', 'csv']);
  expect(stdout.split('\n').length).toBeLessThanOrEqual(2);
  if (desk.app === null) await expect.poll(() => readdirSync(join(workspace, 'uploads'))).toEqual([]);
});

test('a log is loaded by keyboard alone, and the dialog keeps and returns the focus', async ({ desk }) => {
  const { page, folder, workspace } = desk;
  const path = join(folder, 'web.csv');
  writeFileSync(path, 'time,client,status\n2026-03-10 08:00:00,10.0.0.1,200\n');
  const opener = page.getByRole('button', { name: 'Paste path' });
  for (const last of ['Escape', 'Enter']) {
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type(path);
    await page.keyboard.press('Enter');
    const load = page.getByRole('button', { name: 'Load into web' });
    await expect(load).toBeFocused();
    for (let press = 0; press < 20; press++) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          () => document.activeElement?.closest('dialog') != null || document.activeElement === document.body,
        ),
      ).toBe(true);
    }
    await load.focus();
    await page.keyboard.press(last);
    await expect(dialogOf(page)).toBeHidden();
    if (last === 'Escape') await expect(opener).toBeFocused();
  }
  await expect(page.getByRole('main')).toContainText('1 entry');
  expect(await entriesOf(workspace, 'web')).toHaveLength(2);
});

test('a format is chosen in the place of the one that was recognised', async ({ desk }) => {
  const { page, folder, workspace } = desk;
  const path = join(folder, 'requests.txt');
  writeFileSync(path, REQUESTS);
  await desk.drop([path]);
  const dialog = dialogOf(page);
  const format = dialog.getByRole('combobox', { name: 'Format' });
  await expect(format).toHaveValue('auto');
  await expect(format).toContainText('Recognised: NDJSON');
  await format.selectOption('CSV');
  await expect(dialog.getByRole('alert')).toContainText('requests.txt');
  const start = dialog.getByRole('button', { name: 'Load into requests' });
  await expect(start).toBeDisabled();
  await expectWellMade(page);
  await format.selectOption('JSON');
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await start.click();
  const other = join(folder, 'other');
  await command('load', path, '--format', 'json', '--workspace', other, '--logstore', 'requests');
  const expected = (await entriesOf(other, 'requests')).length;
  await expect.poll(async () => (await entriesOf(workspace, 'requests')).length).toBe(expected);
});

test('a file that grows to more than the limit is loaded when that is allowed', async ({ desk }) => {
  const { page, folder } = desk;
  const path = join(folder, 'regular.ndjson.gz');
  const line = `{"time":"2026-03-10T08:00:00Z","text":"${'x'.repeat(100_000)}"}\n`;
  writeFileSync(path, gzipSync(line.repeat(800)));
  await desk.drop([path]);
  const refused = page.getByRole('alert').filter({ hasText: 'regular.ndjson.gz' });
  const allow = refused.getByRole('button', { name: 'Load it, up to 2,000 times its size' });
  const dialog = dialogOf(page);
  await expect(allow).toBeVisible();
  await expectWellMade(page);
  await allow.click();
  await dialog.getByRole('button', { name: /^Load into regular/u }).click();
  await expect(page.getByRole('main')).toContainText('800 entries', { timeout: 30_000 });
});
