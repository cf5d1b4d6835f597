import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from '@playwright/test';
import { natscope } from '../support/command';
import { closeDialog, exportAnswer, exportedFile } from './exported-file';
import { expect, test, type Desk } from './fixtures';
import { expectAccessible, expectNothingCut, expectWellMade } from './page-checks';
import { scanCapture } from './scan-capture';

/* One scenario, the same on every host: what a user does with a capture from opening it to quitting. */

const sample = join(import.meta.dirname, '../../resources/sample.pcapng');
/** Entries of the sample, by the command. */
const SAMPLE_ENTRIES = 316;

const entriesText = (count: number): string => `${count.toLocaleString('en-US')} entries`;
const status = (page: Page) => page.locator('main');
const rows = (page: Page) => page.getByRole('grid').getByRole('row');

async function seeEntries(page: Page, count: number): Promise<void> {
  await expect(status(page)).toContainText(entriesText(count));
  await expect(rows(page).nth(1)).toBeVisible();
}

async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await seeEntries(page, SAMPLE_ENTRIES);
}

async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('search').getByRole('textbox').fill(text);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
}

/** The export of the query on the page. */
async function exported(desk: Desk): Promise<string> {
  const file = await exportAnswer(desk);
  await closeDialog(desk);
  return readFileSync(file, 'utf8');
}

async function query(desk: Desk, text: string, ...options: readonly string[]): Promise<string> {
  const { stdout, code } = await natscope([
    ...['query', text, '--workspace', desk.workspace, '--format', 'csv', ...options],
  ]);
  expect(code).toBe(0);
  return stdout;
}

test('the sample is one click away, and shows rows, histogram, graph and ledger', async ({ desk }) => {
  const { page } = desk;
  await expect(page.getByText('Nothing is imported yet')).toBeVisible();
  await expectWellMade(page);
  await openSample(page);
  await expect(page.getByText('Exact')).toBeVisible();
  await expect(page.getByRole('columnheader')).toHaveCount(15);
  await expect(page.getByRole('slider')).toBeVisible();
  await expectWellMade(page);

  await page.getByRole('tab', { name: 'Graph' }).click();
  await expect(page.locator('.chart canvas')).toBeVisible();
  await page.getByRole('checkbox', { name: 'As a table' }).check();
  const total = await query(desk, '* | SELECT sum(bytes_from_vpc) AS vpc, sum(bytes_from_pub) AS pub');
  const [, sums = ''] = total.trim().split('\n');
  const cells = await page.getByRole('region').getByRole('row').allInnerTexts();
  const column = (index: number): number =>
    cells.slice(1).reduce((sum, row) => sum + Number(row.split('\t').at(index)?.replaceAll(',', '') ?? NaN), 0);
  expect(`${column(-2)},${column(-1)}`).toBe(sums);
  await expectWellMade(page);

  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  const ledger = page.getByRole('complementary', { name: 'Ledger' });
  await expect(ledger).toContainText('Balanced');
  await expect(ledger).toContainText('ipv6_not_translated');
  const digest = createHash('sha256').update(readFileSync(sample)).digest('hex');
  await expect(ledger.getByText(digest)).toBeVisible();
  const [, hosts = ''] = (await query(desk, '* | SELECT count(DISTINCT pri_ip) AS n')).trim().split('\n');
  await expect(ledger).toContainText(`Translated by the gateway ${hosts} hosts, `);
  await expectWellMade(page);
  await ledger.getByRole('button', { name: 'Copy the SHA-256 of sample.pcapng' }).click();
  await expect(page.getByText(`Copied ${digest}`)).toBeAttached();
});

test('a search narrows rows and histogram, a statement shows its own columns, and a mistake is pointed at', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  const found = Number((await query(desk, 'protocol:17 | SELECT count(*) AS n')).trim().split('\n')[1]);
  await search(page, 'protocol:17');
  await seeEntries(page, found);

  await search(page, 'protocol:17 | SELECT pri_ip, count(*) AS n GROUP BY pri_ip ORDER BY n DESC, pri_ip');
  await expect(page.getByRole('columnheader').nth(1)).toContainText('n');
  const top = (await query(desk, 'protocol:17 | SELECT pri_ip, count(*) AS n GROUP BY pri_ip ORDER BY n DESC, pri_ip'))
    .trim()
    .split('\n');
  await expect(rows(page)).toHaveCount(top.length);
  await expect(rows(page).nth(1)).toContainText(top[1]?.split(',')[0] ?? '?');
  await expectWellMade(page);

  await search(page, 'protocol:(17');
  await expect(page.getByRole('search').getByRole('alert')).toBeVisible();
  await expectWellMade(page);
});

