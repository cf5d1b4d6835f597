import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ContextReport, ContextRequest, EntryContext } from '../../../src-main/contract/entry-context';
import { parseEntryId, type EntryId } from '../../../src-main/contract/log-entry';
import { readContext } from '../../../src-main/engine/context-service';
import { runLoad } from '../../../src-main/engine/load/load-service';
import { runQuery } from '../../../src-main/engine/query-service';
import { bundledSample } from '../../support/captures';
import { seededRandom } from '../../support/random';
import { addingRowsTo, type TextRow } from '../../support/rows';
import { tempFolder } from '../../support/temp';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, importInto, WHOLE_LOG } from './imported-database';

const shared = sharedDatabase();
const signal = new AbortController().signal;
async function around(
  entry: EntryId,
  changes: Partial<ContextRequest> = {},
): Promise<{ readonly rows: TextRow[]; readonly report: ContextReport }> {
  const rows: TextRow[] = [];
  const request = { ...WHOLE_LOG, entry, same: 'log' as const, back: 5, forward: 7, ...changes };
  const report = await readContext(shared(), request, { signal, sendBatch: addingRowsTo(rows) });
  return { rows, report };
}

const all: TextRow[] = [];
beforeAll(async () => {
  // Twice, so that sessions of two runs are alike in all but their run.
  await importInto(shared(), [bundledSample]);
  await importInto(shared(), [bundledSample], { again: true });
  await runQuery(shared(), { ...ALL_ENTRIES, entryIds: true }, { signal, sendBatch: addingRowsTo(all) });
});

const idOf = (row: TextRow): EntryId => parseEntryId(row['entry'] ?? '')!;
const HOST = ['pri_ip'];
const FIVE_TUPLE = ['protocol', 'pri_ip', 'pri_port', 'pub_ip', 'pub_port'];

describe('the entries around one', () => {
  test.each<{ same: EntryContext; fields: readonly string[] }>([
    { same: 'log', fields: [] },
    { same: 'host', fields: HOST },
    { same: 'five-tuple', fields: FIVE_TUPLE },
  ])('of the same $same are its neighbours in the whole log', async ({ same, fields }) => {
    const random = seededRandom(5);
    const places = [0, all.length - 1, ...Array.from({ length: 8 }, () => random.int(0, all.length - 1))];
    for (const place of places) {
      const own = all[place]!;
      const alike = all.filter((row) => fields.every((field) => row[field] === own[field]));
      const at = alike.indexOf(own);
      const expected = alike.slice(Math.max(0, at - 5), at + 8);
      const { rows, report } = await around(idOf(own), { same });
      expect(rows.map(({ entry }) => entry)).toEqual(expected.map(({ entry }) => entry));
      expect(rows.map((row) => Number(row['__index_number__']))).toEqual(
        expected.map((_, index) => index - Math.min(5, at)),
      );
      expect(rows.map(({ __index_number__: _, ...row }) => row)).toEqual(expected);
      expect(report).toMatchObject({ before: Math.min(5, at), after: Math.min(7, alike.length - at - 1) });
    }
  });

  test('tell which windows of theirs are covered in part, and none where they are in others', async () => {
    // The sample covers three windows, the first and the last of them in part.
    const startsOf = async (place: number): Promise<readonly number[]> => {
      const { report } = await around(idOf(all[place]!), { back: 0, forward: 0 });
      const found = report.notices.filter(({ kind }) => kind === 'partial');
      return found.flatMap(({ windows }) => windows?.startsSec ?? []);
    };
    const windowOf = (row: TextRow): number => Math.floor(Number(row['start_time']) / 600) * 600;
    const middle = all.findIndex((row) => windowOf(row) === windowOf(all[0]!) + 600);
    expect(await startsOf(0)).toEqual([windowOf(all[0]!)]);
    expect(await startsOf(middle)).toEqual([]);
    const { report } = await around(idOf(all[0]!), { back: 0, forward: all.length });
    expect(report.notices.filter(({ kind }) => kind === 'partial')).toHaveLength(1);
  });

  test('of the same session are of its run, and of one translated endpoint', async () => {
    const own = all.find((row) => all.filter((other) => FIVE_TUPLE.every((f) => other[f] === row[f])).length > 2)!;
    const { rows } = await around(idOf(own), { same: 'session', back: 1000, forward: 1000 });
    const run = idOf(own).run;
    for (const row of rows) {
      expect(idOf(row).run).toBe(run);
      expect(row['nat_port']).toBe(own['nat_port']);
    }
    const ofRun = all.filter((row) => idOf(row).run === run && row['nat_port'] === own['nat_port']);
    expect(rows).toHaveLength(ofRun.filter((row) => FIVE_TUPLE.every((f) => row[f] === own[f])).length);
  });

  test('are none where none are asked for', async () => {
    const { rows } = await around(idOf(all[3]!), { back: 0, forward: 0 });
    expect(rows.map(({ entry }) => entry)).toEqual([all[3]!['entry']]);
  });

  test('that have fields of their own come with their times where these are wanted', async () => {
    const file = join(tempFolder(), 'own.ndjson');
    writeFileSync(file, [1, 2, 3].map((n) => JSON.stringify({ ts: 1_700_000_000 + n, client: '10.0.0.1' })).join('\n'));
    await runLoad(
      shared(),
      {
        ...{ files: [file], project: 'local', logstore: 'own', schema: 'auto', format: 'auto' },
        ...{ hashKey: null, createIndex: true, again: false, dryRun: false },
      },
      { signal, emit: () => undefined, passNoReturn: () => undefined },
    );
    const { rows: found } = await around({ run: 3, entryNo: 1 }, { logstore: 'own', entryTime: true });
    const times = ['1700000001', '1700000002', '1700000003'];
    expect(found.map(({ __time__, client }) => [__time__, client])).toEqual(times.map((sec) => [sec, '10.0.0.1']));
    const { rows: bare } = await around({ run: 3, entryNo: 1 }, { logstore: 'own' });
    expect(Object.keys(bare[0]!)).not.toContain('__time__');
    const { rows: sessions } = await around(idOf(all[0]!), { entryTime: true, back: 0, forward: 0 });
    expect(Object.keys(sessions[0]!)).not.toContain('__time__');
  });

  test('of an entry that is not there are refused', async () => {
    for (const entry of [
      { run: 1, entryNo: 1_000_000 },
      { run: 99, entryNo: 0 },
    ]) {
      await expect(around(entry)).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
    }
  });
});
