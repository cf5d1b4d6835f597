import { DuckDBInstance } from '@duckdb/node-api';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { EntryReader } from '../../../src-main/engine/load/entry-reader';
import { FieldNames } from '../../../src-main/logstore/field-names';
import { concat } from '../../support/bytes';
import { HOSTILE_TEXTS } from '../../support/hostile-rows';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom, type Random } from '../../support/random';
import { tempFolder, tempFolderForFile } from '../../support/temp';

let folder = '';
beforeAll(() => {
  folder = tempFolderForFile();
});

/** Writes the rows of a SELECT as other programs would. */
async function written(name: string, sql: string, options = ''): Promise<string> {
  const path = join(folder, name);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet${options})`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

interface Read {
  /** Of each entry: its values by field, as text. */
  readonly entries: readonly Readonly<Record<string, string>>[];
  readonly lines: readonly number[];
  readonly bad: readonly string[];
}

async function readAll(path: string, { maxExpansion = 200, name = path } = {}): Promise<Read> {
  const names = new FieldNames();
  const reader = await EntryReader.open({ name, path }, 'auto', maxExpansion, names);
  const read = { entries: [] as Record<string, string>[], lines: [] as number[], bad: [] as string[] };
  try {
    expect(reader.format).toBe('parquet');
    while (await reader.next()) {
      const { batch } = reader;
      for (let entry = 0; entry < batch.length; entry++) {
        const cells: [string, string][] = [];
        for (let cell = batch.firstCells[entry]!; cell < batch.firstCells[entry + 1]!; cell++) {
          cells.push([names.textOf(batch.cellNames[cell]!), batch.text(cell)]);
        }
        read.entries.push(Object.fromEntries(cells));
        read.lines.push(batch.lines[entry]!);
      }
      read.bad.push(...reader.bad.map(({ line, fault }) => `${line}: ${fault.code}`));
      expect(reader.readBytes).toBeLessThanOrEqual(reader.fileBytes);
    }
  } finally {
    await reader.close();
  }
  return read;
}

test('every type has its exact text, and NULL is no field', async () => {
  const sql = `SELECT 9007199254740993::BIGINT AS big, 18446744073709551615::UBIGINT AS most, -0.0 AS zero, 0.1::DOUBLE AS tenth,
    12345678901234567890.123456789::DECIMAL(38, 9) AS exact, 'NaN'::DOUBLE AS nan, '-inf'::FLOAT AS low, true AS yes, NULL::INT AS none,
    TIMESTAMPTZ '2026-03-10 09:00:00.123456+08' AS zoned, TIMESTAMP '2026-03-10 09:00:00.1' AS local,
    TIMESTAMP_NS '2026-03-10 09:00:00.123456789' AS nanos, DATE '2026-03-10' AS day, 'text'::BLOB AS octets, '\\xFF'::BLOB AS odd,
    ['a', NULL] AS list, {'k': {'v': 1}} AS row, map { 'm': 1 } AS map`;
  const { entries, bad } = await readAll(await written('types.parquet', sql));
  expect(bad).toEqual([]);
  expect(entries).toEqual([
    {
      ...{ big: '9007199254740993', most: '18446744073709551615', zero: '0.0', tenth: '0.1' },
      ...{ exact: '12345678901234567890.123456789', nan: 'nan', low: '-inf', yes: 'true' },
      ...{ zoned: '2026-03-10 01:00:00.123456Z', local: '2026-03-10 09:00:00.1' },
      ...{ nanos: '2026-03-10 09:00:00.123456789', day: '2026-03-10', octets: 'text', odd: '\\xFF' },
      ...{ list: '["a",null]', row: '{"k":{"v":1}}', map: '{"m":1}' },
    },
  ]);
});

test('hostile texts and names come through, in order and with the number of their row', async () => {
  const rows = HOSTILE_TEXTS.map((text, at) =>
    text === null ? `(${at}, NULL)` : `(${at}, '${text.replaceAll("'", "''")}')`,
  );
  const sql = `SELECT t AS "say ""hi"" = 'x', [*]", i FROM (VALUES ${rows.join(', ')}) AS v(i, t) ORDER BY i`;
  const { entries, lines } = await readAll(await written('hostile.parquet', sql));
  expect(entries.map((entry) => entry[`say "hi" = 'x', [*]`] ?? null)).toEqual(HOSTILE_TEXTS);
  expect(lines).toEqual(HOSTILE_TEXTS.map((_, at) => at + 1));
});

