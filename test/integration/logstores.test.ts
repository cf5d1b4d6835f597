import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { natscopeHere as natscope } from '../support/command-here';
import { tempFolder } from '../support/temp';

let folder = '';
let workspace = '';
beforeEach(() => {
  folder = tempFolder();
  workspace = join(folder, 'workspace');
});

async function ask(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly reply: unknown; readonly stderr: string }> {
  const { code, stdout, stderr } = await natscope([...args, '--workspace', workspace, '--json']);
  return { code, reply: JSON.parse(stdout), stderr };
}
const count = async (search = '*'): Promise<unknown> => (await ask('query', `${search} | SELECT count(*) AS n`)).reply;
const refused = (code: string): unknown => ({ error: expect.objectContaining({ code }) });

describe('projects and Logstores', () => {
  test('are created, listed, shown, described and deleted, with the entries that go', async () => {
    const made = await ask('project', 'create', 'edge', '--region', 'cn-hangzhou', '--description', 'border');
    expect(made.reply).toMatchObject({
      name: 'edge',
      region: 'cn-hangzhou',
      description: 'border',
      logstores: 0,
      entries: 0,
    });
    expect((await ask('project', 'create', 'edge')).reply).toEqual(refused('PROJECT_EXISTS'));
    expect((await ask('project', 'update', 'edge', '--description', 'new')).reply).toMatchObject({
      description: 'new',
    });
    const store = await ask('logstore', 'create', 'nat', '--project', 'edge', '--shards', '4', '--ttl', '7');
    expect(store.reply).toMatchObject({
      logstore: 'nat',
      schema: 'session_log',
      ttl_days: 7,
      has_index: false,
      entries: 0,
    });
    expect((await ask('logstore', 'create', 'nat', '--project', 'edge')).reply).toEqual(refused('LOGSTORE_EXISTS'));
    expect((await ask('import', bundledSample, '--project', 'edge', '--logstore', 'nat')).code).toBe(0);
    expect((await ask('project', 'show', 'edge')).reply).toMatchObject({ logstores: 1, entries: 316 });
    const [listed] = (await ask('logstore', 'list')).reply as readonly Record<string, unknown>[];
    expect(listed).toMatchObject({ project: 'edge', logstore: 'nat', entries: 316, has_index: true });
    expect(listed?.['stored_bytes']).toBeGreaterThan(0);
    const unasked = await ask('logstore', 'delete', 'nat', '--project', 'edge');
    expect(unasked).toMatchObject({ code: 2, reply: refused('OPTION_INVALID') });
    expect(unasked.stderr).toContain('Logstore nat with its 316 entries: add --yes');
    expect((await ask('project', 'delete', 'edge', '--yes')).reply).toEqual({
      project: 'edge',
      logstores: 1,
      entries: 316,
    });
    expect((await ask('project', 'list')).reply).toEqual([]);
    expect((await ask('logstore', 'show', 'nat', '--project', 'edge')).reply).toEqual(refused('PROJECT_NOT_FOUND'));
  });

  test.each([
    { what: 'a Logstore', argv: ['logstore', 'create', 'nat'] },
    { what: 'an import', argv: ['import', bundledSample] },
    { what: 'a load', argv: ['load', 'rows.ndjson', '--logstore', 'rows'] },
  ])('$what into a project that there is not is refused, and makes none', async ({ argv }) => {
    const file = join(folder, 'rows.ndjson');
    writeFileSync(file, '{"a":1,"time":1700000000}\n');
    const into = argv.map((argument) => (argument === 'rows.ndjson' ? file : argument));
    const asked = await ask(...into, '--project', 'egde');
    expect(asked).toMatchObject({ code: 1, reply: refused('PROJECT_NOT_FOUND') });
    expect(asked.stderr).toContain('natscope project create egde');
    expect((await ask('project', 'list')).reply).toEqual([]);
    await ask('project', 'create', 'egde');
    expect((await ask(...into, '--project', 'egde')).code).toBe(0);
  });

  test('that are deleted and made again have nothing of what was there', async () => {
    await ask('import', bundledSample);
    expect((await ask('logstore', 'delete', 'session-log', '--yes')).reply).toMatchObject({ entries: 316 });
    expect((await ask('import', bundledSample)).code).toBe(0);
    expect(await count()).toEqual([{ n: 316 }]);
  });

  test('keep entries as long as retention says, back from the newest', async () => {
    await ask('import', bundledSample);
    const kept = await ask('logstore', 'update', 'session-log', '--ttl', '1');
    expect(kept.reply).toMatchObject({ ttl_days: 1, entries: 316, expired_entries: 0 });
    expect((await ask('logstore', 'update', 'session-log', '--ttl', 'off')).reply).toMatchObject({ ttl_days: null });
    expect((await ask('logstore', 'update', 'session-log', '--ttl', '0')).reply).toEqual(refused('OPTION_INVALID'));
  });
});

