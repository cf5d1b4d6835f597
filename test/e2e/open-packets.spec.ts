import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { expectWellMade } from './page-checks';

/* The packets of an entry, in another program. */

/** First octets of a pcapng file: a section header block. */
const PCAPNG = '0a0d0d0a';

test('the packets of an entry are opened in a program that the user chose, by mouse and by keyboard', async ({
  desk,
}) => {
  const { page, app, folder } = desk;
  await page.getByRole('button', { name: 'Open the sample' }).click();
  const grid = page.getByRole('grid');
  await expect(grid.getByRole('row').nth(1)).toBeVisible();
  const messages = page.getByRole('region', { name: 'Messages' });
  if (app === null) {
    // A page starts no program: it says so, and the browser has the file.
    await grid.focus();
    const download = page.waitForEvent('download');
    await page.keyboard.press('w');
    const path = await (await download).path();
    expect((await download).suggestedFilename()).toMatch(/^entry-1-\d+\.pcapng$/u);
    expect(readFileSync(path).subarray(0, 4).toString('hex')).toBe(PCAPNG);
    await expect(messages).toContainText(/Saved \d+ packets?.*A page cannot start a program/u);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Open in Wireshark' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Open in another program…' })).toHaveCount(0);
    await expectWellMade(page);
    return;
  }
  const program = join(folder, 'sniffer');
  const given = join(folder, 'given.pcapng');
  writeFileSync(program, `#!/bin/sh\ncp "$1" '${given}.part' && mv '${given}.part' '${given}'\n`);
  await desk.answerOpenDialog([program]);
  await grid.getByRole('row').nth(1).getByRole('gridcell').nth(2).click();
  await page.getByRole('menuitem', { name: 'Open in another program…' }).click();
  await expect(messages).toContainText('The program for packets cannot be started.');
  chmodSync(program, 0o700);
  await grid.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Open in another program…' }).click();
  await expect(messages).toContainText('In sniffer.');
  await expect.poll(() => existsSync(given)).toBe(true);
  expect(readFileSync(given).subarray(0, 4).toString('hex')).toBe(PCAPNG);
  await expectWellMade(page);

  // The choice is remembered, and a program that went is told.
  await desk.restart();
  await desk.page.getByRole('button', { name: 'Logs', exact: true }).click();
  await desk.page.getByRole('grid').focus();
  await desk.page.keyboard.press('Enter');
  await expect(desk.page.getByRole('button', { name: 'Open in sniffer' })).toBeVisible();
  chmodSync(program, 0o600);
  await desk.page.keyboard.press('w');
  await expect(desk.page.getByRole('region', { name: 'Messages' })).toContainText(
    'The program for packets cannot be started.',
  );
});
