import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistogramRequest, QueryRequest } from '../../src-main/contract/query';
import { readStream } from '../../src-main/duckdb/read-stream';
import { createSqlParser } from '../../src-main/duckdb/sql-parser';
import { runHistogram } from '../../src-main/engine/histogram-service';
import { openLog } from '../../src-main/engine/open-log';
import { runQuery } from '../../src-main/engine/query-service';
import { Workspace } from '../../src-main/engine/workspace';
import { compileQuery } from '../../src-main/query/compile';
import { addingRowsTo, type TextRow } from '../support/rows';
import { BENCH_LIMITS, BENCH_LOG, benchWorkspace } from './bench-log';
import { median, racedCalls, type CallMedians } from './measure';
import { sqlite, type Rival } from './query-rivals';

/*
 * Queries over ten million entries of a day, warm, in two threads under 1 GB. The whole path of a query, from its text to
 * the batches of its rows, against SQL on the stored numbers that somebody wrote by hand; equal rows are asserted in the
 * same run.
 */
const ROUNDS = Number(process.env['NATSCOPE_BENCH_ROUNDS'] ?? 5);
const { project, logstore, fromSec } = BENCH_LOG;
const TABLE = 'entries.log_1';
const COLUMNS =
  'instance, vpc_id, protocol, pri_ip, pri_port, pub_ip, pub_port, nat_ip, nat_port, bytes_from_pub, pkts_from_pub, ' +
  'bytes_from_vpc, pkts_from_vpc, start_time, end_time';
const signal = new AbortController().signal;
let workspace: Workspace;

let rival: Rival | null;

beforeAll(async () => {
  workspace = await Workspace.open(await benchWorkspace(), BENCH_LIMITS);
  rival = await sqlite(workspace.database);
  if (rival === null) console.log('sqlite3 is not compared: it is not installed');
  console.log(
    'ClickHouse is not compared: its packages in Debian have a server alone, and no program to run over a file',
  );
});
afterAll(() => workspace.close());

type Rows = readonly TextRow[];

const HISTOGRAM: HistogramRequest = {
  ...{ text: '*', project, logstore, from: null, to: null, zone: 'UTC', snapshot: null },
};
const request = (text: string, options: Partial<QueryRequest> = {}): QueryRequest => ({
  ...{ text, project, logstore, from: null, to: null, zone: 'UTC', snapshot: null },
  ...{ limit: null, offset: 0, reverse: false, ...options },
});

async function query(text: string, options?: Partial<QueryRequest>): Promise<Rows> {
  const rows: TextRow[] = [];
  await runQuery(workspace.database, request(text, options), { signal, sendBatch: addingRowsTo(rows) });
  return rows;
}

async function histogram(range: Partial<HistogramRequest> = {}): Promise<Rows> {
  const { bins } = await runHistogram(workspace.database, { ...HISTOGRAM, ...range }, { signal });
  return bins.map(({ startSec, entries }) => ({ bin: String(startSec), n: String(entries) }));
}

async function byHand(sql: string): Promise<Rows> {
  const rows: TextRow[] = [];
  const add = addingRowsTo(rows);
  for await (const batch of readStream(workspace.database, sql)) await add(batch);
  return rows;
}

const address = (column: string): string =>
  `concat((${column} >> 24) & 255, '.', (${column} >> 16) & 255, '.', (${column} >> 8) & 255, '.', ${column} & 255)`;

/** A second long before the log: what is left of a query over it is what every query costs. */
const NOTHING = { from: '0', to: '1' } as const;

interface Duel {
  readonly name: string;
  readonly guard: number;
  readonly goal: number;
  readonly ours: (range?: typeof NOTHING) => Promise<Rows>;
  readonly hand: string;
  /** The same for SQLite, of what is compared. */
  readonly sqlite: string;
  /** What all give, beside other columns of which one has names for the other's numbers. */
  readonly compared?: readonly string[];
}

/** Names are as SQLite has them too, and so is arithmetic but for the division of whole numbers and the text of addresses. */
const NEWEST = `FROM log_1 WHERE protocol = 6 AND pub_port = 443 ORDER BY __time__ DESC, run_id DESC, entry_no DESC LIMIT 100`;
const TEXT = "printf('%d.%d.%d.%d', pub_ip >> 24, (pub_ip >> 16) & 255, (pub_ip >> 8) & 255, pub_ip & 255)";