test.each(['zstd', 'snappy', 'gzip', 'brotli', 'lz4_raw', 'uncompressed'])(
  'a file of %s, of many row groups, is read to its end in order',
  async (codec) => {
    const options = `, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048`;
    const path = await written(`${codec}.parquet`, "SELECT i AS n, 'v' || i AS v FROM range(20000) r(i)", options);
    const { entries } = await readAll(path);
    expect(entries).toHaveLength(20_000);
    expect(entries.every(({ n, v }, at) => n === String(at) && v === `v${at}`)).toBe(true);
  },
);

test('a path that looks like a pattern is the file of that name, and no other', async () => {
  const sql = (value: string): string => `SELECT '${value}' AS v`;
  await written('a1*.parquet', sql('other'));
  const path = join(folder, 'a[1]*.parquet');
  writeFileSync(path, readFileSync(await written('plain.parquet', sql('this'))));
  expect((await readAll(path)).entries).toEqual([{ v: 'this' }]);
});

test('the folders of a partitioned set are fields, unless the file has them', async () => {
  const plain = readFileSync(await written('part.parquet', 'SELECT 1 AS n, 2 AS own'));
  const inner = join(
    folder,
    'no=part',
    'set',
    'nat_ip=203.0.113.1',
    'own=9',
    'k=a%2Fb%25',
    'gone=__HIVE_DEFAULT_PARTITION__',
  );
  mkdirSync(inner, { recursive: true });
  const path = join(inner, 'data_0.parquet');
  writeFileSync(path, plain);
  expect((await readAll(path)).entries).toEqual([{ n: '1', own: '2', nat_ip: '203.0.113.1', k: 'a/b%' }]);
});

test('a row that is no entry is kept aside with its number', async () => {
  const long = "repeat('x', 17000000)";
  const sql = `SELECT CASE WHEN i <> 1 THEN i END AS a, CASE WHEN i = 3 THEN ${long} END AS b FROM range(5) r(i)`;
  const { lines, bad } = await readAll(await written('bad.parquet', sql));
  expect({ lines, bad }).toEqual({ lines: [1, 3, 5], bad: ['2: NO_FIELDS', '4: TOO_LONG'] });
});

test('a small file of very many equal rows is refused, unless they are wanted', async () => {
  const sql = "SELECT repeat('x', 1000) AS v FROM range(100000)";
  const path = await written('bomb.parquet', sql, ', COMPRESSION zstd');
  await expect(readAll(path)).rejects.toMatchObject({ code: 'CAPTURE_EXPANSION_LIMIT' });
  expect((await readAll(path, { maxExpansion: 1_000_000 })).entries).toHaveLength(100_000);
});

