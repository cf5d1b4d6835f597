import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import type { QueryReport, QueryRequest } from '../../../src-main/contract/query';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { tempFolder } from '../../support/temp';
import { answering, int64, queryReport, runCli, text, type StubCall } from './run-cli';

const SUMMARY = '2026-03-10 09:00:00 – 2026-03-10 09:20:00 UTC';

describe('request', () => {
  const DEFAULTS: QueryRequest = {
    text: '*',
    project: 'local',
    logstore: 'session-log',
    from: null,
    to: null,
    zone: 'UTC',
    limit: null,
    offset: 0,
    reverse: false,
    snapshot: null,
  };

  test.each([
    { name: 'the whole log, oldest first', argv: [], request: {} },
    {
      name: 'times that begin with a hyphen',
      argv: ['--from', '-15m', '--to', 'end'],
      request: { from: '-15m', to: 'end' },
    },
    { name: 'a zone', argv: ['--zone', 'Asia/Shanghai'], request: { zone: 'Asia/Shanghai' } },
    { name: 'the newest 20', argv: ['--reverse', '--limit', '20'], request: { reverse: true, limit: 20 } },
    { name: 'identities', argv: ['--ids'], request: { entryIds: true } },
    { name: 'ends', argv: ['--ends'], request: { entryEnds: true } },
    { name: "the caps of the vendor's console", argv: ['--limits', 'console'], request: { limits: 'console' } },
    {
      name: 'another place',
      argv: ['--project', 'lab', '--logstore', 'edge'],
      request: { project: 'lab', logstore: 'edge' },
    },
  ])('$name', async ({ argv, request }) => {
    const requests: QueryRequest[] = [];
    const query = (given: QueryRequest) => {
      requests.push(given);
      return queryReport();
    };
    const { exitCode } = await runCli(['query', '*', ...argv], { engine: { query } });
    expect(exitCode).toBe(0);
    expect(requests).toEqual([{ ...DEFAULTS, ...request }]);
  });

  test.each([
    { argv: ['query'], says: "missing required argument 'text'" },
    { argv: ['query', 'a', 'and', 'b'], says: 'too many arguments' },
    { argv: ['query', '*', '--limit', '0'], says: 'whole number from 1' },
    { argv: ['query', '*', '--limit', '1e3'], says: 'whole number' },
    { argv: ['query', '*', '--zone', 'Mars/Olympus'], says: '"Mars/Olympus" is no time zone' },
    { argv: ['query', '*', '--logstore', 'A'], says: '(LOGSTORE_NAME_INVALID)' },
    { argv: ['query', '*', '--out', ''], says: 'It must be the path of a file' },
    { argv: ['query', '*', '--json', '--format', 'csv'], says: 'leave one of them out' },
    { argv: ['query', '*', '--format', 'xml'], says: 'Allowed choices are table, csv, tsv, json, ndjson, xlsx' },
  ])('$argv is wrong usage', async ({ argv, says }) => {
    const result = await runCli(argv);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(says);
  });
});

const MIXED: ResultBatch = {
  rowCount: 3,
  columns: [
    int64('n', [-(2n ** 63n), 9_007_199_254_740_993n, 0n], [1, 1, 0]),
    { name: 'ratio', type: 'float64', data: Float64Array.of(0.1, NaN, -Infinity) },
    { name: 'ok', type: 'bool', data: Uint8Array.of(1, 0, 1) },
    text('note', ['plain', 'say "a, b"\nc', ''], [1, 1, 1]),
    { name: 'ip', type: 'ipv4', data: Uint32Array.of(0xcb007101, 0, 0xffffffff) },
    { name: 'at', type: 'timestamp', data: BigInt64Array.of(1_773_133_200_123_000n, -1n, 0n) },
    {
      name: 'big',
      type: 'json',
      data: Uint32Array.of(0, 1, 1),
      dictionary: ['340282366920938463463374607431768211455', '[1,\n"x"]'],
    },
    int64('n', [1n, 2n, 3n]),
  ],
};

