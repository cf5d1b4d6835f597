import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { natscope, natscopeBin } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { tempFolder, tempFolderForFile } from '../support/temp';
import type { ExplainReport } from '../../src-main/contract/query';
import { SESSION_LOG_FIELDS } from '../../src-main/contract/log-entry';

type Row = Readonly<Record<string, string | number>>;

let workspace = '';
let entries: readonly Row[] = [];
beforeAll(async () => {
  workspace = join(tempFolderForFile(), 'workspace');
  expect((await natscopeHere(['import', bundledSample, '--workspace', workspace, '--json'])).code).toBe(0);
  entries = await query('*');
});

async function query(text: string, ...options: string[]): Promise<readonly Row[]> {
  const result = await natscopeHere(['query', text, '--workspace', workspace, '--json', ...options]);
  expect(result.stderr).not.toContain('natscope:');
  return JSON.parse(result.stdout) as Row[];
}
const number = (row: Row, field: string): number => Number(row[field]);
const total = (rows: readonly Row[], field: string): number => rows.reduce((sum, row) => sum + number(row, field), 0);

describe('entries', () => {
  test('have exactly the fifteen fields, in order, numbers as numbers and addresses as text', () => {
    const [first] = entries;
    expect(Object.keys(first ?? {})).toEqual(SESSION_LOG_FIELDS.map(({ name }) => name));
    for (const row of entries) {
      for (const { name, type } of SESSION_LOG_FIELDS) {
        expect(typeof row[name]).toBe(type === 'long' ? 'number' : 'string');
      }
    }
    expect(first).toMatchObject({ instance: 'ngw-default', vpc_id: 'vpc-default', nat_ip: '203.0.113.1' });
  });

  test('come oldest first and complete; --reverse and --limit do what they say', async () => {
    const times = entries.map((row) => number(row, 'start_time'));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(entries.length).toBeGreaterThan(300);
    const reversed = await query('*', '--reverse', '--limit', '5');
    expect(reversed).toEqual(entries.slice(-5).toReversed());
  });

  test('of ICMP have the identifier as port and no public port', () => {
    const pings = entries.filter((row) => row['protocol'] === 1);
    expect(pings.length).toBeGreaterThan(0);
    expect(pings.every((row) => row['pub_port'] === 0 && number(row, 'pri_port') > 0)).toBe(true);
  });

  test('are found by field, and, or, not and comparison', async () => {
    const keep = (row: Row): boolean =>
      (row['protocol'] === 6 && row['pub_port'] === 443) || (row['protocol'] === 17 && row['pri_ip'] !== '10.0.1.11');
    const found = await query('(protocol:6 and pub_port:443) or (protocol:17 and not pri_ip:10.0.1.11)');
    expect(found).toEqual(entries.filter(keep));
    expect(await query('bytes_from_pub > 5000')).toEqual(entries.filter((row) => number(row, 'bytes_from_pub') > 5000));
  });

  test('are bounded by a half-open range', async () => {
    const middle = number(entries[Math.floor(entries.length / 2)] ?? {}, 'start_time');
    const before = await query('*', '--to', String(middle));
    const after = await query('*', '--from', String(middle));
    expect([...before, ...after]).toEqual(entries);
    const minutes = await query('*', '--from', '-2m');
    const last = Math.max(...entries.map((row) => number(row, 'start_time')));
    expect(minutes).toEqual(entries.filter((row) => number(row, 'start_time') > last - 120));
  });
});

test('a statement sums what the entries have', async () => {
  const sql =
    '* | SELECT pri_ip, count(*) AS n, sum(bytes_from_vpc + bytes_from_pub) AS bytes GROUP BY pri_ip ORDER BY bytes DESC';
  const rows = await query(sql);
  for (const row of rows) {
    const own = entries.filter(({ pri_ip: host }) => host === row['pri_ip']);
    expect(row['n']).toBe(own.length);
    expect(row['bytes']).toBe(total(own, 'bytes_from_vpc') + total(own, 'bytes_from_pub'));
  }
  expect(rows.map((row) => number(row, 'bytes'))).toEqual(
    rows.map((row) => number(row, 'bytes')).toSorted((a, b) => b - a),
  );
});

