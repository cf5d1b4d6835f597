import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { natscope } from '../support/command';
import { expect, test as base, type Desk } from './fixtures';
import { sample, write } from './gallery-captures';
import { HeldWire, isEvent } from './held-wire';
import { outputFolder } from './hosts';
import { expectWellMade } from './page-checks';
import { scanCapture } from './scan-capture';

/*
 * `npm run gallery`: every state of the app as a picture, in both themes and sizes, with the checks of a page made on each.
 * The number in front of a name is its place among the others.
 */

const galleryFolder = join(outputFolder, '../gallery');

interface Gallery {
  readonly desk: Desk;
  readonly wire: HeldWire;
  readonly page: Page;
  /** @param before what a state needs again in each look, since another size has closed it */
  readonly picture: (name: string, before?: () => Promise<void>) => Promise<void>;
}

const test = base.extend<{ gallery: Gallery }>({
  gallery: async ({ desk }, use) => {
    const wire = new HeldWire();
    await wire.attach(desk.page);
    const picture: Gallery['picture'] = (name, before) =>
      expectWellMade(desk.page, async ({ theme, width, height }) => {
        await before?.();
        await desk.page.screenshot({ path: join(galleryFolder, `${name}--${theme}-${width}x${height}.png`) });
      });
    await use({ desk, wire, page: desk.page, picture });
    wire.release();
  },
});

const SLOW_STATEMENT =
  '* | SELECT count(*) AS pairs FROM log a, log b, log c, log d WHERE a.pri_port + b.pub_port + c.nat_port = d.bytes_from_vpc';

const STATEMENT_WITH_VARIABLES =
  'pri_ip:${host} | SELECT pri_ip, sum(bytes_from_vpc + bytes_from_pub) AS bytes WHERE pub_port = ${port} GROUP BY pri_ip ORDER BY bytes DESC';

const openCaptures = (page: Page): Promise<void> => page.getByRole('button', { name: 'Captures', exact: true }).click();
const openLogs = (page: Page): Promise<void> => page.getByRole('button', { name: 'Logs', exact: true }).click();
const firstRow = (page: Page) => page.getByRole('grid').getByRole('row').nth(1);
const isReady = (page: Page): Promise<void> => expect(page.getByText('Engine ready')).toBeVisible();

async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('search').getByRole('textbox', { name: 'Query' }).fill(text);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
}

async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(firstRow(page)).toBeVisible();
}

/** Opens captures by path, and waits for what is said of them. */
async function openAndWait({ desk, page }: Gallery, paths: readonly string[], text: string | RegExp): Promise<void> {
  await desk.openCapture(paths);
  await expect(page.getByRole('main').getByText(text).first()).toBeVisible();
}

async function dismissAll(page: Page): Promise<void> {
  const dismiss = page.getByRole('main').getByRole('button', { name: 'Dismiss', exact: true });
  while ((await dismiss.count()) > 0) await dismiss.first().click();
}

test('before anything is imported', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  await isReady(page);
  await expect(page.getByText('Nothing is imported yet')).toBeVisible();
  await picture('01-captures-first-start');

  await desk.dragOver([sample]);
  await expect(page.getByText('Let go to open')).toBeVisible();
  await picture('02-captures-drop-overlay');
  await page.reload();

  await page.getByRole('button', { name: 'Paste path' }).click();
  await picture('03-captures-path-dialog');
  await page.getByRole('dialog').getByRole('textbox').fill('captures/edge.pcapng');
  await page.getByRole('dialog').getByRole('button', { name: /^Open/ }).click();
  await picture('04-captures-path-dialog-refused');
  await page.keyboard.press('Escape');

  await openLogs(page);
  await expect(page.getByRole('search')).toBeVisible();
  await expect(page.getByText('Searching')).toBeHidden();
  await picture('20-logs-nothing-imported');

  wire.hold();
  await page.reload();
  await expect(page.getByText('Engine starting')).toBeVisible();
  await picture('21-logs-engine-starting');
  await openCaptures(page);
  await picture('05-captures-engine-starting');
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
  await picture('06-import-running-and-waiting');
  await page.getByText('What edge-scan-2026-03-10.pcap is').click();
  await picture('18-import-facts-before');
  await page.getByText('What edge-scan-2026-03-10.pcap is').click();
  await openLogs(page);
  await picture('22-logs-first-import-running');
  await openCaptures(page);
  wire.release();
  await page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
  await page.getByRole('button', { name: 'Cancel', exact: true }).last().click();
  await expect(page.getByText(/was cancelled/).first()).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await picture('08-import-cancelled');
  await dismissAll(page);

  // What is not read stays in the buffers of the system, which hold some of it.
  desk.freezeHost(true);
  await desk.chooseFiles([scan]);
  await expect(page.getByText(/[1-9]\S*\s.?B of .* copied/)).toBeVisible();
  await picture('07-import-copying');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  desk.freezeHost(false);
});