test('a value is copied from its cell, by key and by menu', async ({ sampleDesk: { page } }) => {
  const cells = rows(page).nth(1).getByRole('gridcell');
  await cells.nth(2).click();
  await page.getByRole('menuitem', { name: 'Copy C', exact: true }).click();
  await expect(page.getByText(`Copied ${await cells.nth(2).innerText()}`)).toBeAttached();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('c');
  await expect(page.getByText(`Copied ${await cells.nth(3).innerText()}`)).toBeAttached();
});

test('an export of the query is what the command writes', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  await search(page, 'pub_port:443 not pri_ip:10.0.1.12');
  await expect(status(page)).not.toContainText(entriesText(SAMPLE_ENTRIES));
  const csv = await exported(desk);
  // The page shows the newest first, and exports what it shows.
  expect(csv).toBe(await query(desk, 'pub_port:443 not pri_ip:10.0.1.12', '--reverse'));
  expect(csv.split('\n').length).toBeGreaterThan(50);
});

test('the packets of an entry that are saved are those that it counts', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  // All columns are seen, and so drawn.
  await page.setViewportSize({ width: 2400, height: 900 });
  await search(page, 'protocol:6 and pkts_from_pub > 3');
  await expect(status(page)).not.toContainText(entriesText(SAMPLE_ENTRIES));
  await expect(rows(page).nth(1)).toBeVisible();
  const names = await page.getByRole('columnheader').allInnerTexts();
  const cells = rows(page).nth(1).getByRole('gridcell');
  const counter = async (name: string): Promise<number> =>
    Number((await cells.nth(names.findIndex((each) => each.trim() === name)).innerText()).replaceAll(',', ''));
  const packets = (await counter('pkts_from_vpc')) + (await counter('pkts_from_pub'));
  const ipBytes = (await counter('bytes_from_vpc')) + (await counter('bytes_from_pub'));
  expect(packets).toBeGreaterThan(3);

  const file = await exportedFile(desk, async () => {
    await cells.nth(2).click();
    await page.getByRole('menuitem', { name: 'Save the packets of this entry' }).click();
  });
  await expect(page.getByText(`Saved ${packets} packets`).first()).toBeVisible();
  const { stdout, code } = await natscope(['info', file, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ format: 'pcapng', packets, ipv4: { packets, ip_bytes: ipBytes } }]);
});

test('the sample is opened by the file chooser of the browser, or the dialog of the desktop', async ({
  desk,
  host,
}) => {
  const { page } = desk;
  await desk.chooseCapture([sample]);
  await seeEntries(page, SAMPLE_ENTRIES);
  if (host !== 'standin') return;
  const recent = await desk.app?.evaluate(
    ({ app }) => (app as unknown as Record<symbol, readonly string[]>)[Symbol.for('standin.recent')],
  );
  expect(recent).toEqual([sample]);
});

test('the sample is opened by dropping it on the page', async ({ desk }) => {
  const { page } = desk;
  await desk.dragOver([sample]);
  await expect(page.getByText('Let go to open')).toBeVisible();
  await expectWellMade(page);
  await desk.drop([sample]);
  await desk.importAsProposed();
  await seeEntries(page, SAMPLE_ENTRIES);
  await expect(page.getByText('Let go to open')).toBeHidden();
});

test('captures are opened by path or dialog, and those that cannot be say why', async ({ desk }) => {
  const { page, folder } = desk;
  const text = join(folder, 'notes.txt');
  writeFileSync(text, 'no capture at all, just a few words');
  await desk.nameFiles([text]);
  await expect(page.getByRole('alert')).toContainText('notes.txt is no packet capture.');
  await expectWellMade(page);
  await desk.openCapture([sample]);
  await seeEntries(page, SAMPLE_ENTRIES);

  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  await desk.openCapture([sample]);
  await expect(page.getByRole('alert').filter({ hasText: 'in the Logstore already' })).toBeVisible();
});

