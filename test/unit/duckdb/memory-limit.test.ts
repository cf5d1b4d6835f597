import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from '../../../src-main/duckdb/database';
import { OWNER_ID, temporaryDatabase, temporaryWorkspace } from './temporary-workspace';

const LOW = '122.0 MiB';
const MIDDLE = '137.3 MiB';
const FULL = '488.2 MiB';

type Connection = Awaited<ReturnType<Database['acquire']>>;

/** As one who holds a connection already sees it. */
async function settingOf(connection: Connection, name: string): Promise<unknown> {
  return (await connection.runAndReadAll(`SELECT CAST(current_setting('${name}') AS VARCHAR)`)).getRows()[0]?.[0];
}

const limitOf = (connection: Connection): Promise<unknown> => settingOf(connection, 'memory_limit');
const threadsOf = (connection: Connection): Promise<unknown> => settingOf(connection, 'threads');

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

test('a statement of a file has little memory and two threads, and others what they need', async () => {
  const database = await openDatabase(temporaryWorkspace(), { ownerId: OWNER_ID, threads: 5 });
  onTestFinished(() => database.close());
  const slice = await database.acquire('modest');
  expect([await limitOf(slice), await threadsOf(slice)]).toEqual([LOW, '5']);
  const first = await database.acquire('statement');
  expect([await limitOf(slice), await threadsOf(slice)]).toEqual([LOW, '2']);
  const statement = await database.acquire('copy');
  expect([await limitOf(slice), await threadsOf(slice)]).toEqual([MIDDLE, '2']);
  const ordinary = await database.acquire();
  expect([await limitOf(slice), await threadsOf(slice)]).toEqual([FULL, '5']);
  database.release(ordinary);
  await expect.poll(() => threadsOf(statement)).toBe('2');
  database.release(first);
  database.release(statement);
  const another = await database.acquire('modest');
  expect([await limitOf(slice), await threadsOf(slice)]).toEqual([LOW, '5']);
  for (const connection of [slice, another]) database.release(connection);
});

test('the limits can be changed while statements run', async () => {
  const database = await openDatabase(temporaryWorkspace(), { ownerId: OWNER_ID, threads: 5 });
  onTestFinished(() => database.close());
  const needs = Array.from({ length: 40 }, (_, index) => (['modest', 'statement', 'copy', 'all'] as const)[index % 4]!);
  const sums = await Promise.all(
    needs.map(async (need) => {
      const connection = await database.acquire(need);
      const sql = 'SELECT count(*) FROM (SELECT range % 1000 AS k, sum(range) FROM range(200000) GROUP BY k)';
      const [row] = (await connection.runAndReadAll(sql)).getRows();
      database.release(connection);
      return Number(row?.[0]);
    }),
  );
  expect(new Set(sums)).toEqual(new Set([1000]));
});

test('a database that was opened with less keeps it', async () => {
  const database = await openDatabase(temporaryWorkspace(), { ownerId: OWNER_ID, memoryLimit: '64MB' });
  onTestFinished(() => database.close());
  const modest = await database.acquire('modest');
  expect(await limitOf(modest)).toBe('61.0 MiB');
  database.release(modest);
});
