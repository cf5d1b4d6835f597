import { t } from '../../../src-renderer/services/messages/catalogue';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src-main/contract/errors';
import type { LoadPreview, LogstoreReport } from '../../../src-main/contract/logstore';
import { BadLinesState } from '../../../src-renderer/features/loads/bad-lines-state.svelte';
import { LoadChoice } from '../../../src-renderer/features/loads/load-choice.svelte';
import type { LoadJob } from '../../../src-renderer/features/loads/load-job.svelte';
import { Loads } from '../../../src-renderer/features/loads/loads.svelte';
import { sortSources } from '../../../src-renderer/features/loads/sorted-sources';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { FakeEngine, failed, ok, settled } from './fake-engine';

const PREVIEW: LoadPreview = {
  files: [{ path: '/a.csv', format: 'csv', compression: null, storedBytes: 90, entries: 3, isWhole: true }],
  ...{ schema: 'custom', spelling: null, logstores: { session_log: 'session-log', custom: 'aa' }, timeField: 'time' },
  fields: [
    { name: 'time', type: 'text', entries: 3 },
    { name: 'zip', type: 'long', entries: 3 },
  ],
  ...{ hasEntryTime: false, entries: 3, badLines: 0, firstBadLines: [] },
};
const SESSIONS: LoadPreview = {
  ...PREVIEW,
  ...{ schema: 'session_log', spelling: 'preview2024', timeField: 'start_time' },
  fields: ['intstance', 'portocol', 'nat_ip', 'note'].map((name) => ({ name, type: 'text', entries: 3 })),
};
const logstore = (name: string, schema: LogstoreReport['schema'], project = 'local'): LogstoreReport => ({
  ...{ project, logstore: name, schema, ttlDays: null, createdMs: 0, entries: 7, storedBytes: 0, extent: null },
  ...{ shards: [], hasIndex: true, fields: [{ name: 'zip', type: 'text' }] },
});
const THERE = [
  logstore('session-log', 'session_log'),
  logstore('web', 'custom'),
  logstore('cloud', 'session_log', 'other'),
];

function open(pathOf?: HostBridge['pathOf']) {
  const engine = new FakeEngine();
  const told: string[] = [];
  const loads = new Loads(engine, { kind: 'browser', pathOf } as unknown as HostBridge, {
    onDone: ({ names }, { entries }) => told.push(`done: ${names.join()} ${entries}`),
    onFailed: ({ error }) => told.push(`failed: ${error?.code ?? ''}`),
  });
  return { engine, loads, told };
}

async function show({ engine }: { readonly engine: FakeEngine }, preview = PREVIEW): Promise<void> {
  await settled();
  await engine.last('load:preview').answer(ok(preview));
  await engine.last('project:list').answer(ok({ projects: [] }));
  await engine.last('logstore:list').answer(ok({ logstores: THERE }));
}
const discarded = ({ asked }: FakeEngine): unknown[] =>
  asked.filter(({ name }) => name === 'upload:discard').map(({ request }) => request['captures']);

test('files are looked at, asked about, and loaded as the user says', async () => {
  const desk = open();
  desk.loads.add(['/a.csv']);
  await settled();
  const job = desk.loads.asking;
  expect([job?.phase, desk.engine.last('load:preview').request]).toEqual([
    'looking',
    { files: ['/a.csv'], format: 'auto' },
  ]);
  await show(desk);
  if (job?.choice == null) throw new Error('nothing is asked');
  expect([job.phase, job.choice.logstore, job.choice.isNewLogstore]).toEqual(['choosing', 'aa', true]);
  job.choice.setType('zip', 'text');
  job.choice.time = 'zip';
  void desk.loads.start(job);
  await settled();
  expect([desk.loads.asking, desk.loads.current, job.phase]).toEqual([null, job, 'running']);
  const load = desk.engine.last('load:run');
  expect(load.request).toEqual({
    ...{ files: ['/a.csv'], project: 'local', logstore: 'aa', schema: { time: 'zip', fields: { zip: 'text' } } },
    ...{ format: 'auto', hashKey: null, createIndex: true, again: false, dryRun: false },
  });
  const progress = { pass: 2, readBytes: 4, totalBytes: 9, entries: 2 } as const;
  load.listeners.onEvent?.('load:progress', progress);
  expect(job.progress).toEqual(progress);
  await load.answer(ok({ run: 1, entries: 3, logstore: 'aa' }));
  expect([job.phase, desk.told, desk.loads.current]).toEqual(['done', ['done: a.csv 3'], null]);
});

