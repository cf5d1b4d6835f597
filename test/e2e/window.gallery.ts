import { expect } from './fixtures';
import { isReady, openCaptures, openSample, test } from './gallery-fixture';

test('without an engine, and without a host', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  await openSample(page);
  desk.killEngine();
  await expect(page.getByRole('alert')).toContainText('The engine stopped.');
  await picture('901-logs-engine-down');
  await openCaptures(page);
  await picture('902-captures-engine-down');
  await page.getByRole('button', { name: 'Restart the engine' }).click();
  await isReady(page);
  await wire.cutBridge();
  await expect(page.getByRole('alert')).toContainText('The connection to the host is lost.');
  await picture('903-captures-host-lost');
});

test('commands and keys', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: /^Search commands/ })).toBeFocused();
  await picture('904-palette');
  await page.keyboard.type('zone euro');
  await picture('905-palette-searched');
  await page.keyboard.type(' nowhere');
  await picture('906-palette-nothing-found');
  await page.keyboard.press('Escape');
  await page.keyboard.press('F1');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await picture('907-shortcuts');
});

test('settings', async ({ gallery }) => {
  const { page, picture } = gallery;
  await isReady(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Places' })).toBeVisible();
  await picture('908-settings');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: /^Search commands/ })).toBeFocused();
  await page.keyboard.type('about');
  await expect(page.getByRole('dialog').getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'About Natscope' })).toContainText('DuckDB');
  await picture('909-about');
});
