import { expect } from './fixtures';
import { openSample, search, test } from './gallery-fixture';

test('what the README shows', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await search(page, 'pub_port=443 not pri_ip:10.0.1.12');
  await expect(page.getByRole('main')).toContainText('132 entries');
  await page.getByRole('slider').focus();
  for (const key of ['End', ...Array.from({ length: 16 }, () => 'ArrowLeft')]) await page.keyboard.press(key);
  for (let bin = 0; bin < 14; bin++) await page.keyboard.press('Shift+ArrowLeft');
  await picture('991-readme-logs');
  await page.keyboard.press('Escape');
  await search(page, '');
  await expect(page.getByRole('main')).toContainText('316 entries');
  await page.getByRole('tab', { name: 'Graph' }).click();
  await expect(page.locator('.chart canvas')).toBeVisible();
  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toContainText('Balanced');
  // It names a folder of the machine that takes the picture.
  await page.getByText('What sample.pcapng is').click();
  await page.mouse.move(0, 0);
  await picture('992-readme-ledger');
});
