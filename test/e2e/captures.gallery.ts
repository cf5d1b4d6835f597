import { join } from 'node:path';
import { expect } from './fixtures';
import { sample, write } from './gallery-captures';
import { dismissAll, isReady, openCaptures, openLogs, test } from './gallery-fixture';
import { isEvent } from './held-wire';
import { scanCapture } from './scan-capture';

test('before anything is imported', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  await isReady(page);
  await expect(page.getByText('Nothing is imported yet')).toBeVisible();
  await picture('101-captures-first-start');

  await desk.dragOver([sample]);
  await expect(page.getByText('Let go to open')).toBeVisible();
  await picture('102-captures-drop-overlay');
  await page.reload();

  await page.getByRole('button', { name: 'Paste path' }).click();
  await picture('103-captures-path-dialog');
  await page.getByRole('dialog').getByRole('textbox').fill('captures/edge.pcapng');
  await page.getByRole('dialog').getByRole('button', { name: /^Open/ }).click();
  await picture('104-captures-path-dialog-refused');
  await page.keyboard.press('Escape');

  await openLogs(page);
  await expect(page.getByRole('search')).toBeVisible();
  await expect(page.getByText('Searching')).toBeHidden();
  await picture('105-logs-nothing-imported');

  wire.hold();
  await page.reload();
  await expect(page.getByText('Engine starting')).toBeVisible();
  await picture('106-logs-engine-starting');
  await openCaptures(page);
  await picture('107-captures-engine-starting');
});

test('imports under way', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  const { folder } = desk;
  const scan = join(folder, 'edge-scan-2026-03-10.pcap');
  scanCapture(scan, 3_000_000);
  await isReady(page);
  await desk.openCapture([scan]);
  // Before anything is held: what is asked about it comes on the same wire.
  await desk.openCapture([write.plain(folder, 'branch-a.pcap'), write.plain(folder, 'branch-b.pcap')]);
  await expect(page.getByText('Waits for')).toBeVisible();
  wire.holdBehind(isEvent('import:progress', ({ elapsedMs }) => Number(elapsedMs) > 1200));
  await expect(page.getByText(/About .* left/)).toBeVisible();
  await picture('108-import-running-and-waiting');
  await page.getByText('What edge-scan-2026-03-10.pcap is').click();
  await picture('109-import-facts-before');
  await page.getByText('What edge-scan-2026-03-10.pcap is').click();
  await openLogs(page);
  await picture('110-logs-first-import-running');
  await openCaptures(page);
  wire.release();
  await page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
  await page.getByRole('button', { name: 'Cancel', exact: true }).last().click();
  await expect(page.getByText(/was cancelled/).first()).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await picture('111-import-cancelled');
  await dismissAll(page);

  // Slow enough to be stopped on its way.
  const network = await page.context().newCDPSession(page);
  const uploadThroughput = 20_000_000;
  await network.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput },
  });
  await desk.chooseFiles([scan]);
  await expect(page.getByText(/[1-9]\S*\s.?B of .* copied/)).toBeVisible();
  desk.freezeHost(true);
  await picture('112-import-copying');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  desk.freezeHost(false);
});

test('a tab without a key', async ({ gallery }) => {
  const { page, picture } = gallery;
  await isReady(page);
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('This tab has no key to Natscope.');
  await picture('113-captures-no-key');
});
