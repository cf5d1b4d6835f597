import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { openDatabase, type Database } from '../../../src-main/duckdb/database';
import { tempFolder } from '../../support/temp';
import { OWNER_ID, sharedDatabase, temporaryDatabase, temporaryWorkspace } from './temporary-workspace';

async function open(dir: string): Promise<Database> {
  const database = await openDatabase(dir, { ownerId: OWNER_ID });
  onTestFinished(() => database.close());
  return database;
}

async function valueOf(database: Database, sql: string): Promise<unknown> {
  return database.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRowsJS()[0]?.[0]);
}

test('numbers are packed without a trial of other methods, and text is not kept from its own', async () => {
  const database = await open(temporaryWorkspace());
  await database.withConnection(async (connection) => {
    await connection.run(
      'CREATE TABLE t AS SELECT range // 1000 AS run, (range % 7)::VARCHAR AS word FROM range(100000)',
    );
    await connection.run('CHECKPOINT');
  });
  const methods = `SELECT string_agg(DISTINCT compression, ' ') FROM pragma_storage_info('t') WHERE segment_type = `;
  expect(await valueOf(database, `${methods} 'BIGINT'`)).toBe('BitPacking');
  expect(await valueOf(database, `${methods} 'VARCHAR'`)).not.toContain('Uncompressed');
});

describe('a database that is open', () => {
  const shared = sharedDatabase();
  const refused: readonly { readonly name: string; readonly sql: string }[] = [
    { name: 'reading a file', sql: "SELECT * FROM read_csv('/etc/passwd')" },
    { name: 'reading a file as text', sql: "SELECT * FROM read_text('/etc/passwd')" },
    { name: 'listing files', sql: "SELECT * FROM glob('/*')" },
    { name: 'reading its own folder', sql: "SELECT * FROM read_text('owner.json')" },
    { name: 'writing a file', sql: "COPY (SELECT 1) TO '/natscope-must-not-exist.csv'" },
    { name: 'attaching a file', sql: "ATTACH '/natscope-must-not-exist.duckdb'" },
    { name: 'installing an extension', sql: 'INSTALL httpfs' },
    { name: 'loading an extension', sql: 'LOAD httpfs' },
    { name: 'opening the file system again', sql: 'SET enable_external_access = true' },
    { name: 'allowing another folder', sql: "SET allowed_directories = ['/']" },
    { name: 'setting the number of threads that are not its own', sql: 'SET external_threads = 64' },
    { name: 'allowing another setting', sql: "SET allowed_configs = ['threads']" },
    { name: 'changing the zone', sql: "SET TimeZone = 'Asia/Shanghai'" },
    { name: 'unlocking the configuration', sql: 'SET lock_configuration = false' },
    { name: 'moving the spill folder', sql: "SET temp_directory = '/tmp'" },
    { name: 'autoloading extensions', sql: 'SET autoload_known_extensions = true' },
  ];
  test.each(refused)('refuses $name on every connection', async ({ sql }) => {
    const database = shared();
    const first = await database.acquire();
    const second = await database.acquire();
    for (const connection of [first, second]) {
      await expect(connection.run(sql)).rejects.toThrow(/Permission Error|configuration has been locked|Cannot/);
    }
    database.release(first);
    database.release(second);
    expect(existsSync('/natscope-must-not-exist.csv')).toBe(false);
  });

  test('writes into tmp/ of its workspace, also when the path holds a quote', async () => {
    const dir = join(temporaryWorkspace(), "it's");
    mkdirSync(join(dir, 'tmp'), { recursive: true });
    const database = await open(dir);
    await database.withConnection((connection) =>
      connection.run(`COPY (SELECT 42 AS x) TO '${join(dir, 'tmp', 'x.csv').replaceAll("'", "''")}'`),
    );
    expect(readFileSync(join(dir, 'tmp', 'x.csv'), 'utf8')).toBe('x\n42\n');
  });

  test('has UTC, its limits and its folder on every connection', async () => {
    const database = shared();
    const setting = (name: string): Promise<unknown> => valueOf(database, `SELECT current_setting('${name}')::VARCHAR`);
    expect(await setting('TimeZone')).toBe('UTC');
    expect(await setting('memory_limit')).toBe('488.2 MiB');
    expect(await setting('temp_directory')).toBe(join(database.workspaceDir, 'tmp'));
    expect(await setting('max_temp_directory_size')).toMatch(/iB$/);
    expect(await setting('enable_external_access')).toBe('false');
    expect(await setting('autoinstall_known_extensions')).toBe('false');
    expect(await setting('autoload_known_extensions')).toBe('false');
  });

  test('keeps its rows through close and open, and leaves no file open', async () => {
    const dir = temporaryWorkspace();
    const first = await openDatabase(dir, { ownerId: OWNER_ID });
    await first.withConnection((connection) => connection.run('CREATE TABLE t AS SELECT 7 AS x'));
    await first.close();
    const links = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(join('/proc/self/fd', fd));
      } catch {
        return '';
      }
    });
    expect(links.filter((link) => link.startsWith(dir))).toEqual([]);
    expect(await valueOf(await open(dir), 'SELECT x FROM t')).toBe(7);
  });

  test('lends each running statement a connection of its own', async () => {
    const database = shared();
    const [a, b] = await Promise.all([
      valueOf(database, 'SELECT sum(hash(range))::VARCHAR FROM range(300000)'),
      valueOf(database, 'SELECT sum(hash(range))::VARCHAR FROM range(300000)'),
    ]);
    expect(a).toBe(b);
  });

  test('rolls back a transaction that throws, and runs transactions one after the other', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run('CREATE TABLE t (x INTEGER)'));
    const failing = database.transaction(async (connection) => {
      await connection.run('INSERT INTO t VALUES (1)');
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    await Promise.all(
      Array.from({ length: 10 }, () =>
        database.transaction((connection) => connection.run('INSERT INTO t SELECT coalesce(max(x), 0) + 1 FROM t')),
      ),
    );
    expect(await valueOf(database, 'SELECT count(DISTINCT x)::INTEGER FROM t')).toBe(10);
  });

  test('closes within a moment while a statement runs, which is interrupted', async () => {
    const database = await openDatabase(temporaryWorkspace(), { ownerId: OWNER_ID });
    const running = valueOf(
      database,
      'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 5',
    );
    const refusal = expect(running).rejects.toThrow(/Interrupted/);
    await database.close();
    await refusal;
  });
});