test('what a capture is can be known before it is imported', async ({ desk }) => {
  const { page, folder } = desk;
  const large = join(folder, 'large.pcap');
  scanCapture(large, 900_000);
  await desk.nameFiles([sample, large]);
  const facts = page.getByRole('list', { name: 'What the captures are' });
  await page.getByText(`What ${basename(sample)} is`).click();
  await expect(facts).toContainText(/SHA-256 [0-9a-f]{64}/);
  await expect(facts).toContainText('Inside hosts, by the default gateway');
  await expect(facts).toContainText(/IPv6 [\d,]+ \(/);
  await expectWellMade(page);
  // What takes a while is read when somebody says so.
  await page.getByText('What large.pcap is').click();
  await expect(facts).toContainText('SHA-256 Computed after the import.');
  await page.getByRole('button', { name: 'Read all of large.pcap' }).click();
  await expect(facts).not.toContainText('SHA-256 Computed after the import.');
  await expect(facts).toContainText('Packets 900,000');
  await page.keyboard.press('Escape');
});

test('an import that is cancelled leaves nothing', async ({ desk }) => {
  const { page, folder, workspace } = desk;
  await openSample(page);
  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  const capture = join(folder, 'scan.pcap');
  scanCapture(capture, 1_500_000);
  await desk.openCapture([capture]);
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.getByText('What scan.pcap is').click();
  const facts = page.getByRole('list', { name: 'What the captures are' });
  await expect(facts).toContainText('raw IP (101), snap length');
  await expect(facts).toContainText('SHA-256 Computed after the import.');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByText('The import of scan.pcap was cancelled.')).toBeVisible();
  await expectWellMade(page);
  expect(await query(desk, '* | SELECT count(*) AS n')).toBe(`n\n${SAMPLE_ENTRIES}\n`);
  expect(readdirSync(join(workspace, 'tmp')).filter((name) => name !== 'exports')).toEqual([]);
});

test('a capture that is chosen stays as it is, and no copy of it that no import names', async ({ desk }) => {
  const { page, folder, workspace } = desk;
  // Only a browser sends captures; the desktop reads them where they are.
  const copies = (): number =>
    existsSync(join(workspace, 'uploads')) ? readdirSync(join(workspace, 'uploads')).length : 0;
  const kept = desk.app === null ? 1 : 0;
  await desk.chooseCapture([sample]);
  await seeEntries(page, SAMPLE_ENTRIES);
  expect(copies()).toBe(kept);

  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  await desk.chooseCapture([sample]);
  await expect(page.getByRole('alert').filter({ hasText: 'in the Logstore already' })).toBeVisible();
  await expect.poll(copies).toBe(kept);
  const capture = join(folder, 'scan.pcap');
  scanCapture(capture, 1_500_000);
  await desk.chooseCapture([capture]);
  await expect(page.getByText('Cancelling keeps nothing of this import.')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByText('The import of scan.pcap was cancelled.')).toBeVisible();
  await expect.poll(copies).toBe(kept);

  // Who insists on a second import is asked for nothing: the copy is made again.
  await page.getByRole('button', { name: 'Import again' }).click();
  await expect.poll(copies).toBe(kept * 2);
  expect(existsSync(sample)).toBe(true);
});

test('an engine that is killed is started again, and the page goes on', async ({ desk }) => {
  const { page } = desk;
  await openSample(page);
  await search(page, 'protocol:6');
  await expect(status(page)).not.toContainText(entriesText(SAMPLE_ENTRIES));
  // How many columns are drawn follows from how wide the page was, too.
  const firstCells = async (): Promise<readonly string[]> =>
    (await rows(page).nth(1).getByRole('gridcell').allTextContents()).slice(0, 8);
  const before = await firstCells();
  expect(before).toHaveLength(8);
  desk.killEngine();
  await expect(page.getByRole('alert')).toContainText('The engine stopped.');
  await expectWellMade(page);
  await page.getByRole('button', { name: 'Restart the engine' }).click();
  await expect(page.getByText('Engine ready')).toBeVisible();
  await expect(page.getByRole('search').getByRole('textbox')).toHaveText('protocol:6');
  await expect.poll(firstCells).toEqual(before);
});

test('what was imported is there after quitting and starting again', async ({ desk }) => {
  await openSample(desk.page);
  await desk.restart();
  await expect(desk.page.getByText('Engine ready')).toBeVisible();
  await desk.page.getByRole('button', { name: 'Logs', exact: true }).click();
  await seeEntries(desk.page, SAMPLE_ENTRIES);
});

test('an edited query is not shown as answered, and an export is of the answer', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  await search(page, 'protocol:1');
  await expect(status(page)).not.toContainText(entriesText(SAMPLE_ENTRIES));
  await page.getByRole('search').getByRole('textbox').fill('protocol:17');
  await expect(page.getByText('Not run yet')).toBeVisible();
  await expectAccessible(page);
  const csv = await exported(desk);
  expect(csv).toBe(await query(desk, 'protocol:1', '--reverse'));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('Not run yet')).toBeHidden();
});

