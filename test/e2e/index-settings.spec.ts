import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { bundledSample } from '../support/captures';
import { natscope } from '../support/command';
import { exportedFile } from './exported-file';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* The index of a Logstore, without which nothing is found. */

const settings = (page: Page): Locator => page.getByRole('dialog', { name: 'Index of session-log' });

async function index(desk: Desk): Promise<{ readonly config: Record<string, unknown> | null }> {
  const { stdout } = await natscope(['index', 'show', '--workspace', desk.workspace, '--json']);
  return JSON.parse(stdout) as { readonly config: Record<string, unknown> | null };
}

test('a Logstore gets the recommended index, another alias and another field, and loses its index, by keyboard and by mouse', async ({
  desk,
}) => {
  const { page } = desk;
  await expect(page.getByText('Engine ready')).toBeVisible();
  expect((await natscope(['import', bundledSample, '--workspace', desk.workspace, '--no-index'])).code).toBe(0);
  await page.reload();
  await page.getByRole('button', { name: 'Logs', exact: true }).click();
  await page.getByRole('button', { name: 'Create an index…' }).press('Enter');
  const dialog = settings(page);
  await expect(dialog).toContainText('No query finds 316 entries, written without an index.');
  await expect(dialog.getByRole('textbox', { name: 'Field of pri_ip', exact: true })).toBeVisible();
  await expectWellMade(page);
  await dialog.getByRole('button', { name: 'Save index' }).press('Enter');
  await expect(page.getByRole('region', { name: 'Messages' })).toContainText('It was applied to 316 entries.');
  await expect(page.getByRole('main')).toContainText('316 entries');
  await expect(page.getByRole('region', { name: 'Fields', exact: true })).toContainText('Indexed 15');

  // What two fields have alike is told by its path, and a field that goes is gone from list and completion.
  await page.getByRole('button', { name: 'Index', exact: true }).click();
  await expect(dialog).toContainText('Nothing is changed.');
  await dialog.getByRole('textbox', { name: 'Alias in SQL of pri_ip', exact: true }).fill('host');
  const other = dialog.getByRole('textbox', { name: 'Alias in SQL of pub_ip', exact: true });
  await other.fill('host');
  await expect(dialog.getByRole('alert')).toContainText('keys.pub_ip.alias: "host" is taken by keys.pri_ip.alias');
  await other.fill('');
  await dialog.getByRole('button', { name: 'Remove instance' }).press('Enter');
  await expect(dialog.getByRole('button', { name: 'Remove vpc_id' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Add field' }).press('Enter');
  await page.keyboard.type('note');
  const changes = dialog.getByRole('region', { name: 'Changes' });
  await expect(changes.getByRole('listitem')).toHaveText([
    /Changed\s*pri_ip\s*alias/u,
    /New\s*note/u,
    /Removed\s*instance/u,
  ]);
  await dialog.getByRole('textbox', { name: 'Field of note', exact: true }).press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Fields', exact: true })).toContainText('Indexed 15');
  await expect(page.getByRole('button', { name: /instance/u })).toHaveCount(0);
  const counted = await natscope(['query', '* | SELECT count(host) AS n', '--workspace', desk.workspace, '--json']);
  expect(JSON.parse(counted.stdout)).toEqual([{ n: 316 }]);

  await page.getByRole('button', { name: 'Index', exact: true }).click();
  await dialog.getByRole('button', { name: 'Delete index…' }).click();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Delete index…' }).click();
  await page.getByRole('button', { name: 'Delete index', exact: true }).click();
  await expect(page.getByRole('main')).toContainText('This Logstore has no index.');
  expect((await index(desk)).config).toBeNull();
});

test('an index goes out as JSON, is mended in its text, and holds for new entries alone', async ({ desk }) => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(page.getByRole('main')).toContainText('316 entries');
  await page.getByRole('button', { name: 'Index', exact: true }).click();
  const dialog = settings(page);
  const file = await exportedFile(desk, () => dialog.getByRole('button', { name: 'Export JSON…' }).click());
  const config = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, unknown> };
  expect(config).toEqual((await index(desk)).config);

  // A file that is wrong says where, until it is mended in the text of it.
  const wrong = join(desk.folder, 'wrong.json');
  writeFileSync(wrong, JSON.stringify({ ...config, keys: { ...config.keys, protocol: { type: 'number' } } }));
  const chooser = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Import JSON…' }).click();
  await (await chooser).setFiles(wrong);
  await expect(dialog.getByRole('alert')).toContainText(
    'keys.protocol.type: "number" must be one of text, long, double, json',
  );
  await expect(dialog.getByRole('button', { name: 'Save index' })).toBeDisabled();
  await expectWellMade(page);
  const text = dialog.getByRole('textbox', { name: 'Index as the vendor’s JSON' });
  await text.fill((await text.inputValue()).replace('"number"', '"long", "alias": "proto"'));
  await expect(dialog.getByRole('region', { name: 'Changes' })).toContainText('alias');
  await dialog.getByRole('radio', { name: 'JSON' }).press('ArrowLeft');
  await expect(dialog.getByRole('textbox', { name: 'Alias in SQL of protocol', exact: true })).toHaveValue('proto');
  await dialog.getByRole('checkbox', { name: 'Reindex: apply it to the 316 entries that are there' }).uncheck();
  await dialog.getByRole('button', { name: 'Save index' }).click();
  await expect(page.getByRole('region', { name: 'Messages' })).toContainText('316 entries keep what they have');
  await page.getByRole('button', { name: 'Index', exact: true }).click();
  await expect(dialog).toContainText('An earlier index still holds for 316 entries.');
  await dialog.getByRole('button', { name: 'Reindex', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Messages' })).toContainText('It was applied to 316 entries.');
});
