import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { scanCapture } from './scan-capture';
import { startServer, stopServer } from './running-host';

/* What only a page in a browser does. */

test('a reload asks before it ends an import, and says afterwards what ended', async ({ desk }) => {
  const { page, folder } = desk;
  const capture = join(folder, 'scan.pcap');
  scanCapture(capture, 3_000_000);
  await desk.openCapture([capture]);
  await expect(page.getByRole('progressbar')).toBeVisible();

  const asked: string[] = [];
  page.once('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  await page.evaluate(() => location.reload());
  await expect.poll(() => asked).toEqual(['beforeunload']);
  await expect(page.getByRole('progressbar')).toBeVisible();

  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await expect(page.getByText('The import of scan.pcap was cancelled.').first()).toBeVisible();
  await expect(page.getByRole('progressbar')).toBeHidden();
  await page.reload();
  await expect(page.getByText('Nothing is imported yet')).toBeVisible();
  await expect(page.getByText('The import of scan.pcap was cancelled.')).toBeHidden();
});

test('theme and zone are those that were chosen, whatever the port of the host', async ({ desk }) => {
  const { page } = desk;
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('combobox', { name: 'Zone of all times' }).selectOption('Asia/Shanghai');
  const theme = await page.evaluate(() => document.documentElement.dataset['theme']);
  expect(theme).toBe('light');

  const { url, process: server } = await startServer({
    workspace: join(desk.folder, 'other'),
    profile: '',
    captures: [],
  });
  try {
    const other = await page.context().newPage();
    await other.goto(url);
    expect(new URL(other.url()).port).not.toBe(new URL(page.url()).port);
    expect(await other.evaluate(() => document.documentElement.dataset['theme'])).toBe('light');
    await expect(other.getByRole('combobox', { name: 'Zone of all times' })).toHaveValue('Asia/Shanghai');
    await other.close();
  } finally {
    await stopServer(server);
  }
});

test('a folder that is dropped is named as one', async ({ desk }) => {
  const folder = join(desk.folder, 'captures of May');
  mkdirSync(folder);
  // The page is painted, so that what is dropped finds something below it.
  await expect(desk.page.getByText('Engine ready')).toBeVisible();
  await desk.drop([folder]);
  await expect(desk.page.getByText('captures of May is a folder.').first()).toBeVisible();
});

test('files that are dragged away again are forgotten, also where the page changed below them', async ({ desk }) => {
  const { page } = desk;
  await expect(page.getByText('Engine ready')).toBeVisible();
  // By events, as a real pointer makes them: that of the browser's own protocol never leaves the window.
  const drag = (type: 'dragenter' | 'dragleave', selector: string): Promise<void> =>
    page.evaluate(
      ([name, at]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['x'], 'a.pcap'));
        document.querySelector(at)?.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true }));
      },
      [type, selector] as const,
    );
  await drag('dragenter', 'main h1');
  await expect(page.getByText('Let go to open')).toBeVisible();
  await page.evaluate(() => {
    location.hash = '#/settings';
  });
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await drag('dragenter', 'main h2');
  await drag('dragleave', 'main h2');
  await expect(page.getByText('Let go to open')).toBeHidden();
});

test('a key that does nothing on a page is left to the browser', async ({ desk }) => {
  const { page } = desk;
  await expect(page.getByRole('button', { name: 'Open the sample' })).toBeVisible();
  const isPrevented = (key: string, ctrlKey: boolean): Promise<boolean> =>
    page.evaluate(
      (init) =>
        !document.body.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })),
      { key, ctrlKey },
    );
  expect(await isPrevented('l', true)).toBe(false);
  expect(await isPrevented('F5', false)).toBe(false);
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
  expect(await isPrevented('l', true)).toBe(true);
  expect(await isPrevented('F5', false)).toBe(true);
});

test('what is written before the editor of queries has come stays, with its caret, its place and the focus', async ({
  desk,
}) => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toBeVisible();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/query-editor*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  // The range and the button beside the field have their widths when the log is there.
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toBeVisible();
  const field = page.locator('textarea[aria-label="Query"]');
  await field.click();
  await page.keyboard.type('protocol:6');
  await page.keyboard.press('Enter');
  await page.keyboard.type('or protocol:17');
  await page.keyboard.press('ArrowUp');
  const frame = page.getByRole('search').locator('.box');
  const before = await frame.boundingBox();

  release();
  const editor = page.locator('.query-editor .cm-content');
  await expect(editor).toBeFocused();
  await expect(field).toHaveCount(0);
  expect(await frame.boundingBox()).toEqual(before);
  await page.keyboard.type('0');
  await expect(editor).toHaveText('protocol:60or protocol:17');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('main')).toContainText('entries');
});