test('a long value is shown whole on demand, and a copy that fails says so', async ({ sampleDesk: { page } }) => {
  const long = 'a value with more characters than any column has room for, which is sixty at most';
  await search(page, `* | SELECT '${long}' AS words FROM log LIMIT 1`);
  await expect(page.getByRole('gridcell').getByTitle(long)).toBeVisible();
  await expectNothingCut(page);

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await page.getByRole('gridcell').click();
  await page.getByRole('menuitem', { name: 'Copy C', exact: true }).click();
  await expect(page.getByText('The value was not copied.').first()).toBeVisible();
});

/** Presses Tab until an element of that name has the focus. */
async function tabTo(page: Page, role: Parameters<Page['getByRole']>[0], name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  await expect(target).toBeVisible();
  const isThere = (): Promise<boolean> => target.evaluate((element) => element === document.activeElement);
  for (let press = 0; press < 60 && !(await isThere()); press++) await page.keyboard.press('Tab');
  await expect(target).toBeFocused();
}

test('everything is done by keyboard alone', async ({ desk }) => {
  const { page } = desk;
  await tabTo(page, 'button', 'Open the sample');
  await page.keyboard.press('Enter');
  await seeEntries(page, SAMPLE_ENTRIES);

  await page.keyboard.press('Control+l');
  await page.keyboard.type('protocol:1');
  await page.keyboard.press('Control+Enter');
  await expect(status(page)).not.toContainText(entriesText(SAMPLE_ENTRIES));
  const box = page.getByRole('search').getByRole('textbox');
  const file = await exportedFile(desk, async () => {
    await page.keyboard.press('Control+e');
    await expect(page.getByRole('radio', { name: 'CSV' })).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
  });
  expect(readFileSync(file, 'utf8')).toBe(await query(desk, 'protocol:1', '--reverse', '--format', 'tsv'));
  await expect(page.getByRole('button', { name: 'Close', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(box).toBeFocused();
});

test('a log is looked at by keyboard alone', async ({ sampleDesk: { page } }) => {
  const slider = page.getByRole('slider');
  for (let press = 0; press < 60 && !(await slider.evaluate((element) => element === document.activeElement)); press++)
    await page.keyboard.press('Tab');
  await expect(slider).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Undo zoom' })).toBeVisible();
  await expect(status(page)).not.toContainText(entriesText(SAMPLE_ENTRIES));
  await page.keyboard.press('z');
  await seeEntries(page, SAMPLE_ENTRIES);

  await tabTo(page, 'tab', 'Raw logs');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Graph' })).toBeFocused();
  await expect(page.locator('.chart canvas')).toBeVisible();

  const opener = page.getByRole('button', { name: 'Ledger', exact: true });
  for (const close of ['Escape', 'Enter']) {
    await opener.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Ledger' })).toBeFocused();
    if (close === 'Enter') await tabTo(page, 'button', 'Close the ledger');
    await page.keyboard.press(close);
    await expect(page.getByRole('complementary', { name: 'Ledger' })).toBeHidden();
    await expect(opener).toBeFocused();
  }
});

test('imports are started and cancelled by keyboard alone, and Esc closes what is in front first', async ({ desk }) => {
  const { page, folder } = desk;
  await openSample(page);
  const capture = join(folder, 'scan.pcap');
  scanCapture(capture, 1_500_000);
  await tabTo(page, 'button', 'Captures');
  await page.keyboard.press('Enter');
  if (desk.app === null) {
    await tabTo(page, 'button', 'Paste path');
    await page.keyboard.press('Enter');
    await page.keyboard.type(capture);
    await page.keyboard.press('Enter');
  } else {
    await desk.answerOpenDialog([capture]);
    await page.keyboard.press('Control+o');
  }
  await desk.importAsProposed();
  await expect(page.getByRole('progressbar')).toBeVisible();

  await tabTo(page, 'button', 'Paste path');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await tabTo(page, 'button', 'Ledger of sample.pcapng');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Ledger' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toBeHidden();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('The import of scan.pcap was cancelled.')).toBeVisible();
});

test('an engine that is gone is started again by keyboard, and the graph comes back', async ({ desk }) => {
  const { page } = desk;
  await openSample(page);
  desk.killEngine();
  await expect(page.getByRole('alert')).toContainText('That takes nothing from what was imported before');
  await page.getByRole('tab', { name: 'Graph' }).press('Enter');
  await expect(page.getByRole('alert')).toHaveCount(2);
  await tabTo(page, 'button', 'Restart the engine');
  await page.keyboard.press('Enter');
  await expect(page.locator('.chart canvas')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
