import { natscope } from '../support/command';
import { exportedFile } from './exported-file';
import { expect, test } from './fixtures';
import { expectWellMade } from './page-checks';

/* What is behind the numbers of an import's ledger. */

const COUNT = /^([\d,]+) (?:packets|IP bytes): /u;
const numberOf = (text: string): number => Number(text.replaceAll(',', ''));

test('each number of the ledger opens as many packets, or entries, and they can be saved', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Ledger', exact: true }).press('Enter');
  const ledger = page.getByRole('complementary', { name: 'Ledger' });
  const dialog = page.getByRole('dialog');
  await expect(ledger.getByText('Balanced')).toBeVisible();
  // With all that it has.
  await ledger.getByText('Storage in a day', { exact: true }).click();
  const cost = ledger.getByRole('region', { name: 'Storage of run 1 in a day' });
  await expect(cost.getByRole('table', { name: 'Storage by length of windows' })).toContainText('316');
  await expectWellMade(page);
  const names = await ledger
    .getByRole('button', { name: / packets: / })
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
  expect(names.length).toBeGreaterThan(4);
  // Each costs a while, and all of them are counted without a page elsewhere.
  for (const name of [...new Set(names)].slice(0, 3)) {
    const count = numberOf(COUNT.exec(name)?.[1] ?? '');
    await ledger.getByRole('button', { name, exact: true }).first().press('Enter');
    await expect(dialog.getByRole('heading')).toContainText(count.toLocaleString('en-US'));
    await expect(dialog.getByRole('row')).toHaveCount(Math.min(count, 500) + 1);
    await expect(dialog.getByRole('alert')).toHaveCount(0);
    await page.keyboard.press('Escape');
    // It gives the focus back when it goes: before, the next key would be for the button that opened it.
    await expect(dialog).toHaveCount(0);
  }

  const intra = ledger.getByRole('button', { name: / packets: intra$/ });
  const packets = numberOf(await intra.innerText());
  await intra.click();
  await expect(dialog.getByText(`All ${packets} packets`, { exact: true })).toBeVisible();
  await expectWellMade(page);
  const file = await exportedFile(desk, () =>
    dialog.getByRole('button', { name: 'Save these packets as pcapng' }).click(),
  );
  // Told where it can be seen and used, and not for long: what is outside of an open dialog cannot.
  const messages = dialog.getByRole('region', { name: 'Messages' });
  await messages.getByRole('button', { name: /^Dismiss/ }).click();
  await expect(messages.getByRole('listitem')).toHaveCount(0);
  const { stdout, code } = await natscope(['info', file, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ format: 'pcapng', packets }]);
  await page.keyboard.press('Escape');
  await expect(intra).toBeFocused();

  // What the capture is, has packets as well.
  const ipv4 = ledger.getByRole('button', { name: 'Packets: IPv4' });
  await ipv4.press('Enter');
  await expect(dialog.getByRole('heading')).toHaveText(/^[\d,]+ packets: IPv4 in sample\.pcapng$/u);
  await expect(dialog.getByRole('row')).toHaveCount(501);
  await expect(dialog.getByRole('columnheader', { name: 'Part' })).toHaveCount(0);
  await expectWellMade(page);
  await page.keyboard.press('Escape');
  await expect(ipv4).toBeFocused();

  await ledger.getByRole('button', { name: 'In 316 log entries' }).click();
  await expect(page.getByRole('search').getByRole('textbox')).toHaveText('__run__:1');
  await expect(page.getByRole('main')).toContainText('316 entries');
});
