import { expect, test } from 'vitest';
import type { Outcome } from '../../../src-main/contract/errors';
import type { ImportReport } from '../../../src-main/contract/imports';
import { doneWords, placeIn, reportsOf } from '../../../src-renderer/features/captures/import-job.svelte';
import { DEFAULT_PLAN } from '../../../src-renderer/features/captures/import-plan';
import { RunningReplays, together } from '../../../src-renderer/features/captures/running-replays.svelte';
import { ImportQueue } from '../../../src-renderer/features/captures/import-queue.svelte';
import { errorText } from '../../../src-renderer/services/error-text';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { FakeEngine, failed, ok, settled } from './fake-engine';

function open(pathOf?: HostBridge['pathOf']): {
  engine: FakeEngine;
  queue: ImportQueue;
  done: string[];
  failures: string[];
} {
  const engine = new FakeEngine();
  const done: string[] = [];
  const failures: string[] = [];
  const bridge = { kind: 'browser', pathOf } as unknown as HostBridge;
  const queue = new ImportQueue(engine, bridge, {
    onDone: ({ names }) => done.push(names.join()),
    onFailed: ({ error }) => failures.push(error?.code ?? ''),
  });
  return { engine, queue, done, failures };
}

const importsOf = ({ asked }: FakeEngine) => asked.filter(({ name }) => name === 'import:run');

test('separate imports run one after the other, in the order in which they came', async () => {
  const { engine, queue, done } = open();
  queue.add(['/a.pcap']);
  queue.add(['/b.pcap', '/c.pcap']);
  await settled();
  expect(importsOf(engine)).toHaveLength(1);
  expect(queue.jobs.map(({ phase }) => phase)).toEqual(['waiting', 'running']);
  await engine.last('import:run').answer(ok({ run: 1 }));
  expect(engine.last('import:run').request['captures']).toEqual(['/b.pcap', '/c.pcap']);
  await engine.last('import:run').answer(ok({ run: 2 }));
  expect(done).toEqual(['a.pcap', 'b.pcap,c.pcap']);
});

test('progress and cancel reach the import that runs, and the next one starts', async () => {
  const { engine, queue } = open();
  const job = queue.add(['/a.pcap']);
  queue.add(['/b.pcap']);
  await settled();
  const progress = { readBytes: 1, totalBytes: 2, packets: 3, windows: 0, elapsedMs: 4 };
  engine.last('import:run').listeners.onEvent?.('import:progress', progress);
  expect(job?.progress).toEqual(progress);
  if (job !== null) queue.cancel(job);
  expect(engine.last('import:run').isCancelled).toBe(true);
  await engine.last('import:run').answer(failed('IMPORT_CANCELLED'));
  expect(job?.phase).toBe('cancelled');
  expect(engine.last('import:run').request['captures']).toEqual(['/b.pcap']);
});

test('an import that waits is cancelled without ever running', async () => {
  const { engine, queue } = open();
  queue.add(['/a.pcap']);
  const second = queue.add(['/b.pcap']);
  if (second !== null) queue.cancel(second);
  await settled();
  await engine.last('import:run').answer(ok({ run: 1 }));
  expect(importsOf(engine)).toHaveLength(1);
  expect(second?.phase).toBe('cancelled');
});

test('an import through the session log of a gateway leaves the index to be made by hand', async () => {
  const { engine, queue } = open();
  queue.add(['/a.pcap'], { ...DEFAULT_PLAN, sessionLogs: ['ngw-1'] });
  await settled();
  expect(engine.last('import:run').request).toMatchObject({ sessionLogs: ['ngw-1'], createIndex: false });
});

test('what one of several gateways has is imported through the others, or opened where it is', async () => {
  const { engine, queue } = open();
  const job = queue.add(['/a.pcap'], { ...DEFAULT_PLAN, sessionLogs: 'enabled' });
  await settled();
  const detail = { gateways: 'ngw-a', left: 'ngw-b', run: 1, project: 'lab', logstore: 'log-a' };
  const error = { code: 'CAPTURE_ALREADY_IMPORTED', message: 'as the test has it', detail } as const;
  await engine.last('import:run').answer({ ok: false, error });
  if (job === null) throw new Error('there is no job');
  expect(placeIn(job)).toEqual({ project: 'lab', logstore: 'log-a' });
  queue.retry(job, { sessionLogs: ['ngw-b'] });
  await settled();
  expect(engine.last('import:run').request).toMatchObject({ again: false, sessionLogs: ['ngw-b'] });
});

