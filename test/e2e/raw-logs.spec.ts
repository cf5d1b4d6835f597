import type { Locator, Page } from '@playwright/test';
import { natscope } from '../support/command';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* The rows of an answer: as a table, as lines and as JSON, with the columns that were chosen, and with what is around one. */

async function lines(desk: Desk, ...command: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const { stdout, code } = await natscope([...command, '--workspace', desk.workspace]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as readonly Record<string, unknown>[];
}

async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('search').getByRole('textbox').fill(text);
  await page.keyboard.press('Control+Enter');
  // Until it is answered, keys are for the rows of the answer before, which then go with what they opened.
  await expect(page.getByText('The answer before is still shown:')).toBeHidden();
}

const grid = (page: Page): Locator => page.getByRole('grid');
const firstRow = (page: Page): Locator => grid(page).getByRole('row').first();
const query = (page: Page): Locator => page.getByRole('search').getByRole('textbox');

test('the same entry is read as a table, as lines and as JSON, and its values filter the query in each of them', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  await search(page, 'protocol:6');
  const [newest, second] = await lines(desk, 'query', 'protocol:6', '--reverse', '--limit', '2', '--format', 'json');
  await expect(grid(page).getByRole('row').nth(1)).toBeVisible();
  await grid(page).focus();
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);

  // What was chosen in the table is chosen in the lines.
  await page.getByRole('radio', { name: 'Table' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('columnheader')).toHaveCount(0);
  await grid(page).focus();
  const active = page.locator('.active');
  await expect(active).toHaveText(`pri_ip: ${String(second?.['pri_ip'])}`);
  const seen = firstRow(page).getByRole('gridcell');
  await expect(seen).toHaveCount(15);
  await expect(firstRow(page)).toContainText(`bytes_from_vpc: ${String(newest?.['bytes_from_vpc'])}`);
  await page.keyboard.press('ArrowDown');
  await expect(active).toHaveText(`pri_port: ${String(second?.['pri_port'])}`);
  await page.keyboard.press('End');
  await expect(page.locator('.row.chosen')).toBeInViewport({ ratio: 0.9 });
  await page.keyboard.press('Home');
  await expect(active).toHaveText(`pri_port: ${String(newest?.['pri_port'])}`);
  await page.keyboard.press('+');
  await expect(query(page)).toHaveText(`protocol:6 and pri_port=${String(newest?.['pri_port'])}`);

  await page.getByText('JSON', { exact: true }).click();
  await expect(page.getByText('The answer before is still shown:')).toBeHidden();
  const json = (await firstRow(page).getByRole('gridcell').allTextContents()).join('');
  expect(JSON.parse(json)).toEqual(newest);
  await firstRow(page).getByRole('gridcell', { name: '"pub_port"' }).click();
  await page.getByRole('menuitem', { name: 'Filter out' }).click();
  await expect(query(page)).toContainText(`and not pub_port=${String(newest?.['pub_port'])}`);
  await search(page, 'protocol:6');
  await grid(page).focus();
  await page.keyboard.press('Shift+C');
  const copied = await page.getByText('Copied {').textContent();
  expect(JSON.parse(copied?.replace('Copied ', '') ?? '')).toEqual(newest);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Log entry', exact: true })).toContainText('1 of');
  await page.keyboard.press('Escape');
  await page.getByText('Table', { exact: true }).click();
  await expect(page.getByRole('columnheader')).toHaveCount(15);
});

