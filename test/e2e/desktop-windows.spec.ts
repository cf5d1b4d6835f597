import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import type { Menu, Notification } from 'electron';
import { expect, test, type Desk } from './fixtures';
import { scanCapture } from './scan-capture';

const appOf = (desk: Desk): ElectronApplication => {
  if (desk.app === null) throw new Error('a test of the desktop app');
  return desk.app;
};

const choose = (desk: Desk, id: string): Promise<void> =>
  appOf(desk).evaluate(({ Menu }, item) => {
    Menu.getApplicationMenu()?.getMenuItemById(item)?.click();
  }, id);

async function openWindow(desk: Desk, act: () => Promise<void>): Promise<Page> {
  const opening = appOf(desk).waitForEvent('window');
  await act();
  const page = await opening;
  await page.waitForURL((url) => url.protocol !== 'about:');
  await expect(page.getByText('Engine ready')).toBeVisible();
  return page;
}

/** Titles and places of the windows, in the order in which they were opened. */
const nativeWindows = (desk: Desk) =>
  appOf(desk).evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()
      .sort((one, other) => one.id - other.id)
      .map((window) => ({ title: window.getTitle(), bounds: window.getBounds(), isFocused: window.isFocused() })),
  );

test('several windows have one engine, each with its title, place and captures', async ({ desk }) => {
  const first = desk.page;
  await first.getByRole('button', { name: 'Open the sample' }).click();
  await expect(first.getByRole('grid')).toBeVisible();
  const second = await openWindow(desk, () => choose(desk, 'newWindow'));
  const third = await openWindow(desk, () => second.keyboard.press('Control+Shift+N'));
  await second.getByRole('button', { name: 'Logs', exact: true }).click();
  await expect(second.getByRole('grid')).toBeVisible();
  await third.getByRole('button', { name: 'Who', exact: true }).click();
  await expect
    .poll(async () => (await nativeWindows(desk)).map(({ title }) => title))
    .toEqual(['local/session-log – Natscope', 'local/session-log – Natscope', 'Who – Natscope']);
  const places = (await nativeWindows(desk)).map(({ bounds: { x, y } }) => `${x},${y}`);
  expect(new Set(places).size).toBe(3);

  // A command goes to the window that is used, settings to all.
  await appOf(desk).evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()
      .sort((one, other) => one.id - other.id)[1]
      ?.focus();
  });
  await choose(desk, 'settings');
  await expect(second.getByRole('heading', { name: 'Places' })).toBeVisible();
  await expect(first.getByRole('grid')).toBeVisible();
  await second.getByRole('group', { name: 'Theme' }).getByText('Dark').click();
  for (const page of [first, second, third]) await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  // A second start gives its captures to the same window.
  expect(await desk.startAgain(['/nowhere/later.pcap'])).toBe(0);
  await expect(second.getByRole('alert').filter({ hasText: 'later.pcap' })).toBeVisible();
  await expect(first.getByRole('alert')).toHaveCount(0);

  // Closing one leaves the others, and each remembers its place.
  const profile = await appOf(desk).evaluate(({ app }) => app.getPath('userData'));
  await appOf(desk).evaluate(({ BrowserWindow }) => {
    BrowserWindow.getFocusedWindow()?.setBounds({ x: 300, y: 60, width: 1000, height: 700 });
    BrowserWindow.getFocusedWindow()?.close();
  });
  await expect.poll(async () => (await nativeWindows(desk)).length).toBe(2);
  expect(existsSync(join(profile, 'window.json'))).toBe(false);
  expect(JSON.parse(readFileSync(join(profile, 'window-2.json'), 'utf8'))).toMatchObject({ bounds: { x: 300, y: 60 } });
  await first.getByRole('tab', { name: 'Graph' }).click();
  await expect(first.locator('.chart canvas')).toBeVisible();
  await openWindow(desk, () => choose(desk, 'newWindow'));
  const reopened = (await nativeWindows(desk)).at(-1);
  expect(reopened?.bounds).toEqual({ x: 300, y: 60, width: 1000, height: 700 });
});

