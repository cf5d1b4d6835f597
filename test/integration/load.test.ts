import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { natscopeHere as natscope } from '../support/command-here';
import { tempFolderForFile } from '../support/temp';

let folder = '';
let workspace = '';
beforeAll(() => {
  folder = tempFolderForFile();
  workspace = join(folder, 'workspace');
});

interface Answer {
  readonly code: number | null;
  readonly reply: unknown;
  readonly stderr: string;
}

async function ask(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await natscope([...args, '--workspace', workspace, '--json']);
  return { code, reply: JSON.parse(stdout), stderr };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const refused = (code: string): unknown => ({ error: expect.objectContaining({ code }) });

const REQUESTS = [
  {
    time: '2026-03-10T08:00:00Z',
    status: 200,
    client: '10.0.0.1',
    path: '/a/b',
    latency: 0.5,
    req: { user: { id: 7, name: 'ann' }, tags: ['x'] },
  },
  {
    time: '2026-03-10T08:01:00Z',
    status: 404,
    client: '10.0.0.2',
    path: '/c',
    latency: 2,
    zip: '007',
    __topic__: 'web',
    '__tag__:host': 'h1',
  },
  { time: '2026-03-10T08:02:00Z', status: 500, client: '::1', req: { user: { id: 8, name: 'bob' } } },
];
const lines = (entries: readonly object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

describe('log entries of any fields', () => {
  test('are loaded whole, with fields of the types of their values, and can be queried at once', async () => {
    const path = file('access.ndjson.gz', gzipSync(`${lines(REQUESTS)}nonsense\n{"status":1}\n`));
    const proposed = await ask('load', path, '--dry-run');
    expect(proposed.reply).toMatchObject({
      run: null,
      entries: 4,
      bad_lines: 1,
      logstore: 'access',
      time_field: 'time',
    });
    expect((await ask('logstore', 'list')).reply).toEqual([]);
    const loaded = await ask('load', path);
    expect(loaded.code).toBe(3);
    expect(loaded.reply).toMatchObject({
      entries: 3,
      bad_lines: 2,
      first_bad_lines: [
        { line: 4, code: 'SYNTAX' },
        { line: 5, code: 'TIME_MISSING' },
      ],
      files: [{ format: 'ndjson', entries: 3 }],
      created_index: true,
    });
    const { fields } = loaded.reply as { fields: readonly { name: string; type: string }[] };
    expect(Object.fromEntries(fields.map(({ name, type }) => [name, type]))).toEqual({
      ...{ time: 'text', status: 'long', client: 'text', path: 'text', latency: 'double', req: 'json', zip: 'text' },
      ...{ __topic__: 'text', '__tag__:host': 'text' },
    });
    const run = String((loaded.reply as { run: number }).run);
    const errors = await natscope(['load-errors', run, '--workspace', workspace]);
    expect(errors.stdout).toContain(`${path}:4: `);
    expect(errors.stdout).toContain('\n  nonsense\n');
    const statement =
      'status>300 | SELECT status, latency, zip, "req.user.id" AS id, __time__ FROM log ORDER BY status';
    const found = await ask('query', statement, '--logstore', 'access');
    expect(found.reply).toEqual([
      { status: 404, latency: 2, zip: '007', id: null, __time__: 1_773_129_660 },
      { status: 500, latency: null, zip: null, id: 8, __time__: 1_773_129_720 },
    ]);
    expect(found.stderr).toContain('2 lines were no log entry');
    const bob = await ask('query', 'req.user.name:bob | SELECT client', '--logstore', 'access');
    expect(bob.reply).toEqual([{ client: '::1' }]);
    expect((await ask('query', '"__tag__:host":h1', '--logstore', 'access')).reply).toHaveLength(1);
    expect((await ask('load', path)).reply).toEqual(refused('LOAD_REPEATED'));
  });

  test('are balanced over shards, or go by the hash of a field', async () => {
    await ask('logstore', 'create', 'hashed', '--schema', 'custom', '--shards', '4');
    const clients = Array.from({ length: 10_000 }, (_, index) => ({ ts: 1_773_130_000, client: `c${index % 3}` }));
    const path = file('clients.ndjson', lines(clients));
    const counts = async (): Promise<readonly number[]> => {
      const shards = (await ask('shard', 'list', '--logstore', 'hashed')).reply as readonly { entries: number }[];
      return shards.map(({ entries }) => entries);
    };
    await ask('load', path, '--logstore', 'hashed');
    expect((await counts()).toSorted()).toEqual([0, 1808, 4096, 4096]);
    const before = await counts();
    expect((await ask('load', path, '--logstore', 'hashed', '--again', '--hash-key', 'name')).reply).toEqual(
      refused('OPTION_INVALID'),
    );
    expect((await ask('load', path, '--logstore', 'hashed', '--again', '--hash-key', 'client')).code).toBe(0);
    const perShard = [0, 0, 0, 0];
    for (const { client } of clients) {
      const [digit = 0] = createHash('md5').update(client).digest();
      perShard[digit >> 6]!++;
    }
    expect((await counts()).map((count, shard) => count - (before[shard] ?? 0))).toEqual(perShard);
  });

  test('of a later load extend the schema; what does not fit is kept and told', async () => {
    file('later.ndjson', lines([{ time: 1_773_130_000, status: 'down', shard: 5 }]));
    const later = await ask('load', join(folder, 'later.ndjson'), '--logstore', 'access');
    expect(later.reply).toMatchObject({ entries: 1, created_index: false });
    const { fields, notices } = later.reply as { fields: readonly object[]; notices: readonly { text: string }[] };
    expect(fields).toContainEqual({ name: 'shard', type: 'long', is_new: true, entries: 1, misfits: 0 });
    expect(fields).toContainEqual({ name: 'status', type: 'long', is_new: false, entries: 1, misfits: 1 });
    expect(notices.map(({ text }) => text).join('\n')).toMatch(
      /status \(1, first "down" in line 1 of later.ndjson\)[^]*not in the index of the Logstore: shard/,
    );
    const index = (await ask('index', 'show', '--logstore', 'access')).reply as {
      config: { keys: Record<string, unknown> };
    };
    index.config.keys['status'] = { type: 'text', token: [] };
    index.config.keys['shard'] = { type: 'double' };
    await ask('index', 'set', file('index.json', JSON.stringify(index.config)), '--logstore', 'access', '--reindex');
    const retyped = 'status:down | SELECT status, shard FROM log';
    expect((await ask('query', retyped, '--logstore', 'access')).reply).toEqual([{ status: 'down', shard: 5 }]);
    expect((await ask('query', 'status:404', '--logstore', 'access')).reply).toHaveLength(1);
  });

  test('are shown whole by a search, whatever is indexed and of whatever type', async () => {
    const lines = ['{"n":1,"d":1.5,"s":"a b"}', '{"n":2,"d":2.5,"s":"a"}'].map(
      (line) => `{"time":10,${line.slice(1)}\n`,
    );
    await ask('load', file('whole.ndjson', lines.join('')), '--logstore', 'whole');
    await ask('load', file('other.ndjson', '{"time":11,"n":"abc","d":3,"s":"a"}\n'), '--logstore', 'whole');
    const rows = [
      { n: '1', d: 1.5, s: 'a b' },
      { n: '2', d: 2.5, s: 'a' },
      { n: 'abc', d: 3, s: 'a' },
    ].map((row) => expect.objectContaining(row) as unknown);
    expect((await ask('query', '*', '--logstore', 'whole')).reply).toEqual(rows);
    const index = file('whole.json', '{"line":{"token":[" "],"include_keys":["s"]},"keys":{"d":{"type":"long"}}}');
    await ask('index', 'set', index, '--logstore', 'whole', '--reindex');
    expect((await ask('query', 'a', '--logstore', 'whole')).reply).toEqual(rows);
    expect((await ask('query', 'b | select * from log', '--logstore', 'whole')).reply).toEqual([
      { d: null, __time__: 10 },
    ]);
  });

  test.each(['ndjson', 'csv', 'json', 'parquet'])(
    'are exported as %s with their times, which load again, and with the file that they came from',
    async (format) => {
      const own = file(
        `own-${format}.ndjson`,
        lines([1, 2].map((n) => ({ __time__: 1_700_000_000 + n, n, s: format }))),
      );
      await ask('load', own, '--logstore', `own-${format}`);
      const out = join(folder, `own-out.${format}`);
      const query = ['query', '*', '--logstore', `own-${format}`, '--format'];
      expect((await natscope([...query, format, '--out', out, '--workspace', workspace])).code).toBe(0);
      const meta = JSON.parse(readFileSync(`${out}.meta.json`, 'utf8')) as { loads: { files: object[] }[] };
      const digest = expect.stringMatching(/^[0-9a-f]{64}$/u) as string;
      const bytes = readFileSync(own).length;
      expect(meta.loads[0]?.files).toEqual([{ path: own, bytes, head_sha256: digest, tail_sha256: digest }]);
      await ask('load', out, '--logstore', `again-${format}`);
      const again = ['query', '* | SELECT __time__, n, s FROM log', '--logstore', `again-${format}`];
      expect((await ask(...again)).reply).toEqual([1, 2].map((n) => ({ __time__: 1_700_000_000 + n, n, s: format })));
    },
  );

  test('of names that every object has are fields like others, in the index or not', async () => {
    await ask(
      'load',
      file('first.ndjson', lines([{ ts: 1_773_130_000, __time__: 'x', obj: { p: 1 } }])),
      '--logstore',
      'names',
    );
    const path = file(
      'second.ndjson',
      '{"ts":1773130001,"constructor":"x","toString":{"valueOf":1},"__proto__":"y","obj":{"constructor":"z","p":2}}\n',
    );
    const { notices } = (await ask('load', path, '--logstore', 'names')).reply as {
      notices: readonly { text: string }[];
    };
    expect(notices.map(({ text }) => text)).toEqual([
      expect.stringContaining('not in the index of the Logstore: constructor, toString, __proto__'),
    ]);
    const named = 'obj.p:2 | SELECT "obj.p" AS p FROM log';
    expect((await ask('query', named, '--logstore', 'names')).reply).toEqual([{ p: 2 }]);
    await ask('index', 'delete', '--logstore', 'names', '--yes');
    await ask('index', 'create-recommended', '--logstore', 'names', '--reindex');
    const all = 'obj.constructor:z | SELECT constructor, "__proto__", "toString.valueOf" AS v FROM log';
    expect((await ask('query', all, '--logstore', 'names')).reply).toEqual([
      { constructor: 'x', ['__proto__']: 'y', v: 1 },
    ]);
  });

  test('are typed as a schema file says, addresses as numbers', async () => {
    const path = file('flow.csv', 'at;src;code\n2026-03-10 08:00:00;10.0.0.1;007\n2026-03-10 08:00:01;::1;1\n');
    const schema = file('schema.json', '{"time":"at","fields":{"src":"ipv4","code":"text"}}');
    const loaded = await ask('load', path, '--schema', schema, '--logstore', 'flow');
    expect(loaded.reply).toMatchObject({ entries: 2, files: [{ format: 'csv' }], time_field: 'at' });
    expect((await ask('query', 'src:10.0.0.1 | SELECT src, code', '--logstore', 'flow')).reply).toEqual([
      { src: '10.0.0.1', code: '007' },
    ]);
    const wrong = file('wrong.json', '{"fields":{"src":"address"}}');
    expect((await ask('load', path, '--schema', wrong, '--again', '--logstore', 'flow')).reply).toEqual(
      refused('SCHEMA_INVALID'),
    );
    const other = file('other.json', '{"fields":{"src":"text"}}');
    expect((await ask('load', path, '--schema', other, '--again', '--logstore', 'flow')).reply).toEqual(
      refused('LOGSTORE_MISMATCH'),
    );
  });

  test('come from a JSON list as well, and one that is cut off is told', async () => {
    const whole = file('list.json', JSON.stringify(REQUESTS, null, 2));
    expect((await ask('load', whole)).reply).toMatchObject({
      logstore: 'list',
      entries: 3,
      files: [{ format: 'json' }],
    });
    const cut = file('list-cut.json', JSON.stringify(REQUESTS, null, 2).slice(0, -30));
    expect(await ask('load', cut)).toMatchObject({
      code: 3,
      reply: { entries: 2, first_bad_lines: [{ code: 'CUT_OFF' }] },
    });
  });

  test('with more fields than a table has columns are read whole, by pages, and by statements', async () => {
    const names = Array.from({ length: 700 }, (_, index) => `f${index}`);
    const wide = (row: number): object => ({
      ts: 1_773_130_000 + row,
      ...Object.fromEntries(names.map((name) => [name, row])),
    });
    const entries = Array.from({ length: 2000 }, (_, row) => wide(row));
    await ask('load', file('broad.ndjson', lines(entries)), '--logstore', 'broad');
    const told = entries.map((entry, row) => ({ __time__: 1_773_130_000 + row, ...entry }));
    expect((await ask('query', '*', '--logstore', 'broad')).reply).toEqual(told);
    expect((await ask('query', 'f699:1', '--logstore', 'broad', '--limit', '2')).reply).toEqual([told[1]]);
    expect((await ask('query', 'f699 > 0 | SELECT sum(f698) AS s', '--logstore', 'broad')).reply).toEqual([
      { s: (1999 * 2000) / 2 },
    ]);
  });

  test('with names that differ in case alone keep both, and say which one can be asked for', async () => {
    const path = file(
      'case.ndjson',
      lines([
        { ts: 1_773_130_000, A: 'x' },
        { ts: 1_773_130_001, a: 'y' },
      ]),
    );
    const loaded = await ask('load', path, '--logstore', 'case');
    expect(JSON.stringify(loaded.reply)).toContain('cannot be asked for, as queries do not tell case: a.');
    expect((await ask('query', 'y | SELECT count(*) AS n', '--logstore', 'case')).reply).toEqual([{ n: 1 }]);
  });

  test('with doubles beyond 64 bits have statistics', async () => {
    const path = file('far.ndjson', lines([1e300, 0.5, 1e18].map((far, row) => ({ ts: 1_773_130_000 + row, far }))));
    await ask('load', path, '--logstore', 'far');
    const { code, reply } = await ask('field', 'far', '--logstore', 'far');
    expect(code).toBe(0);
    expect(reply).toMatchObject({ entries: 3, distinct: 3, numbers: { least: '0.5', most: '1e+300' } });
  });

  test('with addresses alone in a field are found by prefix, until other values come', async () => {
    const addresses = file(
      'ips.ndjson',
      lines([
        { ts: 1_773_130_000, ip: '10.1.2.3' },
        { ts: 1_773_130_001, ip: '192.0.2.9' },
      ]),
    );
    const loaded = await ask('load', addresses, '--logstore', 'ips');
    expect(loaded.reply).toMatchObject({ fields: [{ name: 'ts' }, { name: 'ip', type: 'ipv4' }] });
    expect((await ask('query', 'ip:10.0.0.0/8', '--logstore', 'ips')).reply).toEqual([
      { __time__: 1_773_130_000, ts: 1_773_130_000, ip: '10.1.2.3' },
    ]);
    const more = await ask(
      'load',
      file('names.ndjson', lines([{ ts: 1_773_130_002, ip: 'host-a' }])),
      '--logstore',
      'ips',
    );
    expect(JSON.stringify(more.reply)).toContain('no CIDR finds: ip (1, first ');
    expect((await ask('query', 'ip:host-a', '--logstore', 'ips')).reply).toMatchObject([
      { ts: 1_773_130_002, ip: 'host-a' },
    ]);
    expect(
      (await ask('query', '* | SELECT ip, count(*) AS n GROUP BY ip ORDER BY ip', '--logstore', 'ips')).reply,
    ).toEqual(['10.1.2.3', '192.0.2.9', 'host-a'].map((ip) => ({ ip, n: 1 })));
    expect((await ask('query', 'ip:10.0.0.0/8', '--logstore', 'ips')).stderr).toContain('searched as text');
  });
});

test('a Logstore of very many fields is loaded again and again, and its index goes out and in, which says that the vendor would refuse it', async () => {
  const wide = file(
    'wide.ndjson',
    lines([Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`f${at}`, 'v']))]),
  );
  await ask('load', wide);
  expect(await ask('load', wide, '--again')).toMatchObject({
    code: 0,
    reply: { entries: 1, fields: { length: 1000 } },
  });
  const of = ['--logstore', 'wide', '--workspace', workspace];
  const shown = await natscope(['index', 'show', ...of]);
  const set = await natscope(['index', 'set', file('wide-index.json', shown.stdout), ...of]);
  expect(set).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('which the vendor would refuse: there, 64 KiB'),
  });
  expect((await natscope(['index', 'show', ...of])).stdout).toBe(shown.stdout);
});

