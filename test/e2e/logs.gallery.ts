import { natscope } from '../support/command';
import { expect } from './fixtures';
import { sample } from './gallery-captures';
import { dismissAll, firstRow, isReady, openLogs, openSample, search, test } from './gallery-fixture';

const SLOW_STATEMENT =
  '* | SELECT count(*) AS pairs FROM log a, log b, log c, log d WHERE a.pri_port + b.pub_port + c.nat_port = d.bytes_from_vpc';

test('queries and what they find', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await picture('301-logs-entries');

  await search(page, 'pub_port=443 and pri_ip:10.0.1.11 and bytes_from_pub >= 5000');
  await expect(page.getByRole('search').getByRole('alert')).toBeHidden();
  await expect(firstRow(page)).toContainText('10.0.1.11');
  await picture('302-logs-narrow-search');

  await search(
    page,
    'protocol:6 | SELECT pri_ip, count(*) AS sessions, sum(bytes_from_vpc) AS sent, sum(bytes_from_pub) AS received, max(end_time) AS last_seen GROUP BY pri_ip ORDER BY received DESC',
  );
  await expect(page.getByRole('columnheader', { name: 'sessions' })).toBeVisible();
  await picture('303-logs-statement');

  await page.getByRole('grid').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  await picture('304-logs-cell-by-keyboard');

  await search(page, 'protocol:6 | SELECT pri_ip, sum(bytes_from_pubs) AS received GROUP BY pri_ip');
  await expect(page.getByRole('search').getByRole('alert')).not.toBeEmpty();
  await picture('305-logs-statement-error');

  await search(page, 'protocol:(6 or 17');
  await expect(page.getByRole('search').getByRole('alert')).toContainText(/\S/);
  await picture('306-logs-search-error');

  await search(page, 'pri_ip:192.0.2.1');
  await expect(page.getByText('No entries in this answer')).toBeVisible();
  await picture('307-logs-nothing-found');
  await page.getByRole('tab', { name: 'Graph' }).click();
  await picture('308-graph-of-nothing');
  await page.getByRole('tab', { name: 'Raw logs' }).click();

  await page.getByRole('search').getByRole('textbox').fill('protocol:6 and pub_port >');
  await picture('309-logs-unfinished-search');
  await page.getByRole('search').getByRole('textbox').fill('');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(firstRow(page)).toBeVisible();
  await page.getByRole('button', { name: /Whole log/ }).click();
  await picture('310-logs-time-range');
  await page.getByLabel('From').fill('yesterday');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByLabel('From')).toHaveAttribute('aria-invalid', 'true');
  await picture('311-logs-time-range-error');
});

test('a histogram that is brushed, and zoomed', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await page.getByRole('slider').focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await picture('312-logs-histogram-pointed-at');
  for (let bin = 0; bin < 18; bin++) await page.keyboard.press('Shift+ArrowRight');
  await picture('313-logs-histogram-brushed');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Undo zoom' })).toBeVisible();
  await picture('314-logs-histogram-zoomed');

  const cell = firstRow(page).getByRole('gridcell').nth(8);
  await picture('315-logs-value-menu', async () => {
    await page.keyboard.press('Escape');
    await cell.click();
    await expect(page.getByRole('menu')).toBeVisible();
  });
});

test('queries that take their time', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await search(page, SLOW_STATEMENT);
  await expect(page.getByText('Searching')).toBeVisible();
  await picture('316-logs-query-running');
  await page.getByRole('search').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Cancelled', { exact: true })).toBeVisible();
  await picture('317-logs-query-cancelled');
});

test('the packets of an entry', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await firstRow(page).getByRole('gridcell').nth(8).click();
  await page.getByRole('menuitem', { name: 'Save the packets of this entry' }).click();
  const toast = page.getByRole('region', { name: 'Messages' }).getByRole('listitem');
  await expect(toast).toContainText(/Saved \d+ packets?/);
  await picture('318-logs-packets-saved', () => toast.hover());
  await page.getByRole('grid').focus();
  await page.keyboard.press('w');
  const opened = toast.filter({ hasText: 'A page cannot start a program' });
  await expect(opened).toBeVisible();
  await picture('319-logs-packets-opened', () => opened.hover());
});

test('without an index', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await isReady(page);
  const { code } = await natscope(['import', sample, '--workspace', desk.workspace, '--no-index']);
  expect(code).toBe(0);
  await page.reload();
  await openLogs(page);
  await expect(page.getByText('This Logstore has no index.')).toBeVisible();
  await picture('320-logs-without-index');
  await page.getByRole('button', { name: 'Create an index…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Index of session-log' });
  await expect(dialog.getByRole('region', { name: 'Changes' })).toContainText('pri_ip');
  await picture('321-index-recommended');
  await dialog.getByRole('textbox', { name: 'Alias in SQL of protocol', exact: true }).fill('pri_ip');
  await expect(dialog.getByRole('alert')).toContainText('keys.protocol.alias');
  await picture('322-index-wrong');
  await dialog.getByRole('textbox', { name: 'Alias in SQL of protocol', exact: true }).fill('proto');
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await dialog.getByRole('radio', { name: 'Fields' }).press('ArrowRight');
  await expect(dialog.getByRole('textbox')).toHaveValue(/"proto"/u);
  await picture('323-index-json');
  await dialog.getByRole('button', { name: 'Save index' }).click();
  await expect(firstRow(page)).toBeVisible();
  await dismissAll(page);
  await page.getByRole('button', { name: 'Index', exact: true }).click();
  await expect(dialog).toContainText('Nothing is changed.');
  await picture('324-index-unchanged');
  await dialog.getByRole('button', { name: 'Delete index…' }).click();
  await picture('325-index-delete');
});
