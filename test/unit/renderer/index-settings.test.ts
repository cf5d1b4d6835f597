import { describe, expect, test } from 'vitest';
import type { IndexConfig } from '../../../src-main/contract/index-config';
import { delimiterText, readDelimiters } from '../../../src-renderer/features/index/delimiter-text';
import { changeText } from '../../../src-renderer/features/index/index-change';
import { IndexForm } from '../../../src-renderer/features/index/index-form.svelte';
import { indexJson } from '../../../src-renderer/features/index/index-json';
import { IndexSettings } from '../../../src-renderer/features/index/index-settings.svelte';
import { FakeEngine, failed, ok, settled } from './fake-engine';

const PLACE = { project: 'local', logstore: 'session-log' };
const CONFIG: IndexConfig = {
  line: { token: [',', '\n', '\\'], caseSensitive: true, chn: false, exclude_keys: ['port'] },
  keys: {
    host: { type: 'text', token: [], caseSensitive: false, chn: true, doc_value: true, alias: 'h' },
    port: { type: 'long', doc_value: false, alias: '' },
    body: {
      ...{ type: 'json', token: [' '], caseSensitive: false, chn: false, doc_value: true, alias: '' },
      ...{ index_all: true, max_depth: 3, json_keys: { 'a.b': { type: 'double', doc_value: true, alias: '' } } },
    },
  },
  max_text_len: 4096,
  log_reduce: true,
};
const CHANGED = [{ part: 'field', name: 'host', kind: 'changed', settings: ['alias'] }];

test.each([
  { name: 'what can be seen', delimiters: [',', ' ', "'"], text: ", '" },
  { name: 'line ends, tabs and backslashes', delimiters: ['\n', '\t', '\r', '\\'], text: '\\n\\t\\r\\\\' },
  { name: 'a backslash before a letter', delimiters: ['\\', 'n'], text: '\\\\n' },
  { name: 'none', delimiters: [], text: '' },
])('delimiters are written and read: $name', ({ delimiters, text }) => {
  expect(delimiterText(delimiters)).toBe(text);
  expect(readDelimiters(text)).toEqual(delimiters);
});

test('delimiters count once, and what is no escape stands for itself', () => {
  expect(readDelimiters(',,\\x')).toEqual([',', '\\', 'x']);
});

describe('a form', () => {
  test('gives back an index as it took it, with what it does not show', () => {
    const form = new IndexForm();
    form.take(CONFIG);
    expect(form.config).toEqual(CONFIG);
    expect(JSON.parse(indexJson(form.config))).toEqual(CONFIG);
    expect(indexJson(form.config)).toContain('\n    "port": { "type": "long", "doc_value": false, "alias": "" },\n');
  });

  test('renames, retypes, adds and removes fields', () => {
    const form = new IndexForm();
    form.take({ ...CONFIG, keys: { host: CONFIG.keys['host'] as never, port: CONFIG.keys['port'] as never } });
    const [host, port] = form.fields;
    form.set(host?.id ?? 0, { name: 'client', type: 'double' });
    form.remove(port?.id ?? 0);
    form.set(form.add(), { name: 'uri', delimiters: '/' });
    expect(form.config['keys']).toEqual({
      client: { type: 'double', doc_value: true, alias: 'h' },
      uri: { type: 'text', token: ['/'], caseSensitive: false, chn: false, doc_value: true, alias: '' },
    });
    form.add();
    form.add();
    expect(form.twice).toBe('');
  });

  test('adds only the fields that are missing, whatever their capitals', () => {
    const form = new IndexForm();
    form.take({
      ...CONFIG,
      keys: { HOST: { type: 'text', token: [], caseSensitive: false, chn: false, doc_value: true, alias: '' } },
    });
    expect(form.addMissing(CONFIG)).toBe(2);
    expect(form.fields.map(({ name }) => name)).toEqual(['HOST', 'port', 'body']);
  });

  test('leaves a length that is no number to the engine, which names its path', () => {
    const form = new IndexForm();
    form.take(CONFIG);
    form.maxTextLen = '2k';
    expect(form.config['max_text_len']).toBe('2k');
  });
});

function start() {
  const engine = new FakeEngine();
  const told: string[] = [];
  const settings = new IndexSettings(engine, {
    onChanged: (_, end) => told.push(changeText(end).facts),
    onFailed: ({ code }) => told.push(code),
  });
  return { engine, settings, told };
}

async function opened(changes: object = {}) {
  const started = start();
  void started.settings.open(PLACE);
  const report = {
    ...PLACE,
    schema: 'session_log',
    config: CONFIG,
    updatedMs: 1,
    olderEntries: 0,
    unindexedEntries: 0,
  };
  await started.engine.last('index:read').answer(ok({ ...report, ...changes }));
  return { ...started, report };
}

const preview = (changes: readonly object[]) => ok({ config: CONFIG, changes, entries: 316 });