test('CSV and NDJSON hold the same rows as JSON, and --out writes the whole file or none', async () => {
  const folder = tempFolder();
  const out = join(folder, 'entries.csv');
  writeFileSync(out, 'old');
  const failed = await natscopeHere(['query', 'nonsense:1', '--workspace', workspace, '--format', 'csv', '--out', out]);
  expect(failed.code).toBe(1);
  expect(readFileSync(out, 'utf8')).toBe('old');
  const done = await natscopeHere(['query', '*', '--workspace', workspace, '--format', 'csv', '--out', out]);
  expect(done.code).toBe(0);
  expect(readdirSync(folder)).toEqual(['entries.csv', 'entries.csv.meta.json']);
  const [header = '', ...lines] = readFileSync(out, 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  expect(lines.map((line) => line.split(','))).toEqual(entries.map((row) => names.map((name) => String(row[name]))));

  const ndjson = await natscopeHere(['query', '*', '--workspace', workspace, '--format', 'ndjson']);
  expect(
    ndjson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row),
  ).toEqual(entries);
});

describe('a workspace that does not exist', () => {
  const refused = async (dir: string): Promise<string> => {
    const result = await natscopeHere(['query', '*', '--workspace', dir, '--json']);
    expect(result.code).toBe(1);
    const { error } = JSON.parse(result.stdout) as { error: { code: string; message: string } };
    expect(error).toMatchObject({ code: 'WORKSPACE_NOT_FOUND', detail: { path: dir } });
    return error.message;
  };

  test('is refused by a query, which does not make it', async () => {
    const missing = join(tempFolder(), 'no', 'workspace');
    expect(await refused(missing)).toBe(`there is no workspace in ${missing}: import a capture first`);
    expect(existsSync(dirname(missing))).toBe(false);
  });

  test('is refused in a folder of other things, which stays as it is', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'notes.txt'), '');
    await refused(folder);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });
});

describe('a workspace that is open elsewhere', () => {
  test('is queried and filled through its owner', async () => {
    const folder = tempFolder();
    const shared = join(folder, 'workspace');
    await natscopeHere(['import', bundledSample, '--workspace', shared, '--json']);
    // Whichever of them owns the workspace must not end before the others have what they asked for.
    const many = await Promise.all([
      natscope(['import', bundledSample, '--again', '--workspace', shared, '--json']),
      natscope(['import', bundledSample, '--again', '--workspace', shared, '--json']),
      natscope(['query', '* | SELECT count(*) AS n', '--workspace', shared, '--json']),
    ]);
    const codes = many.map(({ code }) => code);
    expect(codes).toEqual([0, 0, 0]);
    const { stdout } = await natscopeHere(['query', '* | SELECT count(*) AS n', '--workspace', shared, '--json']);
    expect(JSON.parse(stdout)).toEqual([{ n: entries.length * 3 }]);
  });
});

/* Each waits as long as an owner is given to answer. */
describe.concurrent('a workspace whose owner does not answer', () => {
  let folder = '';
  beforeAll(() => {
    folder = tempFolderForFile();
  });

  test('is WORKSPACE_LOCKED, with its process', async ({ expect }) => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    const holder = spawn('sleep', ['60']);
    const owner = { pid: holder.pid, startTime: null, ownerId: 'f'.repeat(32), socketPath: join(folder, 'no.sock') };
    writeFileSync(join(locked, 'owner.json'), JSON.stringify(owner));
    writeFileSync(join(locked, 'workspace.duckdb'), '');
    const result = await natscope(['query', '*', '--workspace', locked, '--json']);
    holder.kill();
    expect(result.code).toBe(1);
    const { error } = JSON.parse(result.stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe('WORKSPACE_LOCKED');
    expect(error.message).toContain(String(holder.pid));
  });

  test('is WORKSPACE_LOCKED when that is stopped, though the system takes the connection', async ({ expect }) => {
    const target = join(folder, 'stopped');
    await natscopeHere(['import', bundledSample, '--workspace', target, '--json']);
    const owner = startImport(folder, target);
    await new Promise((resolve) => owner.stderr.once('data', resolve));
    owner.kill('SIGSTOP');
    const result = await natscope(['query', '*', '--workspace', target, '--json']);
    owner.kill('SIGKILL');
    expect(result.code).toBe(1);
    const { error } = JSON.parse(result.stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe('WORKSPACE_LOCKED');
    expect(error.message).toContain(String(owner.pid));
  });
});

test('a workspace that is deleted during an import is lost, and the import says so', async () => {
  const folder = tempFolder();
  const target = join(folder, 'workspace');
  const child = startImport(folder, target);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr === '') rmSync(target, { recursive: true });
    stderr += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(1);
  expect(stderr).toContain(target);
});

