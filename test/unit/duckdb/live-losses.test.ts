import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../../src-main/duckdb/database';
import { batchesOf, inBatch, IS_IN_BATCH, type EntryRange, withoutRanges } from '../../../src-main/duckdb/entry-ranges';
import { LiveLosses } from '../../../src-main/duckdb/live-losses';
import { logTable } from '../../../src-main/duckdb/log-table';
import { asideTable, sealedEntries, settleEntries, UNDELIVERED } from '../../../src-main/duckdb/undelivered';
import { tempFolder } from '../../support/temp';
import { entriesAt, importInto, writeCapture } from '../engine/imported-database';
import { temporaryDatabase } from './temporary-workspace';

const ENTRIES = 40;
const flags = fc.array(fc.boolean(), { minLength: ENTRIES, maxLength: ENTRIES });

function rangesOf(isLost: readonly boolean[]): EntryRange[] {
  return isLost.flatMap((each, from) => {
    if (!each || isLost[from - 1] === true) return [];
    const end = isLost.indexOf(false, from);
    return [[from, end < 0 ? isLost.length : end] as const];
  });
}
const numbersIn = (ranges: readonly EntryRange[]): number[] =>
  ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, index) => from + index));

test('law: what of ranges is in no others has just those numbers', () => {
  fc.assert(
    fc.property(flags, flags, (one, other) => {
      const others = new Set(numbersIn(rangesOf(other)));
      const left = withoutRanges(rangesOf(one), rangesOf(other));
      expect(numbersIn(left)).toEqual(numbersIn(rangesOf(one)).filter((each) => !others.has(each)));
    }),
  );
});

async function entryNumbers(database: Database, relation: string): Promise<number[]> {
  const sql = `SELECT entry_no::INTEGER AS entry FROM ${relation} ORDER BY entry_no`;
  const rows = await database.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRows());
  return rows.map(([entry]) => Number(entry));
}

test('law: at each seal the log has what arrived, whatever is told of it before and after', async () => {
  const database = await temporaryDatabase();
  const times = Array.from({ length: ENTRIES }, (_, index) => 1_700_000_400 + index * 60);
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', entriesAt(times))]);
  const all = await entryNumbers(database, logTable(1));
  const first = all[0] ?? 0;
  expect(all).toHaveLength(ENTRIES);
  await fc.assert(
    fc.asyncProperty(fc.array(flags, { minLength: 1, maxLength: 4 }), async (seals) => {
      const losses = await LiveLosses.open(database, 1, 1);
      for (const isLost of seals) {
        const lost = rangesOf(isLost).map(([from, to]) => [from + first, to + first] as const);
        const undelivered = await database.transaction((connection) => losses.settleIn(connection, lost));
        expect(undelivered).toBe(isLost.filter(Boolean).length);
        expect(await entryNumbers(database, logTable(1))).toEqual(all.filter((each) => isLost[each - first] === false));
        expect(await entryNumbers(database, await sealedEntries(database, 1))).toEqual(all);
      }
      await settleEntries(database, { logstoreId: 1, runId: 1 }, { lost: [], hasLate: false });
      expect(await entryNumbers(database, logTable(1))).toEqual(all);
    }),
    { numRuns: 15 },
  );
});

test('law: batches of ranges have the same entries, in order, and none has too many', () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 600_000 }), fc.integer({ min: 1, max: 9 })), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(sizes, (each) => {
      let next = 0;
      const ranges = each.map(([entries, gap]): EntryRange => {
        const from = next + gap;
        next = from + entries;
        return [from, next];
      });
      const batches = [...batchesOf(ranges)];
      const joined: [number, number][] = [];
      for (const [from, to] of batches.flat()) {
        const last = joined.at(-1);
        if (last?.[1] === from) last[1] = to;
        else joined.push([from, to]);
      }
      expect(joined).toEqual(ranges);
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.reduce((sum, [from, to]) => sum + to - from, 0)).toBeLessThanOrEqual(32_768);
      }
    }),
  );
});

test('entries of which every other one is lost are taken out by looking them up', async () => {
  const database = await temporaryDatabase();
  const times = Array.from({ length: 100 }, (_, index) => 1_700_000_400 + index);
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', entriesAt(times))]);
  const all = await entryNumbers(database, logTable(1));
  const lost = all.filter((each) => each % 2 === 1).map((each) => [each, each + 1] as const);
  const { undelivered } = await settleEntries(database, { logstoreId: 1, runId: 1 }, { lost, hasLate: false });
  expect(undelivered).toBe(50);
  expect(await entryNumbers(database, logTable(1))).toEqual(all.filter((each) => each % 2 === 0));
  // Where entries are compared with ranges, one with another, an import of a million takes an hour.
  const plan = await database.withConnection(async (connection) => {
    const sql = `EXPLAIN SELECT entry_no FROM ${logTable(1)} WHERE ${IS_IN_BATCH}`;
    return JSON.stringify((await connection.runAndReadAll(sql, inBatch(1, lost))).getRows());
  });
  expect(plan).toContain('HASH_JOIN');
  expect(plan).not.toMatch(/NESTED_LOOP|IE_JOIN|PIECEWISE/u);
});

test('late packets bring back what they correct and nothing else, whatever number is lost', async () => {
  const database = await temporaryDatabase();
  const times = Array.from({ length: ENTRIES }, (_, index) => 1_700_000_400 + index);
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', entriesAt(times))]);
  const all = await entryNumbers(database, logTable(1));
  const [first = 0] = all;
  // Packets of two sessions came late as well; of one of them, the entry is lost.
  await database.transaction((connection) =>
    connection.run(
      `INSERT INTO ${logTable(1)} BY NAME
       SELECT * REPLACE (entry_no + ${ENTRIES} AS entry_no, 1 AS revision) FROM ${logTable(1)}
       WHERE entry_no IN (${first + 10}, ${first + 11})`,
    ),
  );
  const lost = all.filter((each) => (each - first) % 2 === 1).map((each) => [each, each + 1] as const);
  const losses = await LiveLosses.open(database, 1, 1);
  await database.transaction((connection) => losses.settleIn(connection, lost));
  const lying = async (): Promise<string[]> => {
    const sql = `SELECT rowid || ' ' || entry_no FROM ${asideTable(1)} WHERE aside_kind = ${UNDELIVERED} ORDER BY rowid`;
    const rows = await database.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRows());
    return rows.map(([row]) => String(row));
  };
  const before = await lying();
  const settled = await settleEntries(database, { logstoreId: 1, runId: 1 }, { lost, hasLate: true });
  // What came late of it arrived, and so the entry is there.
  expect(settled).toEqual({ merged: 2, undelivered: lost.length - 1 });
  expect(await entryNumbers(database, `(FROM ${logTable(1)} WHERE revision > 0)`)).toEqual([first + 10, first + 11]);
  expect(await lying()).toEqual(before.filter((each) => !each.endsWith(` ${first + 11}`)));
});
