import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test as base, type Desk } from './fixtures';
import { pictureName } from './gallery-index';
import type { StateName } from './gallery-notes';
import { HeldWire } from './held-wire';
import { galleryFolder } from './hosts';
import { expectWellMade } from './page-checks';

/*
 * `npm run gallery`: every state of the app as a picture, in both themes and sizes, with the checks of a page made on each.
 * The number in front of a name is its place among the others; its first digit is that of the section in the index.
 */

interface Gallery {
  readonly desk: Desk;
  readonly wire: HeldWire;
  readonly page: Page;
  /** @param before what a state needs again in each look, since another size has closed it */
  readonly picture: (name: StateName, before?: () => Promise<void>) => Promise<void>;
}

export const test = base.extend<{ gallery: Gallery }>({
  gallery: async ({ desk }, use) => {
    const wire = new HeldWire();
    await wire.attach(desk.page);
    const picture: Gallery['picture'] = (name, before) =>
      expectWellMade(desk.page, async (look) => {
        await before?.();
        await desk.page.screenshot({ path: join(galleryFolder, pictureName(name, look)) });
      });
    await use({ desk, wire, page: desk.page, picture });
    wire.release();
  },
});

export const openCaptures = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Captures', exact: true }).click();
export const openLogs = (page: Page): Promise<void> => page.getByRole('button', { name: 'Logs', exact: true }).click();
export const firstRow = (page: Page) => page.getByRole('grid').getByRole('row').nth(1);
export const isReady = (page: Page): Promise<void> => expect(page.getByText('Engine ready')).toBeVisible();

export async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('search').getByRole('textbox', { name: 'Query' }).fill(text);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
}

export async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(firstRow(page)).toBeVisible();
}

/** Opens captures by path, and waits for what is said of them. */
export async function openAndWait(
  { desk, page }: Gallery,
  paths: readonly string[],
  text: string | RegExp,
): Promise<void> {
  await desk.openCapture(paths);
  await expect(page.getByRole('main').getByText(text).first()).toBeVisible();
}

export async function dismissAll(page: Page): Promise<void> {
  const dismiss = page.getByRole('main').getByRole('button', { name: 'Dismiss', exact: true });
  while ((await dismiss.count()) > 0) await dismiss.first().click();
}