test('files of a browser are copied first, and copied again for another try', async () => {
  const copied: string[] = [];
  const desk = open((file, onProgress): Promise<Outcome<string>> => {
    copied.push(file.name);
    onProgress(file.size);
    return Promise.resolve({ ok: true, value: `/uploads/${file.name}` });
  });
  desk.loads.add([new File(['12345'], 'a.csv'), new File(['123'], 'b.csv')]);
  await show(desk);
  const job = desk.loads.asking;
  expect([job?.copiedBytes, job?.phase]).toEqual([8, 'choosing']);
  if (job === null) return;
  void desk.loads.start(job);
  await settled();
  const error = { code: 'LOAD_REPEATED', message: '', detail: { run: 4 } } as const;
  await desk.engine.last('load:run').answer({ ok: false, error });
  expect([job.phase, job.isAsking, desk.told]).toEqual(['failed', false, ['failed: LOAD_REPEATED']]);
  void desk.loads.start(job, true);
  await settled();
  expect(desk.engine.last('load:run').request).toMatchObject({
    files: ['/uploads/a.csv', '/uploads/b.csv'],
    again: true,
  });
  expect(copied).toEqual(['a.csv', 'b.csv', 'a.csv', 'b.csv']);
});

test('a load whose dialog is left leaves nothing, whether its files are being copied or looked at', async () => {
  const copies: ((outcome: Outcome<string>) => void)[] = [];
  const desk = open(() => new Promise((resolve) => copies.push(resolve)));
  for (const left of ['while it is looked at', 'while it is copied']) {
    desk.loads.add([new File(['1'], `${left}.csv`)]);
    const job = desk.loads.asking;
    if (job === null) throw new Error('nothing is asked');
    if (left === 'while it is looked at') {
      copies.pop()?.({ ok: true, value: '/uploads/a.csv' });
      await settled();
      desk.loads.leave(job);
      expect(desk.engine.last('load:preview').isCancelled).toBe(true);
    } else {
      desk.loads.leave(job);
      copies.pop()?.({ ok: true, value: '/uploads/b.csv' });
      await settled();
    }
  }
  expect(discarded(desk.engine)).toEqual([['/uploads/a.csv'], ['/uploads/b.csv']]);
  expect([desk.loads.jobs, desk.told]).toEqual([[], []]);
});

test('a load that is cancelled can be changed and started again', async () => {
  const desk = open();
  desk.loads.add(['/a.csv']);
  await show(desk);
  const job = desk.loads.asking;
  if (job === null) throw new Error('nothing is asked');
  void desk.loads.start(job);
  await settled();
  desk.loads.cancel(job);
  expect(desk.engine.last('load:run').isCancelled).toBe(true);
  await desk.engine.last('load:run').answer({ ok: false, error: { code: 'LOAD_CANCELLED', message: '', detail: {} } });
  expect([job.phase, desk.told]).toEqual(['cancelled', []]);
  desk.loads.change(job);
  expect([desk.loads.asking, job.phase]).toEqual([job, 'choosing']);
});

test('files that cannot be looked at say why, and are looked at once more', async () => {
  const desk = open();
  desk.loads.add(['/a.csv']);
  await settled();
  await desk.engine.last('load:preview').answer(failed('INTERNAL'));
  await desk.engine.last('project:list').answer(ok({ projects: [] }));
  await desk.engine.last('logstore:list').answer(ok({ logstores: [] }));
  const [job] = desk.loads.shown;
  expect([job?.phase, desk.told, desk.loads.asking]).toEqual(['failed', ['failed: INTERNAL'], null]);
  if (job !== undefined) desk.loads.change(job);
  await show(desk);
  expect(desk.loads.asking?.phase).toBe('choosing');
});

test('loads are asked about one after the other, in the order in which they came', () => {
  const desk = open();
  desk.loads.add(['/a.csv']);
  desk.loads.add(['/b.csv']);
  expect(desk.loads.asking?.names).toEqual(['a.csv']);
  if (desk.loads.asking !== null) desk.loads.leave(desk.loads.asking);
  expect(desk.loads.asking?.names).toEqual(['b.csv']);
});

test('session logs go where session logs are, or are taken as any entries', () => {
  const choice = new LoadChoice(SESSIONS, [], THERE);
  expect([choice.logstore, choice.isNewLogstore, choice.problem]).toEqual(['session-log', false, null]);
  expect(choice.extraFields).toEqual(['note']);
  expect(choice.request(['/a'], false)).toMatchObject({ schema: 'session_log', logstore: 'session-log' });
  choice.setSchema('custom');
  expect([choice.logstore, choice.isNewLogstore]).toEqual(['aa', true]);
  expect(choice.fitting.map(({ logstore: name }) => name)).toEqual(['web']);
  expect(choice.request(['/a'], false)).toMatchObject({ schema: { fields: {} }, logstore: 'aa' });
});