test('what is asked before an import', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  const { folder } = desk;
  const dialog = page.getByRole('dialog');
  await isReady(page);
  await desk.nameFiles([write.copy(folder, 'office-2026-03-10.pcapng')]);
  await expect(dialog).toContainText('What it would translate');
  await picture('91-import-asked');
  await dialog.getByText('Settings', { exact: true }).click();
  await dialog.getByLabel('EIPs').fill('203.0.113.10, 203.0.113.11, 203.0.113.12');
  await expect(dialog).toContainText('and 1 other');
  await dialog.getByText(/^What office/).click();
  await picture('92-import-asked-settings');
  await dialog.getByText('Configuration (JSON)').click();
  await dialog.getByLabel('Configuration of the gateway').fill('{ "profile": "linus", "windowSec": 0 }');
  await expect(dialog.getByRole('alert')).toContainText('did you mean linux?');
  await picture('93-import-asked-wrong-configuration');
  await page.keyboard.press('Escape');

  await desk.nameFiles([write.foreign(folder, 'isp.pcap'), write.notes(folder)]);
  await expect(dialog).toContainText('Nothing would be translated.');
  await picture('94-import-asked-nothing-translated');
  await desk.importAsProposed();
  await expect(page.getByRole('button', { name: /as the private side and import again/ })).toBeVisible();
  await picture('95-import-remedy');
});

test('what imports end as', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  const { folder } = desk;
  await isReady(page);
  const office = write.copy(folder, 'office-2026-03-10.pcapng');
  await desk.openCapture([office]);
  await expect(firstRow(page)).toBeVisible();
  await openCaptures(page);
  await picture('09-import-done');

  await openAndWait(gallery, [office], /in the Logstore already/);
  await picture('10-import-refused-as-imported');
  await dismissAll(page);

  await openAndWait(gallery, [write.damaged(folder, 'branch-uplink.pcap')], /branch-uplink.pcap.* in 1 window/);
  await picture('11-import-with-losses');
  await page.getByRole('main').getByRole('button', { name: 'Ledger', exact: true }).first().click();
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toContainText('malformed');
  await picture('12-import-ledger-with-losses');
  const ledger = page.getByRole('complementary', { name: 'Ledger' });
  await ledger.getByRole('button', { name: / packets: malformed$/ }).click();
  await expect(page.getByRole('dialog')).toContainText('All 12 packets');
  await picture('96-ledger-packets-of-a-reason');
  await page.keyboard.press('Escape');
  await ledger.getByRole('button', { name: / packets: in log entries$/ }).click();
  await expect(page.getByRole('dialog')).toContainText('The first 500 of 587');
  await picture('97-ledger-packets-first-page');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await dismissAll(page);

  await openAndWait(gallery, [write.untranslated(folder, 'inside-only.pcap')], /inside-only.pcap/);
  await picture('13-import-nothing-translated');
  await dismissAll(page);

  await desk.nameFiles([write.notes(folder)]);
  await expect(page.getByRole('main').getByText(/is no packet capture/)).toBeVisible();
  await picture('14-import-failed');
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
  await picture('15-import-one-of-several-failed');
  await page.getByRole('button', { name: 'Leave it out' }).click();
  await expect(page.getByRole('main').getByText(/rotated-00.pcap.* in 1 window/)).toBeVisible();
  await picture('16-import-one-left-out');
  await dismissAll(page);

  const gone = write.plain(folder, 'dmz-mirror-of-the-second-uplink-in-building-7-2026-03-10T09-20-00Z.pcap');
  await desk.openCapture([gone, write.damaged(folder, 'dmz-b.pcap')]);
  await expect(page.getByRole('main').getByText(/in 1 window/)).toBeVisible();
  await dismissAll(page);
  rmSync(gone);
  await page.reload();
  await expect(page.getByText('File missing')).toBeVisible();
  await picture('17-captures-recent-imports');
});

