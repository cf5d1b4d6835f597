import { rmSync } from 'node:fs';
import { expect } from './fixtures';
import { write } from './gallery-captures';
import { dismissAll, firstRow, isReady, openAndWait, openCaptures, test } from './gallery-fixture';

test('what is asked before an import', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  const { folder } = desk;
  const dialog = page.getByRole('dialog');
  await isReady(page);
  await desk.nameFiles([write.copy(folder, 'office-2026-03-10.pcapng')]);
  await expect(dialog).toContainText('What it would translate');
  await picture('201-import-asked');
  await dialog.getByText('Settings', { exact: true }).click();
  await dialog.getByLabel('EIPs').fill('203.0.113.10, 203.0.113.11, 203.0.113.12');
  await expect(dialog).toContainText('and 1 other');
  await dialog.getByText(/^What office/).click();
  await picture('202-import-asked-settings');
  await dialog.getByText('Configuration (JSON)').click();
  await dialog.getByLabel('Configuration of the gateway').fill('{ "profile": "linus", "windowSec": 0 }');
  await expect(dialog.getByRole('alert')).toContainText('did you mean linux?');
  await picture('203-import-asked-wrong-configuration');
  await page.keyboard.press('Escape');

  await desk.nameFiles([write.foreign(folder, 'isp.pcap'), write.notes(folder)]);
  await expect(dialog).toContainText('Nothing would be translated.');
  await picture('204-import-asked-nothing-translated');
  await desk.importAsProposed();
  await expect(page.getByRole('button', { name: /as the private side and import again/ })).toBeVisible();
  await picture('205-import-remedy');
});

test('what imports end as', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  const { folder } = desk;
  await isReady(page);
  const office = write.copy(folder, 'office-2026-03-10.pcapng');
  await desk.openCapture([office]);
  await expect(firstRow(page)).toBeVisible();
  await openCaptures(page);
  await picture('206-import-done');

  await openAndWait(gallery, [office], /in the Logstore already/);
  await picture('207-import-refused-as-imported');
  await dismissAll(page);

  await openAndWait(gallery, [write.damaged(folder, 'branch-uplink.pcap')], /branch-uplink.pcap.* in 1 window/);
  await picture('208-import-with-losses');
  await page.getByRole('main').getByRole('button', { name: 'Ledger', exact: true }).first().click();
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toContainText('malformed');
  await picture('209-import-ledger-with-losses');
  const ledger = page.getByRole('complementary', { name: 'Ledger' });
  await ledger.getByRole('button', { name: / packets: malformed$/ }).click();
  await expect(page.getByRole('dialog')).toContainText('All 12 packets');
  await picture('210-ledger-packets-of-a-reason');
  await page.keyboard.press('Escape');
  await ledger.getByRole('button', { name: / packets: in log entries$/ }).click();
  await expect(page.getByRole('dialog')).toContainText('The first 500 of 587');
  await picture('211-ledger-packets-first-page');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await dismissAll(page);

  await openAndWait(gallery, [write.untranslated(folder, 'inside-only.pcap')], /Imported inside-only.pcap/);
  await picture('212-import-nothing-translated');
  await dismissAll(page);

  await desk.nameFiles([write.notes(folder)]);
  await expect(page.getByRole('main').getByText(/is no packet capture/)).toBeVisible();
  await picture('213-import-failed');
  await dismissAll(page);

  await desk.nameFiles([write.plain(folder, 'rotated-00.pcap'), write.plain(folder, 'rotated-01.pcap')]);
  await expect(page.getByRole('dialog')).toContainText('What it would translate');
  // Only now, as what was unreadable before is left out.
  write.cutShort(folder, 'rotated-01.pcap');
  await desk.importAsProposed();
  await expect(
    page
      .getByRole('main')
      .getByText(/rotated-01.pcap/)
      .first(),
  ).toBeVisible();
  await picture('214-import-one-of-several-failed');
  await page.getByRole('button', { name: 'Leave it out' }).click();
  await expect(page.getByRole('main').getByText(/rotated-00.pcap.* in 1 window/)).toBeVisible();
  await picture('215-import-one-left-out');
  await dismissAll(page);

  const gone = write.plain(folder, 'dmz-mirror-of-the-second-uplink-in-building-7-2026-03-10T09-20-00Z.pcap');
  await desk.openCapture([gone, write.damaged(folder, 'dmz-b.pcap')]);
  await expect(page.getByRole('main').getByText(/in 1 window/)).toBeVisible();
  await dismissAll(page);
  rmSync(gone);
  await page.reload();
  await expect(page.getByText('File missing')).toBeVisible();
  await picture('216-captures-recent-imports');
});