test('retention deletes what is past it when it is set, and when a load ends', async () => {
  const day = 86_400;
  const at = (days: number): string => lines([{ time: 1_700_000_000 + days * day, n: days }]);
  await ask('load', file('old.ndjson', at(0) + at(3)), '--logstore', 'kept');
  const asked = await ask('logstore', 'update', 'kept', '--ttl', '2');
  expect(asked.reply).toEqual(refused('OPTION_INVALID'));
  expect(asked.stderr).toContain('this would delete 1 entry of Logstore kept');
  expect((await ask('logstore', 'show', 'kept')).reply).toMatchObject({ ttl_days: null, entries: 2 });
  const set = await ask('logstore', 'update', 'kept', '--ttl', '2', '--yes');
  expect(set.reply).toMatchObject({ ttl_days: 2, entries: 1, expired_entries: 1 });
  const loaded = await ask('load', file('new.ndjson', at(4) + at(9)), '--logstore', 'kept');
  expect(JSON.stringify(loaded.reply)).toContain('2 entries from before');
  expect((await ask('query', '* | SELECT n', '--logstore', 'kept')).reply).toEqual([{ n: 9 }]);
  expect((await ask('logstore', 'show', 'kept')).reply).toMatchObject({
    entries: 1,
    first_time: 1_700_000_000 + 9 * day,
  });
});