test('queries and what they find', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await picture('23-logs-entries');

  await search(page, 'pub_port=443 and pri_ip:10.0.1.11 and bytes_from_pub >= 5000');
  await expect(page.getByRole('search').getByRole('alert')).toBeHidden();
  await expect(firstRow(page)).toContainText('10.0.1.11');
  await picture('24-logs-narrow-search');

  await search(
    page,
    'protocol:6 | SELECT pri_ip, count(*) AS sessions, sum(bytes_from_vpc) AS sent, sum(bytes_from_pub) AS received, max(end_time) AS last_seen GROUP BY pri_ip ORDER BY received DESC',
  );
  await expect(page.getByRole('columnheader', { name: 'sessions' })).toBeVisible();
  await picture('25-logs-statement');

  await page.getByRole('grid').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  await picture('26-logs-cell-by-keyboard');

  await search(page, 'protocol:6 | SELECT pri_ip, sum(bytes_from_pubs) AS received GROUP BY pri_ip');
  await expect(page.getByRole('search').getByRole('alert')).not.toBeEmpty();
  await picture('27-logs-statement-error');

  await search(page, 'protocol:(6 or 17');
  await expect(page.getByRole('search').getByRole('alert')).toContainText(/\S/);
  await picture('28-logs-search-error');

  await search(page, 'pri_ip:192.0.2.1');
  await expect(page.getByText('No entries in this answer')).toBeVisible();
  await picture('29-logs-nothing-found');
  await page.getByRole('tab', { name: 'Graph' }).click();
  await picture('30-graph-of-nothing');
  await page.getByRole('tab', { name: 'Raw logs' }).click();

  await page.getByRole('search').getByRole('textbox').fill('protocol:6 and pub_port >');
  await picture('31-logs-unfinished-search');
  await page.getByRole('search').getByRole('textbox').fill('');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(firstRow(page)).toBeVisible();
  await page.getByRole('button', { name: /Whole log/ }).click();
  await picture('32-logs-time-range');
  await page.getByLabel('From').fill('yesterday');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('search').getByRole('alert')).toContainText(/\S/);
  await picture('33-logs-time-range-error');
});

test('a histogram that is brushed, and zoomed', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await page.getByRole('slider').focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await picture('34-logs-histogram-pointed-at');
  for (let bin = 0; bin < 18; bin++) await page.keyboard.press('Shift+ArrowRight');
  await picture('35-logs-histogram-brushed');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Undo zoom' })).toBeVisible();
  await picture('36-logs-histogram-zoomed');

  const cell = firstRow(page).getByRole('gridcell').nth(8);
  await picture('37-logs-value-menu', async () => {
    await page.keyboard.press('Escape');
    await cell.click();
    await expect(page.getByRole('menu')).toBeVisible();
  });
});

