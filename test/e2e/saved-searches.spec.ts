import type { Locator, Page } from '@playwright/test';
import { natscope } from '../support/command';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* Queries that are kept, with variables, and the range that they are asked over. */

const query = (page: Page): Locator => page.getByRole('search').getByRole('textbox', { name: 'Query' });
const picker = (page: Page): Locator => page.getByRole('dialog', { name: 'Saved searches' });
const entries = (page: Page, count: number): Promise<void> =>
  expect(page.getByRole('main')).toContainText(`${count} entr`);

async function countOf(desk: Desk, ...args: string[]): Promise<number> {
  const { stdout } = await natscope([...args, '--workspace', desk.workspace, '--json']);
  return (JSON.parse(stdout) as readonly unknown[]).length;
}

async function write(page: Page, text: string): Promise<void> {
  await expect(page.locator('.query-editor .cm-content')).toBeVisible();
  await page.keyboard.press('Control+l');
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
  await page.keyboard.press('Escape');
}

test('a query with a variable is saved, changed, opened by its link, renamed and deleted, by keyboard and by mouse', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  await write(page, 'pri_ip:${host} and pub_port=443');
  const host = page.getByRole('group', { name: 'Values of variables' }).getByRole('textbox', { name: 'host' });
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('search').getByRole('alert')).toContainText('host cannot be used: it has no value');
  await host.focus();
  await page.keyboard.type('10.0.1.*');
  await page.keyboard.press('Enter');
  await entries(page, await countOf(desk, 'query', 'pri_ip:10.0.1.* and pub_port=443'));

  // Saved by keyboard, with what is typed as the default value.
  await page.keyboard.press('Alt+s');
  await expect(page.getByRole('button', { name: 'Save as…' })).toBeFocused();
  await expectWellMade(page);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('Write a name.');
  await page.keyboard.type('web of a host');
  await expect(page.getByRole('textbox', { name: 'Default of host' })).toHaveValue('10.0.1.*');
  await expectWellMade(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await countOf(desk, 'saved-search', 'run', 'web of a host', '--var', 'host=10.0.2.22')).toBe(
    await countOf(desk, 'query', 'pri_ip:10.0.2.22 and pub_port=443'),
  );

  // A change is shown and taken back; what is no part of a word stays text.
  await write(page, 'pri_ip:${host}');
  await expect(page.getByText('Changed, not saved')).toBeVisible();
  await page.getByRole('button', { name: 'Revert' }).click();
  await expect(query(page)).toHaveText('pri_ip:${host} and pub_port=443');
  await expect(page.getByText('Changed, not saved')).toHaveCount(0);
  await write(page, 'instance:${host}');
  await host.fill('ngw-default or pri_ip:*');
  await host.press('Enter');
  await expect(page.getByText('No entries in this answer')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Changed, not saved')).toHaveCount(0);

  // What another program has made of it meanwhile is replaced only by who was told.
  await natscope(['saved-search', 'save', 'web of a host', 'theirs', '--replace', '--workspace', desk.workspace]);
  await write(page, 'instance:${host} ');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('search').getByRole('alert')).toContainText('changed elsewhere since you opened it');
  await expectWellMade(page);
  await write(page, 'instance:${host}');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('search').getByRole('alert')).toHaveCount(0);
  await expect(page.getByText('Changed, not saved')).toHaveCount(0);

  // The address is its link.
  expect(new URL(page.url()).hash).toBe('#/logs/local/session-log/web%20of%20a%20host');
  await page.reload();
  await expect(query(page)).toHaveText('instance:${host}');
  await expect(host).toHaveAttribute('placeholder', '10.0.1.*');
  await expect(host).toHaveValue('ngw-default or pri_ip:*');

  await page.getByRole('button', { name: 'Saved searches' }).click();
  await expect(picker(page).getByRole('button', { name: /web of a host/u })).toBeFocused();
  await page.keyboard.press('End');
  await expect(picker(page).getByRole('button', { name: 'Delete…' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('web');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('search').getByText('web', { exact: true })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Alt+s');
  await picker(page).getByRole('button', { name: 'Delete…' }).click();
  await expect(page.getByRole('dialog')).toContainText('Delete web?');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await countOf(desk, 'saved-search', 'list')).toBe(1);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Alt+s');
  await picker(page).getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete search' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await countOf(desk, 'saved-search', 'list')).toBe(0);
  await expect(query(page)).toHaveText('instance:${host}');
});

test('a range is chosen in words, written, and snapped to windows, by keyboard and by mouse', async ({
  sampleDesk: { page },
}) => {
  const range = page.getByRole('dialog', { name: 'Time range' });
  const button = page.getByRole('search').locator('[aria-haspopup=dialog]').last();
  await page.keyboard.press('Alt+t');
  await range.getByRole('button', { name: 'Whole log' }).focus();
  await page.keyboard.press('End');
  await expect(range.getByRole('button', { name: 'This month' })).toBeFocused();
  for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(button).toHaveText(/^Today, /u);
  await expect(button).toBeFocused();

  await button.click();
  await expect(range.getByRole('button', { name: 'Today' })).toHaveAttribute('aria-pressed', 'true');
  const from = range.getByRole('textbox', { name: 'From' });
  await expect(from).toBeFocused();
  await from.fill('-5x');
  await expect(range.getByRole('status')).toHaveText('-5x is no time.');
  await from.fill('-5m');
  await range.getByRole('textbox', { name: 'To' }).fill('end');
  await expect(range.getByRole('status')).toContainText('in 2 windows');
  await expectWellMade(page);
  await range.getByRole('button', { name: 'Snap to windows' }).click();
  await expect(from).toHaveValue(/^2026-03-10 \d\d:\d0:00$/u);
  await from.press('Enter');
  await expect(button).toHaveText(/:\d0:00 – \d\d:\d0:00$/u);

  await button.click();
  await range.getByRole('button', { name: 'This hour' }).click();
  await expect(button).toHaveText(/^This hour, .* \d\d:00:00 – \d\d:00:00$/u);
});
