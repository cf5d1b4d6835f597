import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** @returns the real path of a new folder that is removed when the running test ends, however it ends */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-test-')));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}