test('a Logstore of another kind, and none, are no place for a load', () => {
  const choice = new LoadChoice(PREVIEW, [], THERE);
  const words = t.loads.problem;
  const problems = ['session-log', ' ', 'web', 'new', 'x'].map((name) => {
    choice.setLogstore(name, true);
    return choice.problem;
  });
  const tooShort = words.badLogstore('it has 1 character instead of 2 to 63');
  expect(problems).toEqual([words.otherKind, words.noLogstore, null, null, tooShort]);
  choice.setLogstore('new', true);
  choice.setProject('other', false);
  expect(choice.logstore).toBe('new');
  choice.setProject('', true);
  expect(choice.problem).toBe(words.noProject);
  choice.setProject('-', true);
  expect(choice.problem).toMatch(/^This is no name of a project: /u);
});

test('a field that a Logstore has keeps its type, whatever was chosen', () => {
  const choice = new LoadChoice(PREVIEW, [], THERE);
  const zip = { name: 'zip', type: 'long' } as const;
  choice.setType('zip', 'double');
  expect([choice.typeOf(zip), choice.request([], false).schema]).toEqual(['double', { fields: { zip: 'double' } }]);
  choice.setLogstore('web', false);
  expect([choice.typeOf(zip), choice.request([], false).schema]).toEqual(['text', { fields: {} }]);
});

test('what is dropped together is sorted by what is in it, and what nobody can tell is taken for a capture', async () => {
  const engine = new FakeEngine();
  const [log, capture] = [new File(['a,b\n1,2\n'], 'x.pcap'), new File(['\u0001'], 'y.csv')];
  const sorting = sortSources(engine, ['/a.csv', '/b.pcap', log, capture]);
  await settled();
  expect(engine.last('file:recognise').request).toEqual({ files: [{ path: '/a.csv' }, { path: '/b.pcap' }] });
  await engine.last('file:recognise').answer(ok({ kinds: ['entries', 'other'] }));
  const heads: unknown[] = [];
  for (const outcome of [ok({ kinds: ['entries'] }), failed('ENGINE_GONE')]) {
    await expect.poll(() => engine.asked.length).toBe(heads.length + 2);
    heads.push(engine.last('file:recognise').request['files']);
    await engine.last('file:recognise').answer(outcome);
  }
  expect(heads).toEqual([[{ head: btoa('a,b\n1,2\n') }], [{ head: btoa('\u0001') }]]);
  expect(await sorting).toEqual({ captures: ['/b.pcap', capture], entries: ['/a.csv', log] });
});

test('bad lines come page by page, and of the load that was asked for last', async () => {
  const engine = new FakeEngine();
  const bad = new BadLinesState(engine);
  const line = (number: number) => ({ file: '/a', line: number, code: 'SYNTAX', reason: '', content: '' });
  void bad.open(3);
  void bad.open(4);
  const [first, second] = engine.asked;
  await second?.answer(ok({ total: 2, lines: [line(1)] }));
  await first?.answer(ok({ total: 9, lines: [line(9)] }));
  expect([bad.run, bad.total, bad.lines.length, bad.hasMore]).toEqual([4, 2, 1, true]);
  void bad.more();
  expect(engine.last('load:bad-lines').request).toEqual({ run: 4, offset: 1, limit: 100 });
  await engine.last('load:bad-lines').answer(ok({ total: 2, lines: [line(2)] }));
  expect([bad.lines.map((each) => each.line), bad.hasMore]).toEqual([[1, 2], false]);
});

test('the shard of an entry is chosen where the Logstore has several', () => {
  const shard = { createdMs: 0, beginKey: '', endKey: '', entries: 0 };
  const shards = [0, 1].map((id) => ({ ...shard, id, status: 'readwrite' as const }));
  const choice = new LoadChoice(PREVIEW, [], [{ ...logstore('aa', 'custom'), shards }, logstore('bb', 'custom')]);
  expect([choice.hasShards, choice.request([], false).hashKey]).toEqual([true, null]);
  choice.hashKey = 'zip';
  expect(choice.request([], false).hashKey).toBe('zip');
  choice.setLogstore('b', false);
  expect([choice.hasShards, choice.request([], false).hashKey]).toEqual([false, null]);
});