test('what a Logstore has of an import is told of these captures, and what names none of all of them', async () => {
  const { engine, queue } = open();
  const job = queue.add(['/x/new.pcap', '/x/old.pcap']);
  const refused = async (detail: Readonly<Record<string, string | number>>) => {
    await settled();
    const error = { code: 'CAPTURE_ALREADY_IMPORTED', message: 'as the test has it', detail } as const;
    await engine.last('import:run').answer({ ok: false, error });
    if (job?.error == null) throw new Error('there is no error');
    return errorText(job.error).title;
  };
  expect(await refused({ run: 1, file: '/x/old.pcap', files: 1 })).toBe('old.pcap is in the Logstore already.');
  if (job !== null) queue.retry(job);
  expect(await refused({ run: 1 })).toBe('new.pcap and 1 more file are in the Logstore already.');
});

test('an import through several gateways is told of as a whole', () => {
  const report = { logEntries: 2, windows: 1 } as unknown as ImportReport;
  const nothing = { ...report, logEntries: 0 };
  expect(doneWords('a.pcap', reportsOf(report))).toBe('Imported a.pcap: 2 log entries in 1 window.');
  const both = reportsOf({ ...nothing, others: [report] });
  expect(doneWords('a.pcap', both)).toBe('Imported a.pcap: 2 log entries, through 2 gateways.');
  const none = reportsOf({ ...nothing, others: [nothing] });
  expect(doneWords('a.pcap', none)).toBe('Imported a.pcap: no packet passed any of 2 gateways.');
});

test('a failed import is tried again by other rules', async () => {
  const { engine, queue, failures } = open();
  const job = queue.add(['/a.pcap', '/bad.pcap']);
  await settled();
  expect(engine.last('import:run').request).toMatchObject({ again: false, keepGoing: false, createIndex: true });
  await engine.last('import:run').answer(failed('INTERNAL'));
  expect(failures).toEqual(['INTERNAL']);
  if (job !== null) queue.retry(job, { keepGoing: true });
  await settled();
  expect(engine.last('import:run').request).toMatchObject({ keepGoing: true });
  expect(job?.error).toBeNull();
});

test('files of a browser are copied first, once, with progress over all of them', async () => {
  const copied: string[] = [];
  const { engine, queue } = open((file, onProgress): Promise<Outcome<string>> => {
    copied.push(file.name);
    onProgress(file.size);
    return Promise.resolve({ ok: true, value: `/uploads/${file.name}` });
  });
  const job = queue.add([new File(['12345'], 'a.pcap'), new File(['123'], 'b.pcap')]);
  await settled();
  expect(job?.copiedBytes).toBe(8);
  expect(engine.last('import:run').request['captures']).toEqual(['/uploads/a.pcap', '/uploads/b.pcap']);
  await engine.last('import:run').answer(failed('ENGINE_GONE'));
  if (job !== null) queue.retry(job);
  await settled();
  expect(copied).toEqual(['a.pcap', 'b.pcap']);
  // An engine that has answered has removed them.
  await engine.last('import:run').answer(failed('INTERNAL'));
  if (job !== null) queue.retry(job, { again: true });
  await settled();
  expect(copied).toEqual(['a.pcap', 'b.pcap', 'a.pcap', 'b.pcap']);
});

test('files that were copied before another could not be are given up', async () => {
  const { engine, queue } = open((file): Promise<Outcome<string>> =>
    Promise.resolve(file.name === 'b.pcap' ? failed('IMPORT_CANCELLED') : { ok: true, value: `/uploads/${file.name}` }),
  );
  const job = queue.add([new File(['1'], 'a.pcap'), new File(['2'], 'b.pcap')]);
  await settled();
  expect(engine.last('upload:discard').request).toEqual({ captures: ['/uploads/a.pcap'] });
  expect(job?.phase).toBe('cancelled');
});

test('an import that is there already is named', async () => {
  const { engine, queue } = open();
  const job = queue.add(['/x/a.pcap', '/x/b.pcap']);
  await settled();
  const error = { code: 'CAPTURE_ALREADY_IMPORTED', message: 'The same captures', detail: { run: 3 } } as const;
  await engine.last('import:run').answer({ ok: false, error });
  expect(job?.error?.detail).toEqual({ run: 3, file: 'a.pcap', files: 2 });
});

test('what the beginnings of captures say is known before they are imported', async () => {
  const { engine, queue } = open();
  queue.add(['/a.pcap']);
  const second = queue.add(['/b.pcap']);
  await settled();
  expect(engine.last('capture:info').request).toEqual({ captures: ['/b.pcap'] });
  const glance = { path: '/b.pcap', format: 'pcap', storedBytes: 9, linkTypes: [], firstTime: null, run: 4 };
  await engine.last('capture:info').answer(ok({ captures: [glance] }));
  expect([second?.phase, second?.glances]).toEqual(['waiting', [glance]]);
});