test('columns are hidden, moved and widened, by mouse and by keyboard, and stay so after a restart of the page', async ({
  sampleDesk: { page },
}) => {
  const heads = page.getByRole('columnheader');
  const dialog = page.getByRole('dialog', { name: 'Columns' });
  await page.getByRole('button', { name: 'Columns' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('checkbox').first()).toBeFocused();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Alt+ArrowDown');
  await expect(heads.first()).toHaveText('protocol');
  await expect(heads.nth(1)).toHaveText('end_time');
  await dialog.getByRole('button', { name: 'Move pri_port up' }).click();
  await dialog.locator('[data-name="nat_ip"]').dragTo(dialog.locator('[data-name="protocol"]'));
  await expect(heads.first()).toHaveText('nat_ip');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: '14 of 15 columns' })).toBeFocused();

  const widthOf = async (): Promise<number> => (await heads.first().boundingBox())?.width ?? 0;
  const before = await widthOf();
  await grid(page).focus();
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'Shift+ArrowRight']) await page.keyboard.press(key);
  await expect.poll(widthOf).toBeGreaterThan(before);
  const { x = 0, y = 0, width = 0 } = (await heads.first().boundingBox()) ?? {};
  await page.mouse.move(x + width - 3, y + 10);
  await page.mouse.down();
  await page.mouse.move(x + 40, y + 10, { steps: 3 });
  await page.mouse.up();
  await expect.poll(widthOf).toBeLessThan(before);
  // What is too narrow now goes on below.
  const row = grid(page).getByRole('row').nth(1);
  await page.getByRole('button', { name: 'Wrap' }).click();
  await expect.poll(async () => (await row.boundingBox())?.height ?? 0).toBeGreaterThan(40);

  await page.reload();
  await expect(heads.first()).toHaveText('nat_ip');
  await expect(heads).toHaveCount(14);
  await expect(page.getByRole('button', { name: 'Wrap', pressed: true })).toBeVisible();
  await page.getByRole('button', { name: 'Wrap' }).click();
  await page.getByRole('button', { name: '14 of 15 columns' }).click();
  await dialog.getByRole('button', { name: 'Reset' }).click();
  await page.keyboard.press('Escape');
  await expect(heads.first()).toHaveText('start_time');
  await expect(heads).toHaveCount(15);
});

test('from an entry of a search to what came before and after it in the Logstore, and back', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  const found = 'protocol:6 and pri_port=38500';
  const [, entry] = await lines(desk, 'query', found, '--reverse', '--ids', '--format', 'json');
  const id = String(entry?.['entry']);
  const around = await lines(desk, 'context', id, '--back', '100', '--forward', '50', '--json');
  await search(page, found);
  await expect(grid(page).getByRole('row')).toHaveCount(4);
  await grid(page).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  const context = page.getByRole('region', { name: 'Context' });
  // It tells of its own windows, which may be others than those that were searched.
  await expect(context.getByText(/^\d of \d windows? in part$/)).toBeVisible();
  await expect(context).toContainText(`Around entry ${id}`);
  await expect(context).toContainText('50 before');
  await expect(grid(page)).toBeFocused();
  const own = context.getByRole('row').and(page.locator('[aria-current]'));
  await expect(own).toContainText('38500');
  await expect(own).toBeInViewport();
  await context.getByRole('button', { name: '50 older' }).click();
  await expect(context).toContainText(`${around.length - 51} before, 50 after`);
  await expect(own).toBeInViewport();
  await expectWellMade(page);

  await grid(page).focus();
  await page.keyboard.press('Home');
  const cells = context.getByRole('row').nth(1).getByRole('gridcell');
  await expect(cells.nth(3)).toHaveText(String(around[0]?.['pri_ip']));
  await expect(cells.nth(4)).toHaveText(String(around[0]?.['pri_port']));
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('region', { name: 'Log entry', exact: true });
  await expect(drawer).toContainText(`1 of ${around.length}`);
  await drawer.getByRole('button', { name: 'Show context' }).click();
  await expect(context).not.toContainText(`Around entry ${id}`);
  await expect(grid(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(context).toBeHidden();
  await expect(page.locator('.row.chosen')).toHaveAttribute('aria-rowindex', '3');
  await expect(grid(page)).toBeFocused();
});

test('of very many columns those that are looked at are drawn, and arrows lead to each of them', async ({
  sampleDesk: { page },
}) => {
  const columns = Array.from({ length: 300 }, (_, index) => `${index} AS c${index}`);
  await search(page, `* | SELECT ${columns.join(', ')} FROM log LIMIT 50`);
  await expect(page.getByRole('columnheader')).toHaveCount(300);
  await expect(firstRow(page)).toBeVisible();
  const drawn = grid(page).getByRole('row').nth(1).getByRole('gridcell');
  expect(await drawn.count()).toBeLessThan(100);
  await grid(page).focus();
  for (let press = 0; press < 60; press++) await page.keyboard.press('ArrowRight');
  const active = page.locator('.active');
  await expect(active).toHaveText('60');
  await expect(active).toBeInViewport({ ratio: 0.9 });
  expect(await drawn.count()).toBeLessThan(100);
  const head = await page.getByRole('columnheader', { name: 'c60', exact: true }).boundingBox();
  const cell = await active.boundingBox();
  expect(Math.abs((head?.x ?? 0) - (cell?.x ?? 1e9))).toBeLessThan(2);
  for (let press = 0; press < 60; press++) await page.keyboard.press('ArrowLeft');
  await expect(active).toHaveText('0');
  await expect(active).toBeInViewport({ ratio: 0.9 });
});
