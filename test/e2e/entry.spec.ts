import { natscope } from '../support/command';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* One log entry, looked at closely. */

async function lines(desk: Desk, ...command: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const { stdout, code } = await natscope([...command, '--workspace', desk.workspace]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as readonly Record<string, unknown>[];
}

test('an entry is opened, and the next one, by keyboard alone: with its session, its mapping and its fields', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  const search = 'protocol:6 and pri_port=38500';
  const [newest, middle] = await lines(desk, 'query', search, '--reverse', '--ids', '--format', 'json');
  await page.keyboard.press('Control+l');
  await page.keyboard.type(search);
  await page.keyboard.press('Control+Enter');
  const grid = page.getByRole('grid');
  await expect(grid.getByRole('row')).toHaveCount(4);
  await grid.focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('region', { name: 'Log entry', exact: true });
  await expect(drawer.getByRole('heading', { name: 'Log entry' })).toBeFocused();
  await expect(drawer).toContainText('1 of 3');
  for (const [address, port] of [
    ['pri_ip', 'pri_port'],
    ['nat_ip', 'nat_port'],
    ['pub_ip', 'pub_port'],
  ] as const) {
    await expect(drawer).toContainText(`${String(newest?.[address])}:${String(newest?.[port])}`);
  }
  await expect(drawer).toContainText('3 entries');
  await expect(drawer).toContainText('Made by the emulated gateway');
  await expectWellMade(page);

  await page.keyboard.press('j');
  await expect(drawer).toContainText('2 of 3');
  const packets = Number(middle?.['pkts_from_vpc']) + Number(middle?.['pkts_from_pub']);
  await expect(drawer.getByRole('button', { name: `Save ${packets} packets` })).toBeVisible();
  await expect(drawer.locator('tr[aria-current]')).toContainText(String(packets));
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await expect(grid).toBeFocused();
  // The table stands where the drawer was.
  await page.keyboard.press('Enter');
  await expect(drawer).toContainText('2 of 3');
});

test('from an entry to who it was, and to its text as JSON', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  const [newest] = await lines(desk, 'query', 'protocol:6', '--reverse', '--limit', '1', '--format', 'json');
  await page.getByRole('search').getByRole('textbox').fill('protocol:6');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  // The answer before begins with the same kind of entry, and what is opened of it goes with it.
  await expect(page.getByRole('main')).not.toContainText('316 entries');
  const cell = page.getByRole('grid').getByRole('row').nth(1).getByRole('gridcell').nth(2);
  await expect(cell).toHaveText('6');
  await cell.click();
  await page.getByRole('menuitem', { name: 'Open the entry' }).click();
  const drawer = page.getByRole('region', { name: 'Log entry', exact: true });
  await drawer.getByRole('button', { name: 'Copy as JSON' }).click();
  // No page may read the clipboard; what was copied is read out.
  const copied = await page.getByText('Copied {').textContent();
  expect(JSON.parse(copied?.replace('Copied ', '') ?? '')).toEqual(newest);
  await drawer.getByRole('button', { name: 'Who was it?' }).click();
  const answer = page.getByRole('region', { name: 'Best answer' });
  await expect(answer).toContainText(String(newest?.['pri_ip']));
});

test('another answer closes the entry of the one before', async ({ sampleDesk: { page } }) => {
  await page.getByRole('grid').focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('region', { name: 'Log entry', exact: true });
  await expect(drawer).toContainText('1 of 316');
  await page.getByRole('search').getByRole('textbox').fill('protocol:17');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(drawer).toBeHidden();
});