test('explain shows tokens, indexes, SQL and plan, and reads nothing', async () => {
  const statement = 'protocol:6 | SELECT pri_ip, count(*) AS n WHERE pub_port = 443 GROUP BY pri_ip';
  const { stdout, code } = await natscopeHere(['explain', statement, '--workspace', workspace, '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as ExplainReport;
  expect(report.tokens.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['word protocol', ': :', 'word 6']);
  expect(report.indexes).toEqual([
    { field: 'protocol', type: 'long', search: true, sql: false },
    { field: 'pri_ip', type: 'ipv4', search: false, sql: true },
    { field: 'pub_port', type: 'long', search: false, sql: true },
  ]);
  expect(report.sql).toContain('GROUP BY');
  expect(report.plan).toContain('HASH_GROUP_BY');
  const text = await natscopeHere(['explain', '*', '--workspace', workspace]);
  expect(text.stdout).toContain('Plan:');
});

test('the limits of the console cut and say so', async () => {
  const { stdout, stderr } = await natscopeHere([
    'query',
    '*',
    '--workspace',
    workspace,
    '--json',
    '--limits',
    'console',
  ]);
  expect(JSON.parse(stdout)).toHaveLength(100);
  expect(stderr).toContain('Cut at 100 rows, as the console does for each page of entries');
  const whole = await natscopeHere([
    'query',
    '* | SELECT count(*) AS n',
    '--workspace',
    workspace,
    '--limits',
    'console',
  ]);
  expect(whole.stderr).not.toContain('Cut');
});

test('times of a statement are those of --zone, and a Logstore has its own name', async () => {
  const statement = '* | SELECT min(hour(__time__)) AS h FROM "session-log"';
  const utc = Number((await query(statement))[0]?.['h']);
  const shanghai = Number((await query(statement, '--zone', 'Asia/Shanghai'))[0]?.['h']);
  expect((shanghai - utc + 24) % 24).toBe(8);
});

test.each([
  { zone: 'UTC', exact: '2023-11-14T22:13:20.000Z', shown: '2023-11-14 22:13:20.000' },
  { zone: 'Asia/Shanghai', exact: '2023-11-15T06:13:20.000+08:00', shown: '2023-11-15 06:13:20.000' },
])('a time that a statement gives is the same instant in every format: $zone', async ({ zone, exact, shown }) => {
  const select = "from_unixtime(1700000000) AS t, from_unixtime(1700000000, 'America/New_York') AS other";
  const args = ['query', `* | SELECT ${select} FROM log LIMIT 1`, '--workspace', workspace, '--zone', zone];
  const inFormat = async (format: string): Promise<string> =>
    (await natscopeHere([...args, '--format', format])).stdout.trim();
  expect(JSON.parse(await inFormat('ndjson'))).toEqual({ t: exact, other: exact });
  expect(await inFormat('csv')).toBe(`t,other\n${exact},${exact}`);
  expect(await inFormat('table')).toMatch(new RegExp(`${shown} +2023-11-14 17:13:20.000$`, 'u'));
});

/** Hard work for an importer, so that there is time to disturb it. */
function copiesOfSample(folder: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `copy-${index}.pcapng`);
    writeFileSync(path, readFileSync(bundledSample));
    return path;
  });
}

/** An import that takes a while, and tells when it has begun. */
function startImport(folder: string, workspace: string): ChildProcessWithoutNullStreams {
  const args = ['import', ...copiesOfSample(folder, 50), '--again', '--workspace', workspace, '--progress', 'always'];
  return spawn(process.execPath, [natscopeBin, ...args]);
}

test('Ctrl-C during an import ends it with nothing kept', async () => {
  const folder = tempFolder();
  const target = join(folder, 'workspace');
  await natscopeHere(['import', bundledSample, '--workspace', target, '--json']);
  const child = startImport(folder, target);
  const code = await new Promise((resolve) => {
    child.stderr.once('data', () => child.kill('SIGINT'));
    child.on('exit', resolve);
  });
  expect(code).toBe(1);
  const { stdout } = await natscopeHere(['query', '* | SELECT count(*) AS n', '--workspace', target, '--json']);
  expect(JSON.parse(stdout)).toEqual([{ n: entries.length }]);
});
