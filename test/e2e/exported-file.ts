import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { expect, type Desk } from './fixtures';

/** Path of what the page saves, a file or a folder, wherever the host puts it. */
export async function exportedFile(desk: Desk, start: () => Promise<void>): Promise<string> {
  if (desk.app !== null) {
    const path = join(desk.folder, 'exported');
    for (const each of [path, `${path}.meta.json`]) rmSync(each, { recursive: true, force: true });
    await desk.answerSaveDialog(path);
    await start();
    await expect.poll(() => existsSync(path)).toBe(true);
    return path;
  }
  const download = desk.page.waitForEvent('download');
  await start();
  return (await download).path();
}

/** The answer on the page, exported as the dialog is told, which is then at its end. */
export function exportAnswer(
  desk: Desk,
  choose: (dialog: Locator) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const dialog = desk.page.getByRole('dialog');
  return exportedFile(desk, async () => {
    await desk.page.getByRole('button', { name: 'Export', exact: true }).click();
    await choose(dialog);
    await dialog.getByRole('button', { name: /^Export \S+ rows?$/ }).click();
    await expect(dialog.getByRole('heading', { name: 'Exported' })).toBeVisible();
  });
}

export async function closeDialog({ page }: Desk): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
}