test('what is played can be paused and have another pace, and tells where it is', async () => {
  const { engine, queue } = open();
  const job = queue.add(['/a.pcap'], { ...DEFAULT_PLAN, live: true, speed: 60 }, ['/a.pcap']);
  if (job === null) throw new Error('nothing was added');
  await settled();
  const running = engine.last('import:run');
  expect(running.request).toMatchObject({ live: true, speed: 60 });
  await queue.control(job, { action: 'pause' });
  expect(engine.asked.some(({ name }) => name === 'replay:control')).toBe(false);
  const replay = { run: 4, speed: 60, isPaused: false, atSec: 100.5 };
  running.listeners.onEvent?.('import:progress', {
    ...{ readBytes: 1, totalBytes: 2, packets: 1, windows: 0, elapsedMs: 5 },
    replay,
  });
  expect(job.replay).toEqual(replay);
  const pausing = queue.control(job, { action: 'pause' });
  expect(engine.last('replay:control').request).toEqual({ run: 4, action: 'pause' });
  await engine.last('replay:control').answer(ok({ ...replay, isPaused: true }));
  await pausing;
  expect(job.replay?.isPaused).toBe(true);
  void queue.control(job, { action: 'speed', speed: 600 });
  expect(engine.last('replay:control').request).toEqual({ run: 4, action: 'speed', speed: 600 });
});

test('several replays are shown together: paused when all are, and at no pace where it differs', () => {
  const one = { run: 4, speed: 60, isPaused: true, atSec: 100.5 };
  expect(together([one])).toEqual({ count: 1, speed: 60, isPaused: true, atSec: 100.5 });
  expect(together([one, { ...one, run: 5, isPaused: false }])).toEqual({
    ...{ count: 2, speed: 60, isPaused: false, atSec: null },
  });
  expect(together([one, { ...one, run: 5, speed: 600 }])).toMatchObject({ speed: null, isPaused: true });
});

test('what others play is told apart from what this window plays, and is controlled as well', async () => {
  const engine = new FakeEngine();
  const replays = new RunningReplays(engine);
  const facts = { speed: 60, isPaused: false, atSec: 100.5, captures: ['/a.pcap'] };
  const loading = replays.load();
  await engine.last('replay:list').answer(ok({ replays: [4, 5].map((run) => ({ run, ...facts })) }));
  await loading;
  expect(replays.others(4).map(({ run }) => run)).toEqual([5]);
  const pausing = replays.control(5, { action: 'pause' });
  expect(engine.last('replay:control').request).toEqual({ run: 5, action: 'pause' });
  const stale = replays.load();
  const asked = engine.last('replay:list');
  await engine.last('replay:control').answer(ok({ ...facts, run: 5, isPaused: true }));
  await pausing;
  await asked.answer(ok({ replays: [{ run: 5, ...facts }] }));
  await stale;
  expect(replays.others(4)).toEqual([{ run: 5, ...facts, isPaused: true }]);
  const stopping = replays.control(5, { action: 'stop' });
  await engine.last('replay:control').answer(ok({ ...facts, run: 5, isPaused: false }));
  await stopping;
  expect(replays.others(4)).toEqual([{ run: 5, ...facts, isPaused: true }]);
  const late = replays.control(5, { action: 'resume' });
  await engine.last('replay:control').answer(failed('INTERNAL'));
  await late;
  expect(replays.others(4)).toEqual([]);
});

test('when the engine goes, imports behind the one that runs wait for it, and what was stored is told to be there', async () => {
  const { engine, queue, failures } = open();
  const [kept, next] = [queue.add(['/a.pcap']), queue.add(['/b.pcap'])];
  await settled();
  await engine.last('import:run').answer(failed('ENGINE_GONE'));
  expect([failures, next?.phase, importsOf(engine).length]).toEqual([['ENGINE_GONE'], 'waiting', 1]);

  const facts = { instance: 'nat', packets: 1, logEntries: 1, windows: 1, isGoingOn: false, hasLosses: false };
  const place = { project: 'local', logstore: 'nat' };
  const of = (run: number, path: string, finishedMs: number) =>
    ({ ...facts, ...place, run, finishedMs, captures: [{ path }] }) as unknown as Parameters<typeof queue.settle>[0][0];
  // That of the same file was before.
  queue.settle([of(1, '/a.pcap', 1)]);
  expect(kept?.error?.code).toBe('ENGINE_GONE');
  queue.settle([of(2, '/a.pcap', Date.now())]);
  expect(kept?.error?.code).toBe('CAPTURE_ALREADY_IMPORTED');
  expect(kept === null ? null : placeIn(kept)).toEqual(place);
  await settled();
  expect(engine.last('import:run').request['captures']).toEqual(['/b.pcap']);
  await engine.last('import:run').answer(failed('ENGINE_GONE'));
  if (next !== null) queue.retry(next);
  await settled();
  expect(importsOf(engine)).toHaveLength(3);
});
