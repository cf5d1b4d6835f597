import { describe, expect, test } from 'vitest';
import { insertLogstore, insertProject } from '../../../src-main/duckdb/catalogue';
import type { Database } from '../../../src-main/duckdb/database';
import { createLogstore, createProject, merge, split } from '../../../src-main/engine/logstore-service';
import { QUOTAS } from '../../../src-main/logstore/quotas';
import { temporaryDatabase } from '../duckdb/temporary-workspace';

const refused = (what: string): unknown =>
  expect.objectContaining({
    code: 'QUOTA_EXCEEDED',
    message: expect.stringMatching(new RegExp(`^Project Quota Exceed: .* ${what}: delete some`, 'u')),
    detail: expect.objectContaining({ vendorCode: 'ProjectQuotaExceed' }),
  });
const store = (logstore: string, shards = 1): Parameters<typeof createLogstore>[1] => {
  return { project: 'quota', logstore, schema: 'custom', ttlDays: null, shards };
};

/** Makes Logstores in one transaction. */
async function fill(database: Database, shardsByName: Readonly<Record<string, number>>): Promise<void> {
  await database.transaction(async (connection) => {
    const projectId = await insertProject(connection, { project: 'quota', region: 'local', description: '' }, 0);
    for (const [name, shards] of Object.entries(shardsByName)) {
      const wanted = { project: 'quota', name, schema: 'custom', ttlDays: null, shards } as const;
      await insertLogstore(connection, projectId, wanted, 0);
    }
  });
}

describe('quotas of the vendor', () => {
  test('a workspace has 150 projects, whoever makes the next', async () => {
    const database = await temporaryDatabase();
    await database.transaction(async (connection) => {
      for (let index = 0; index < QUOTAS.projects.most; index++) {
        await insertProject(connection, { project: `p-${index}`, region: 'local', description: '' }, 0);
      }
    });
    const next = createProject(database, { project: 'next', region: 'local', description: '' });
    await expect(next).rejects.toEqual(refused('projects in a workspace'));
    const local = { ...store('a1'), project: 'local' };
    await expect(createLogstore(database, local)).rejects.toEqual(refused('projects in a workspace'));
  });

  test('a project has 400 readwrite shards, those of splits among them', async () => {
    const database = await temporaryDatabase();
    await fill(database, { s1: 100, s2: 100, s3: 100, s4: 99 });
    await expect(createLogstore(database, store('two', 2))).rejects.toEqual(refused('shards in a project'));
    await createLogstore(database, store('last'));
    const name = { project: 'quota', logstore: 's1' };
    await expect(split(database, { ...name, shard: 0, key: null })).rejects.toEqual(refused('shards in a project'));
    await merge(database, { ...name, shard: 1 });
    expect(await split(database, { ...name, shard: 0, key: null })).toHaveLength(103);
  });

  test('a project has 200 Logstores', async () => {
    const database = await temporaryDatabase();
    await fill(database, Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`l-${index}`, 1])));
    await expect(createLogstore(database, store('beyond'))).rejects.toEqual(refused('Logstores in a project'));
  });
});