const whole = { guard: 1.2, goal: 1.05 };
const range = { guard: 1.25, goal: 1.1 };

const DUELS: readonly Duel[] = [
  {
    ...whole,
    name: 'histogram',
    ours: (over) => histogram(over),
    sqlite: `SELECT ${fromSec} + bin * 900, n FROM (SELECT (__time__ - ${fromSec}) / 900 AS bin, count(*) AS n FROM log_1 GROUP BY 1) ORDER BY 1`,
    hand: `SELECT ${fromSec} + bin * 900 AS bin, n FROM (SELECT (__time__ - ${fromSec}) // 900 AS bin, count(*) AS n FROM ${TABLE} GROUP BY 1) ORDER BY 1`,
  },
  {
    ...whole,
    name: 'newest 100 filtered',
    ours: (over) => query('protocol:6 and pub_port:443', { reverse: true, limit: 100, ...over }),
    sqlite: `SELECT pri_port, nat_port, bytes_from_pub, start_time, end_time ${NEWEST}`,
    hand: `SELECT ${COLUMNS} FROM ${TABLE} WHERE protocol = 6 AND pub_port = 443 ORDER BY __time__ DESC, run_id DESC, entry_no DESC LIMIT 100`,
    compared: ['pri_port', 'nat_port', 'bytes_from_pub', 'start_time', 'end_time'],
  },
  {
    ...whole,
    name: 'top 20 by bytes',
    ours: (over) =>
      query(
        '* | SELECT pub_ip, sum(bytes_from_vpc + bytes_from_pub) AS bytes FROM log GROUP BY pub_ip ORDER BY bytes DESC LIMIT 20',
        over,
      ),
    sqlite: `SELECT ${TEXT}, bytes FROM (SELECT pub_ip, sum(bytes_from_vpc + bytes_from_pub) AS bytes FROM log_1 GROUP BY pub_ip ORDER BY bytes DESC LIMIT 20)`,
    hand: `SELECT ${address('pub_ip')} AS pub_ip, CAST(bytes AS BIGINT) AS bytes FROM (SELECT pub_ip, sum(bytes_from_vpc + bytes_from_pub) AS bytes FROM ${TABLE} GROUP BY pub_ip ORDER BY bytes DESC LIMIT 20) ORDER BY bytes DESC`,
  },
  {
    ...whole,
    name: 'distinct',
    ours: (over) => query('* | SELECT count(DISTINCT pub_ip) AS n FROM log', over),
    sqlite: 'SELECT count(DISTINCT pub_ip) FROM log_1',
    hand: `SELECT count(DISTINCT pub_ip) AS n FROM ${TABLE}`,
  },
  {
    ...whole,
    name: 'minute × protocol',
    ours: (over) =>
      query(
        '* | SELECT __time__ - __time__ % 60 AS minute, protocol, count(*) AS n FROM log GROUP BY minute, protocol ORDER BY minute, protocol',
        over,
      ),
    sqlite: 'SELECT __time__ - __time__ % 60, protocol, count(*) FROM log_1 GROUP BY 1, 2 ORDER BY 1, 2',
    hand: `SELECT __time__ - __time__ % 60 AS minute, protocol, count(*) AS n FROM ${TABLE} GROUP BY 1, 2 ORDER BY 1, 2`,
  },
  {
    ...range,
    name: 'CIDR',
    ours: (over) => query('pub_ip:45.128.0.0/10 | SELECT count(*) AS n, sum(bytes_from_pub) AS bytes FROM log', over),
    sqlite: `SELECT count(*), sum(bytes_from_pub) FROM log_1 WHERE pub_ip BETWEEN 763363328 AND 767557631`,
    hand: `SELECT count(*) AS n, CAST(sum(bytes_from_pub) AS BIGINT) AS bytes FROM ${TABLE} WHERE pub_ip BETWEEN 763363328 AND 767557631`,
  },
  {
    ...range,
    name: '172.16.*',
    ours: (over) => query('pri_ip:172.16.* | SELECT count(*) AS n, sum(bytes_from_pub) AS bytes FROM log', over),
    sqlite: `SELECT count(*), sum(bytes_from_pub) FROM log_1 WHERE pri_ip BETWEEN 2886729728 AND 2886795263`,
    hand: `SELECT count(*) AS n, CAST(sum(bytes_from_pub) AS BIGINT) AS bytes FROM ${TABLE} WHERE pri_ip BETWEEN 2886729728 AND 2886795263`,
  },
];

