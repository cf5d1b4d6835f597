import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from './fixtures';
import { firstRow, isReady, openCaptures, openSample, search, test } from './gallery-fixture';

const STATEMENT_WITH_VARIABLES =
  'pri_ip:${host} | SELECT pri_ip, sum(bytes_from_vpc + bytes_from_pub) AS bytes WHERE pub_port = ${port} GROUP BY pri_ip ORDER BY bytes DESC';

test('raw logs in each view, and around an entry', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await openSample(page);
  await page.getByText('Raw', { exact: true }).click();
  await page.getByRole('grid').focus();
  for (let line = 0; line < 20; line++) await page.keyboard.press('ArrowDown');
  await picture('401-raw-lines');
  await page.getByText('JSON', { exact: true }).click();
  await picture('402-raw-json');
  await page.getByText('Table', { exact: true }).click();
  const columns = page.getByRole('button', { name: /columns$/i });
  await columns.click();
  for (const name of ['instance', 'vpc_id', 'end_time']) await page.getByRole('checkbox', { name }).uncheck();
  await picture('403-raw-columns');
  await page.keyboard.press('Escape');
  await picture('404-raw-columns-hidden');
  await page.getByRole('grid').focus();
  for (let row = 0; row < 40; row++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  await expect(page.getByRole('region', { name: 'Context' })).toContainText('41 after');
  await picture('405-context');
  await page.getByRole('grid').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Log entry', exact: true })).toContainText('Evidence');
  await picture('406-context-with-entry');

  const long = join(desk.folder, 'errors.csv');
  const trace = Array.from({ length: 60 }, (_, depth) => `at frame_${depth} (worker.js:${depth}:7)`).join(' ');
  writeFileSync(long, `time,level,message\n2026-03-10 08:00:00,error,"${trace}"\n2026-03-10 08:00:01,info,ready\n`);
  await openCaptures(page);
  await desk.nameFiles([long]);
  await page.getByRole('dialog').getByRole('button', { name: 'Load into errors' }).click();
  await expect(firstRow(page)).toContainText('ready');
  await page.getByRole('button', { name: 'Wrap' }).click();
  await picture('407-raw-wrapped');
  await page.getByText('JSON', { exact: true }).click();
  await picture('408-raw-json-wrapped');
});

test('saved searches', async ({ gallery }) => {
  const { page, picture } = gallery;
  await isReady(page);
  await openSample(page);
  const picker = page.getByRole('dialog', { name: 'Saved searches' });
  const openPicker = async (): Promise<void> => {
    if (await picker.isHidden()) await page.keyboard.press('Alt+s');
    await expect(picker.getByRole('button', { name: 'Save as…' })).toBeVisible();
  };
  await openPicker();
  await expect(picker.getByText('None are saved')).toBeVisible();
  await picture('409-saved-none', openPicker);
  await page.keyboard.press('Escape');
  for (const [name, text] of [
    ['DNS queries', 'protocol:17 and pub_port:53'],
    ['Who talks to a port, by bytes, since the beginning', STATEMENT_WITH_VARIABLES],
  ] as const) {
    await search(page, text);
    await openPicker();
    await picker.getByRole('button', { name: 'Save as…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    if (text !== STATEMENT_WITH_VARIABLES) {
      await dialog.getByRole('button', { name: 'Save search' }).click();
      await expect(dialog).toBeHidden();
      continue;
    }
    await dialog.getByRole('textbox', { name: 'Default of host' }).fill('*');
    await picture('410-saved-save');
    await dialog.getByRole('button', { name: 'Save search' }).click();
    await expect(dialog).toBeHidden();
  }
  await page.getByRole('textbox', { name: 'port' }).press('Enter');
  await expect(page.getByText('it has no value')).toBeVisible();
  await picture('411-saved-variable-without-value');
  await page.getByRole('textbox', { name: 'port' }).fill('443');
  await search(page, `${STATEMENT_WITH_VARIABLES} LIMIT 5`);
  await expect(page.getByText('Changed, not saved')).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'bytes', exact: true })).toBeVisible();
  await picture('412-saved-changed');
  await openPicker();
  await picture('413-saved-list', openPicker);
  await picker.getByRole('button', { name: 'Rename…' }).click();
  await picture('414-saved-rename');
  await page.keyboard.press('Escape');
  await openPicker();
  await picker.getByRole('button', { name: 'Delete…' }).click();
  await picture('415-saved-delete');
});
