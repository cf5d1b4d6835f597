import type { Page } from '@playwright/test';
import { enableTwo } from './enabled-gateways';
import { expect } from './fixtures';
import { sample } from './gallery-captures';
import { openCaptures, openLogs, test } from './gallery-fixture';

const dialogOf = (page: Page) => page.getByRole('dialog');
const statusOf = (page: Page) => page.getByRole('table', { name: 'Status of the session log' });
const openGateways = (page: Page): Promise<void> =>
  page.getByRole('navigation').getByRole('button', { name: 'Gateways' }).click();

async function submit(page: Page): Promise<void> {
  await page.keyboard.press('Enter');
  await expect(dialogOf(page)).toBeHidden();
}

async function createVpc(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Create VPC' }).click();
  await dialogOf(page).getByLabel('Name').fill('prod');
  await dialogOf(page).getByLabel('Region').selectOption('cn-shanghai');
  await dialogOf(page).getByLabel('CIDR block').fill('10.0.0.0/8');
}

async function createGateway(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Create gateway' }).click();
  await dialogOf(page).getByLabel('Name').fill('egress-sh-prod');
  await dialogOf(page).getByLabel('EIPs, by commas').fill('203.0.113.10, 203.0.113.11');
}

async function openSessionLog(page: Page): Promise<void> {
  await openGateways(page);
  await createVpc(page);
  await submit(page);
  await createGateway(page);
  await submit(page);
  await page.getByRole('link', { name: 'egress-sh-prod' }).click();
  await page.getByRole('tab', { name: 'Monitoring and logging' }).click();
}

async function nameDestination(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Enable session log' }).click();
  await dialogOf(page).getByLabel('Project name').fill('natscope-lab');
  await dialogOf(page).getByLabel('Logstore name').fill('nat-session-log');
}

test('gateways, and what they are made of', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openGateways(page);
  await expect(page.getByRole('table', { name: 'NAT gateways' })).toContainText('built-in');
  await picture('801-gateways-first-start');
  await createVpc(page);
  await dialogOf(page).getByLabel('CIDR block').fill('10.0.0.0/77');
  await page.keyboard.press('Enter');
  await expect(dialogOf(page).getByRole('alert')).toContainText('10.0.0.0/77');
  await picture('802-gateways-create-vpc-refused');
  await dialogOf(page).getByLabel('CIDR block').fill('10.0.0.0/8');
  await submit(page);
  await page.getByRole('button', { name: 'Create vSwitch' }).click();
  await dialogOf(page).getByLabel('Name').fill('web');
  await dialogOf(page).getByLabel('Zone').fill('cn-shanghai-b');
  await dialogOf(page).getByLabel('CIDR block').fill('10.0.4.0/24');
  await submit(page);
  await createGateway(page);
  await picture('803-gateways-create-gateway');
  await submit(page);
  await expect(page.getByRole('table', { name: 'NAT gateways' })).toContainText('egress-sh-prod');
  await picture('804-gateways-list');
  await page.getByRole('button', { name: 'Delete prod' }).click();
  await picture('805-gateways-delete');
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'egress-sh-prod' }).click();
  await expect(page.getByText('Quotas')).toBeVisible();
  await picture('806-gateway-basic');
  await page.getByRole('tab', { name: 'EIPs 2' }).click();
  await picture('807-gateway-eips');
  await page.getByRole('tab', { name: 'SNAT entries 1' }).click();
  await page.getByRole('button', { name: 'Create SNAT entry' }).click();
  await dialogOf(page).getByLabel('Who is translated').selectOption('vSwitch');
  await picture('808-gateway-create-snat');
  await dialogOf(page).getByRole('button', { name: 'Create' }).click();
  await expect(dialogOf(page)).toBeHidden();
  await expect(page.getByRole('table', { name: 'SNAT entries' })).toContainText('vsw-');
  await picture('809-gateway-snat');
});

test('a session log, from before it is enabled until it is stopped', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSessionLog(page);
  await expect(page.getByText('Session log is not enabled')).toBeVisible();
  await picture('810-session-log-not-enabled');
  await nameDestination(page);
  await picture('811-session-log-enable');
  await dialogOf(page).getByLabel('Logstore name').fill('NAT-log');
  await expect(dialogOf(page)).toContainText('lowercase letters');
  await picture('812-session-log-enable-refused');
  await dialogOf(page).getByLabel('Logstore name').fill('nat-session-log');
  await submit(page);
  await expect(statusOf(page)).toContainText('No index');
  await picture('813-session-log-without-index');
  await page.getByRole('button', { name: 'Create index' }).click();
  await expect(statusOf(page)).toContainText('15 fields');
  await picture('814-session-log-enabled');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(dialogOf(page)).toContainText('natscope-lab');
  await picture('815-session-log-change');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await picture('816-session-log-stop');
  await dialogOf(page).getByRole('button', { name: 'Stop session log' }).click();
  await expect(statusOf(page)).toContainText('Stopped');
  await picture('817-session-log-stopped');
});

