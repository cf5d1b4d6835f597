import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { expectAccessible } from './page-checks';

/** No person is fast enough to press keys while a dialog goes. */
async function press(page: Page, keys: string): Promise<void> {
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press(keys);
}

/** Opens the palette by its keys, and types. */
async function command(page: Page, text: string): Promise<void> {
  await press(page, 'Control+k');
  await expect(page.getByRole('combobox', { name: /^Search commands/ })).toBeFocused();
  await page.keyboard.type(text);
}

const firstFound = (page: Page) => page.getByRole('listbox').getByRole('option', { selected: true });

test('find a command by typing, and run it by keyboard alone', async ({ sampleDesk: { page } }) => {
  await command(page, 'last 15');
  await expect(firstFound(page)).toContainText('Last 15 minutes');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Last 15 minutes/ })).toBeVisible();

  // What had the focus has it again; what an act moves it to keeps it.
  await command(page, 'go to the query');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Query' })).toBeFocused();
  await page.keyboard.type('?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Backspace');

  await command(page, 'choose col');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Columns' })).toBeVisible();
  await page.keyboard.press('Escape');

  await command(page, 'graph');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Graph' })).toHaveAttribute('aria-selected', 'true');

  await command(page, 'zone prag');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: 'Zone of all times' })).toHaveValue('Europe/Prague');
  await command(page, 'zone system');
  await page.keyboard.press('Enter');

  await press(page, 'Control+Shift+O');
  await expect(page.getByRole('combobox', { name: 'Search recent imports' })).toBeFocused();
  await expect(firstFound(page)).toContainText('sample.pcapng');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // What had the focus goes with its page, and Tab goes on in the next one.
  await page.getByRole('tab', { name: 'Graph' }).focus();
  await command(page, 'go to gateways');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('see why a command can do nothing, and which keys there are', async ({ sampleDesk: { page } }) => {
  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  await page.getByRole('button', { name: 'Commands' }).click();
  const run = page.getByRole('option', { name: /Run the query again/ });
  await expect(run).toHaveAttribute('aria-disabled', 'true');
  await expect(run).toContainText('This page has no query');
  await expectAccessible(page);
  await page.keyboard.type('run the query');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: /^Search commands/ })).toBeVisible();
  await page.keyboard.type(' never');
  await expect(page.getByRole('dialog')).toContainText('No command is called “run the query never”.');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Commands' })).toBeFocused();

  await page.keyboard.press('F1');
  const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(keys.getByRole('row', { name: /Run the query again/ })).toContainText('F5 or Ctrl+R');
  await expectAccessible(page);
  // Before the browser draws again: what is opened by the next key is not taken away by the end of what went.
  await keys.evaluate(async (dialog) => {
    if (!(dialog instanceof HTMLDialogElement)) throw new Error('no dialog');
    // As Esc does.
    dialog.requestClose();
    await Promise.resolve();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }));
  });
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await expect(keys).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(keys).toHaveCount(0);
});

test('run again by F5 or Ctrl+R, and never lose what is written', async ({ sampleDesk: { page } }) => {
  const query = page.getByRole('textbox', { name: 'Query' });
  await query.fill('pub_port=443');
  for (const keys of ['F5', 'Control+r']) {
    await page.keyboard.press(keys);
    await expect(
      page
        .getByRole('status')
        .filter({ hasText: /entries/ })
        .first(),
    ).toBeAttached();
    await expect(query).toHaveText('pub_port=443');
  }

  // A browser that is left with the key would load the page again, and what the dialog has would be gone.
  await page.keyboard.press('Control+e');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.evaluate(() => {
    const note = (event: KeyboardEvent): void => {
      document.documentElement.dataset['kept'] = String(event.defaultPrevented);
    };
    addEventListener('keydown', note, { once: true });
  });
  await page.keyboard.press('F5');
  await expect(page.locator('html')).toHaveAttribute('data-kept', 'true');
  await page.keyboard.press('Escape');
});
