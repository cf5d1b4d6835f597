import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../src-main/contract/errors';
import type { Database } from '../../src-main/duckdb/database';
import { DEFAULT_MAX_EXPANSION } from '../../src-main/contract/imports';
import { visibleRuns } from '../../src-main/duckdb/run-reads';
import { ImportLink, type ImportThreadMessage } from '../../src-main/engine/import-link';
import { importInThread, type Importer, type ImportTask } from '../../src-main/engine/importer';
import type { ImportContext } from '../../src-main/engine/import-service';
import { importInWorker } from '../../src-main/engine/import-worker';
import { Replays } from '../../src-main/engine/replays';
import { bundledSample } from '../support/captures';
import { builtEntry } from '../support/built';
import { manySessions } from '../support/many-sessions';
import { pcapFile } from '../support/pcap-writer';
import { gatewayWith } from '../support/session-log';
import { tempFolderForFile } from '../support/temp';
import { entrySink } from '../support/window-sink';
import { MILLISECOND } from '../support/time';
import { temporaryDatabase } from '../unit/duckdb/temporary-workspace';
import { importInto } from '../unit/engine/imported-database';

const SESSIONS = 120_000;
let entry = '';
let inWorker: Importer;
let many = '';
beforeAll(async () => {
  entry = await builtEntry('import-worker-entry');
  inWorker = importInWorker(entry);
  many = join(tempFolderForFile(), 'many.pcap');
  writeFileSync(many, pcapFile(manySessions(SESSIONS, 20n * MILLISECOND)));
});

const task = (): ImportTask => ({
  captures: [{ path: many, sizeBytes: readFileSync(many).length, socketPath: null, firstSec: 0, firstNsec: 0 }],
  gateway: gatewayWith(),
  layer: 'auto',
  maxExpansion: DEFAULT_MAX_EXPANSION,
  keepGoing: false,
});
const control = { signal: new AbortController().signal, onProgress: (): void => undefined };

/** Everything of the stored entries, in one text each. */
async function storedEntries(database: Database): Promise<unknown[]> {
  return database.withConnection(async (connection) => {
    const sql = 'SELECT entry::VARCHAR FROM entries.log_1 AS entry ORDER BY run_id, entry_no';
    return (await connection.runAndReadAll(sql)).getRows().map(([text]) => text);
  });
}

