import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { expectWellMade } from './page-checks';

/* The rows of a statement, drawn. */

async function run(page: Page, text: string): Promise<void> {
  await page.getByRole('search').getByRole('textbox').fill(text);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('tab', { name: 'Result' })).toBeVisible();
  await expect(page.getByText('Searching')).toBeHidden();
}

const chosen = (page: Page) => page.getByRole('radio', { checked: true });

test('a statement is drawn as fits its columns, and otherwise by keyboard', async ({ sampleDesk: { page } }) => {
  await run(page, '* | SELECT pri_ip, count(*) AS n FROM log GROUP BY pri_ip ORDER BY n DESC, pri_ip');
  await page.getByRole('tab', { name: 'Graph' }).click();
  await expect(chosen(page)).toHaveText('Column');
  await expect(page.locator('.chart canvas')).toBeVisible();
  await expect(page.getByText(/^n by pri_ip: at most 79 \(10\.0\.2\.22\)/u)).toBeVisible();
  await expectWellMade(page);

  await chosen(page).focus();
  await page.keyboard.press('ArrowDown');
  await expect(chosen(page)).toHaveText('Bar');
  await expect(chosen(page)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(chosen(page)).toHaveText('Pie');
  await expectWellMade(page);
  await page.getByRole('radio', { name: 'Table' }).click();
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText('10.0.2.22');
  await expectWellMade(page);
});

test('times are a line, two addresses a flow, and one row its numbers', async ({ sampleDesk: { page } }) => {
  await page.getByRole('tab', { name: 'Graph' }).click();
  await run(page, "* | SELECT date_trunc('minute', __time__) AS t, count(*) AS n FROM log GROUP BY t ORDER BY t DESC");
  await expect(chosen(page)).toHaveText('Line');
  await run(page, '* | SELECT pri_ip, pub_ip, sum(bytes_from_pub) AS bytes FROM log GROUP BY pri_ip, pub_ip');
  await expect(chosen(page)).toHaveText('Sankey');
  await expect(page.getByRole('combobox', { name: 'From' })).toHaveValue('0');
  await expectWellMade(page);
  await run(page, '* | SELECT count(*) AS n, sum(bytes_from_pub) AS bytes FROM log');
  await expect(chosen(page)).toHaveText('Stat');
  await expect(page.getByRole('region', { name: 'Stat' })).toContainText('316');
  await expectWellMade(page);
  // Names may repeat.
  await run(page, '* | SELECT count(*) AS n, sum(bytes_from_pub) AS n FROM log');
  await expect(page.getByRole('region', { name: 'Stat' }).getByText('n', { exact: true })).toHaveCount(2);
  await run(page, '* | SELECT bytes_from_pub FROM log');
  await expect(chosen(page)).toHaveText('Histogram');
  await page.getByRole('radio', { name: 'Stat' }).click();
  await expect(page.getByText('The first row of the result.')).toBeVisible();
});

test('times that are numbers are along the axis, and names beside them have series that can be taken away', async ({
  sampleDesk: { page },
}) => {
  await page.getByRole('tab', { name: 'Graph' }).click();
  await run(page, '* | SELECT __time__ - __time__ % 60 AS t, protocol, count(*) AS n GROUP BY t, protocol ORDER BY t');
  await expect(chosen(page)).toHaveText('Line');
  await expect(page.getByText(/^n by t → protocol: at most \d+ \(\d\d:\d\d → \d+\)/u)).toBeVisible();
  const split = page.getByRole('combobox', { name: 'Split by' });
  await expect(split).toHaveValue('1');
  await expectWellMade(page);
  await split.selectOption('Nothing');
  await expect(page.getByText(/^n by t: at most/u)).toBeVisible();
  await page.getByRole('tab', { name: 'Result' }).click();
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText(/\d{4}-\d\d-\d\d \d\d:\d\d:00/u);
});
