import { beforeAll, describe, expect, test } from 'vitest';
import type { FieldStatistics, FieldStatisticsRequest } from '../../../src-main/contract/field-statistics';
import { SESSION_LOG_FIELDS } from '../../../src-main/contract/log-entry';
import { ensureLogstore, writeIndexConfig } from '../../../src-main/duckdb/catalogue';
import { readFieldStatistics } from '../../../src-main/engine/field-statistics-service';
import { runQuery } from '../../../src-main/engine/query-service';
import { recommendedSessionLogIndex } from '../../../src-main/logstore/index-config';
import { parseAddress } from '../../../src-main/nat/address-text';
import { bundledSample } from '../../support/captures';
import { addingRowsTo, type TextRow } from '../../support/rows';
import { sharedDatabase, temporaryDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, importInto, WHOLE_LOG } from './imported-database';

const shared = sharedDatabase();
const signal = new AbortController().signal;
const statistics = (changes: Partial<FieldStatisticsRequest>, database = shared()): Promise<FieldStatistics> =>
  readFieldStatistics(database, { ...WHOLE_LOG, field: 'protocol', ...changes }, { signal });

async function rowsOf(text: string): Promise<TextRow[]> {
  const rows: TextRow[] = [];
  await runQuery(shared(), { ...ALL_ENTRIES, text }, { signal, sendBatch: addingRowsTo(rows) });
  return rows;
}

let all: TextRow[] = [];
beforeAll(async () => {
  await importInto(shared(), [bundledSample]);
  all = await rowsOf('*');
});

/** Values with their counts, the most frequent first, of equally many the smaller value first. */
function counted(values: readonly string[], order: (value: string) => number | string): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([one, ones], [other, others]) => others - ones || (order(one) < order(other) ? -1 : 1));
}

const ORDER = { ipv4: parseAddress, long: Number, text: String } as const;

describe('the statistics of a field', () => {
  test.each(SESSION_LOG_FIELDS)('$name are those of its values, one by one', async ({ name, type }) => {
    for (const [text, rows] of [
      ['*', all],
      ['protocol:6', all.filter(({ protocol }) => protocol === '6')],
    ] as const) {
      const report = await statistics({ field: name, text });
      const values = rows.map((row) => row[name] ?? '');
      const expected = counted(values, ORDER[type]);
      expect(report).toMatchObject({ field: name, type, entries: rows.length, present: rows.length });
      expect(report.distinct).toBe(expected.length);
      expect(report.top.map(({ value, entries }) => [value, entries])).toEqual(expected.slice(0, 10));
      const sums = report.overTime.values.map(({ value, entries }) => [value, entries.reduce((a, b) => a + b, 0)]);
      expect(sums).toEqual(expected.slice(0, 5));
      expect((await rowsOf(report.query)).map((row) => [row[name], Number(row['entries'])]).sort()).toEqual(
        (expected.length > 10 ? report.top.map(({ value, entries }) => [value, entries]) : expected).toSorted(),
      );
      if (type !== 'long') {
        expect(report.numbers).toBeNull();
        continue;
      }
      const numbers = values.map(BigInt);
      const [least, most] = [numbers.reduce((a, b) => (a < b ? a : b)), numbers.reduce((a, b) => (a > b ? a : b))];
      const sum = numbers.reduce((a, b) => a + b, 0n);
      expect(report.numbers).toMatchObject({
        least: String(least),
        most: String(most),
        sum: String(sum),
        notFinite: 0,
      });
      expect(report.numbers?.average).toBeCloseTo(Number(sum) / numbers.length, 6);
      for (const { from, to, entries } of report.numbers?.buckets ?? []) {
        const isLast = to === Number(most);
        expect(entries).toBe(numbers.filter((value) => Number(value) >= from && (isLast || Number(value) < to)).length);
      }
    }
  });

  test('by time are in the bins in which the entries are', async () => {
    const { overTime } = await statistics({ field: 'pub_port' });
    const [first] = overTime.values;
    const times = all.filter(({ pub_port }) => pub_port === first?.value).map(({ start_time }) => Number(start_time));
    expect(first?.entries).toEqual(
      overTime.startsSec.map(
        (startSec) => times.filter((time) => time >= startSec && time < startSec + overTime.binSec).length,
      ),
    );
  });

  test('of a log without entries are zeros', async () => {
    const database = await temporaryDatabase();
    const { id } = await ensureLogstore(database, WHOLE_LOG.project, WHOLE_LOG.logstore, 0);
    await writeIndexConfig(database, id, JSON.stringify(recommendedSessionLogIndex()), 0);
    expect(await statistics({ field: 'pub_port' }, database)).toMatchObject({
      ...{ range: null, entries: 0, present: 0, distinct: 0, top: [], numbers: null },
      overTime: { startsSec: [], values: [] },
    });
  });

  test('are of a field by its name in any case, and of indexed ones alone', async () => {
    expect(await statistics({ field: 'PUB_IP' })).toMatchObject({ field: 'pub_ip' });
    await expect(statistics({ field: 'pub_pi' })).rejects.toMatchObject({ code: 'QUERY_UNKNOWN_FIELD' });
    await expect(statistics({ field: 'pub_ip', text: 'protocol:' })).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
  });
});
