import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { natscope } from '../support/command';
import { udpPacket } from '../support/frames';
import { LINK, pcapFile } from '../support/pcap-writer';
import { SECOND } from '../support/time';
import { expect, test } from './fixtures';
import { expectWellMade } from './page-checks';

const START_SEC = 1_700_000_400;
const SPACING_SEC = 60;
const WINDOW_ENTRIES = 600 / SPACING_SEC;
const WINDOWS = 25;

/** One datagram of a session of its own every minute. */
function capture(path: string): string {
  const packets = Array.from({ length: WINDOWS * WINDOW_ENTRIES }, (_, index) => ({
    atNs: BigInt(START_SEC + index * SPACING_SEC) * SECOND,
    bytes: udpPacket({ from: `10.0.0.1:${1024 + index}`, to: '198.51.100.7:53' }),
  }));
  writeFileSync(path, pcapFile(packets, { linkType: LINK.raw, resolution: 'ns' }));
  return path;
}

/** What is shown in the main part, as far as it is a number of entries. */
async function shownEntries(page: Page): Promise<number> {
  const text = (await page.getByRole('main').innerText()).replaceAll('\n', ' ');
  return Number(/([\d,]+) entr(?:y|ies)\b/u.exec(text)?.[1]?.replaceAll(',', '') ?? NaN);
}

const atLeast = (page: Page, entries: number) =>
  expect.poll(() => shownEntries(page), { timeout: 10_000 }).toBeGreaterThanOrEqual(entries);

test('a capture is played and paused, its log grows and is followed, and so is what the command plays', async ({
  desk,
}) => {
  const { page } = desk;
  const bar = page.getByRole('contentinfo');
  const speed = bar.getByRole('combobox', { name: 'Speed' });
  const path = capture(join(desk.folder, 'played.pcap'));

  await desk.nameFiles([path]);
  await page.getByRole('combobox', { name: 'Pace' }).selectOption('600');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await expect(bar).toContainText('Playing played.pcap');
  await page.getByRole('navigation').getByRole('button', { name: 'Logs' }).click();
  await atLeast(page, WINDOW_ENTRIES);
  const before = await shownEntries(page);
  const newer = page.getByRole('button', { name: /^Show [\d,]+ new entries$/u });
  await expect(newer).toBeVisible();
  expect(await shownEntries(page)).toBe(before);
  await newer.click();
  await atLeast(page, before + WINDOW_ENTRIES);

  await page.getByRole('checkbox', { name: 'Refresh by itself' }).check();
  const followed = await shownEntries(page);
  await atLeast(page, followed + WINDOW_ENTRIES);
  await bar.getByRole('button', { name: 'Pause' }).click();
  await expect(bar.getByRole('button', { name: 'Go on' })).toBeVisible();
  await speed.selectOption('3600');
  await expect(speed).toHaveValue('3600');
  await bar.getByRole('button', { name: 'Go on' }).click();
  await atLeast(page, WINDOWS * WINDOW_ENTRIES);
  await expect(bar).not.toContainText('Playing');

  const played = natscope([
    'replay',
    path,
    '--again',
    '--from',
    '+230m',
    '--speed',
    '60',
    '--workspace',
    desk.workspace,
  ]);
  await expect(bar).toContainText('Playing played.pcap');
  await bar.getByRole('button', { name: 'Pause' }).click();
  await expect(bar.getByRole('button', { name: 'Go on' })).toBeVisible();
  await page.getByRole('navigation').getByRole('button', { name: 'Captures' }).click();
  const panel = page.getByRole('region', { name: 'Played by another window or the command' });
  await panel.getByRole('combobox', { name: 'Speed' }).selectOption('3600');
  await expect(speed).toHaveValue('3600');
  await expectWellMade(page);
  await panel.getByRole('button', { name: 'Go on' }).click();
  expect((await played).code).toBe(0);
  await expect(panel).toBeHidden();
});

test('several replays are paused, let go on and stopped together', async ({ desk }) => {
  const { page } = desk;
  const bar = page.getByRole('contentinfo');
  const path = capture(join(desk.folder, 'played.pcap'));
  const played = ['one', 'two'].map((logstore) =>
    natscope(['replay', path, '--speed', '60', '--logstore', logstore, '--workspace', desk.workspace]),
  );
  // The commands start beside each other, and the page looks for what they play now and then.
  await expect(bar).toContainText('Playing 2 replays', { timeout: 30_000 });
  await bar.getByRole('button', { name: 'Pause all' }).click();
  await expect(bar).toContainText('Paused 2 replays');
  await page.getByRole('navigation').getByRole('button', { name: 'Captures' }).click();
  const panel = page.getByRole('region', { name: 'Played by another window or the command' });
  await expect(panel.getByRole('button', { name: 'Go on' })).toHaveCount(2);
  await panel.getByRole('combobox', { name: 'Speed' }).first().selectOption('600');
  await expect(bar.getByRole('combobox', { name: 'Speed of all' })).toHaveValue('');
  await expectWellMade(page);
  await bar.getByRole('button', { name: 'Go on with all' }).click();
  await expect(panel.getByRole('button', { name: 'Pause' })).toHaveCount(2);
  await bar.getByRole('button', { name: 'Stop all' }).click();
  for (const { code } of await Promise.all(played)) expect(code).toBe(0);
  await expect(panel).toBeHidden();
  await expect(bar.getByRole('button', { name: 'Stop' })).toBeHidden();
});
