import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { deleteIndex, exportIndex, previewIndex, reindex, setIndex } from '../../../src-main/engine/index-service';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { bundledSample } from '../../support/captures';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { importInto, PLACE } from './imported-database';

const shared = sharedDatabase();
beforeAll(() => importInto(shared(), [bundledSample]));

test('an index is previewed without being set: whole, with its changes and the entries that keep the one before', async () => {
  const config = { keys: { protocol: { type: 'long' } } };
  const { config: whole, changes, entries } = await previewIndex(shared(), { ...PLACE, config });
  expect(whole).toEqual({ keys: { protocol: { type: 'long', doc_value: true, alias: '' } }, max_text_len: 2048 });
  expect(changes).toHaveLength(15);
  expect(changes[0]).toEqual({ part: 'text', name: null, kind: 'removed', settings: [] });
  expect(entries).toBe(316);
  expect((await previewIndex(shared(), { ...PLACE, config: null })).changes).toEqual([]);
});

test('what is wrong with an index is told by its path, in a preview as well', async () => {
  const config = { keys: { protocol: { type: 'number' } } };
  await expect(previewIndex(shared(), { ...PLACE, config })).rejects.toMatchObject({
    code: 'INDEX_INVALID',
    message: expect.stringContaining('keys.protocol.type'),
  });
});

test('what is exported goes in again, and nothing is where there is no index', async () => {
  const { signal } = new AbortController();
  const { file, bytes } = await exportIndex(shared(), PLACE, signal);
  const text = readFileSync(join(exportsFolder(shared().workspaceDir), file), 'utf8');
  expect(Buffer.byteLength(text)).toBe(bytes);
  const config = JSON.parse(text) as Record<string, unknown>;
  await deleteIndex(shared(), PLACE);
  await expect(exportIndex(shared(), PLACE, signal)).rejects.toMatchObject({ code: 'INDEX_MISSING' });
  const { changes } = await previewIndex(shared(), { ...PLACE, config });
  expect(changes).toHaveLength(16);
  await setIndex(shared(), { ...PLACE, config });
  expect(await reindex(shared(), PLACE)).toMatchObject({ config, schema: 'session_log', reindexed: 316 });
});
