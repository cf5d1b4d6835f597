import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from '../../../src-main/duckdb/database';
import { OWNER_ID, temporaryDatabase, temporaryWorkspace } from './temporary-workspace';

const LOW = '122.0 MiB';
const FULL = '488.2 MiB';

/** As one who holds a connection already sees it. */
async function limitOf(connection: Awaited<ReturnType<Database['acquire']>>): Promise<unknown> {
  return (await connection.runAndReadAll("SELECT current_setting('memory_limit')")).getRows()[0]?.[0];
}

test('the limit is low while modest readers alone run, and full for all others', async () => {
  const database = await temporaryDatabase();
  const modest = await database.acquire('modest');
  expect(await limitOf(modest)).toBe(LOW);
  const ordinary = await database.acquire();
  expect(await limitOf(modest)).toBe(FULL);
  const other = await database.acquire('modest');
  expect(await limitOf(modest)).toBe(FULL);
  database.release(ordinary);
  database.release(other);
  const third = await database.acquire('modest');
  expect(await limitOf(modest)).toBe(LOW);
  database.discard(third);
  database.release(modest);
  await database.withConnection(async (connection) => expect(await limitOf(connection)).toBe(FULL));
});

test('readers that come at once agree on the limit', async () => {
  const database = await temporaryDatabase();
  const connections = await Promise.all(
    Array.from({ length: 12 }, (_, index) => database.acquire(index % 4 === 3 ? 'all' : 'modest')),
  );
  expect(await limitOf(connections[0]!)).toBe(FULL);
  for (const connection of connections) database.release(connection);
});

test('a database that was opened with less keeps it', async () => {
  const database = await openDatabase(temporaryWorkspace(), { ownerId: OWNER_ID, memoryLimit: '64MB' });
  onTestFinished(() => database.close());
  const modest = await database.acquire('modest');
  expect(await limitOf(modest)).toBe('61.0 MiB');
  database.release(modest);
});
