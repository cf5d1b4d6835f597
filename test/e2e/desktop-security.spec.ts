import { expect, test } from './fixtures';
import { firstBroken, PROMISES } from './smoke';

for (const { title, check } of PROMISES) {
  test(title, async ({ desk }) => {
    if (desk.app === null) throw new Error('a test of the desktop app');
    await check(desk.app, desk.page);
  });
}

test('all of that holds after the host has started again', async ({ desk }) => {
  await desk.restart();
  if (desk.app === null) throw new Error('a test of the desktop app');
  expect(await firstBroken(desk.app, desk.page)).toBeNull();
});

test('a second start hands its captures to the first, and ends', async ({ desk }) => {
  const told = desk.page.evaluate(
    () => new Promise((resolve) => window.natscope?.on('capture:handed', () => resolve('told'))),
  );
  await desk.page.evaluate(() => document.readyState);
  expect(await desk.startAgain(['/nowhere/later.pcap'])).toBe(0);
  expect(await told).toBe('told');
});