/** What the stand-in has noted under a name of its own. */
const shownState = (desk: Desk) =>
  appOf(desk).evaluate(({ BrowserWindow, Notification, powerSaveBlocker }) => {
    const noted = (of: object | undefined, name: string): unknown =>
      (of as Record<symbol, unknown> | undefined)?.[Symbol.for(`standin.${name}`)];
    return {
      progress: noted(BrowserWindow.getAllWindows()[0], 'progress') as { value: number; mode: string },
      blocks: (noted(powerSaveBlocker, 'blocks') as Map<number, string>).size,
      notices: (noted(Notification, 'shown') as { body: string }[]).map(({ body }) => body),
    };
  });

test('a long import is seen at the icon, keeps the computer awake, and tells its end', async ({ desk, host }) => {
  test.skip(host !== 'standin', 'nothing tells what a real system shows');
  const { page, folder } = desk;
  await expect(page.getByText('Engine ready')).toBeVisible();
  expect(await shownState(desk)).toMatchObject({ progress: { value: -1 }, blocks: 0 });
  const capture = join(folder, 'scan.pcap');
  scanCapture(capture, 1_500_000);
  await desk.openCapture([capture]);
  await expect.poll(async () => (await shownState(desk)).progress.value).toBeGreaterThan(0);
  expect((await shownState(desk)).blocks).toBe(1);

  // A window that closes on it asks; so does a page that is loaded again, which names what ended with it.
  await page.reload();
  await expect(page.getByRole('region', { name: 'Messages' })).toContainText('The import of scan.pcap was cancelled.');
  await expect.poll(() => shownState(desk)).toMatchObject({ progress: { value: -1, mode: 'none' }, blocks: 0 });

  const end = (body: string, hasFailed: boolean) =>
    page.evaluate(
      ([title, failed]) => window.natscope?.call('work:ended', { title, tookMs: 31_000, hasFailed: failed }),
      [body, hasFailed] as const,
    );
  await end('while it is looked at', true);
  await appOf(desk).evaluate(({ BrowserWindow }) => BrowserWindow.getFocusedWindow()?.blur());
  await end('while it is not', true);
  expect(await shownState(desk)).toMatchObject({ progress: { mode: 'error' }, notices: ['while it is not'] });
  await appOf(desk).evaluate(({ Notification }) => {
    const shown = (Notification as unknown as Record<symbol, Notification[]>)[Symbol.for('standin.shown')];
    shown?.[0]?.emit('click');
  });
  expect(await nativeWindows(desk)).toMatchObject([{ isFocused: true }]);
  expect(await shownState(desk)).toMatchObject({ progress: { mode: 'none' } });
});

/** The labels of the native menu that was shown last. */
const shownMenu = (desk: Desk): Promise<readonly string[]> =>
  appOf(desk).evaluate(({ Menu }) => {
    const menu = (Menu as unknown as Record<symbol, Menu | null>)[Symbol.for('standin.popup')];
    return (menu?.items ?? []).filter(({ type }) => type !== 'separator').map(({ role }) => String(role));
  });

test('what is typed or selected has a native menu', async ({ desk, host }) => {
  test.skip(host !== 'standin', 'a native menu waits for its user');
  const { page } = desk;
  const title = page.getByRole('heading', { level: 1 });
  await title.click({ button: 'right' });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  expect(await shownMenu(desk)).toEqual([]);
  await title.dblclick();
  await title.click({ button: 'right' });
  await expect.poll(() => shownMenu(desk)).toEqual(['copy']);
  await page.getByRole('button', { name: 'Paste path' }).click();
  await page.getByRole('dialog').getByRole('textbox').click({ button: 'right' });
  await expect.poll(() => shownMenu(desk)).toEqual(['cut', 'copy', 'paste', 'selectAll']);
});