test('saved searches', async ({ gallery }) => {
  const { page, picture } = gallery;
  await isReady(page);
  await openSample(page);
  const picker = page.getByRole('dialog', { name: 'Saved searches' });
  const openPicker = async (): Promise<void> => {
    if (await picker.isHidden()) await page.keyboard.press('Alt+s');
    await expect(picker.getByRole('button', { name: 'Save as…' })).toBeVisible();
  };
  await openPicker();
  await expect(picker.getByText('None are saved')).toBeVisible();
  await picture('71-saved-none', openPicker);
  await page.keyboard.press('Escape');
  for (const [name, text] of [
    ['DNS queries', 'protocol:17 and pub_port:53'],
    ['Who talks to a port, by bytes, since the beginning', STATEMENT_WITH_VARIABLES],
  ] as const) {
    await search(page, text);
    await openPicker();
    await picker.getByRole('button', { name: 'Save as…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    if (text !== STATEMENT_WITH_VARIABLES) {
      await dialog.getByRole('button', { name: 'Save search' }).click();
      await expect(dialog).toBeHidden();
      continue;
    }
    await dialog.getByRole('textbox', { name: 'Default of host' }).fill('*');
    await picture('72-saved-save');
    await dialog.getByRole('button', { name: 'Save search' }).click();
    await expect(dialog).toBeHidden();
  }
  await page.getByRole('textbox', { name: 'port' }).press('Enter');
  await expect(page.getByText('it has no value')).toBeVisible();
  await picture('73-saved-variable-without-value');
  await page.getByRole('textbox', { name: 'port' }).fill('443');
  await search(page, `${STATEMENT_WITH_VARIABLES} LIMIT 5`);
  await expect(page.getByText('Changed, not saved')).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'bytes' })).toBeVisible();
  await picture('74-saved-changed');
  await openPicker();
  await picture('75-saved-list', openPicker);
  await picker.getByRole('button', { name: 'Rename…' }).click();
  await picture('76-saved-rename');
  await page.keyboard.press('Escape');
  await openPicker();
  await picker.getByRole('button', { name: 'Delete…' }).click();
  await picture('77-saved-delete');
});

test('raw logs in each view, and around an entry', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await openSample(page);
  await page.getByText('Raw', { exact: true }).click();
  await page.getByRole('grid').focus();
  for (let line = 0; line < 20; line++) await page.keyboard.press('ArrowDown');
  await picture('78-raw-lines');
  await page.getByText('JSON', { exact: true }).click();
  await picture('79-raw-json');
  await page.getByText('Table', { exact: true }).click();
  const columns = page.getByRole('button', { name: /columns$/i });
  await columns.click();
  for (const name of ['instance', 'vpc_id', 'end_time']) await page.getByRole('checkbox', { name }).uncheck();
  await picture('80-raw-columns');
  await page.keyboard.press('Escape');
  await picture('81-raw-columns-hidden');
  await page.getByRole('grid').focus();
  for (let row = 0; row < 40; row++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  await expect(page.getByRole('region', { name: 'Context' })).toContainText('41 after');
  await picture('82-context');
  await page.getByRole('grid').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Log entry', exact: true })).toContainText('Evidence');
  await picture('83-context-with-entry');

  const long = join(desk.folder, 'errors.csv');
  const trace = Array.from({ length: 60 }, (_, depth) => `at frame_${depth} (worker.js:${depth}:7)`).join(' ');
  writeFileSync(long, `time,level,message\n2026-03-10 08:00:00,error,"${trace}"\n2026-03-10 08:00:01,info,ready\n`);
  await openCaptures(page);
  await desk.nameFiles([long]);
  await page.getByRole('dialog').getByRole('button', { name: 'Load into errors' }).click();
  await expect(firstRow(page)).toContainText('ready');
  await page.getByRole('button', { name: 'Wrap' }).click();
  await picture('84-raw-wrapped');
  await page.getByText('JSON', { exact: true }).click();
  await picture('85-raw-json-wrapped');
});

test('queries that take their time', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await search(page, SLOW_STATEMENT);
  await expect(page.getByText('Searching')).toBeVisible();
  await picture('38-logs-query-running');
  await page.getByRole('search').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Cancelled', { exact: true })).toBeVisible();
  await picture('39-logs-query-cancelled');
});

