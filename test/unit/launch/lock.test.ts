import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../../../src-main/launch/lock.mjs';
import { tempFolder } from '../../support/temp';

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

test('a free lock is held during the work and gone afterwards', async () => {
  const path = join(tempFolder(), 'lock');
  await withLock(path, () => {
    expect(readdirSync(path)).toEqual([`pid-${process.pid}`]);
    return Promise.resolve();
  });
  expect(existsSync(path)).toBe(false);
});

test('a lock is released when the work fails', async () => {
  const path = join(tempFolder(), 'lock');
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test('the lock of a dead process is taken over', async () => {
  const path = join(tempFolder(), 'lock');
  mkdirSync(path);
  writeFileSync(join(path, `pid-${deadPid()}`), '');
  let worked = false;
  await withLock(path, () => {
    worked = true;
    return Promise.resolve();
  });
  expect(worked).toBe(true);
});

test('several processes under one lock work one after the other', () => {
  const folder = tempFolder();
  const moduleUrl = new URL('../../../src-main/launch/lock.mjs', import.meta.url).href;
  writeFileSync(
    join(folder, 'worker.mjs'),
    `import { withLock } from ${JSON.stringify(moduleUrl)};
     import { existsSync, rmSync, writeFileSync } from 'node:fs';
     import { setTimeout as delay } from 'node:timers/promises';
     await withLock('lock', async () => {
       if (existsSync('busy')) process.exit(3);
       writeFileSync('busy', '');
       await delay(30);
       rmSync('busy');
     });`,
  );
  // All of them find the lock of a dead process first, the case in which two could take it over.
  mkdirSync(join(folder, 'lock'));
  writeFileSync(join(folder, 'lock', `pid-${deadPid()}`), '');
  const all = `for i in 1 2 3 4; do "$0" worker.mjs & pids="$pids $!"; done; for p in $pids; do wait $p || exit 1; done`;
  const { status } = spawnSync('bash', ['-c', all, process.execPath], { cwd: folder });
  expect(status).toBe(0);
});
