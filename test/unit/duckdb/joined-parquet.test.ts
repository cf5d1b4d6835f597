import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyToParquet } from '../../../src-main/duckdb/copy-parquet';
import { JoinedParquet } from '../../../src-main/duckdb/joined-parquet';
import { readThriftStruct, writeThriftStruct } from '../../../src-main/duckdb/thrift-compact';
import { readParquet } from '../../support/parquet';
import { sharedDatabase } from './temporary-workspace';

const shared = sharedDatabase();
const pathOf = (name: string): string => join(shared().workspaceDir, 'tmp', name);

async function part(name: string, sql: string): Promise<string> {
  const target = { path: pathOf(name), nameColumns: (names: readonly string[]) => names };
  await copyToParquet(shared(), { sql, params: [], hints: [] }, target, {});
  return target.path;
}

async function joined(parts: readonly string[]): Promise<string> {
  const path = pathOf('joined.parquet');
  writeFileSync(path, '');
  const file = await JoinedParquet.open(path);
  try {
    for (const each of parts) await file.add(each);
    await file.end();
    expect(file.writtenBytes).toBe(readFileSync(path).length);
  } finally {
    await file.close();
  }
  return path;
}

/** Repeated texts have a dictionary and a Bloom filter; others have not. */
const rows = (from: number, to: number): string =>
  `SELECT range AS n, concat('text ', range % 7) AS few, md5(range::VARCHAR) AS many, CASE WHEN range % 3 = 0 THEN NULL ELSE range / 8 END AS ratio,
    [range, NULL] AS list FROM range(${from}, ${to})`;

test('files become one that has their rows in turn, for a reader that is not ours and for DuckDB', async () => {
  // A row group has 122,880 rows at most, so the second part has two.
  const bounds = [0, 10, 130_000, 130_000, 130_001];
  const parts: string[] = [];
  for (const [at, to] of bounds.slice(1).entries()) parts.push(await part(`part-${at}.parquet`, rows(bounds[at]!, to)));
  const path = await joined(parts);
  const whole = await part('whole.parquet', rows(0, 130_001));
  const read = await readParquet(path);
  expect(read.metadata.num_rows).toBe(130_001n);
  expect(read.rows).toEqual((await readParquet(whole)).rows);
  await shared().withConnection(async (connection) => {
    const sum = async (file: string, condition: string): Promise<unknown> =>
      (
        await connection.runAndReadAll(
          `SELECT count(*), sum(hash(t)::HUGEINT * file_row_number) FROM read_parquet('${file}', file_row_number = true) t WHERE ${condition}`,
        )
      ).getRows();
    // The last two use statistics and Bloom filters.
    for (const condition of ['true', 'n BETWEEN 125000 AND 130000', "few = 'text 3'", "few = 'text 8'"]) {
      expect(await sum(path, condition)).toEqual(await sum(whole, condition));
    }
  });
});

test('a file of parts without rows has their columns', async () => {
  const path = await joined([await part('none.parquet', rows(5, 5)), await part('none-2.parquet', rows(6, 6))]);
  const { rows: read, metadata } = await readParquet(path);
  expect(read).toEqual([]);
  expect(metadata.schema.map(({ name }) => name).slice(1, 4)).toEqual(['n', 'few', 'many']);
});

test('parts of different columns are refused', async () => {
  const parts = [await part('one.parquet', 'SELECT 1 AS a'), await part('two.parquet', "SELECT 'x' AS a")];
  await expect(joined(parts)).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('a footer that is read and written is the same, octet for octet', async () => {
  const file = readFileSync(await part('footer.parquet', rows(0, 130_000)));
  const footer = file.subarray(file.length - 8 - file.readUInt32LE(file.length - 8), file.length - 8);
  expect(Buffer.from(writeThriftStruct(readThriftStruct(footer)))).toEqual(footer);
  expect(() => readThriftStruct(footer.subarray(0, footer.length / 2))).toThrow(RangeError);
});
