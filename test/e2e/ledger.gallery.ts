import { rmSync } from 'node:fs';
import { natscope } from '../support/command';
import { expect } from './fixtures';
import { write } from './gallery-captures';
import { isReady, openAndWait, openCaptures, openLogs, openSample, test } from './gallery-fixture';

test('the graph, and the ledger', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await page.getByRole('tab', { name: 'Graph' }).click();
  await expect(page.locator('.chart canvas')).toBeVisible();
  await picture('501-graph');
  await page.getByRole('checkbox', { name: 'As a table' }).check();
  await picture('502-graph-as-table');
  await page.getByRole('tab', { name: 'Raw logs' }).click();
  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toContainText('Balanced');
  await picture('503-ledger');
  const cost = page.getByRole('complementary', { name: 'Ledger' }).getByText('Storage in a day', { exact: true });
  await cost.click();
  const windows = page.getByRole('table', { name: 'Storage by length of windows' });
  await picture('510-ledger-storage-in-a-day', () => windows.scrollIntoViewIfNeeded());
});

test('losses behind a log, and their ledger', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await openSample(page);
  await openCaptures(page);
  await openAndWait(gallery, [write.damaged(desk.folder, 'branch-uplink.pcap')], /branch-uplink.pcap.* in 1 window/);
  await openLogs(page);
  await expect(page.getByText('Losses behind it')).toBeVisible();
  await picture('504-logs-with-losses');
  await page.getByRole('button', { name: 'What is missing' }).click();
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toContainText('malformed');
  await picture('505-ledger-with-losses');
});

test('the facts of captures, beside the ledger', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  const { folder } = desk;
  await isReady(page);
  // The command leaves the digest to be computed later.
  const packed = write.packed(folder, 'branch-uplink.pcap.gz');
  const { code } = await natscope(['import', packed, '--workspace', desk.workspace]);
  expect(code).toBe(0);
  await page.reload();
  await page.getByRole('button', { name: /^Ledger of branch-uplink/ }).click();
  const ledger = page.getByRole('complementary', { name: 'Ledger' });
  const compute = ledger.getByRole('button', { name: /^Compute the SHA-256/ });
  await expect(compute).toBeVisible();
  await picture('506-ledger-facts-without-digest', () => compute.scrollIntoViewIfNeeded());

  rmSync(packed);
  await compute.click();
  await expect(ledger).toContainText('Not known. branch-uplink.pcap.gz is not where it was any more.');
  await picture('507-ledger-facts-digest-failed', () => ledger.getByText('Not known.').scrollIntoViewIfNeeded());
  await page.keyboard.press('Escape');

  await openSample(page);
  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  const copy = ledger.getByRole('button', { name: 'Copy the SHA-256 of sample.pcapng' });
  await expect(copy).toBeVisible();
  await picture('508-ledger-facts-with-digest', () => copy.scrollIntoViewIfNeeded());
  const end = ledger.getByText('Other hosts').or(ledger.getByText('10.0.1.12')).last();
  await picture('509-ledger-facts-hosts', () => end.scrollIntoViewIfNeeded());
});