describe('opening', () => {
  test('a second time in this process is refused with WORKSPACE_LOCKED and our pid, until the first is closed', async () => {
    const dir = temporaryWorkspace();
    const first = await open(dir);
    const alias = join(tempFolder(), 'alias');
    symlinkSync(dir, alias);
    for (const path of [dir, alias]) {
      const refusal = await openDatabase(path, { ownerId: OWNER_ID }).catch((cause: unknown) => cause);
      expect(refusal).toMatchObject({ code: 'WORKSPACE_LOCKED', detail: { pid: process.pid } });
    }
    await first.close();
    await (await openDatabase(dir, { ownerId: OWNER_ID })).close();
  });

  test('a workspace that another owner.json names is refused, so that a worker thread cannot open it', async () => {
    const dir = temporaryWorkspace();
    const record = { pid: process.pid, startTime: null, ownerId: 'f'.repeat(32), socketPath: '/nowhere' };
    writeFileSync(join(dir, 'owner.json'), JSON.stringify(record));
    await expect(openDatabase(dir, { ownerId: OWNER_ID })).rejects.toMatchObject({ code: 'WORKSPACE_LOCKED' });
  });

  test.each([
    { name: 'text', bytes: Buffer.from('not a database\n'.repeat(1000)) },
    { name: 'an empty file', bytes: Buffer.alloc(0) },
  ])('$name in place of the database is WORKSPACE_DAMAGED with its path', async ({ bytes }) => {
    const dir = temporaryWorkspace();
    const path = join(dir, 'workspace.duckdb');
    writeFileSync(path, bytes);
    const refusal = await openDatabase(dir, { ownerId: OWNER_ID }).catch((cause: unknown) => cause);
    expect(refusal).toMatchObject({ code: 'WORKSPACE_DAMAGED', detail: { path } });
    expect((refusal as AppError).message).toContain(path);
  });

  test.each([
    { name: 'a file cut in the middle', damage: (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1) },
    {
      name: 'a file with flipped bits',
      damage: (bytes: Buffer) => bytes.map((byte, at) => (at >= 4096 && at % 97 === 0 ? byte ^ 0x55 : byte)),
    },
  ])('$name is WORKSPACE_DAMAGED', async ({ damage }) => {
    const whole = temporaryWorkspace();
    const database = await openDatabase(whole, { ownerId: OWNER_ID });
    await database.withConnection((connection) => connection.run('CREATE TABLE t AS SELECT range FROM range(200000)'));
    await database.close();
    const dir = temporaryWorkspace();
    copyFileSync(join(whole, 'workspace.duckdb'), join(dir, 'workspace.duckdb'));
    const path = join(dir, 'workspace.duckdb');
    writeFileSync(path, damage(readFileSync(path)));
    await expect(openDatabase(dir, { ownerId: OWNER_ID })).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
  });

  test('a folder that is not there is WORKSPACE_UNUSABLE', async () => {
    const dir = join(temporaryWorkspace(), 'nowhere');
    await expect(openDatabase(dir, { ownerId: OWNER_ID })).rejects.toMatchObject({ code: 'WORKSPACE_UNUSABLE' });
  });
});