describe('a file that is damaged is refused by its name, with what to do', () => {
  const whole = 'SELECT i AS n, md5(i::VARCHAR) AS h FROM range(5000) r(i)';
  const footerBytes = (octets: Buffer): number => octets.readUInt32LE(octets.length - 8);

  test.each([
    { name: 'cut off', change: (o: Buffer) => o.subarray(0, o.length - 100), says: 'it was cut off: get a whole copy' },
    { name: 'its beginning alone', change: (o: Buffer) => o.subarray(0, 4), says: 'it was cut off' },
    {
      name: 'encrypted',
      change: (o: Buffer) => concat(o.subarray(0, -4), Buffer.from('PARE')),
      says: 'decrypt it first',
    },
    {
      name: 'a footer longer than it',
      change: (o: Buffer) => concat(o.subarray(0, -8), Buffer.from([0xff, 0xff, 0xff, 0x7f]), o.subarray(-4)),
      says: 'more than there are',
    },
    {
      name: 'a footer of zeros',
      change: (o: Buffer) => concat(o.subarray(0, -8 - footerBytes(o)), Buffer.alloc(footerBytes(o)), o.subarray(-8)),
      says: 'it cannot be read as Parquet',
    },
    {
      name: 'pages of zeros',
      change: (o: Buffer) => concat(o.subarray(0, 4), Buffer.alloc(20_000), o.subarray(20_004)),
      says: 'behind row 0',
    },
    {
      name: 'its middle missing',
      change: (o: Buffer) => concat(o.subarray(0, 1000), o.subarray(2000)),
      says: 'it cannot be read as Parquet',
    },
  ])('$name', async ({ change, says }) => {
    const octets = readFileSync(await written('whole.parquet', whole, ', COMPRESSION zstd'));
    const path = join(tempFolder(), 'damaged.parquet');
    writeFileSync(path, change(octets));
    await expect(readAll(path, { name: 'named.parquet' })).rejects.toMatchObject({
      code: 'LOAD_UNREADABLE',
      message: expect.stringMatching(new RegExp(`^named\\.parquet cannot be loaded: .*${says}`, 'u')) as string,
    });
  });

  test('without any row, or packed once more', async () => {
    await expect(readAll(await written('none.parquet', `${whole} WHERE i < 0`))).rejects.toMatchObject({
      code: 'LOAD_UNREADABLE',
      message: expect.stringContaining('it has no rows') as string,
    });
    const path = join(folder, 'packed.parquet.gz');
    writeFileSync(path, gzipSync(readFileSync(await written('some.parquet', whole))));
    await expect(readAll(path)).rejects.toMatchObject({
      code: 'LOAD_UNREADABLE',
      message: expect.stringContaining('decompress it') as string,
    });
  });
});

describe('a Parquet file with octets that are wrong, missing or too many', () => {
  const MIXED = `SELECT i, i * 1.5 AS d, 'text' || (i % 7) AS s, i::DECIMAL(38, 9) AS e, to_timestamp(i) AS t,
    ['x', NULL, 'y' || i] AS l, {'a': i, 'b': 'q'} AS r, map { 'a': i } AS m, 'abc'::BLOB AS b, i % 2 = 0 AS o,
    CASE WHEN i % 3 > 0 THEN i END AS n FROM range(3000) g(i)`;

  function changed(random: Random, octets: Buffer): Uint8Array {
    const footerAt = octets.length - 8 - octets.readUInt32LE(octets.length - 8);
    // Half of them in the footer, which says how to read all else.
    const [from, to] = random.int(0, 1) === 0 ? [footerAt, octets.length - 1] : [0, octets.length - 1];
    const at = random.int(from, to);
    const end = Math.min(octets.length, at + random.int(1, 64));
    switch (random.int(0, 4)) {
      case 0:
        return octets.subarray(0, at);
      case 1:
        return concat(octets.subarray(0, at), octets.subarray(end));
      case 2:
        return concat(octets.subarray(0, at), random.bytes(end - at), octets.subarray(end));
      default: {
        const copy = Uint8Array.from(octets);
        for (let flips = random.int(1, 4); flips > 0; flips--) copy[random.int(from, to)]! ^= 1 << random.int(0, 7);
        return copy;
      }
    }
  }

  test.each(['zstd', 'snappy', 'uncompressed'])(
    'of %s is read, or refused with a coded error that names it, and takes neither long nor much memory',
    async (codec) => {
      const octets = readFileSync(
        await written(`mixed-${codec}.parquet`, MIXED, `, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048`),
      );
      const path = join(tempFolder(), 'changed.parquet');
      const random = seededRandom(20_261_126);
      const outcomes = new Map<string, number>();
      const before = process.memoryUsage.rss();
      for (let variant = 0; variant < PROPERTY_RUNS; variant++) {
        writeFileSync(path, changed(random, octets));
        const outcome = await readAll(path).then(
          ({ entries, bad }) => (entries.length + bad.length > 0 ? 'read' : 'nothing'),
          (cause: unknown) => {
            if (!(cause instanceof AppError)) throw cause;
            expect(cause.message, `variant ${variant}`).toContain(path);
            return cause.code;
          },
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      expect([...outcomes.keys()].toSorted()).toEqual(['LOAD_UNREADABLE', 'read']);
      expect(process.memoryUsage.rss() - before).toBeLessThan(400 << 20);
    },
    600_000,
  );
});