describe('formats', () => {
  test('JSON has exact numbers, raw json columns and every name once', async () => {
    const { exitCode, stdout, stderr } = await runCli(['query', '*', '--json'], { engine: answering(MIXED) });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        '[',
        '{"n":-9223372036854775808,"ratio":0.1,"ok":true,"note":"plain","ip":"203.0.113.1","at":"2026-03-10T09:00:00.123Z","big":340282366920938463463374607431768211455,"n_2":1},',
        '{"n":9007199254740993,"ratio":null,"ok":false,"note":"say \\"a, b\\"\\nc","ip":"0.0.0.0","at":"1969-12-31T23:59:59.999999Z","big":[1, "x"],"n_2":2},',
        '{"n":null,"ratio":null,"ok":true,"note":"","ip":"255.255.255.255","at":"1970-01-01T00:00:00.000Z","big":[1, "x"],"n_2":3}',
        ']\n',
      ].join('\n'),
    );
    expect(stderr).toBe(`3 rows · ${SUMMARY}\n2 values NaN or infinite: null, since JSON has no such number\n`);
    expect(JSON.parse(stdout)).toHaveLength(3);
  });

  test.each(['json', 'ndjson'])('infinities as %s are null, and standard error says so', async (format) => {
    const data = Float64Array.of(Infinity, -Infinity);
    const batch: ResultBatch = { rowCount: 2, columns: [{ name: 'ratio', type: 'float64', data }] };
    const { exitCode, stdout, stderr } = await runCli(['query', '*', '--format', format], { engine: answering(batch) });
    expect(exitCode).toBe(0);
    expect(stdout.match(/\{"ratio":null\}/g)).toHaveLength(2);
    expect(stderr).toBe(`2 rows · ${SUMMARY}\n2 values NaN or infinite: null, since JSON has no such number\n`);
  });

  test('NDJSON is a line per row', async () => {
    const { stdout } = await runCli(['query', '*', '--format', 'ndjson'], { engine: answering(MIXED, MIXED) });
    const lines = stdout.split('\n');
    expect(lines).toHaveLength(7);
    expect(lines.slice(0, 6).map((line) => JSON.parse(line) as { n_2: number })).toMatchObject(
      [1, 2, 3, 1, 2, 3].map((n) => ({ n_2: n })),
    );
  });

  test('CSV quotes where needed, and tells NULL from an empty text', async () => {
    const { stdout } = await runCli(['query', '*', '--format', 'csv'], { engine: answering(MIXED) });
    expect(stdout).toBe(
      [
        'n,ratio,ok,note,ip,at,big,n_2',
        '-9223372036854775808,0.1,true,plain,203.0.113.1,2026-03-10T09:00:00.123Z,340282366920938463463374607431768211455,1',
        '9007199254740993,NaN,false,"say ""a, b""\nc",0.0.0.0,1969-12-31T23:59:59.999999Z,"[1,\n""x""]",2',
        ',-Infinity,true,"",255.255.255.255,1970-01-01T00:00:00.000Z,"[1,\n""x""]",3\n',
      ].join('\n'),
    );
  });

  test('TSV and neutralised formulas are as asked for, and standard error says what was changed', async () => {
    const batch = { rowCount: 2, columns: [text('a\tb', ['=1+1', 'x']), int64('n', [-1n, 2n])] };
    const argv = ['query', '*', '--format', 'tsv', '--neutralise-formulas'];
    const { stdout, stderr } = await runCli(argv, { engine: answering(batch) });
    expect(stdout).toBe(`"a\tb"\tn\n'=1+1\t-1\nx\t2\n`);
    expect(stderr).toBe(
      `2 rows · ${SUMMARY}\nFormulas are neutralised: 1 text begins with an apostrophe that is not in the log\n`,
    );
  });

  test.each(['table', 'json', 'ndjson'])(
    'formulas cannot be neutralised in %s, where there are none',
    async (format) => {
      const { exitCode, stderr } = await runCli(['query', '*', '--format', format, '--neutralise-formulas']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('(OPTION_INVALID)');
    },
  );

  test.each([
    { argv: [], header: 'instance,protocol,pri_ip' },
    { argv: ['--spelling', 'preview2024'], header: 'intstance,portocol,pri_ip' },
  ])('82: fields are spelled as asked: $header', async ({ argv, header }) => {
    const columns = ['instance', 'protocol', 'pri_ip'].map((name) => int64(name, [1n]));
    const { stdout } = await runCli(['query', '*', '--format', 'csv', ...argv], {
      engine: answering({ rowCount: 1, columns }),
    });
    expect(stdout).toBe(`${header}\n1,1,1\n`);
  });

  test('a table aligns numbers, shows NULL as a dash and no control characters', async () => {
    const batch = {
      rowCount: 3,
      columns: [
        int64('bytes', [5n, 1_234_567n, 0n], [1, 1, 0]),
        text('host', ['a\u001b[31m\n', '中文', 'x']),
        { name: 'ratio', type: 'float64' as const, data: Float64Array.of(0.5, 1, 2) },
      ],
    };
    const { stdout, stderr } = await runCli(['query', '*'], { engine: answering(batch) });
    expect(`\n${stdout}`).toMatchInlineSnapshot(`
      "
        bytes  host           ratio
      ───────  ─────────────  ─────
            5  a\\u001b[31m\\n    0.5
      1234567  中文               1
            –  x                  2
      "
    `);
    expect(stderr).toBe(`3 rows · ${SUMMARY}\n`);
  });

  test.each([
    { format: 'table', stdout: 'n\n─\n' },
    { format: 'csv', stdout: 'n\n' },
    { format: 'json', stdout: '[]\n' },
    { format: 'ndjson', stdout: '' },
  ])('an empty result as $format', async ({ format, stdout }) => {
    const query = () => queryReport({ columns: [{ name: 'n', type: 'int64' }], range: null });
    const result = await runCli(['query', '*', '--format', format], { engine: { query } });
    expect(result).toEqual({ exitCode: 0, stdout, stderr: '0 rows · the log has no entries\n' });
  });

  test('names that collide with numbered ones are told apart', async () => {
    const columns = ['a', 'a', 'a_2', 'a'].map((name, index) => int64(name, [BigInt(index)]));
    const { stdout } = await runCli(['query', '*', '--json'], { engine: answering({ rowCount: 1, columns }) });
    expect(JSON.parse(stdout)).toEqual([{ a: 0, a_3: 1, a_2: 2, a_4: 3 }]);
  });
});