describe('the settings of an index', () => {
  test('have nothing to save until something is changed, and then save it for all entries', async () => {
    const { engine, settings, told, report } = await opened();
    expect(engine.last('index:preview').request).toEqual({ ...PLACE, config: CONFIG });
    await engine.last('index:preview').answer(preview([]));
    expect(settings.canSave).toBe(false);
    settings.form.set(settings.form.fields[0]?.id ?? 0, { alias: 'client' });
    void settings.check();
    await engine.last('index:preview').answer(preview(CHANGED));
    expect(settings.canSave).toBe(true);
    void settings.save();
    await engine.last('index:preview').answer(preview(CHANGED));
    expect(engine.last('index:write').request).toMatchObject({ config: { keys: { host: { alias: 'client' } } } });
    await engine.last('index:write').answer(ok({ ...report, olderEntries: 316 }));
    await engine.last('index:rebuild').answer(ok({ ...report, reindexed: 316 }));
    expect(told).toEqual(['It was applied to 316 entries.']);
    expect(settings.place).toBeNull();
  });

  test('save it for the entries to come alone, where that is wanted', async () => {
    const { engine, settings, told, report } = await opened();
    await engine.last('index:preview').answer(preview(CHANGED));
    settings.isForAll = false;
    void settings.save();
    await engine.last('index:preview').answer(preview(CHANGED));
    await engine.last('index:write').answer(ok({ ...report, olderEntries: 316 }));
    expect(engine.asked.some(({ name }) => name === 'index:rebuild')).toBe(false);
    expect(told).toEqual(['It holds for entries that come from now on; 316 entries keep what they have.']);
  });

  test('reindex without a change where entries wait for it', async () => {
    const { engine, settings, told, report } = await opened({ unindexedEntries: 7 });
    await engine.last('index:preview').answer(preview([]));
    expect([settings.hasChanges, settings.canSave]).toEqual([false, true]);
    void settings.save();
    await engine.last('index:preview').answer(preview([]));
    expect(engine.asked.some(({ name }) => name === 'index:write')).toBe(false);
    await engine.last('index:rebuild').answer(ok({ ...report, reindexed: 7 }));
    expect(told).toEqual(['It was applied to 7 entries.']);
  });

  test('begin with what is proposed where there is no index', async () => {
    const { engine, settings } = await opened({ config: null });
    expect(engine.last('index:preview').request).toEqual({ ...PLACE, config: null });
    await engine.last('index:preview').answer(preview([]));
    expect(settings.form.config).toEqual(CONFIG);
    await engine.last('index:preview').answer(preview(CHANGED));
    expect(settings.canSave).toBe(true);
  });

  test('keep JSON that is wrong in its view, with what is wrong', async () => {
    const { engine, settings } = await opened();
    await engine.last('index:preview').answer(preview([]));
    void settings.show('json');
    await engine.last('index:preview').answer(preview([]));
    void settings.takeJson('{ "keys": ');
    expect(settings.notJson).toContain('line 1, column 11');
    void settings.takeJson('{ "line": {},\n "line": { "token": [] } }');
    expect(settings.notJson).toBe("line 2, column 3: Duplicate key 'line'");
    void settings.takeJson('[]');
    expect(settings.notJson).toBe('');
    void settings.takeJson('{ "keys": { "host": 1 } }');
    const error = { code: 'INDEX_INVALID', message: 'keys.host: 1 must be an object', detail: {} } as const;
    await engine.last('index:preview').answer({ ok: false, error });
    expect([settings.problem, settings.canSave]).toEqual([error, false]);
    void settings.show('fields');
    await engine.last('index:preview').answer({ ok: false, error });
    expect(settings.view).toBe('json');
  });

  test('forget an answer that came after another change', async () => {
    const { engine, settings } = await opened();
    const first = engine.last('index:preview');
    void settings.check();
    await engine.last('index:preview').answer(preview(CHANGED));
    await first.answer(preview([]));
    expect(settings.hasChanges).toBe(true);
  });

  test('say why nothing was saved, and stay', async () => {
    const { engine, settings, told } = await opened();
    await engine.last('index:preview').answer(preview(CHANGED));
    void settings.save();
    await engine.last('index:preview').answer(preview(CHANGED));
    await engine.last('index:write').answer(failed('ENGINE_GONE'));
    expect([settings.error?.code, settings.isSaving, settings.place]).toEqual(['ENGINE_GONE', false, PLACE]);
    expect(told).toEqual([]);
  });

  test('save as was said when they are left meanwhile, whatever index is looked at then', async () => {
    const { engine, settings, told, report } = await opened();
    await engine.last('index:preview').answer(preview(CHANGED));
    settings.isForAll = false;
    void settings.save();
    await engine.last('index:preview').answer(preview(CHANGED));
    void settings.open({ project: 'local', logstore: 'other' });
    const other = { ...report, logstore: 'other' };
    await engine.last('index:read').answer(ok(other));
    await engine.last('index:write').answer(ok({ ...report, olderEntries: 316 }));
    expect(engine.asked.some(({ name }) => name === 'index:rebuild')).toBe(false);
    expect(told).toEqual(['It holds for entries that come from now on; 316 entries keep what they have.']);
    expect([settings.report, settings.isSaving]).toEqual([other, false]);
  });

  test('tell what failed after they were left', async () => {
    const { engine, settings, told } = await opened();
    await engine.last('index:preview').answer(preview(CHANGED));
    void settings.save();
    await engine.last('index:preview').answer(preview(CHANGED));
    settings.close();
    await engine.last('index:write').answer(failed('ENGINE_GONE'));
    expect([told, settings.error]).toEqual([['ENGINE_GONE'], null]);
  });

  test('stay, to save what was changed while they were saved', async () => {
    const { engine, settings, told, report } = await opened();
    await engine.last('index:preview').answer(preview(CHANGED));
    void settings.save();
    await engine.last('index:preview').answer(preview(CHANGED));
    settings.form.set(settings.form.fields[0]?.id ?? 0, { alias: 'other' });
    void settings.check();
    await engine.last('index:preview').answer(preview(CHANGED));
    expect(settings.canSave).toBe(false);
    await engine.last('index:write').answer(ok(report));
    await engine.last('index:preview').answer(preview(CHANGED));
    expect([settings.place, settings.canSave, told]).toEqual([PLACE, true, ['It holds for all entries.']]);
  });

  test('delete it', async () => {
    const { engine, settings, told } = await opened();
    void settings.delete();
    await engine.last('index:delete').answer(ok({}));
    await settled();
    expect(settings.place).toBeNull();
    expect(told[0]).toContain('The entries stay.');
  });
});
