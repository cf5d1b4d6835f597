import { expect, test } from 'vitest';
import { remembered } from '../../../src-main/duckdb/catalogue-memory';
import type { Database } from '../../../src-main/duckdb/database';
import { temporaryDatabase } from './temporary-workspace';

const nothing = (): Promise<void> => Promise.resolve();

/** A reader that counts how often it was asked. */
function counted(answer: (asked: number) => Promise<number> = (asked) => Promise.resolve(asked)): {
  readonly read: (database: Database, name: string, hidden?: readonly number[]) => Promise<number>;
  readonly asked: () => number;
} {
  let asked = 0;
  const read = remembered((_, __: string, ___: readonly number[]) => answer(++asked));
  return { read: (database, name, hidden = []) => read(database, name, hidden), asked: () => asked };
}

test('an answer is kept until a transaction has ended, also one that failed', async () => {
  const database = await temporaryDatabase();
  const { read, asked } = counted();
  expect([await read(database, 'a'), await read(database, 'a')]).toEqual([1, 1]);
  await database.withConnection(nothing);
  expect(await read(database, 'a')).toBe(1);
  await database.transaction(nothing);
  expect(await read(database, 'a')).toBe(2);
  await expect(database.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await read(database, 'a')).toBe(3);
  expect(asked()).toBe(3);
});

test('what was asked while a transaction ran is asked again after it', async () => {
  const database = await temporaryDatabase();
  const { read } = counted();
  await database.transaction(async () => {
    expect(await read(database, 'a')).toBe(1);
    expect(await read(database, 'a')).toBe(1);
  });
  expect(await read(database, 'a')).toBe(2);
});

test('arguments and databases are told apart', async () => {
  const [one, other] = [await temporaryDatabase(), await temporaryDatabase()];
  const { read } = counted();
  expect(await read(one, 'a')).toBe(1);
  expect(await read(one, 'b')).toBe(2);
  expect(await read(one, 'a', [1])).toBe(3);
  expect(await read(one, 'a', [2])).toBe(4);
  expect(await read(other, 'a')).toBe(5);
  expect(await read(one, 'a', [1])).toBe(3);
});

test('calls at the same time share one reading, and a failure is not kept', async () => {
  const database = await temporaryDatabase();
  const { read, asked } = counted((times) =>
    times === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(times),
  );
  const both = await Promise.allSettled([read(database, 'a'), read(database, 'a')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(asked()).toBe(1);
  expect(await read(database, 'a')).toBe(2);
});

test('what is kept is bounded', async () => {
  const database = await temporaryDatabase();
  const { read, asked } = counted();
  for (let call = 0; call <= 256; call++) await read(database, `snapshot ${call}`);
  await read(database, 'snapshot 256');
  expect(asked()).toBe(257);
  await read(database, 'snapshot 0');
  expect(asked()).toBe(258);
});
