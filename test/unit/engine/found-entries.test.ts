import { expect, test } from 'vitest';
import { readFoundEntries } from '../../../src-main/engine/found-entries';
import { sharedDatabase } from '../duckdb/temporary-workspace';

const shared = sharedDatabase();
const { signal } = new AbortController();
/** Thirteen numbers, of which the tenth is a session and the eleventh its window. */
const ROWS = `SELECT ${Array.from({ length: 13 }, (_, column) => `CAST(range + ${column} AS DOUBLE)`).join(', ')} FROM range(5)`;

test('entries are found by session and window', async () => {
  const found = await readFoundEntries(shared(), 5, { sql: ROWS, params: [] }, signal, 5);
  expect(found.length).toBe(5);
  expect(found.find(9 + 3, 10 + 3)).toBe(3);
  expect(found.find(9 + 3, 10)).toBe(-1);
});

test('more entries than are held in memory are refused before they are read', async () => {
  const reading = readFoundEntries(shared(), 6, { sql: 'SELECT never', params: [] }, signal, 5);
  await expect(reading).rejects.toMatchObject({ code: 'OPTION_INVALID', detail: { entries: 6, most: 5 } });
});
