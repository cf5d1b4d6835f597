import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import { openSampleLog, RELATION, type SampleLog } from './sample-log';

/*
 * A page is cut in a subquery, whose order DuckDB keeps in what is made of its rows. These pages are of many row groups and of
 * more threads than one, where an order that is kept by chance would not be.
 */
const ENTRIES = 600_000;
const SCATTER = 48_271;
const RANGE = { fromSec: 0, toSec: ENTRIES };

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
  await log.connection.run('SET threads = 4; DELETE FROM store.log_1;');
  // A second is 600 times in the log, and nothing of it where it belongs.
  await log.connection.run(`INSERT INTO store.log_1 BY NAME
    SELECT no // 600 AS __time__, no % 3 + 1 AS run_id, no AS entry_no, 6 AS protocol, no % 50000 AS pri_port, no AS bytes
    FROM (SELECT range * ${SCATTER} % ${ENTRIES} AS no FROM range(${ENTRIES})) WHERE run_id <> 3`);
});
afterAll(() => {
  log.close();
});

test.each([
  { reverse: false, limit: 250_000, offset: 0 },
  { reverse: true, limit: 250_000, offset: 0 },
  { reverse: false, limit: 200_000, offset: 100_000 },
  { reverse: true, limit: 3000, offset: 150_000 },
  { reverse: true, limit: 100, offset: 0 },
])(
  'rows of a large page come in order: $limit after $offset, reverse: $reverse',
  async ({ reverse, limit, offset }) => {
    const text = 'protocol:6 and pri_port < 49000';
    const page = await compileQuery({ text, range: RANGE, reverse, limit, offset }, RELATION, log.parser);
    const { columns, rows } = await log.run(page);
    const at = columns.indexOf('bytes');
    const numbers = rows.map((row) => Number(row[at]));

    const expected = Array.from({ length: ENTRIES }, (_, no) => no)
      .filter((no) => no % 3 !== 2 && no % 50_000 < 49_000)
      .sort((a, b) => Math.floor(a / 600) - Math.floor(b / 600) || (a % 3) - (b % 3) || a - b);
    if (reverse) expected.reverse();
    expect(numbers).toEqual(expected.slice(offset, offset + limit));
  },
);
