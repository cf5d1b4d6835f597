import type { Page } from '@playwright/test';
import type { Frame } from '../../src-main/contract/frame-codec';
import { expect, test } from './fixtures';
import { HeldWire } from './held-wire';

/* Answers that come when the user has gone on. */

const query = (page: Page) => page.getByRole('search').getByRole('textbox', { name: 'Query' });

const isList = (frame: Frame): boolean =>
  frame.kind === 'reply' && frame.outcome.ok && Object.hasOwn(Object(frame.outcome.value) as object, 'savedSearches');

async function openSample(page: Page): Promise<HeldWire> {
  const wire = new HeldWire();
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
  await wire.attach(page);
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toBeVisible();
  await expect(page.locator('.query-editor .cm-content')).toBeVisible();
  return wire;
}

test('rows that come when somebody writes leave the focus where it is', async ({ desk }) => {
  const { page } = desk;
  const wire = await openSample(page);
  const grid = page.getByRole('grid');
  await grid.focus();
  wire.hold();
  await page.keyboard.press('x');
  const context = page.getByRole('region', { name: 'Context' });
  await expect(context).toBeVisible();
  await page.keyboard.press('Control+l');
  await page.keyboard.type('proto');
  wire.release();
  await expect(context).toContainText('50 before');
  await expect(query(page)).toBeFocused();
  await page.keyboard.type('col:6');
  await expect(query(page)).toHaveText('protocol:6');
  await page.keyboard.press('Escape');
  await context.getByRole('button', { name: /^Back/ }).click();
  await expect(grid).toBeFocused();
});

test('a menu goes with the row that it is of, in whose place another one may come', async ({ desk }) => {
  const { page } = desk;
  const wire = await openSample(page);
  wire.hold();
  await query(page).fill('protocol:17');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('grid').getByRole('row').nth(1).getByRole('gridcell').nth(2).click();
  const menu = page.getByRole('menu');
  await expect(menu).toBeVisible();
  wire.release();
  await expect(page.getByRole('main')).not.toContainText('316 entries');
  await expect(menu).toHaveCount(0);
});

test('the end of what a dialog did closes no other one', async ({ desk }) => {
  const { page } = desk;
  const wire = await openSample(page);
  const dialog = page.getByRole('dialog', { name: 'Save this query' });
  const saveAs = async (): Promise<void> => {
    await page.keyboard.press('Alt+s');
    await expect(page.getByRole('button', { name: 'Save as…' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeVisible();
  };
  await saveAs();
  let lists = 0;
  wire.hold();
  wire.holdBehind((frame) => {
    if (isList(frame)) lists++;
    return false;
  });
  await page.keyboard.type('first');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await saveAs();
  wire.release();
  await expect(page.getByRole('search').getByText('first', { exact: true })).toBeVisible();
  // What opened the dialog reads one, and so does what was saved, before it is over.
  await expect.poll(() => lists).toBe(2);
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await expect(dialog).toBeVisible();
});