test('files are taken for another format as the user says, which is looked at first', async () => {
  const desk = open();
  desk.loads.add(['/a.csv']);
  await show(desk);
  const job = desk.loads.asking;
  if (job?.choice == null) throw new Error('nothing is asked');
  expect(job.recognised).toEqual(['csv']);
  job.choice.setLogstore('mine', true);
  void desk.loads.setFormat(job, 'json');
  expect([job.canStart, job.phase, desk.engine.last('load:preview').request]).toEqual([
    false,
    'choosing',
    { files: ['/a.csv'], format: 'json' },
  ]);
  await desk.engine.last('load:preview').answer(failed('INTERNAL'));
  expect([job.formatError?.code, job.canStart, desk.loads.asking]).toEqual(['INTERNAL', false, job]);
  void desk.loads.start(job);
  expect(desk.loads.asking).toBe(job);

  void desk.loads.setFormat(job, 'ndjson');
  const preview = { ...PREVIEW, files: PREVIEW.files.map((file) => ({ ...file, format: 'ndjson' as const })) };
  await desk.engine.last('load:preview').answer(ok(preview));
  expect([job.formatError, job.canStart, job.recognised, job.choice.logstore]).toEqual([null, true, ['csv'], 'mine']);
  void desk.loads.start(job);
  await settled();
  expect(desk.engine.last('load:run').request).toMatchObject({ format: 'ndjson', logstore: 'mine' });
});

/** A load of one file, in its dialog. */
async function asked(): Promise<{ desk: ReturnType<typeof open>; job: LoadJob }> {
  const desk = open();
  desk.loads.add(['/a.csv']);
  await show(desk);
  return { desk, job: desk.loads.asking! };
}

test('a format that was chosen last is what counts, whichever is looked at last', async () => {
  const { desk, job } = await asked();
  void desk.loads.setFormat(job, 'json');
  const first = desk.engine.last('load:preview');
  void desk.loads.setFormat(job, 'auto');
  expect(first.isCancelled).toBe(true);
  await first.answer(failed('INTERNAL'));
  expect([job.formatError, job.canStart]).toEqual([null, false]);
  await desk.engine.last('load:preview').answer(ok(PREVIEW));
  expect([job.formatError, job.canStart]).toEqual([null, true]);
});

test('a format that is chosen again, past another one, waits for its own answer', async () => {
  const { desk, job } = await asked();
  void desk.loads.setFormat(job, 'json');
  const first = desk.engine.last('load:preview');
  void desk.loads.setFormat(job, 'ndjson');
  void desk.loads.setFormat(job, 'json');
  await first.answer(failed('IMPORT_CANCELLED'));
  expect([job.formatError, job.canStart]).toEqual([null, false]);
  desk.loads.leave(job);
  expect(desk.engine.last('load:preview').isCancelled).toBe(true);
});

test('files of a load that has failed are copied again, to be looked at as another format', async () => {
  const desk = open();
  desk.loads.add(['/a.csv']);
  await show(desk);
  const job = desk.loads.asking!;
  void desk.loads.start(job);
  await settled();
  await desk.engine.last('load:run').answer(failed('INTERNAL'));
  desk.loads.change(job);
  void desk.loads.setFormat(job, 'json');
  expect([job.phase, job.canStart]).toEqual(['choosing', false]);
  await settled();
  expect(desk.engine.last('load:preview').request).toEqual({ files: ['/a.csv'], format: 'json' });
  await desk.engine.last('load:preview').answer(ok(PREVIEW));
  expect([job.phase, job.canStart]).toEqual(['choosing', true]);
});

test('what grows to more than the limit is loaded with a higher one, and looked at likewise', async () => {
  const desk = open();
  const limit = (times: number): Outcome<never> => ({
    ok: false,
    error: { code: 'CAPTURE_EXPANSION_LIMIT', message: '', detail: { limit: times } },
  });
  desk.loads.add(['/a.csv']);
  await settled();
  await desk.engine.last('load:preview').answer(limit(200));
  await desk.engine.last('project:list').answer(ok({ projects: [] }));
  await desk.engine.last('logstore:list').answer(ok({ logstores: [] }));
  const [job] = desk.loads.jobs;
  if (job === undefined) throw new Error('nothing failed');
  expect([job.phase, job.refusedExpansion]).toEqual(['failed', 200]);
  desk.loads.allowExpansion(job);
  await settled();
  expect(desk.engine.last('load:preview').request).toMatchObject({ maxExpansion: 2000 });
  await show(desk);
  void desk.loads.start(job);
  await settled();
  expect(desk.engine.last('load:run').request).toMatchObject({ maxExpansion: 2000 });
  await desk.engine.last('load:run').answer(limit(2000));
  expect(job.refusedExpansion).toBe(2000);
  desk.loads.allowExpansion(job);
  await settled();
  expect(desk.engine.last('load:run').request).toMatchObject({ maxExpansion: 20_000 });
});
