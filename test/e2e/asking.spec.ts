import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledSample } from '../support/captures';
import { natscope } from '../support/command';
import { enableTwo } from './enabled-gateways';
import { expect, test } from './fixtures';
import { write } from './gallery-captures';
import { expectWellMade } from './page-checks';

/* What a user is asked before an import, and offered after one that translated nothing. */

const GATEWAY = { profile: 'linux', eips: ['192.0.2.1'], snatEntries: [{ sourceCidr: '203.0.113.0/24' }] };

async function entriesOf(workspace: string, logstore: string): Promise<string> {
  const { stdout, code } = await natscope([
    ...['query', '*', '--logstore', logstore, '--workspace', workspace, '--format', 'csv'],
  ]);
  expect(code).toBe(0);
  return stdout;
}

test('a capture is imported through the gateway that is written before, into the Logstore that is named', async ({
  desk,
}) => {
  const { page, folder, workspace } = desk;
  const dialog = page.getByRole('dialog');
  const start = dialog.getByRole('button', { name: 'Import', exact: true });
  const capture = write.foreign(folder, 'isp.pcap');
  await desk.nameFiles([capture]);
  await expect(dialog).toContainText('of all 300 packets');
  await expect(dialog).toContainText('Nothing would be translated.');
  await expectWellMade(page);

  await dialog.getByText('Configuration (JSON)').click();
  const json = dialog.getByRole('textbox', { name: 'Configuration of the gateway' });
  await json.fill('{ "profile": "linus" }');
  await expect(dialog.getByRole('alert')).toContainText('did you mean linux?');
  await expect(start).toBeDisabled();
  await expectWellMade(page);
  await json.fill(JSON.stringify(GATEWAY));
  await expect(dialog).toContainText('Profile linux, port policy linux');
  await expect(dialog.getByRole('row', { name: 'Translated 300' })).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Logstore' }).selectOption('New Logstore');
  await dialog.getByRole('textbox', { name: 'New Logstore' }).fill('by-linux');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toBeVisible();

  const gateway = join(folder, 'gateway.json');
  writeFileSync(gateway, JSON.stringify(GATEWAY));
  const other = join(folder, 'other');
  expect((await natscope(['import', capture, '--gateway', gateway, '--workspace', other])).code).toBe(0);
  const imported = await entriesOf(workspace, 'by-linux');
  expect(imported).toBe(await entriesOf(other, 'session-log'));
  expect(imported).toContain('192.0.2.1');
});

test('where nothing was translated, one key imports it again behind the private side that helps', async ({ desk }) => {
  const { page, folder } = desk;
  await desk.openCapture([write.foreign(folder, 'isp.pcap')]);
  const remedy = page.getByRole('button', { name: 'Use 203.0.113.0/24 as the private side and import again' });
  await expect(remedy).toBeVisible();
  await expect(page.getByText('With 203.0.113.0/24 as the private side, 300 of all 300 packets')).toBeVisible();
  await expectWellMade(page);
  await page.getByRole('button', { name: 'Ledger', exact: true }).press('Enter');
  await expect(page.getByRole('complementary', { name: 'Ledger' }).getByText('Nothing was translated.')).toBeVisible();
  await page.keyboard.press('Escape');
  await remedy.press('Enter');
  await expect(page.getByRole('main')).toContainText('300 entries');
  // The import before stays as it was.
  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Ledger of isp.pcap' })).toHaveCount(2);
});

test('a capture goes through the gateways that are chosen of those whose session log is enabled', async ({ desk }) => {
  const { page, workspace } = desk;
  await enableTwo(workspace);
  const dialog = page.getByRole('dialog');
  const start = dialog.getByRole('button', { name: 'Import', exact: true });
  await desk.nameFiles([bundledSample]);
  const gateways = dialog.getByRole('group', { name: 'Gateways whose session log is enabled' });
  const [first, second] = [
    gateways.getByRole('checkbox', { name: 'ngw-a' }),
    gateways.getByRole('checkbox', { name: 'ngw-b' }),
  ];
  await expect(first).toBeChecked();
  await expect(second).toBeChecked();
  await expect(gateways).toContainText(/Into lab \/ log-a\. [\d,]+ of all 3,738 packets would be translated\./u);
  await expect(gateways).toContainText(/Into lab \/ log-b\. [\d,]+ of all 3,738/u);
  await expectWellMade(page);
  await first.uncheck();
  await second.uncheck();
  await expect(dialog).toContainText('Choose one at least');
  await expect(start).toBeDisabled();
  await second.check();
  await start.click();
  // As with one gateway, its log is shown when it is there.
  await expect(page).toHaveURL(/lab\/log-b/u);

  // The other one has nothing of it yet.
  await page.getByRole('navigation').getByRole('button', { name: 'Captures' }).click();
  await desk.nameFiles([bundledSample]);
  await expect(first).toBeChecked();
  await start.click();
  await expect(page.getByRole('alert')).toContainText('It went through ngw-b before');
  await expect(page.getByRole('alert')).toContainText('ngw-a has nothing of it yet.');
  await page.getByRole('button', { name: 'Import through ngw-a' }).click();
  await expect(page).toHaveURL(/lab\/log-a/u);

  // And all at once, of which each is told.
  await page.getByRole('navigation').getByRole('button', { name: 'Captures' }).click();
  await desk.nameFiles([write.foreign(desk.folder, 'isp.pcap')]);
  await start.click();
  for (const id of ['a', 'b']) {
    await expect(
      page.getByText(new RegExp(`^Imported .* into lab / log-${id}: [\\d,]+ log entries`, 'u')),
    ).toBeVisible();
  }
  await expectWellMade(page);
});
