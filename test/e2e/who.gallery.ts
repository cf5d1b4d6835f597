import { expect } from './fixtures';
import { isReady, openCaptures, openSample, test } from './gallery-fixture';

test('who it was', async ({ gallery }) => {
  const { page, picture } = gallery;
  const openWho = (): Promise<void> => page.getByRole('button', { name: 'Who', exact: true }).click();
  await isReady(page);
  await openWho();
  await picture('701-who-no-log');
  await openCaptures(page);
  await openSample(page);
  await openWho();
  await picture('702-who-nothing-asked');
  await page.getByRole('button', { name: 'Find' }).click();
  await picture('703-who-question-refused');
  const ask = async (endpoint: string, at: string): Promise<void> => {
    await page.getByLabel('Public address : port').fill(endpoint);
    await page.getByLabel('Time, UTC').fill(at);
    await page.getByRole('button', { name: 'Find' }).click();
  };
  await ask('203.0.113.1:2892', '2026-03-10 08:57:32');
  await expect(page.getByText('Confirmed').first()).toBeVisible();
  await picture('704-who-answered');
  await ask('203.0.113.1:2892', '2026-03-10 08:00:00');
  await expect(page.getByText('Nobody known')).toBeVisible();
  await picture('705-who-nobody');
  await ask('203.0.113.1:2892', 'last tuesday');
  await expect(page.getByRole('alert')).toBeVisible();
  await picture('706-who-time-refused');
  await page.getByRole('button', { name: 'Many at once' }).click();
  await picture('707-who-complaints');
  const mail = [
    'Mar 10 2026 08:57:32 UTC 203.0.113.1 port 2892 scanned 198.51.100.10',
    '203.0.113.1:2403 2026-03-10 08:58:10',
    'the address 192.0.2.98 did it',
  ];
  await page.getByLabel('Abuse mails, or a CSV of complaints').fill(mail.join('\n'));
  await page.getByRole('button', { name: 'Find all' }).click();
  await expect(page.getByText('Complaints and their hosts').first()).toBeVisible();
  await picture('708-who-complaints-answered');
});
