import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { expectWellMade } from './page-checks';

/* The procedure of the product page, as somebody goes through it who has never seen the console. */

/** Each with a word of why it is so. */
const PRESETS = [
  { name: 'ProjectNotExist', why: 'The destination project does not exist.' },
  { name: 'LogStoreNotExist', why: 'The destination Logstore does not exist.' },
  { name: 'ProjectForbidden', why: 'The project is disabled' },
  { name: 'InvalidAccessKeyId', why: 'The service-linked role is missing.' },
  { name: 'Unauthorized', why: 'is not granted the Logstore' },
  { name: 'UnavaliableTarget', why: 'Delivery is off until' },
  { name: 'WriteQuotaExceed', why: '30 GB a minute' },
  { name: 'ShardWriteQuotaExceed', why: 'split more shards' },
];

const dialog = (page: Page) => page.getByRole('dialog');
const status = (page: Page) => page.getByRole('table', { name: 'Status of the session log' });

async function makeGateway(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: 'Gateways' }).click();
  await expect(page.getByRole('table', { name: 'NAT gateways' })).toContainText('built-in');
  await expect(
    page.getByLabel('Region').getByRole('option', { name: 'Australia (Sydney) (closing down)' }),
  ).toBeAttached();
  await page.getByRole('button', { name: 'Create VPC' }).click();
  await dialog(page).getByLabel('Name').fill('prod');
  await dialog(page).getByLabel('Region').selectOption('cn-shanghai');
  await dialog(page).getByLabel('CIDR block').fill('10.0.0.0/77');
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('alert')).toContainText('10.0.0.0/77');
  await dialog(page).getByLabel('CIDR block').fill('10.0.0.0/8');
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();
  await page.getByRole('button', { name: 'Create gateway' }).click();
  await dialog(page).getByLabel('Name').fill('egress-sh-prod');
  await dialog(page).getByLabel('EIPs, by commas').fill('203.0.113.10');
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();
}

async function enable(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Enable session log' }).click();
  await expect(dialog(page)).toContainText('Shanghai');
  await dialog(page).getByLabel('Project name').fill('natscope-lab');
  await dialog(page).getByLabel('Logstore name').fill('NAT-log');
  await expect(dialog(page)).toContainText('lowercase letters');
  await expect(dialog(page).getByRole('button', { name: 'Enable', exact: true })).toBeDisabled();
  await dialog(page).getByLabel('Logstore name').fill('nat-session-log');
  await page.keyboard.press('Enter');
  await expect(status(page)).toContainText('Enabled');
  await expect(status(page)).toContainText('Successful');
  await expect(status(page)).toContainText('No index');
}

test('a gateway is made, its session log enabled, indexed, queried, put through each fault, and stopped', async ({
  desk,
}) => {
  const { page } = desk;
  await makeGateway(page);
  await expectWellMade(page);
  await page.getByRole('link', { name: 'egress-sh-prod' }).click();
  await page.getByRole('tab', { name: 'SNAT entries 1' }).click();
  await expect(page.getByRole('table', { name: 'SNAT entries' })).toContainText('VPC');
  await page.getByRole('tab', { name: 'EIPs 1' }).click();
  await page.getByRole('button', { name: 'Add EIP' }).click();
  await dialog(page).getByLabel('EIP', { exact: true }).fill('203.0.113.11');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'EIPs 2' })).toBeVisible();
  await page.getByRole('tab', { name: 'Monitoring and logging' }).click();
  await enable(page);
  await page.getByRole('button', { name: 'Create index' }).click();
  await expect(status(page)).toContainText('15 fields');

  await page.getByRole('button', { name: 'Import the sample' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
  await expect(page).toHaveURL(/natscope-lab\/nat-session-log/u);
  // An index was made, so what was delivered is found by its fields.
  await page.getByRole('textbox', { name: 'Query' }).fill('protocol:6 | SELECT count(*) AS n');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('1 row from')).toBeVisible();
  await page.goBack();
  await page.goBack();
  await expect(status(page)).toContainText('Successful');
  const cost = page.getByRole('region', { name: 'Storage in a day' });
  await expect(cost.getByRole('table', { name: 'Storage by length of windows' })).toContainText('10');
  await expect(cost).not.toContainText('Price a day');
  await cost.getByLabel('Your price of 1 GB written').fill('0.4');
  await page.keyboard.press('Tab');
  await expect(cost).toContainText('Price a day');
  await cost.getByRole('combobox', { name: 'Index' }).selectOption({ label: 'None' });
  await expect(cost.getByRole('row').nth(1)).toContainText('0');
  await page.getByRole('checkbox', { name: 'Only failures and recoveries' }).uncheck();
  await expect(page.getByRole('table', { name: 'Delivery attempts' })).toContainText('PutLogs');

  for (const { name, why } of PRESETS) {
    await page.getByLabel('Presets').selectOption(name);
    await expect(status(page)).toContainText(`Failed${name}`);
    await expect(page.getByText(why).first()).toBeVisible();
  }
  await page.getByLabel('Presets').selectOption('UnavaliableTarget');
  await expect(status(page)).toContainText('UnavaliableTarget');
  const axis = page.getByLabel('Time on the axis');
  await axis.focus();
  await page.keyboard.press('p');
  await expect(axis).toHaveAttribute('aria-valuetext', /ProjectForbidden/u);
  const fault = page.getByRole('button', { name: /^overdue, disabled from/u });
  const before = await fault.getAttribute('aria-label');
  await fault.focus();
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByText('preview, not applied')).toBeVisible();
  await expect(fault).not.toHaveAttribute('aria-label', before ?? '');
  await expectWellMade(page);
  await page.getByRole('button', { name: 'Script as JSON' }).click();
  await dialog(page).getByRole('textbox').fill('{ "lossRate": 2 }');
  await dialog(page).getByRole('button', { name: 'Use this script' }).click();
  await expect(dialog(page).getByRole('alert')).toContainText('lossRate');
  await dialog(page).getByRole('textbox').fill('{ "lossRate": 0.25, "seed": 1 }');
  await dialog(page).getByRole('button', { name: 'Use this script' }).click();
  await expect(dialog(page)).toBeHidden();
  await page.getByRole('button', { name: 'Apply to the Logstore' }).click();
  await expect(page.getByText('as delivered')).toBeVisible();
  // A status of the destination alone would hide it.
  await expect(status(page)).toContainText('Successful');
  await expect(page.getByText(/^\d+ of \d+ entries did not arrive\.$/u)).toBeVisible();
  await page.getByRole('button', { name: /^\d+: show the windows$/u }).click();
  await expect(page.getByRole('table', { name: 'Windows as a table' })).toContainText('best effort');
  await expect(status(page).getByRole('link')).toHaveText('natscope-lab / nat-session-log');
  await page.getByRole('button', { name: 'View', exact: true }).click();
  await page.getByLabel(/^Entries by time/u).hover();
  await expect(page.getByLabel(/^Entries by time/u)).toHaveAttribute('aria-valuetext', /, incomplete$/u);
  await page.goBack();

  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Stop session log' }).click();
  await expect(status(page)).toContainText('Stopped');
  await expect(page.getByText('Entries that were delivered stay.')).toBeVisible();
});
