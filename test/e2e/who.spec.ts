import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { natscope } from '../support/command';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* Who was behind a public address and port, as a user asks who has a complaint. */

interface Asked {
  readonly endpoint: string;
  readonly at: string;
  readonly destination: string;
}

async function json(desk: Desk, ...command: readonly string[]): Promise<unknown> {
  const { stdout, code } = await natscope([...command, '--workspace', desk.workspace]);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** A session of the sample with several packets, and a time between them. */
async function someSession(desk: Desk): Promise<Asked> {
  const text =
    'protocol:6 and pkts_from_vpc > 3 | SELECT nat_ip, nat_port, pub_ip, pub_port, start_time, end_time FROM log ORDER BY end_time - start_time DESC, nat_port LIMIT 1';
  const [row] = (await json(desk, 'query', text, '--format', 'json')) as readonly Record<string, string | number>[];
  const at = Math.floor((Number(row?.['start_time']) + Number(row?.['end_time'])) / 2);
  return {
    endpoint: `${row?.['nat_ip']}:${row?.['nat_port']}`,
    at: new Date(at * 1000).toISOString().replace('T', ' ').replace('.000Z', ''),
    destination: `${row?.['pub_ip']}:${row?.['pub_port']}`,
  };
}

interface Attributed {
  readonly confidence: string;
  readonly hosts: readonly {
    readonly address: string;
    readonly sessions: readonly { readonly entries: readonly { readonly id: string; readonly packets: number }[] }[];
  }[];
}

const who = async (desk: Desk, { endpoint, at, destination }: Asked): Promise<Attributed> =>
  (await json(desk, 'who', endpoint, '--at', at, '--destination', destination, '--skew', '5', '--json')) as Attributed;

const openWho = (page: Page): Promise<void> => page.getByRole('button', { name: 'Who', exact: true }).click();
const answer = (page: Page) => page.getByRole('region', { name: 'Best answer' });

test('who had a public address and port is answered by keyboard alone, as the command answers', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  const asked = await someSession(desk);
  const expected = await who(desk, asked);
  const [host] = expected.hosts;
  expect([expected.hosts.length, expected.confidence]).toEqual([1, 'active']);

  await page.getByRole('button', { name: 'Who', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Nothing asked yet')).toBeVisible();
  await expectWellMade(page);
  await page.keyboard.press('Control+l');
  await expect(page.getByLabel('Public address : port')).toBeFocused();
  // What is missing is said where it is missing.
  await page.keyboard.press('Enter');
  await expect(page.getByText('Write the time of the complaint.')).toBeVisible();
  await expect(page.getByLabel('Public address : port')).toBeFocused();
  await expectWellMade(page);
  await page.keyboard.type(asked.endpoint);
  await page.keyboard.press('Tab');
  await page.keyboard.type(asked.at);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type(asked.destination);
  await page.keyboard.press('Enter');

  await expect(answer(page)).toContainText('Confirmed');
  await expect(answer(page)).toContainText(host?.address ?? '?');
  const entries = host?.sessions.flatMap((session) => session.entries) ?? [];
  expect(entries.length).toBeGreaterThan(0);
  for (const { id, packets } of entries) {
    const row = page.getByRole('row').filter({ has: page.getByRole('cell', { name: id, exact: true }) });
    await expect(row).toContainText(String(packets));
  }
  await expectWellMade(page);
});

test('from an answer to its entries in the log, and to its packets', async ({ sampleDesk: desk }) => {
  const { page, folder } = desk;
  const asked = await someSession(desk);
  const [entry] = (await who(desk, asked)).hosts[0]?.sessions[0]?.entries ?? [];
  await openWho(page);
  await page.getByLabel('Public address : port').fill(asked.endpoint);
  await page.getByLabel('Time, UTC').fill(asked.at);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(answer(page)).toBeVisible();

  const save = page.getByRole('button', { name: `Save packets of entry ${entry?.id}` });
  if (desk.app === null) {
    const download = page.waitForEvent('download');
    await save.click();
    expect((await download).suggestedFilename()).toBe(`entry-${entry?.id}.pcapng`);
  } else {
    const path = join(folder, 'packets.pcapng');
    await desk.answerSaveDialog(path);
    await save.click();
    await expect.poll(() => existsSync(path)).toBe(true);
  }
  await expect(page.getByText(`Saved ${entry?.packets} packets`).first()).toBeVisible();

  await page.getByRole('button', { name: 'Open in Logs' }).click();
  await expect(page.getByRole('search').getByRole('textbox')).toHaveText(/^nat_ip:.* and nat_port=/u);
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText(asked.endpoint.split(':')[1] ?? '?');
});

test('complaints are pasted, and one of them is looked into', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  const asked = await someSession(desk);
  const [host] = (await who(desk, asked)).hosts;
  await openWho(page);
  await page.getByRole('button', { name: 'Many at once' }).click();
  const mail = [
    `${asked.at} UTC ${asked.endpoint} -> ${asked.destination} was scanned`,
    `on 2001-01-01 00:00:00 UTC there was 192.0.2.99:1`,
    'the address 192.0.2.98 did it',
  ].join('\n');
  await page.getByLabel('Abuse mails, or a CSV of complaints').fill(mail);
  await page.getByRole('button', { name: 'Find all' }).click();
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(4);
  await expect(rows.nth(1)).toContainText(host?.address ?? '?');
  await expect(rows.nth(2)).toContainText('Nobody known');
  await expect(rows.nth(3)).toContainText('No port.');
  await expectWellMade(page);
  await page.getByRole('button', { name: `Open ${asked.endpoint}` }).click();
  await expect(answer(page)).toContainText(host?.address ?? '?');
  await expect(page.getByLabel('Destination, if known')).toHaveValue(asked.destination);
});

test('hundreds of complaints are shown some at a time, and copied all at once', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  await openWho(page);
  await page.getByRole('button', { name: 'Many at once' }).click();
  const lines = Array.from({ length: 260 }, (_, index) => `203.0.113.1:${1024 + index} at 2026-03-10 09:00:00 UTC`);
  const text = page.getByLabel('Abuse mails, or a CSV of complaints');
  await page.keyboard.press('Control+l');
  await expect(text).toBeFocused();
  await text.fill(lines.join('\n'));
  await page.keyboard.press('Control+Enter');
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(251);
  await expect(page.getByText('The first 250 of 260 are shown')).toBeVisible();
  await page.getByRole('button', { name: 'Show 10 more' }).click();
  await expect(rows).toHaveCount(261);
  await page.getByRole('button', { name: 'Copy table' }).click();
  await expect(page.getByText('Copied the report').first()).toBeVisible();
  // What is answered is told from what is written since.
  await text.fill('203.0.113.1:1024 at 2026-03-10 09:00:00 UTC');
  await expect(page.getByText('The answers to the text before are still shown')).toBeVisible();
  await expectWellMade(page);
});