test('who it was', async ({ gallery }) => {
  const { page, picture } = gallery;
  const openWho = (): Promise<void> => page.getByRole('button', { name: 'Who', exact: true }).click();
  await isReady(page);
  await openWho();
  await picture('60-who-no-log');
  await openCaptures(page);
  await openSample(page);
  await openWho();
  await picture('61-who-nothing-asked');
  await page.getByRole('button', { name: 'Find' }).click();
  await picture('62-who-question-refused');
  const ask = async (endpoint: string, at: string): Promise<void> => {
    await page.getByLabel('Public address : port').fill(endpoint);
    await page.getByLabel('Time, UTC').fill(at);
    await page.getByRole('button', { name: 'Find' }).click();
  };
  await ask('203.0.113.1:2892', '2026-03-10 08:57:32');
  await expect(page.getByText('Confirmed').first()).toBeVisible();
  await picture('63-who-answered');
  await ask('203.0.113.1:2892', '2026-03-10 08:00:00');
  await expect(page.getByText('Nobody known')).toBeVisible();
  await picture('64-who-nobody');
  await ask('203.0.113.1:2892', 'last tuesday');
  await expect(page.getByRole('alert')).toBeVisible();
  await picture('65-who-time-refused');
  await page.getByRole('button', { name: 'Many at once' }).click();
  await picture('66-who-complaints');
  const mail = [
    'Mar 10 2026 08:57:32 UTC 203.0.113.1 port 2892 scanned 198.51.100.10',
    '203.0.113.1:2403 2026-03-10 08:58:10',
    'the address 192.0.2.98 did it',
  ];
  await page.getByLabel('Abuse mails, or a CSV of complaints').fill(mail.join('\n'));
  await page.getByRole('button', { name: 'Find all' }).click();
  await expect(page.getByText('Complaints and their hosts').first()).toBeVisible();
  await picture('67-who-complaints-answered');
});

test('the graph, and the ledger', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await page.getByRole('tab', { name: 'Graph' }).click();
  await expect(page.locator('.chart canvas')).toBeVisible();
  await picture('40-graph');
  await page.getByRole('checkbox', { name: 'As a table' }).check();
  await picture('41-graph-as-table');
  await page.getByRole('tab', { name: 'Raw logs' }).click();
  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toContainText('Balanced');
  await picture('42-ledger');
});

test('losses behind a log, and their ledger', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await openSample(page);
  await openCaptures(page);
  await openAndWait(gallery, [write.damaged(desk.folder, 'branch-uplink.pcap')], /branch-uplink.pcap.* in 1 window/);
  await openLogs(page);
  await expect(page.getByText('Losses behind it')).toBeVisible();
  await picture('43-logs-with-losses');
  await page.getByRole('button', { name: 'What is missing' }).click();
  await expect(page.getByRole('complementary', { name: 'Ledger' })).toContainText('malformed');
  await picture('44-ledger-with-losses');
});

test('exports', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  const scan = join(desk.folder, 'edge-scan-2026-03-10.pcap');
  scanCapture(scan, 400_000);
  await isReady(page);
  await desk.openCapture([scan]);
  await expect(firstRow(page)).toBeVisible({ timeout: 60_000 });
  await picture('45-logs-many-entries');
  const dialog = page.getByRole('dialog');
  const start = dialog.getByRole('button', { name: /^Export \S+ rows$/ });
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await picture('59-export-choices');
  for (const format of ['XLSX', 'Parquet', 'CSV']) {
    await dialog.getByText(format, { exact: true }).click();
    if (format !== 'CSV') await picture(`60-export-choices-${format.toLowerCase()}`);
  }
  wire.holdBehind(isEvent('export:progress', ({ rows }) => Number(rows) > 100_000));
  await start.click();
  await expect(dialog.getByText(/[1-9]\S* of \S+ rows, /)).toBeVisible();
  await picture('61-export-running');
  await page.keyboard.press('Escape');
  await expect(page.getByText(/[1-9]\S* rows, .* written/)).toBeVisible();
  await picture('46-logs-export-running');
  wire.release();
  const toast = page.getByRole('region', { name: 'Messages' }).getByRole('listitem');
  await expect(toast).toContainText('Exported');
  await toast.hover();
  await picture('47-logs-export-done', () => toast.hover());

  rmSync(join(desk.workspace, 'tmp/exports'), { recursive: true });
  writeFileSync(join(desk.workspace, 'tmp/exports'), '');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await start.click();
  await expect(dialog.getByRole('alert')).toContainText('cannot be');
  await picture('48-export-failed');
  rmSync(join(desk.workspace, 'tmp/exports'));
  await start.click();
  await expect(dialog.getByRole('heading', { name: 'Exported' })).toBeVisible();
  await picture('62-export-done');
});