type Three<T> = readonly [T, T, T];

const only = (rows: Rows, columns: readonly string[] | undefined): Rows =>
  columns === undefined ? rows : rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? ''])));

const line = (name: string, ...values: readonly string[]): string =>
  [name.padEnd(24), ...values.map((value) => value.padStart(11))].join(' ');
const ms = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(1));

describe('the whole path of a query against SQL on the stored numbers', () => {
  const lines = [line('', 'cpu ms', 'fixed', 'by hand', 'ratio', 'wall ms', 'by hand', 'sqlite3')];
  afterAll(() =>
    console.log(
      `${2 * ROUNDS} rounds, medians; fixed is what a query over no entry costs, and part of the ratio\n${lines.join('\n')}`,
    ),
  );

  test.each(DUELS)('$name stays below $guard times (goal $goal)', async (duel) => {
    const { name, guard, ours, hand, compared } = duel;
    const calls = [
      { name, run: () => ours() },
      { name: 'over nothing', run: () => ours(NOTHING) },
      { name: 'by hand', run: () => byHand(hand) },
    ] as const;
    const [own, fixed, theirs] = (await racedCalls(calls, 2 * ROUNDS)) as Three<CallMedians<Rows>>;
    expect(own.result.length).toBeGreaterThan(0);
    expect(only(own.result, compared)).toEqual(only(theirs.result, compared));
    const ratio = own.cpuMs / theirs.cpuMs;
    const cpu = [own.cpuMs, fixed.cpuMs, theirs.cpuMs].map(ms);
    const other = await rival?.ask(duel.sqlite);
    if (other !== undefined) {
      const told = only(own.result, compared).map((row) => Object.values(row).join('|'));
      expect(other.stdout.trimEnd().split('\n')).toEqual(told);
    }
    const wall = [own.wallMs, theirs.wallMs, (other?.wallSec ?? Number.NaN) * 1000].map(ms);
    lines.push(line(name, ...cpu, ratio.toFixed(2), ...wall));
    expect(ratio).toBeLessThan(guard);
  });
});

test('the first filtered page is there within 60 ms (goal 30)', async () => {
  const page = { name: 'page', run: () => query('protocol:6 and pub_port:443', { reverse: true, limit: 100 }) };
  const [first] = await racedCalls([page], 4 * ROUNDS);
  console.log(`first filtered page: ${ms(first?.wallMs ?? 0)} ms`);
  expect(first?.result).toHaveLength(100);
  expect(first?.wallMs).toBeLessThan(60);
});

const COMPILED = [
  '* | SELECT pub_ip, sum(bytes_from_vpc + bytes_from_pub) AS bytes FROM log GROUP BY pub_ip ORDER BY bytes DESC LIMIT 20',
  "pri_ip:10.0.0.0/8 and not pub_port:53 | SELECT date_trunc('minute', __time__) AS t, protocol, count(*) AS n GROUP BY t, protocol ORDER BY t",
  '* | SELECT count(DISTINCT pub_ip) AS n FROM log',
  '* | WITH busy AS (SELECT pri_ip, count(*) AS n FROM log GROUP BY pri_ip HAVING n > 1000) SELECT l.nat_ip, count(*) AS n FROM log l JOIN busy ON l.pri_ip = busy.pri_ip GROUP BY l.nat_ip',
];

test('a statement is compiled within 15 ms (goal 5)', async () => {
  const { database } = workspace;
  const { relation } = await openLog(database, request('*'), signal);
  const whole = { fromSec, toSec: BENCH_LOG.toSec };
  const tookMs: number[] = [];
  for (const text of COMPILED) {
    const compile = {
      name: text,
      run: () =>
        compileQuery(
          { text, range: whole, limit: null, offset: 0, reverse: false },
          relation,
          createSqlParser(database),
        ).then(({ sql }) => sql),
    };
    const [compiled] = await racedCalls([compile], 4 * ROUNDS);
    expect(compiled?.result).toContain(TABLE.replace('entries.', ''));
    tookMs.push(compiled?.wallMs ?? Infinity);
  }
  console.log(`a statement is compiled in ${tookMs.map(ms).join(', ')} ms`);
  expect(median(tookMs)).toBeLessThan(15);
});