test('what is drawn is seen where the system forces its colours', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  const asked = await someSession(desk);
  await page.emulateMedia({ forcedColors: 'active' });
  await page.getByRole('tab', { name: 'Graph' }).click();
  const canvas = page.locator('.chart canvas');
  await expect(canvas).toBeVisible();
  // Both sides have their colour: of the pixels that are drawn, some are blue, and others are not.
  const coloursOf = (element: HTMLElement): readonly boolean[] => {
    const { width, height } = element as HTMLCanvasElement;
    const pixels = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
    const seen = [false, false];
    for (let at = 0; at < pixels.length; at += 4) {
      const [red = 0, blue = 0] = [pixels[at], pixels[at + 2]];
      if (blue - red > 60) seen[0] = true;
      if (red - blue > 60) seen[1] = true;
    }
    return seen;
  };
  await expect.poll(() => canvas.evaluate(coloursOf)).toEqual([true, true]);

  await openWho(page);
  await page.getByLabel('Public address : port').fill(asked.endpoint);
  await page.getByLabel('Time, UTC').fill(asked.at);
  await page.getByRole('button', { name: 'Find' }).click();
  const life = page.getByRole('region', { name: /^Life of/u });
  const backOf = (element: Element): string => getComputedStyle(element).backgroundColor;
  expect(await life.locator('.lane .bar').first().evaluate(backOf)).not.toBe(await life.evaluate(backOf));
});

test('a time that cannot be read is said, and the answer before stays', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  const asked = await someSession(desk);
  await openWho(page);
  await page.getByLabel('Public address : port').fill(asked.endpoint);
  await page.getByLabel('Time, UTC').fill(asked.at);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(answer(page)).toBeVisible();
  await page.getByLabel('Time, UTC').fill('last tuesday');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('last tuesday');
  await expect(answer(page)).toBeVisible();
  await expectWellMade(page);
});
