import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Desk } from './fixtures';
import { expectAccessible } from './page-checks';

/** The profile of the app that runs. */
const profileOf = (desk: Desk): Promise<string> =>
  desk.app?.evaluate(({ app }) => app.getPath('userData')) ?? Promise.reject(new Error('a browser has no profile'));

const choose = (desk: Desk, setting: string, choice: string): Promise<void> =>
  desk.page.getByRole('group', { name: setting }).getByText(choice).click();

const kept = (profile: string): unknown => JSON.parse(readFileSync(join(profile, 'settings.json'), 'utf8'));

test('choose settings, which native menus and the next start have, too', async ({ desk }) => {
  await expect(desk.page.getByText('Engine ready')).toBeVisible();
  await desk.page.keyboard.press('Control+,');
  await expect(desk.page.getByRole('heading', { name: 'Places' })).toBeVisible();
  await expectAccessible(desk.page);
  await choose(desk, 'Theme', 'Dark');
  await choose(desk, 'Motion', 'Reduced');
  await desk.page.getByRole('combobox', { name: 'Zone', exact: true }).selectOption('Asia/Shanghai');
  await desk.page.keyboard.press('Control+=');
  await expect(desk.page.getByRole('combobox', { name: 'Zoom' })).toHaveValue('110');
  await desk.page.getByRole('checkbox', { name: 'Notify me' }).uncheck();
  const profile = await profileOf(desk);
  const prices = { gbWritePrice: null, gbIndexPrice: null };
  const chosen = {
    theme: 'dark',
    zone: 'Asia/Shanghai',
    motion: 'reduced',
    zoomPercent: 110,
    notifies: false,
    ...prices,
  };
  await expect.poll(() => kept(profile)).toEqual(chosen);
  const native = await desk.app?.evaluate(({ BrowserWindow, nativeTheme }) => [
    nativeTheme.themeSource,
    BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor(),
  ]);
  expect(native).toEqual(['dark', 1.1]);

  await desk.restart();
  await expect(desk.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(desk.page.locator('html')).toHaveAttribute('data-motion', 'reduced');
  await expect(desk.page.getByRole('combobox', { name: 'Zone of all times' })).toHaveValue('Asia/Shanghai');
});

test('start with a damaged file of settings', async ({ desk }) => {
  const profile = await profileOf(desk);
  await expect(desk.page.getByText('Engine ready')).toBeVisible();
  await desk.page.keyboard.press('Control+,');
  await choose(desk, 'Theme', 'Dark');
  await desk.page.getByRole('combobox', { name: 'Zoom' }).selectOption('125');
  await expect.poll(() => existsSync(join(profile, 'settings.backup.json'))).toBe(true);
  await expect.poll(() => kept(profile)).toMatchObject({ zoomPercent: 125 });
  writeFileSync(join(profile, 'settings.json'), '{ "theme": "da');

  await desk.restart();
  const messages = desk.page.getByRole('region', { name: 'Messages' });
  await expect(messages).toContainText('The settings file could not be read.');
  await expect(messages).toContainText('The settings are as they were before the last change.');
  const aside = readdirSync(profile).filter((name) => name.startsWith('settings.damaged-'));
  expect(aside).toHaveLength(1);
  expect(readFileSync(join(profile, aside[0] ?? ''), 'utf8')).toBe('{ "theme": "da');
  await expect(desk.page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('read and copy what the app is', async ({ desk }) => {
  await expect(desk.page.getByText('Engine ready')).toBeVisible();
  await desk.app?.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('about')?.click();
  });
  const about = desk.page.getByRole('dialog', { name: 'About Natscope' });
  await expect(about).toContainText('DuckDB');
  await expect(about).toContainText(desk.workspace);
  await expectAccessible(desk.page);
  await about.getByRole('button', { name: 'Copy all of it' }).click();
  await expect(desk.page.getByRole('region', { name: 'Messages' })).toContainText('Copied what Natscope is');
  await desk.page.keyboard.press('Escape');
  await expect(about).toHaveCount(0);
});