describe('an import in a thread of its own', () => {
  test('stores exactly what one in the same thread stores, and reports the same', async () => {
    const [near, far] = [await temporaryDatabase(), await temporaryDatabase()];
    const extra = { gateway: { extraBytes: true } };
    for (const [capture, changes] of [[bundledSample], [many], [many, extra]] as const) {
      const expected = await importInto(near, [capture], changes, importInThread);
      const report = await importInto(far, [capture], changes, inWorker);
      expect(report).toEqual({ ...expected, workspace: far.workspaceDir, seconds: report.seconds });
    }
    const stored = await storedEntries(far);
    expect(stored.length).toBeGreaterThan(SESSIONS);
    expect(stored).toEqual(await storedEntries(near));
  });

  test('is played as it is told by the one that stores', async () => {
    const [near, far] = [await temporaryDatabase(), await temporaryDatabase()];
    await importInto(near, [bundledSample], {}, importInThread);
    const replays = new Replays();
    let isTold = false;
    const emit: ImportContext['emit'] = (_name, { replay }) => {
      if (isTold || replay === undefined || replay.atSec === null) return;
      isTold = true;
      expect(replay.speed).toBe(0.01);
      replays.control({ run: replay.run, action: 'speed', speed: 1_000_000 });
    };
    await importInto(far, [bundledSample], { live: true, speed: 0.01 }, inWorker, { replays, emit });
    expect(isTold).toBe(true);
    expect(await storedEntries(far)).toEqual(await storedEntries(near));
  });

  test('tells its progress, up to the end', async () => {
    const seen: { readonly readBytes: number; readonly packets: number; readonly totalBytes: number | null }[] = [];
    const onProgress = (progress: (typeof seen)[number]): void => void seen.push(progress);
    const result = await inWorker(task(), { ...control, onProgress }, entrySink());
    expect(seen.map(({ packets }) => packets)).toEqual(seen.map(({ packets }) => packets).toSorted((a, b) => a - b));
    const bytes = readFileSync(many).length;
    expect(seen.at(-1)).toMatchObject({
      packets: SESSIONS,
      readBytes: bytes,
      totalBytes: bytes,
      windows: result.windows,
    });
  });

  test('hands over nothing while a turn has not ended, and all of it in the end', async () => {
    let isPaused = false;
    let entries = 0;
    const onTurnEnd = async (): Promise<void> => {
      isPaused = true;
      await new Promise((resolve) => setTimeout(resolve, 5));
      isPaused = false;
    };
    const result = await inWorker(
      task(),
      { ...control, onTurnEnd },
      entrySink((batch) => {
        expect(isPaused).toBe(false);
        entries += batch.length;
      }),
    );
    expect(entries).toBe(result.logEntries);
  });

  test.each(['fails', 'is cancelled in it'])('ends when the end of a turn %s', async (how) => {
    const abort = new AbortController();
    const onTurnEnd = (): Promise<void> => {
      if (how === 'fails') return Promise.reject(new AppError('WORKSPACE_FULL', 'no space'));
      abort.abort();
      return new Promise(() => undefined);
    };
    const running = inWorker(task(), { ...control, signal: abort.signal, onTurnEnd }, entrySink());
    await expect(running).rejects.toMatchObject({ code: how === 'fails' ? 'WORKSPACE_FULL' : 'IMPORT_CANCELLED' });
  });

  test('hands over at most 32,768 entries in a turn, so that other calls have theirs', async () => {
    let turn = 0;
    let isOver = false;
    const count = (): void => {
      turn += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    const rows = new Map<number, number>();
    await inWorker(
      task(),
      control,
      entrySink(({ length }) => void rows.set(turn, (rows.get(turn) ?? 0) + length)),
    );
    isOver = true;
    expect([...rows.values()].reduce((sum, entries) => sum + entries)).toBe(SESSIONS);
    expect(Math.max(...rows.values())).toBeLessThanOrEqual(32_768);
    expect(rows.size).toBeGreaterThan(3);
  });

  test('sends no more than eight batches before one of them is stored', async () => {
    const link = new ImportLink();
    const worker = new Worker(entry, { workerData: { task: task(), shared: link.shared } });
    onTestFinished(async () => {
      await worker.terminate();
    });
    const kinds: string[] = [];
    let wake: () => void = () => undefined;
    worker.on('message', ({ kind }: ImportThreadMessage) => {
      kinds.push(kind);
      wake();
    });
    const received = async (most: number): Promise<number> => {
      while (kinds.length < most) await new Promise<void>((resolve) => (wake = resolve));
      // A ninth would have come long before the thread has read on for so many turns of the loop.
      await new Promise((resolve) => setTimeout(resolve, 200));
      return kinds.length;
    };
    expect(await received(8)).toBe(8);
    link.release();
    expect(await received(9)).toBe(9);
    link.cancel();
    while (kinds.at(-1) !== 'failed') await new Promise<void>((resolve) => (wake = resolve));
    expect(kinds).toHaveLength(10);
  });

  test('that is cancelled takes no more entries, and nothing of it is kept', async () => {
    const database = await temporaryDatabase();
    const abort = new AbortController();
    let rows = 0;
    const cancelling: Importer = (given, own, sink) =>
      inWorker(
        given,
        { ...own, signal: abort.signal },
        entrySink((batch) => {
          expect(abort.signal.aborted).toBe(false);
          sink.entries(batch);
          rows += batch.length;
          if (rows >= 20_000) abort.abort();
        }),
      );
    await expect(importInto(database, [many], {}, cancelling)).rejects.toMatchObject({ code: 'IMPORT_CANCELLED' });
    expect(await storedEntries(database)).toEqual([]);
    expect(await visibleRuns(database, 1)).toMatchObject({ maxRun: null, hidden: [], committed: [], imports: [] });
  });

  test('whose entries cannot be stored ends with that error', async () => {
    const fault = new RangeError('the disk is full');
    const running = inWorker(
      task(),
      control,
      entrySink(() => {
        throw fault;
      }),
    );
    await expect(running).rejects.toBe(fault);
  });

  test.each([
    { name: 'a capture that is gone', path: '/nowhere/a.pcap', code: 'CAPTURE_NOT_FOUND' },
    { name: 'a capture that is a folder', path: '/', code: 'CAPTURE_IS_DIRECTORY' },
  ])('of $name fails with its code', async ({ path, code }) => {
    const captures = [{ path, sizeBytes: 100, socketPath: null, firstSec: 0, firstNsec: 0 }];
    await expect(inWorker({ ...task(), captures }, control, entrySink())).rejects.toMatchObject({ code });
  });

  test('that cannot be started says so', async () => {
    const running = importInWorker(join(dirname(entry), 'nothing.js'))(task(), control, entrySink());
    await expect(running).rejects.toThrow('nothing.js');
  });

  test('loads no database', () => {
    const loaded = new Set<string>();
    const load = (path: string): void => {
      if (loaded.has(path)) return;
      loaded.add(path);
      for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g)) {
        expect(name).not.toContain('duckdb');
        if (name.startsWith('.')) load(join(dirname(path), name));
      }
    };
    load(entry);
    expect(loaded.size).toBeGreaterThan(1);
    expect(readdirSync(dirname(entry))).toContain('engine-entry.js');
  });
});
