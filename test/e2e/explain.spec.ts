import { natscope } from '../support/command';
import { expect, test } from './fixtures';
import { expectWellMade } from './page-checks';

test('what becomes of a query is explained as the command explains it', async ({ sampleDesk: { page, workspace } }) => {
  const text = 'protocol:6 and pub_port=443 | SELECT pri_ip, count(*) AS n FROM log GROUP BY pri_ip';
  const { stdout, code } = await natscope(['explain', text, '--workspace', workspace, '--json']);
  expect(code).toBe(0);
  const told = JSON.parse(stdout) as {
    readonly sql: string;
    readonly tokens: readonly { readonly text: string }[];
    readonly indexes: readonly { readonly field: string }[];
  };
  await page.getByRole('search').getByRole('textbox').fill(text);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('tab', { name: 'Result' })).toBeVisible();
  await page.getByRole('tab', { name: 'Result' }).focus();
  await page.keyboard.press('ArrowLeft');
  const explained = page.getByRole('region', { name: 'Explain' });
  await expect(explained.locator('pre').first()).toHaveText(/SELECT/u);
  // The page has pinned the range, so its statement has that as well.
  await expect(explained.locator('pre').first()).toContainText('GROUP BY');
  await expect(explained.locator('code')).toHaveText(told.tokens.map((token) => token.text));
  await expect(explained.getByRole('row')).toHaveCount(told.indexes.length + 1);
  for (const { field } of told.indexes) await expect(explained).toContainText(field);
  await expect(explained).toContainText('SEQ_SCAN');
  await expectWellMade(page);
});