describe('streaming', () => {
  const rows = (from: number, count: number, value = (row: number) => `v${row}`): ResultBatch => ({
    rowCount: count,
    columns: [
      text(
        't',
        Array.from({ length: count }, (_, row) => value(from + row)),
      ),
      int64('n', Array<bigint>(count).fill(1n)),
    ],
  });

  test('a table takes its widths from the first 1,000 rows and cuts no later cell', async () => {
    const batches = [rows(0, 600), rows(600, 600), rows(1200, 1, () => 'x'.repeat(30))];
    const { stdout } = await runCli(['query', '*'], { engine: answering(...batches) });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2 + 1201);
    expect(lines.slice(0, 3)).toEqual(['t     n', '────  ─', 'v0    1']);
    expect(lines[1001]).toBe('v999  1');
    expect(lines[1002]).toBe('v1000  1');
    expect(lines.at(-1)).toBe(`${'x'.repeat(30)}  1`);
  });

  test('each batch is written before the next one is taken', async () => {
    const written: string[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        setImmediate(() => {
          written.push(chunk.toString());
          done();
        });
      },
    });
    const seen: number[] = [];
    await runCli(['query', '*', '--format', 'ndjson'], {
      io: { stdout: slow },
      engine: {
        query: async (_request, call) => {
          for (let index = 0; index < 3; index++) {
            await call.batch(rows(index, 1));
            seen.push(written.length);
          }
          return queryReport({ rowCount: 3 });
        },
      },
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  test('a reader that has seen enough ends the query quietly', async () => {
    let batches = 0;
    const head = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    const result = await runCli(['query', '*', '--format', 'csv'], {
      io: { stdout: head },
      engine: {
        query: async (_request, call) => {
          for (; batches < 1000; batches++) await call.batch(rows(batches, 1));
          throw new AppError('QUERY_CANCELLED', 'cancelled');
        },
      },
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('an output on a full disk is a failure', async () => {
    const full = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }));
      },
    });
    const result = await runCli(['query', '*', '--format', 'csv'], {
      io: { stdout: full },
      engine: answering(rows(0, 1)),
    });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('(ENOSPC): free space on its disk (OUTPUT_UNWRITABLE)');
  });

  test('a failure after the first rows leaves the array open and adds no object', async () => {
    const { exitCode, stdout, stderr } = await runCli(['query', '*', '--json'], {
      engine: {
        query: async (_request, call) => {
          await call.batch(rows(0, 1));
          throw new AppError('QUERY_FAILED', 'Out of memory');
        },
      },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '[\n{"t":"v0","n":1}' });
    expect(stderr).toBe('natscope: Out of memory (QUERY_FAILED)\n');
  });
});