describe('session logs', () => {
  test.each(['current', 'preview2024'])(
    '82: in the %s spelling are recognised, and are what they were',
    async (spelling) => {
      if (spelling === 'current') await ask('import', bundledSample);
      const before = join(folder, `${spelling}.csv`);
      const after = join(folder, `${spelling}-again.csv`);
      await natscope([
        'query',
        '*',
        '--workspace',
        workspace,
        '--format',
        'csv',
        '--spelling',
        spelling,
        '--out',
        before,
      ]);
      const loaded = await ask('load', before, '--logstore', `copy-${spelling}`);
      expect(loaded.reply).toMatchObject({ schema: 'session_log', entries: 316, bad_lines: 0 });
      const again = ['--logstore', `copy-${spelling}`, '--spelling', spelling, '--format', 'csv', '--out', after];
      await natscope(['query', '*', '--workspace', workspace, ...again]);
      expect(readFileSync(after, 'utf8')).toBe(readFileSync(before, 'utf8'));
    },
  );

  test.each(['current', 'preview2024'])('of Parquet in the %s spelling are what they were', async (spelling) => {
    const rows = ['query', '*', '--workspace', workspace, '--spelling', spelling];
    const parquet = join(folder, `${spelling}.parquet`);
    await natscope([...rows, '--format', 'parquet', '--out', parquet]);
    const logstore = `parquet-${spelling}`;
    expect((await ask('load', parquet, '--logstore', logstore)).reply).toMatchObject({
      ...{ schema: 'session_log', entries: 316, bad_lines: 0, notices: [] },
      files: [{ format: 'parquet', entries: 316 }],
    });
    const again = join(folder, `${spelling}-from-parquet.csv`);
    await natscope([...rows, '--logstore', logstore, '--format', 'csv', '--out', again]);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(join(folder, `${spelling}.csv`), 'utf8'));
    expect((await ask('load', parquet, '--logstore', logstore)).reply).toEqual(refused('LOAD_REPEATED'));
  });

  test('of Parquet that have no time are kept aside by the number of their row', async () => {
    const parquet = join(folder, 'no-time.parquet');
    const fields = 'nat_ip, nat_port, pub_ip, pub_port, protocol, end_time';
    const statement = `* | SELECT ${fields}, CASE WHEN pub_port > 0 THEN start_time END AS start_time FROM log`;
    await natscope(['query', statement, '--workspace', workspace, '--format', 'parquet', '--out', parquet]);
    const { code, reply } = await ask('load', parquet, '--logstore', 'no-time');
    const { entries, bad_lines: bad } = reply as { entries: number; bad_lines: number };
    expect({ code, total: entries + bad }).toEqual({ code: 3, total: 316 });
    const { run } = reply as { run: number };
    const errors = await natscope(['load-errors', String(run), '--workspace', workspace]);
    expect(errors.stdout.match(/no-time\.parquet:\d+: it has no start_time/gu)).toHaveLength(bad);
  });

  test('do not mix with other entries, and are no import of packets', async () => {
    const path = join(folder, 'access.ndjson.gz');
    expect((await ask('load', path, '--schema', 'session_log')).reply).toEqual(refused('SCHEMA_INVALID'));
    expect((await ask('load', path, '--logstore', 'session-log')).reply).toEqual(refused('LOGSTORE_MISMATCH'));
    expect((await ask('import', bundledSample, '--logstore', 'access')).reply).toEqual(refused('LOGSTORE_MISMATCH'));
    const { run } = (await ask('load', join(folder, 'current.csv'), '--logstore', 'copy-current', '--again')).reply as {
      run: number;
    };
    expect((await ask('packets', '--entry', `${run}-0`, '--out', join(folder, 'none.pcapng'))).reply).toEqual(
      refused('RUN_NOT_FOUND'),
    );
  });
});

