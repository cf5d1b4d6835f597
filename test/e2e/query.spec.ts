import type { FieldStatistics } from '../../src-main/contract/field-statistics';
import type { Locator, Page } from '@playwright/test';
import { natscope } from '../support/command';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* The query is written with help, by keyboard alone. */

const query = (page: Page): Locator => page.getByRole('search').getByRole('textbox', { name: 'Query' });
const options = (page: Page): Locator => page.getByRole('listbox', { name: 'Completions' }).getByRole('option');
const chosen = (page: Page): Locator =>
  page.getByRole('listbox', { name: 'Completions' }).getByRole('option', { selected: true });
const heightOf = (box: Locator): Promise<number> => box.evaluate((element) => element.getBoundingClientRect().height);

/** As far as the editor has taken the place of the plain field. */
async function startWriting(page: Page): Promise<Locator> {
  await expect(page.locator('.query-editor .cm-content')).toBeVisible();
  await page.keyboard.press('Control+l');
  await expect(query(page)).toBeFocused();
  return query(page);
}

/** A list that has just come takes no key yet, so that it accepts nothing of who writes on. */
const settle = (page: Page): Promise<void> => page.waitForTimeout(150);

async function topOf(desk: Desk, field: string): Promise<FieldStatistics['top']> {
  const { stdout } = await natscope(['field', field, '*', '--workspace', desk.workspace, '--json']);
  return (JSON.parse(stdout) as FieldStatistics).top;
}

test('a query is completed by keyboard: its field, a value of it, and a function of its statement', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  const box = await startWriting(page);
  await page.keyboard.type('pro');
  await expect(chosen(page)).toContainText('protocol');
  await expect(chosen(page)).toContainText('IANA protocol number');
  await expect(box).toHaveAttribute('aria-activedescendant', (await chosen(page).getAttribute('id')) ?? '?');
  await expectWellMade(page);
  await page.keyboard.press('Enter');
  await expect(box).toHaveText('protocol:');

  // The list goes on with the values, the most frequent first.
  const top = await topOf(desk, 'protocol');
  await expect(options(page)).toContainText(top.map(({ value }) => value));
  await expect(chosen(page)).toContainText(`${top[0]?.entries} entries`);
  await settle(page);
  await page.keyboard.press('ArrowDown');
  await expect(chosen(page)).toContainText(`${top[1]?.entries} entr`);
  await page.keyboard.press('Tab');
  await expect(box).toHaveText(`protocol:${top[1]?.value}`);
  await expect(box).toBeFocused();

  await page.keyboard.type(' an');
  await expect(chosen(page)).toHaveText('and');
  await page.keyboard.press('Escape');
  await expect(options(page)).toHaveCount(0);
  await page.keyboard.type('d pub_port>1000 | select cou');
  await expect(chosen(page)).toContainText('count');
  await settle(page);
  await page.keyboard.press('Enter');
  await page.keyboard.type('*) as n');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('columnheader', { name: 'n', exact: true })).toBeVisible();
  await expect(box).toHaveText(`protocol:${top[1]?.value} and pub_port>1000 | select count(*) as n`);
});

test('Esc closes the list alone, Ctrl+Space opens it where nothing is written, and Tab leaves the field', async ({
  sampleDesk: { page },
}) => {
  const box = await startWriting(page);
  await page.keyboard.press('Delete');
  await expect(options(page)).toHaveCount(0);
  await page.keyboard.press('Control+Space');
  await expect(options(page).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(options(page)).toHaveCount(0);
  await expect(box).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(box).not.toBeFocused();
  await expect(page.getByRole('search').locator(':focus')).toHaveCount(1);
});

test('a mistake is underlined while it is written, and said', async ({ sampleDesk: { page } }) => {
  const box = await startWriting(page);
  const wrong = page.locator('.query-editor .wrong');
  await page.keyboard.type('(protocol:17');
  await expect(wrong).toHaveText('(');
  await expect(box).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator(`#${await box.getAttribute('aria-describedby')}`)).toContainText('cannot be read yet');
  await page.keyboard.press('Escape');
  await expectWellMade(page);
  await page.keyboard.type(')');
  await expect(wrong).toHaveCount(0);
  await expect(box).toHaveAttribute('aria-invalid', 'false');

  // What only the engine knows is underlined when it ran.
  await page.keyboard.type(' | SELECT count(*) AS n, pri_ipp');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('search').getByRole('alert')).not.toBeEmpty();
  await expect(wrong).toHaveText('pri_ipp');
});