const REQUESTS = [
  'time,client,path,status,latency_ms,zip',
  ...Array.from(
    { length: 400 },
    (_, index) =>
      `2026-03-10 08:${String(index % 60).padStart(2, '0')}:00,10.0.0.${index % 200},/api/${index},200,${index / 7},0${index}`,
  ),
  '2026-03-10 08:00:00,10.0.0.1,/api',
  'never,10.0.0.2,/api/1,500,1,07',
].join('\n');

test('log exports that are loaded', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  const { folder } = desk;
  const dialog = page.getByRole('dialog');
  await isReady(page);
  const other = join(folder, 'other');
  const sessions = join(folder, 'cloud-export-2026-03-10.csv');
  await natscope(['import', sample, '--workspace', other]);
  await natscope([
    'query',
    '*',
    '--workspace',
    other,
    '--out',
    sessions,
    '--format',
    'csv',
    '--spelling',
    'preview2024',
  ]);
  await desk.nameFiles([sessions]);
  await expect(dialog).toContainText('all 316 entries');
  await picture('63-load-session-logs');
  await dialog.getByRole('combobox', { name: 'Logstore' }).selectOption('New Logstore');
  await picture('64-load-new-logstore');
  await page.keyboard.press('Escape');

  const requests = join(folder, 'access.csv');
  writeFileSync(requests, REQUESTS);
  await desk.nameFiles([requests]);
  await expect(dialog).toContainText('Types are proposed');
  await picture('65-load-fields');
  await dialog.getByRole('button', { name: 'Load into access' }).click();
  await expect(page.getByText('2 lines are no log entry, and kept aside.')).toBeVisible();
  await picture('66-load-done-with-bad-lines');
  await page.getByRole('button', { name: 'Show 2 bad lines' }).click();
  await expect(dialog).toContainText('line 402');
  await picture('67-load-bad-lines');
  await page.keyboard.press('Escape');

  await desk.nameFiles([requests]);
  await dialog.getByRole('button', { name: 'Load into access' }).click();
  await expect(page.getByRole('main').getByText('These files are in the Logstore already.')).toBeVisible();
  await picture('68-load-repeated');
  await dismissAll(page);

  const large = join(folder, 'large.csv');
  writeFileSync(large, `${REQUESTS}\n`.repeat(3000));
  wire.holdBehind(isEvent('load:progress', ({ pass, entries }) => pass === 2 && Number(entries) > 100_000));
  await desk.nameFiles([large]);
  await dialog.getByRole('button', { name: 'Load into large' }).click();
  await expect(page.getByText(/of .* read, [1-9]\S* entries/)).toBeVisible();
  await expect(page.getByText('Loading', { exact: true })).toBeVisible({ timeout: 60_000 });
  await picture('69-load-running');
  wire.release();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByText('Loading large.csv was cancelled.')).toBeVisible();
  await picture('70-load-cancelled');
});

test('without an index', async ({ gallery }) => {
  const { desk, page, picture } = gallery;
  await isReady(page);
  const { code } = await natscope(['import', sample, '--workspace', desk.workspace, '--no-index']);
  expect(code).toBe(0);
  await page.reload();
  await openLogs(page);
  await expect(page.getByText('This Logstore has no index.')).toBeVisible();
  await picture('49-logs-without-index');
  await page.getByRole('button', { name: 'Create an index…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Index of session-log' });
  await expect(dialog.getByRole('region', { name: 'Changes' })).toContainText('pri_ip');
  await picture('100-index-recommended');
  await dialog.getByRole('textbox', { name: 'Alias in SQL of protocol', exact: true }).fill('pri_ip');
  await expect(dialog.getByRole('alert')).toContainText('keys.protocol.alias');
  await picture('101-index-wrong');
  await dialog.getByRole('textbox', { name: 'Alias in SQL of protocol', exact: true }).fill('proto');
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await dialog.getByRole('radio', { name: 'Fields' }).press('ArrowRight');
  await expect(dialog.getByRole('textbox')).toHaveValue(/"proto"/u);
  await picture('102-index-json');
  await dialog.getByRole('button', { name: 'Save index' }).click();
  await expect(firstRow(page)).toBeVisible();
  await dismissAll(page);
  await page.getByRole('button', { name: 'Index', exact: true }).click();
  await expect(dialog).toContainText('Nothing is changed.');
  await picture('103-index-unchanged');
  await dialog.getByRole('button', { name: 'Delete index…' }).click();
  await picture('104-index-delete');
});