describe('session logs of others', () => {
  const names = 'protocol,pri_ip,pri_port,pub_ip,pub_port,nat_ip,nat_port,bytes_from_vpc,start_time,end_time';
  const session = (values: Readonly<Record<string, string>>): string => {
    const usual = ['6', '10.0.0.1', '4000', '192.0.2.1', '443', '203.0.113.1', '5000', '9', '1773130000', '1773130005'];
    return names
      .split(',')
      .map((name, index) => values[name] ?? usual[index])
      .join(',');
  };
  const sessionsOf = (name: string, rows: readonly Readonly<Record<string, string>>[]): string =>
    file(name, `${names}\n${rows.map((row) => `${session(row)}\n`).join('')}`);

  test('have names of protocols, and times as others write them', async () => {
    const path = sessionsOf('names.csv', [
      { protocol: 'TCP', start_time: '2026-03-10T08:06:40Z', end_time: '2026-03-10 09:06:45.5+01:00' },
      { protocol: 'udp', start_time: '1773130000250', end_time: '1773130005000001' },
      { protocol: 'Icmp', start_time: '1773130000', end_time: '1773130005' },
    ]);
    const { code, reply } = await ask('load', path, '--logstore', 'named');
    expect({ code, reply }).toMatchObject({ code: 0, reply: { entries: 3, bad_values: [], notices: [] } });
    const statement = '* | SELECT protocol, start_time, end_time, __time__ FROM log ORDER BY protocol';
    const times = { start_time: 1_773_130_000, end_time: 1_773_130_005, __time__: 1_773_130_000 };
    expect((await ask('query', statement, '--logstore', 'named')).reply).toEqual(
      [1, 6, 17].map((protocol) => ({ protocol, ...times })),
    );
  });

  test('have the names of fields in whatever case', async () => {
    const [head = '', ...rows] = readFileSync(sessionsOf('capitals.csv', [{}, { protocol: '17' }]), 'utf8').split('\n');
    const path = file(
      'capitals.csv',
      [
        `INSTANCE|${head.toUpperCase().replaceAll(',', '|')}`,
        ...rows.slice(0, 2).map((row) => `ngw-1|${row.replaceAll(',', '|')}`),
      ].join('\n'),
    );
    const { reply } = await ask('load', path, '--logstore', 'capitals');
    expect(reply).toMatchObject({
      schema: 'session_log',
      entries: 2,
      fields: [],
      bad_values: [],
      time_field: 'start_time',
    });
    expect(
      (await ask('query', 'protocol:17 | SELECT instance, pri_ip, start_time', '--logstore', 'capitals')).reply,
    ).toEqual([{ instance: 'ngw-1', pri_ip: '10.0.0.1', start_time: 1_773_130_000 }]);
  });

  test('with two columns that are one field are loaded, and what is lost by it is told', async () => {
    const path = join(folder, 'twice.csv');
    const head = 'intstance,instance,protocol,pri_ip,pri_port,pub_ip,pub_port,nat_ip,nat_port,start_time,end_time';
    const entry = '17,10.0.0.1,4000,198.51.100.7,53,203.0.113.1,2000,1773130000,1773130000';
    writeFileSync(path, [head, `ngw-old,ngw-new,${entry}`, `ngw-old,ngw-new,${entry}`, ''].join('\n'));
    const { code, reply } = await ask('load', path, '--logstore', 'twice');
    expect({ code, reply }).toMatchObject({
      code: 3,
      reply: {
        entries: 2,
        bad_values: [{ field: 'instance', fault: 'twice', values: 2, file: path, line: 2, text: 'ngw-new' }],
        notices: [
          {
            kind: 'losses',
            text: expect.stringContaining(
              'two values of a field, of which the first stands and the other is lost: instance (2, first "ngw-new" in line 2',
            ) as string,
          },
        ],
      },
    });
    const found = await ask('query', '*', '--logstore', 'twice');
    expect(found.reply).toMatchObject([{ instance: 'ngw-old' }, { instance: 'ngw-old' }]);
  });

  test('with values that make no sense are loaded, and told of wherever they are asked for', async () => {
    const path = sessionsOf('odd.csv', [
      {},
      { pri_port: '99443', pub_ip: '310.69.0.70' },
      { bytes_from_vpc: '-5', protocol: 'none' },
      { bytes_from_vpc: '99999999999999999999999', end_time: 'later' },
      { end_time: '1773129999' },
    ]);
    const { code, reply } = await ask('load', path, '--logstore', 'odd');
    const type = (field: string, values: number, line: number, text: string): object => ({
      ...{ field, fault: 'type', values, file: path, line, text },
    });
    expect({ code, reply }).toMatchObject({
      code: 3,
      reply: {
        ...{ entries: 5, bad_lines: 0 },
        bad_values: [
          type('protocol', 1, 4, 'none'),
          ...[type('pri_port', 1, 3, '99443'), type('pub_ip', 1, 3, '310.69.0.70'), type('bytes_from_vpc', 2, 4, '-5')],
          type('end_time', 1, 5, 'later'),
          { field: 'end_time', fault: 'order', values: 1, file: path, line: 6, text: '1773129999 before 1773130000' },
        ],
      },
    });
    const told = ['bytes_from_vpc (2, first "-5" in line 4 of odd.csv)', '1 entry that ends before it starts'];
    const out = join(folder, 'odd-again.csv');
    const exported = await natscope([
      'query',
      '*',
      '--workspace',
      workspace,
      '--logstore',
      'odd',
      '--format',
      'csv',
      '--out',
      out,
    ]);
    const compared = await natscope(['compare', path, path]);
    const asked = ['who', '203.0.113.1:5000', '--at', '1773130001', '--logstore', 'odd'];
    const who = await natscope([...asked, '--workspace', workspace]);
    // Of many at once, what has no protocol is no session either.
    const complaint = '203.0.113.1:5000 at 2026-03-10T08:06:41Z\n';
    const complaints = file('odd.txt', complaint.repeat(2));
    const many = await ask('who', '--complaints', complaints, '--logstore', 'odd');
    expect([who.code, many.code]).toEqual([0, 0]);
    for (const words of told) {
      for (const { stderr } of [exported, compared]) expect(stderr).toContain(words);
      expect(readFileSync(`${out}.meta.json`, 'utf8').replaceAll('\\"', '"')).toContain(words);
      expect(`${who.stdout}${who.stderr}`.replaceAll(/\s+/gu, ' ')).toContain(words);
    }
    expect(compared.stderr).toContain('All 5 entries are equal.');
  });
});

