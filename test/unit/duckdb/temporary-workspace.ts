import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../../src-main/duckdb/database';
import { migrate } from '../../../src-main/duckdb/migrate';

export const OWNER_ID = '0123456789abcdef0123456789abcdef';

function makeWorkspace(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-test-')));
  mkdirSync(join(dir, 'tmp'));
  return dir;
}

function removeWorkspace(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

/** A folder with `tmp/` in it, removed when the test ends. */
export function temporaryWorkspace(): string {
  const dir = makeWorkspace();
  onTestFinished(() => removeWorkspace(dir));
  return dir;
}

/** A new, migrated database, closed when the test ends. */
export async function temporaryDatabase(): Promise<Database> {
  const database = await openDatabase(temporaryWorkspace(), { ownerId: OWNER_ID });
  onTestFinished(() => database.close());
  await migrate(database);
  return database;
}

/** One migrated database for all tests of a file or group, which leave it as they find it: to be called outside a test. */
export function sharedDatabase(): () => Database {
  let shared: Database | undefined;
  let dir: string | undefined;
  beforeAll(async () => {
    dir = makeWorkspace();
    shared = await openDatabase(dir, { ownerId: OWNER_ID });
    await migrate(shared);
  });
  afterAll(async () => {
    await shared?.close();
    if (dir !== undefined) removeWorkspace(dir);
  });
  return () => {
    if (shared === undefined) throw new Error('the shared database is open within tests only');
    return shared;
  };
}
