import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, requireBrowser, test } from './fixtures';
import { appFolder, outputFolder } from './hosts';
import { copyApp, MISTAKES, plant } from './mistakes';
import { startDesktop } from './running-host';
import { firstBroken } from './smoke';

/** @returns what `firstBroken` says of the app in a folder */
async function tryApp(folder: string): Promise<{ readonly title: string; readonly cause: unknown } | null> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-e2e-')));
  const profile = join(root, 'profile');
  const host = await startDesktop('standin', {
    ...{ workspace: join(root, 'workspace'), profile, captures: [], appFolder: folder },
  });
  try {
    host.page.setDefaultTimeout(5000);
    return await firstBroken(host.app, host.page);
  } finally {
    await host.close();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

test.beforeEach(({ host }) => requireBrowser(host, (isSkipped, why) => test.skip(isSkipped, why)));

test('without a mistake, the app keeps all that it promises', async () => {
  const folder = join(outputFolder, 'planted', 'none');
  copyApp(appFolder, folder);
  expect(await tryApp(folder)).toBeNull();
});

for (const mistake of MISTAKES) {
  test(`a mistake is found: ${mistake.name}`, async () => {
    const folder = join(outputFolder, 'planted', mistake.name.replaceAll(/\W+/g, '-'));
    copyApp(appFolder, folder);
    expect(plant(mistake, folder), 'places that were changed').toBe(1);
    const broken = await tryApp(folder);
    expect(broken?.title, String(broken?.cause)).toBe(mistake.breaks);
    rmSync(folder, { recursive: true, force: true });
  });
}