test('earlier queries come back by Alt+↑, and what was being written by Alt+↓', async ({ sampleDesk: { page } }) => {
  const box = await startWriting(page);
  for (const text of ['protocol:17', 'protocol:6']) {
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
    await page.keyboard.press('Control+Enter');
  }
  await page.keyboard.press('Control+a');
  await page.keyboard.type('pub_port=4');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(box).toHaveText('protocol:6');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(box).toHaveText('protocol:17');
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('Alt+ArrowDown');
  await expect(box).toHaveText('pub_port=4');
  await page.keyboard.type('43');
  await expect(box).toHaveText('pub_port=443');
});

test('a search of the whole log that finds nothing gives way to all entries, and is in the history', async ({
  sampleDesk: { page },
}) => {
  const box = await startWriting(page);
  await page.keyboard.insertText('pub_port:1');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('No entries in this answer')).toBeVisible();
  await page.getByRole('button', { name: 'Show all entries' }).click();
  await expect(page.getByRole('grid', { name: 'Log entries' })).toBeVisible();
  await box.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(box).toHaveText('pub_port:1');
});

test('a query of several lines grows to six, has comments in its statement, and is undone', async ({
  sampleDesk: { page },
}) => {
  const box = await startWriting(page);
  const frame = page.getByRole('search').locator('.box');
  await page.keyboard.press('Delete');
  const oneLine = await heightOf(frame);
  // What stands in an empty box is cut, and makes no second line, however narrow that is.
  const size = page.viewportSize();
  await page.setViewportSize({ width: 1024, height: 700 });
  expect(await heightOf(frame)).toBe(oneLine);
  if (size !== null) await page.setViewportSize(size);
  // The Enter behind a field that is in the list already begins a line.
  const lines = ['* |', 'SELECT pri_ip,', 'count(*) AS n', 'GROUP BY pri_ip'];
  for (const [index, line] of lines.entries()) {
    await page.keyboard.insertText(line);
    expect(await heightOf(frame)).toBe(oneLine + 20 * index);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.insertText('ORDER BY n DESC');
  await page.keyboard.press('Control+/');
  await expect(page.locator('.syntax-comment')).toHaveText('-- ORDER BY n DESC');
  await expectWellMade(page);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('columnheader', { name: 'n', exact: true })).toBeVisible();
  await page.keyboard.press('Control+/');
  await expect(page.locator('.syntax-comment')).toHaveCount(0);

  for (let line = 0; line < 6; line++) await page.keyboard.press('Enter');
  expect(await heightOf(frame)).toBe(oneLine + 20 * 5);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+y');
  await expect(box).toContainText('SELECT pri_ip,');
});

test('values that come when nobody writes any more are not offered', async ({ sampleDesk: { page } }) => {
  await startWriting(page);
  await page.keyboard.type('pub_port=443 not pri_ip:10.0.1.1');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('main')).not.toContainText('316 entries');
  await page.getByRole('slider').focus();
  // As long as the engine takes for them.
  await page.waitForTimeout(1000);
  await expect(options(page)).toHaveCount(0);
  await page.keyboard.press('Control+l');
  await page.keyboard.press('End');
  await page.keyboard.press('Control+Space');
  await expect(options(page).first()).toContainText('10.0.1.1');
});

test('a value between the quotes of a statement is completed', async ({ sampleDesk: { page } }) => {
  const box = await startWriting(page);
  await page.keyboard.press('Delete');
  await page.keyboard.insertText('* | SELECT count(*) AS n WHERE instance =');
  await page.keyboard.type(" '");
  await expect(chosen(page)).toContainText('ngw-default');
  await settle(page);
  await page.keyboard.press('Enter');
  await expect(box).toHaveText("* | SELECT count(*) AS n WHERE instance = 'ngw-default'");
});