test('deliveries, their faults, and what they store in a day', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSessionLog(page);
  await nameDestination(page);
  await submit(page);
  await page.getByRole('button', { name: 'Create index' }).click();
  await expect(statusOf(page)).toContainText('15 fields');
  await page.getByRole('button', { name: 'Import the sample' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
  await openGateways(page);
  await page.getByRole('link', { name: 'egress-sh-prod' }).click();
  await page.getByRole('tab', { name: 'Monitoring and logging' }).click();
  await expect(page.getByText('as delivered')).toBeVisible();
  await picture('818-deliveries');
  const attempts = page.getByRole('table', { name: 'Delivery attempts' });
  await page.getByRole('checkbox', { name: 'Only failures and recoveries' }).uncheck();
  await expect(attempts).toContainText('PutLogs');
  await picture('819-deliveries-attempts', () => attempts.scrollIntoViewIfNeeded());
  const cost = page.getByRole('region', { name: 'Storage in a day' });
  await cost.getByLabel('Your price of 1 GB written').fill('0.4');
  await page.keyboard.press('Tab');
  await expect(cost).toContainText('Price a day');
  await picture('820-storage-in-a-day', () => cost.evaluate((panel) => panel.scrollIntoView()));

  await page.getByLabel('Presets').selectOption('UnavaliableTarget');
  await expect(statusOf(page)).toContainText('UnavaliableTarget');
  const toStart = (): Promise<void> => statusOf(page).evaluate((table) => table.scrollIntoView({ block: 'center' }));
  await picture('821-deliveries-failed', toStart);
  await page.getByRole('button', { name: /^overdue, disabled from/u }).press('Enter');
  await picture('822-deliveries-fault');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Script as JSON' }).click();
  await dialogOf(page).getByRole('textbox').fill('{ "lossRate": 2 }');
  await dialogOf(page).getByRole('button', { name: 'Use this script' }).click();
  await expect(dialogOf(page).getByRole('alert')).toContainText('lossRate');
  await picture('823-deliveries-script-refused');
  await dialogOf(page).getByRole('textbox').fill('{ "lossRate": 0.25, "seed": 1 }');
  await dialogOf(page).getByRole('button', { name: 'Use this script' }).click();
  await expect(dialogOf(page)).toBeHidden();
  await page.getByRole('button', { name: 'Apply to the Logstore' }).click();
  await expect(page.getByText('as delivered')).toBeVisible();
  await page.getByRole('button', { name: /^\d+: show the windows$/u }).click();
  const windows = page.getByRole('table', { name: 'Windows as a table' });
  await expect(windows).toContainText('best effort');
  await picture('824-deliveries-lost', () => windows.scrollIntoViewIfNeeded());
  await page.getByRole('button', { name: 'View', exact: true }).click();
  const histogram = page.getByLabel(/^Entries by time/u);
  await picture('825-logs-with-lost-windows', () => histogram.hover());
});

test('captures that are played', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await desk.nameFiles([sample]);
  await expect(dialogOf(page)).toContainText('What it would translate');
  await dialogOf(page).getByLabel('Pace').selectOption('1');
  await picture('826-replay-asked', () => dialogOf(page).getByLabel('Pace').scrollIntoViewIfNeeded());
  await dialogOf(page).getByRole('button', { name: 'Play', exact: true }).click();
  const main = page.getByRole('main');
  await expect(main.getByRole('button', { name: 'Pause' })).toBeVisible();
  await picture('827-replay-running');
  await main.getByRole('button', { name: 'Pause' }).click();
  await expect(main.getByRole('button', { name: 'Go on' })).toBeVisible();
  await picture('828-replay-paused');
  await openLogs(page);
  await picture('829-logs-while-replayed');
  await openCaptures(page);
  await main.getByRole('button', { name: 'Stop', exact: true }).click();
});

test('captures that go through several gateways', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await enableTwo(desk.workspace);
  await desk.nameFiles([sample]);
  await expect(dialogOf(page)).toContainText(/Into lab \/ log-b\. [\d,]+ of all/u);
  await picture('830-import-through-several');
  await dialogOf(page).getByRole('checkbox', { name: 'ngw-a' }).uncheck();
  await dialogOf(page).getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page).toHaveURL(/log-b/u);
  await openCaptures(page);
  await desk.nameFiles([sample]);
  await dialogOf(page).getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Import through ngw-a' })).toBeVisible();
  await picture('831-import-through-others');
  await page.getByRole('button', { name: 'Import again' }).click();
  await expect(page.getByText(/^Imported .* into lab \/ log-b/u)).toBeVisible();
  await picture('832-imported-through-several');
});
