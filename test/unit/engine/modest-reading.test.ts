import { expect, test } from 'vitest';
import { readStream } from '../../../src-main/duckdb/read-stream';
import { withLittleMemory } from '../../../src-main/engine/little-memory';
import { readModestly } from '../../../src-main/engine/modest-reading';
import { AppError } from '../../../src-main/contract/errors';
import { sharedDatabase } from '../duckdb/temporary-workspace';

const shared = sharedDatabase();
/** More than a modest reader has, and less than there is; it cannot be moved to the disk. */
const LARGE = 'SELECT CAST(len(list(range)) AS BIGINT) AS n FROM range(14000000)';

async function read(sql: string, modestly = true): Promise<readonly bigint[]> {
  const rows: bigint[] = [];
  const batches = modestly
    ? readModestly(shared(), { sql, params: [] }, {})
    : readStream(shared(), sql, [], { need: 'modest' });
  for await (const { columns } of batches) rows.push(...(columns[0]!.data as BigInt64Array));
  return rows;
}

test('what little memory is not enough for is read with all of it', async () => {
  await expect(read(LARGE, false)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  expect(await read(LARGE)).toEqual([14_000_000n]);
});

test('rows that came before memory ran out come once', async () => {
  const sql = `SELECT range AS n FROM range(40000) UNION ALL (${LARGE})`;
  const rows = await read(sql);
  expect(rows).toHaveLength(40_001);
  expect(rows.slice(0, 40_000).every((value, row) => value === BigInt(row))).toBe(true);
  expect(rows.at(-1)).toBe(14_000_000n);
});

test('what fails for another reason than memory fails as ever, and a cancel is not tried again', async () => {
  await expect(read("SELECT CAST(error('so it is') AS BIGINT)")).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  let runs = 0;
  const cancelled = withLittleMemory(() => {
    runs++;
    return Promise.reject(new AppError('QUERY_CANCELLED', 'stopped'));
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  expect(runs).toBe(1);
});