test('without an engine, and without a host', async ({ gallery }) => {
  const { desk, page, picture, wire } = gallery;
  await openSample(page);
  desk.killEngine();
  await expect(page.getByRole('alert')).toContainText('The engine stopped.');
  await picture('50-logs-engine-down');
  await openCaptures(page);
  await picture('51-captures-engine-down');
  await page.getByRole('button', { name: 'Restart the engine' }).click();
  await isReady(page);
  await wire.cutBridge();
  await expect(page.getByRole('alert')).toContainText('The connection to the host is lost.');
  await picture('52-captures-host-lost');
});

test('a tab without a key', async ({ gallery }) => {
  const { page, picture } = gallery;
  await isReady(page);
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('This tab has no key to Natscope.');
  await picture('53-captures-no-key');
});

test('the packets of an entry', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await firstRow(page).getByRole('gridcell').nth(8).click();
  await page.getByRole('menuitem', { name: 'Save the packets of this entry' }).click();
  const toast = page.getByRole('region', { name: 'Messages' }).getByRole('listitem');
  await expect(toast).toContainText(/Saved \d+ packets?/);
  await picture('54-logs-packets-saved', () => toast.hover());
  await page.getByRole('grid').focus();
  await page.keyboard.press('w');
  const opened = toast.filter({ hasText: 'A page cannot start a program' });
  await expect(opened).toBeVisible();
  await picture('105-logs-packets-opened', () => opened.hover());
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
  await picture('55-ledger-facts-without-digest', () => compute.scrollIntoViewIfNeeded());

  rmSync(packed);
  await compute.click();
  await expect(ledger).toContainText('Not known. branch-uplink.pcap.gz does not exist.');
  await picture('56-ledger-facts-digest-failed', () => ledger.getByText('Not known.').scrollIntoViewIfNeeded());
  await page.keyboard.press('Escape');

  await openSample(page);
  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  const copy = ledger.getByRole('button', { name: 'Copy the SHA-256 of sample.pcapng' });
  await expect(copy).toBeVisible();
  await picture('57-ledger-facts-with-digest', () => copy.scrollIntoViewIfNeeded());
  const end = ledger.getByText('Other hosts').or(ledger.getByText('10.0.1.12')).last();
  await picture('58-ledger-facts-hosts', () => end.scrollIntoViewIfNeeded());
});

test('commands and keys', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: /^Search commands/ })).toBeFocused();
  await picture('110-palette');
  await page.keyboard.type('zone euro');
  await picture('111-palette-searched');
  await page.keyboard.type(' nowhere');
  await picture('112-palette-nothing-found');
  await page.keyboard.press('Escape');
  await page.keyboard.press('F1');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await picture('113-shortcuts');
});

test('settings', async ({ gallery }) => {
  const { page, picture } = gallery;
  await isReady(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Places' })).toBeVisible();
  await picture('114-settings');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('about');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'About Natscope' })).toContainText('DuckDB');
  await picture('115-about');
});

test('what the README shows', async ({ gallery }) => {
  const { page, picture } = gallery;
  await openSample(page);
  await search(page, 'pub_port=443 not pri_ip:10.0.1.12');
  await expect(page.getByRole('main')).toContainText('132 entries');
  await page.getByRole('slider').focus();
  for (const key of ['End', ...Array.from({ length: 16 }, () => 'ArrowLeft')]) await page.keyboard.press(key);
  for (let bin = 0; bin < 14; bin++) await page.keyboard.press('Shift+ArrowLeft');
  await picture('90-readme-logs');
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
  await picture('91-readme-ledger');
});
