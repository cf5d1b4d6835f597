import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test, type Desk } from './fixtures';
import { exportedFile } from './exported-file';
import { expectWellMade } from './page-checks';

/* Packets of a capture that is no longer where it was when it was imported. */

const SAMPLE = resolve(import.meta.dirname, '../../resources/sample.pcapng');

/** Says where the capture is, in the dialog of the desktop or in that of the page. */
async function find(desk: Desk, path: string): Promise<void> {
  const { page, app } = desk;
  if (app !== null) await desk.answerOpenDialog([path]);
  await page.getByRole('button', { name: 'Find the capture…' }).last().click();
  if (app !== null) return;
  const dialog = page.getByRole('dialog', { name: /^Where is .* now\?$/u });
  await dialog.getByRole('textbox').fill(path);
  await expectWellMade(page);
  await dialog.getByRole('button', { name: 'Find it there' }).click();
}

test('a capture that was moved is found by what it has, and its packets come then', async ({ desk }) => {
  const { page, folder } = desk;
  const imported = join(folder, 'office.pcapng');
  copyFileSync(SAMPLE, imported);
  await desk.openCapture([imported]);
  const grid = page.getByRole('grid');
  await expect(grid.getByRole('row').nth(1)).toBeVisible();
  const moved = join(folder, 'archive', 'office-2026.pcapng');
  mkdirSync(join(folder, 'archive'));
  renameSync(imported, moved);

  // Of an entry: what is no capture of then is refused, and asked for again.
  if (desk.app !== null) await desk.answerSaveDialog(join(folder, 'exported'));
  await grid.focus();
  await page.keyboard.press('p');
  const messages = page.getByRole('region', { name: 'Messages' });
  await expect(messages).toContainText('office.pcapng is not where it was any more.');
  await expect(messages).toContainText(/Import 1 read it: [\d,]+ bytes, SHA-256 of the first MiB [0-9a-f]{64}/u);
  await expectWellMade(page);
  const other = join(folder, 'other.pcapng');
  writeFileSync(other, readFileSync(SAMPLE).subarray(0, 20_000));
  await find(desk, other);
  await expect(messages).toContainText('other.pcapng is none of the captures that were imported.');
  const file = await exportedFile(desk, () => find(desk, moved));
  expect(readFileSync(file).subarray(0, 4).toString('hex')).toBe('0a0d0d0a');
  await expect(messages).toContainText('Found the capture in office-2026.pcapng');
  await expect(messages).toContainText(/Saved \d+ packets?/u);

  // Of the ledger, moved once more.
  renameSync(moved, imported);
  await page.getByRole('button', { name: 'Ledger', exact: true }).press('Enter');
  const ledger = page.getByRole('complementary', { name: 'Ledger' });
  await ledger.getByRole('button', { name: / packets: intra$/ }).click();
  const list = page.getByRole('dialog').first();
  await expect(list.getByRole('alert')).toContainText('office-2026.pcapng is not where it was any more.');
  await expectWellMade(page);
  await find(desk, imported);
  await expect(list.getByText(/^All \d+ packets$/u)).toBeVisible();
  await expect(list.getByRole('alert')).toHaveCount(0);
});
