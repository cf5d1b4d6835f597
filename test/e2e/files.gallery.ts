import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natscope } from '../support/command';
import { expect } from './fixtures';
import { sample } from './gallery-captures';
import { dismissAll, firstRow, isReady, test } from './gallery-fixture';
import { isEvent } from './held-wire';
import { scanCapture } from './scan-capture';

test('exports', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  const scan = join(desk.folder, 'edge-scan-2026-03-10.pcap');
  scanCapture(scan, 400_000);
  await isReady(page);
  await desk.openCapture([scan]);
  await expect(firstRow(page)).toBeVisible({ timeout: 60_000 });
  await picture('601-logs-many-entries');
  const dialog = page.getByRole('dialog');
  const start = dialog.getByRole('button', { name: /^Export \S+ rows$/ });
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await picture('602-export-choices');
  await dialog.getByText('XLSX', { exact: true }).click();
  await picture('603-export-choices-xlsx');
  await dialog.getByText('Parquet', { exact: true }).click();
  await picture('604-export-choices-parquet');
  await dialog.getByText('CSV', { exact: true }).click();
  wire.holdBehind(isEvent('export:progress', ({ rows }) => Number(rows) > 100_000));
  await start.click();
  await expect(dialog.getByText(/[1-9]\S* of \S+ rows, /)).toBeVisible();
  await picture('605-export-running');
  await page.keyboard.press('Escape');
  await expect(page.getByText(/[1-9]\S* rows, .* written/)).toBeVisible();
  await picture('606-logs-export-running');
  wire.release();
  const toast = page.getByRole('region', { name: 'Messages' }).getByRole('listitem');
  await expect(toast).toContainText('Exported');
  await toast.hover();
  await picture('607-logs-export-done', () => toast.hover());

  rmSync(join(desk.workspace, 'tmp/exports'), { recursive: true });
  writeFileSync(join(desk.workspace, 'tmp/exports'), '');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await start.click();
  await expect(dialog.getByRole('alert')).toContainText('cannot be');
  await picture('608-export-failed');
  rmSync(join(desk.workspace, 'tmp/exports'));
  await start.click();
  await expect(dialog.getByRole('heading', { name: 'Exported' })).toBeVisible();
  await picture('609-export-done');
});

const REQUESTS = [
  'time,client,path,status,latency_ms,zip',
  ...Array.from(
    { length: 400 },
    (_, index) =>
      `2026-03-10 08:${String(index % 60).padStart(2, '0')}:00,10.0.0.${index % 200},/api/${index},200,${index / 7},0${index}`,
  ),
  '2026-03-10 08:00:00,10.0.0.1,/api',
  'never,10.0.0.2,/api/1,500,1,07',
].join('\n');

test('log exports that are loaded', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  const { folder } = desk;
  const dialog = page.getByRole('dialog');
  await isReady(page);
  const other = join(folder, 'other');
  const sessions = join(folder, 'cloud-export-2026-03-10.csv');
  await natscope(['import', sample, '--workspace', other]);
  await natscope([
    'query',
    '*',
    '--workspace',
    other,
    '--out',
    sessions,
    '--format',
    'csv',
    '--spelling',
    'preview2024',
  ]);
  await desk.nameFiles([sessions]);
  await expect(dialog).toContainText('all 316 entries');
  await picture('610-load-session-logs');
  await dialog.getByRole('combobox', { name: 'Logstore' }).selectOption('New Logstore');
  await picture('611-load-new-logstore');
  await page.keyboard.press('Escape');

  const requests = join(folder, 'access.csv');
  writeFileSync(requests, REQUESTS);
  await desk.nameFiles([requests]);
  await expect(dialog).toContainText('Types are proposed');
  await picture('612-load-fields');
  await dialog.getByRole('button', { name: 'Load into access' }).click();
  await expect(page.getByText('2 lines are no log entry, and kept aside.')).toBeVisible();
  await picture('613-load-done-with-bad-lines');
  await page.getByRole('button', { name: 'Show 2 bad lines' }).click();
  await expect(dialog).toContainText('line 402');
  await picture('614-load-bad-lines');
  await page.keyboard.press('Escape');

  await desk.nameFiles([requests]);
  await dialog.getByRole('button', { name: 'Load into access' }).click();
  await expect(page.getByRole('main').getByText('These files are in the Logstore already.')).toBeVisible();
  await picture('615-load-repeated');
  await dismissAll(page);

  const large = join(folder, 'large.csv');
  writeFileSync(large, `${REQUESTS}\n`.repeat(3000));
  wire.holdBehind(isEvent('load:progress', ({ pass, entries }) => pass === 2 && Number(entries) > 100_000));
  await desk.nameFiles([large]);
  await dialog.getByRole('button', { name: 'Load into large' }).click();
  await expect(page.getByText(/of .* read, [1-9]\S* entries/)).toBeVisible();
  await expect(page.getByText('Loading', { exact: true })).toBeVisible({ timeout: 60_000 });
  await picture('616-load-running');
  wire.release();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByText('Loading large.csv was cancelled.')).toBeVisible();
  await picture('617-load-cancelled');
});