describe('errors', () => {
  const failing = (code: 'QUERY_SYNTAX' | 'TIME_INVALID', detail: Record<string, number>) => ({
    query: () => {
      throw new AppError(code, 'A value is missing', detail);
    },
  });

  test('the place in the query is marked', async () => {
    const engine = failing('QUERY_SYNTAX', { position: 14, length: 3 });
    const { exitCode, stderr } = await runCli(['query', 'protocol:6 or and x'], { engine });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      ['natscope: A value is missing (QUERY_SYNTAX)', '  protocol:6 or and x', '                ^^^\n'].join('\n'),
    );
  });

  test('a long line is shown around the place, and only the line', async () => {
    const query = `${'a:1 and '.repeat(20)}oops${' and b:2'.repeat(20)}\n| SELECT 1`;
    const { stderr } = await runCli(['query', query], {
      engine: failing('QUERY_SYNTAX', { position: 160, length: 4 }),
    });
    const [, line = '', marks = ''] = stderr.split('\n');
    expect(line).toMatch(/^ {2}… .*oops.* …$/);
    expect(line.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('oops');
  });

  test('--json gives the error as an object', async () => {
    const { exitCode, stdout } = await runCli(['query', '*', '--from', 'noon', '--json'], {
      engine: failing('TIME_INVALID', {}),
    });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'TIME_INVALID', message: 'A value is missing', detail: {} } });
  });

  test('the Logstores there are are named', async () => {
    const query = () => {
      throw new AppError('LOGSTORE_NOT_FOUND', 'project local has no Logstore x', { known: 'edge\nsession-log' });
    };
    const { stderr } = await runCli(['query', '*', '--logstore', 'xx'], { engine: { query } });
    expect(stderr).toBe(
      'natscope: project local has no Logstore x (LOGSTORE_NOT_FOUND)\n' +
        'Name one of these Logstores with --logstore: edge, session-log.\n',
    );
  });

  test('notices go to standard error', async () => {
    const query = () => queryReport({ notices: [{ kind: 'limited', text: 'The result was cut at 100 rows.' }] });
    const { stderr } = await runCli(['query', '*', '--zone', '+08:00'], { engine: { query } });
    expect(stderr).toBe('0 rows · 2026-03-10 17:00:00 – 2026-03-10 17:20:00 +08:00\nThe result was cut at 100 rows.\n');
  });
});

test('a query that ran into its time limit is told what makes it shorter', async () => {
  const result = await runCli(['query', '*'], {
    engine: {
      query: () => {
        throw new AppError('QUERY_TIMEOUT', 'the query was stopped after 50 ms, its limit', { timeoutMs: 50 });
      },
    },
  });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toBe(
    'natscope: the query was stopped after 50 ms, its limit (QUERY_TIMEOUT)\n' +
      'A shorter range, with --from and --to, has less to read.\n',
  );
});

