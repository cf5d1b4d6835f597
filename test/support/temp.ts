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

/** Those of the file that runs. */
const foldersOfFile: string[] = [];

/** The same for all tests of a file, also when called while they run. */
export function tempFolderForFile(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-test-')));
  foldersOfFile.push(folder);
  return folder;
}

/** For the end of each file. A hook that is made in another, such as `beforeAll`, would never be called. */
export function removeFoldersOfFile(): void {
  for (const folder of foldersOfFile.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
