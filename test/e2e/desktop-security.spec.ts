import { expect, test } from './fixtures';
import { firstBroken, PROMISES } from './smoke';

/* One app for all of them, since starting it takes longer than any; what may destroy the page comes last. */
test('the app keeps what it promises, and so after it has started again', async ({ desk }) => {
  for (const { title, check } of PROMISES) {
    await test.step(title, async () => {
      if (desk.app === null) throw new Error('a test of the desktop app');
      await check(desk.app, desk.page);
    });
  }
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