test('shards are split and merged, and new entries go to one that is readwrite', async () => {
  await ask('import', bundledSample);
  const split = (await ask('shard', 'split', '0', '--key', '4'.padEnd(32, '0'))).reply;
  expect(split).toMatchObject([
    { shardID: 0, status: 'readonly', entries: 316 },
    { shardID: 1, status: 'readwrite', exclusiveEndKey: '4'.padEnd(32, '0'), entries: 0 },
    { shardID: 2, status: 'readwrite', exclusiveEndKey: 'f'.repeat(32), entries: 0 },
  ]);
  // The second run, so that it begins with the first of the two.
  await ask('import', bundledSample, '--again');
  expect((await ask('shard', 'list')).reply).toMatchObject([{ entries: 316 }, { entries: 316 }, { entries: 0 }]);
  expect((await ask('shard', 'merge', '2')).reply).toEqual(refused('SHARD_INVALID'));
  expect((await ask('shard', 'merge', '1')).reply).toMatchObject([
    { status: 'readonly' },
    { status: 'readonly' },
    { status: 'readonly' },
    { shardID: 3, status: 'readwrite', inclusiveBeginKey: '0'.repeat(32), exclusiveEndKey: 'f'.repeat(32) },
  ]);
});

describe('the index', () => {
  test('holds for entries that come after it, until reindex applies it to all', async () => {
    await ask('import', bundledSample, '--no-index');
    const unindexed = await ask('query', '*');
    expect(unindexed).toMatchObject({ code: 1, reply: refused('INDEX_MISSING') });
    expect(unindexed.stderr).toContain('natscope index create-recommended');
    expect((await ask('index', 'reindex')).reply).toEqual(refused('INDEX_MISSING'));
    expect((await ask('index', 'create-recommended')).reply).toMatchObject({
      unindexed_entries: 316,
      older_entries: 0,
    });
    expect((await ask('index', 'create-recommended')).reply).toEqual(refused('INDEX_EXISTS'));
    const none = await ask('query', '* | SELECT count(*) AS n');
    expect(none.reply).toEqual([{ n: 0 }]);
    expect(none.stderr).toContain('316 entries were written without an index');
    await ask('import', bundledSample, '--again');
    expect(await count()).toEqual([{ n: 316 }]);
    expect((await ask('index', 'reindex')).reply).toMatchObject({ reindexed: 316, unindexed_entries: 0 });
    expect(await count()).toEqual([{ n: 632 }]);
  });

  test("is exported and set in the vendor's JSON, and what is not in it cannot be queried", async () => {
    await ask('import', bundledSample);
    const exported = await natscope(['index', 'show', '--workspace', workspace]);
    const config = JSON.parse(exported.stdout) as { keys: Record<string, unknown>; line?: unknown };
    expect(Object.keys(config.keys)).toHaveLength(15);
    const file = join(folder, 'index.json');
    writeFileSync(file, JSON.stringify({ keys: { protocol: config.keys['protocol'] } }));
    expect((await ask('index', 'set', file)).reply).toMatchObject({ older_entries: 316, unindexed_entries: 0 });
    expect((await ask('index', 'set', file, '--reindex')).reply).toMatchObject({ older_entries: 0 });
    const [first] = (await ask('query', '*', '--limit', '1')).reply as readonly object[];
    expect(Object.keys(first ?? {})).toHaveLength(15);
    expect((await ask('query', 'pub_port:443')).reply).toEqual(refused('QUERY_UNKNOWN_FIELD'));
    const ports = 'SELECT pub_port, count(*) AS n FROM log GROUP BY pub_port ORDER BY n DESC LIMIT 1';
    expect((await ask('query', `* | ${ports}`)).stderr).toContain('set session mode=scan;');
    const scanned = await ask('query', `* | set session mode=scan; ${ports}`);
    expect(scanned.reply).toMatchObject([{ pub_port: expect.stringMatching(/^\d+$/) as string }]);
    writeFileSync(file, exported.stdout);
    await ask('index', 'set', file, '--reindex');
    expect((await ask('index', 'show')).reply).toMatchObject({ config });
  });

  test('that is wrong is refused with path, value and rule, and with line and column where it is no JSON', async () => {
    await ask('import', bundledSample);
    const file = join(folder, 'index.json');
    writeFileSync(file, '{"keys":{"protocol":{"type":"int"}}}');
    const wrong = await ask('index', 'set', file);
    expect(wrong.reply).toEqual(refused('INDEX_INVALID'));
    expect(wrong.stderr).toContain('keys.protocol.type: "int" must be one of text, long, double, json');
    writeFileSync(file, '{"keys":\n{,}}');
    expect((await ask('index', 'set', file)).stderr).toContain('line 2, column 2');
    expect(await count('pub_port:443')).not.toEqual([{ n: 0 }]);
  });

  test('that was deleted leaves the entries, which a new one finds after reindex', async () => {
    await ask('import', bundledSample);
    expect((await ask('index', 'delete')).reply).toEqual(refused('OPTION_INVALID'));
    expect((await ask('index', 'delete', '--yes')).reply).toMatchObject({ config: null });
    expect((await ask('query', '*')).reply).toEqual(refused('INDEX_MISSING'));
    await ask('index', 'create-recommended', '--reindex');
    expect(await count()).toEqual([{ n: 316 }]);
  });
});