describe('--out', () => {
  const ROW: ResultBatch = { rowCount: 1, columns: [int64('n', [7n])] };
  const csvTo = (folder: string, out: string, engine = answering(ROW)) =>
    runCli(['query', '*', '--format', 'csv', '--out', out], { io: { cwd: folder }, engine });

  test('writes a file relative to where the user stands, and nothing on standard output', async () => {
    const folder = tempFolder();
    const result = await csvTo(folder, 'rows.csv');
    expect(result).toEqual({ exitCode: 0, stdout: '', stderr: `1 row in ${join(folder, 'rows.csv')} · ${SUMMARY}\n` });
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toBe('n\n7\n');
    expect(readdirSync(folder)).toEqual(['rows.csv', 'rows.csv.meta.json']);
  });

  test('describes the file beside it, also how values were written and fields spelled', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'rows.tsv.meta.json'), 'of an older file');
    const query = async (request: QueryRequest, call: StubCall): Promise<QueryReport> => {
      await call.batch({ rowCount: 1, columns: [text('protocol', ['=1'])] });
      const columns = [{ name: 'protocol', type: 'text' as const }];
      const notices = [
        { kind: 'losses' as const, text: 'Import 1: 12 unreadable bytes.' },
        { kind: 'info' as const, text: 'A range of words.' },
      ];
      return queryReport({ rowCount: 1, columns, notices, sql: `SELECT ${request.text}` });
    };
    const argv = ['--format', 'tsv', '--neutralise-formulas', '--spelling', 'preview2024', '--zone', '+08:00'];
    await runCli(['query', 'a:1', ...argv, '--out', 'rows.tsv'], { io: { cwd: folder }, engine: { query } });
    const meta: unknown = JSON.parse(readFileSync(join(folder, 'rows.tsv.meta.json'), 'utf8'));
    expect(meta).toMatchObject({
      natscope: '0.0.0',
      query: 'a:1',
      project: 'local',
      logstore: 'session-log',
      range: { from: '2026-03-10T17:00:00.000+08:00', to: '2026-03-10T17:20:00.000+08:00' },
      zone: '+08:00',
      rows: 1,
      columns: [{ name: 'portocol', type: 'text' }],
      format: 'tsv',
      bytes: statSync(join(folder, 'rows.tsv')).size,
      options: { gzip: false, neutralise_formulas: true, spelling: 'preview2024' },
      losses: ['Import 1: 12 unreadable bytes.'],
      notices: [
        { kind: 'info', text: 'A range of words.' },
        { kind: 'info', text: 'Formulas are neutralised: 1 text begins with an apostrophe that is not in the log' },
      ],
      sql: 'SELECT a:1',
    });
  });

  test.each([
    { out: 'rows.csv.gz', argv: [] },
    { out: 'rows.csv', argv: ['--gzip'] },
  ])('packs $out with $argv', async ({ out, argv }) => {
    const folder = tempFolder();
    const options = { io: { cwd: folder }, engine: answering(ROW) };
    const { stderr } = await runCli(['query', '*', '--format', 'csv', ...argv, '--out', out], options);
    expect(stderr).toContain('1 row in ');
    expect(gunzipSync(readFileSync(join(folder, out))).toString()).toBe('n\n7\n');
  });

  test.each(['xlsx', 'parquet'])('%s needs a file', async (format) => {
    const { exitCode, stdout, stderr } = await runCli(['query', '*', '--format', format]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`name it with --out FILE.${format} (OPTION_INVALID)`);
  });

  test('a table has no description', async () => {
    const folder = tempFolder();
    await runCli(['query', '*', '--out', 'rows.txt'], { io: { cwd: folder }, engine: answering(ROW) });
    expect(readdirSync(folder)).toEqual(['rows.txt']);
  });

  test('a description that cannot be written is told before the query runs, and the old file stays', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'rows.csv'), 'old');
    mkdirSync(join(folder, 'rows.csv.meta.json'));
    const { exitCode, stderr } = await csvTo(folder, 'rows.csv', {});
    expect(exitCode).toBe(1);
    expect(stderr).toContain('rows.csv.meta.json cannot be written (it is a folder)');
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['rows.csv', 'rows.csv.meta.json']);
  });

  test('replaces a file at the end, keeps its access rights and follows a link to it', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'real'));
    const real = join(folder, 'real/rows.csv');
    writeFileSync(real, 'old', { mode: 0o640 });
    chmodSync(real, 0o640);
    symlinkSync(real, join(folder, 'link.csv'));
    expect(await csvTo(folder, 'link.csv')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(real, 'utf8')).toBe('n\n7\n');
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  test.each([
    { name: 'a failure', code: 'QUERY_FAILED' },
    { name: 'a cancel', code: 'QUERY_CANCELLED' },
  ] as const)('after $name the old file stays and nothing is left', async ({ code }) => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'rows.csv'), 'old');
    const result = await csvTo(folder, 'rows.csv', {
      query: async (_request, call) => {
        await call.batch(ROW);
        expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toBe('old');
        throw new AppError(code, 'it ended');
      },
    });
    expect(result.exitCode).toBe(1);
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['rows.csv']);
  });

  test.each([
    {
      name: 'a folder that does not exist',
      out: 'no/rows.csv',
      says: 'no/rows.csv cannot be written (ENOENT): create its folder',
    },
    { name: 'a folder', out: '.', says: 'cannot be written (it is a folder): name a file in it' },
  ])('$name is refused before the query runs', async ({ out, says }) => {
    const folder = tempFolder();
    const result = await csvTo(folder, out, {});
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(says);
    expect(result.stderr).toContain('(OUTPUT_UNWRITABLE)');
  });

  test('a device, a pipe and a link to either have the rows as they come, and stay what they are', async () => {
    const folder = tempFolder();
    symlinkSync('/dev/null', join(folder, 'nothing'));
    expect(await csvTo(folder, 'nothing')).toMatchObject({ exitCode: 0 });
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    const read = readFile(pipe, 'utf8');
    expect(await csvTo(folder, 'pipe')).toMatchObject({ exitCode: 0 });
    expect(await read).toBe('n\n7\n');
    expect(readdirSync(folder)).toEqual(['nothing', 'pipe']);
    expect(readlinkSync(join(folder, 'nothing'))).toBe('/dev/null');
  });

  test.each(['-', 'out'])('%s is standard output, where it leads there', async (out) => {
    const folder = tempFolder();
    symlinkSync('/proc/self/fd/1', join(folder, 'out'));
    expect(await csvTo(folder, out)).toMatchObject({ exitCode: 0, stdout: 'n\n7\n' });
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('the description stands beside the file that a link leads to, and none beside the link', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync('real/rows.csv', join(folder, 'link.csv'));
    writeFileSync(join(folder, 'link.csv.meta.json'), 'of an older one');
    expect(await csvTo(folder, 'link.csv')).toMatchObject({ exitCode: 0 });
    expect(readdirSync(folder)).toEqual(['link.csv', 'real']);
    expect(readdirSync(join(folder, 'real'))).toEqual(['rows.csv', 'rows.csv.meta.json']);
  });

  test('a table takes away what described the file before', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'rows.txt.meta.json'), 'of an older one');
    await runCli(['query', '*', '--out', 'rows.txt'], { io: { cwd: folder }, engine: answering(ROW) });
    expect(readdirSync(folder)).toEqual(['rows.txt']);
  });

  test('partitions are a folder, and not standard output', async () => {
    const { exitCode, stderr } = await runCli([
      ...['query', '*', '--format', 'parquet', '--partition-by', 'n', '--out', '-'],
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('name it with --out DIR');
  });

  test('with --json a failure is still told on standard output', async () => {
    const folder = tempFolder();
    const result = await runCli(['query', '*', '--json', '--out', 'no/rows.json'], { io: { cwd: folder } });
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'OUTPUT_UNWRITABLE' } });
  });
});