test.each([
  { name: 'a file that is not there', content: null, code: 'CAPTURE_NOT_FOUND', says: 'does not exist' },
  { name: 'an empty file', content: '', code: 'LOAD_UNREADABLE', says: 'it is empty' },
  {
    name: 'a file without any entry',
    content: '{"a":\n',
    code: 'LOAD_UNREADABLE',
    says: 'no line of it is a log entry; line 1: ',
  },
  {
    name: 'a header with lines of other lengths',
    content: 'time,a\n1,2,3\n',
    code: 'LOAD_UNREADABLE',
    says: 'no line of it is a log entry; line 2: ',
  },
  { name: 'a header alone', content: 'time,a\n', code: 'LOAD_UNREADABLE', says: 'it has no log entries' },
  { name: 'prose', content: 'Once upon a time.\n', code: 'LOAD_UNREADABLE', says: 'neither NDJSON nor JSON' },
  {
    name: 'Parquet that was cut off',
    content: `PAR1${'x'.repeat(100)}`,
    code: 'LOAD_UNREADABLE',
    says: 'it was cut off: get a whole copy',
  },
  { name: 'octets', content: '\u0001\u0000\u0002', code: 'LOAD_UNREADABLE', says: 'natscope import' },
])('$name is refused with $code, and leaves nothing', async ({ content, code, says }) => {
  const path = content === null ? join(folder, 'none') : file('bad', content);
  const { reply, stderr, code: exit } = await ask('load', path, '--logstore', 'bad');
  expect(reply).toEqual(refused(code));
  expect(exit).toBe(1);
  expect(stderr).toContain(says);
  expect((await ask('logstore', 'show', 'bad')).reply).toEqual(refused('LOGSTORE_NOT_FOUND'));
});
