import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** @returns the real path of a new folder that is removed when the running test ends, however it ends */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-test-')));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

/** The same for all tests of a file; to be called in `beforeAll`. */
export function tempFolderForFile(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-test-')));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}
