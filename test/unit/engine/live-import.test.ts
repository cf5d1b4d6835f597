import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../../../src-main/capture/read-buffer';
import type { ImportProgress } from '../../../src-main/contract/imports';
import { imbalances } from '../../../src-main/contract/ledger';
import type { ReplayFacts } from '../../../src-main/contract/replay';
import type { Database } from '../../../src-main/duckdb/database';
import { listCommittedRuns, readLedger } from '../../../src-main/duckdb/run-reads';
import { readStoredDelivery } from '../../../src-main/duckdb/deliveries';
import { keepCutOffRuns } from '../../../src-main/engine/cut-off-runs';
import { applyDelivery } from '../../../src-main/engine/delivery-service';
import { listLogstores } from '../../../src-main/engine/logstore-service';
import { importCaptures, type ImportResult } from '../../../src-main/engine/import-captures';
import { importInThread, type Importer } from '../../../src-main/engine/importer';
import { Replays } from '../../../src-main/engine/replays';
import { at, fewPorts, fewSessions } from '../../support/few-sessions';
import { udpPacket, type Endpoint } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLog, sessionLogOf, type SessionLog } from '../../support/session-log';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { importInto, writeCapture } from './imported-database';

/** A pipe that brings what it is fed with. */
class FedPipe implements ByteSource {
  readonly name = '-';
  readonly sizeBytes = null;
  readonly #pieces: Uint8Array[] = [];
  #isOver = false;
  #wake: () => void = () => undefined;
  #tellHungry: () => void = () => undefined;
  #isHungry = false;

  feed(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#isHungry = false;
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** When all has been read that it was fed with. */
  async hungry(): Promise<void> {
    if (!this.#isHungry) {
      await new Promise<void>((resolve) => {
        this.#tellHungry = resolve;
      });
    }
    // Who reads is done with what it got.
    await new Promise((resolve) => setImmediate(resolve));
  }

  async read(into: Uint8Array): Promise<number> {
    for (;;) {
      const piece = this.#pieces[0];
      if (piece !== undefined) {
        const count = Math.min(piece.length, into.length);
        into.set(piece.subarray(0, count));
        if (count === piece.length) this.#pieces.shift();
        else this.#pieces[0] = piece.subarray(count);
        return count;
      }
      if (this.#isOver) return 0;
      this.#isHungry = true;
      this.#tellHungry();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.end();
  }
}

const packetAt = (sec: number, port: number): CaptureRecord =>
  at(sec * 1000, udpPacket({ from: `10.0.0.1:${port}`, to: '198.51.100.7:53', payload: new Uint8Array(8) }));

interface LiveRun {
  readonly pipe: FedPipe;
  readonly sealed: ImportResult[];
  readonly log: Promise<SessionLog>;
  readonly pass: (sec: number) => void;
  readonly end: () => void;
  readonly nextSeal: () => Promise<ImportResult>;
}

function liveRun(gateway = gatewayWith(), sealMs = (): number => 0): LiveRun {
  const pipe = new FedPipe();
  const sealed: ImportResult[] = [];
  let nowMs = 0;
  let isEnding = false;
  let tell: (soFar: ImportResult) => void = () => undefined;
  const live = {
    isEnding: () => isEnding,
    sealMs: () => sealMs(),
    onSealed: (soFar: ImportResult): Promise<void> => {
      sealed.push(soFar);
      tell(soFar);
      return Promise.resolve();
    },
  };
  const log = sessionLog([pipe], gateway, 'auto', undefined, { live, clockMs: () => nowMs });
  return {
    pipe,
    sealed,
    log,
    pass: (sec) => (nowMs += sec * 1000),
    end: () => (isEnding = true),
    nextSeal: () =>
      new Promise((resolve) => {
        tell = resolve;
      }),
  };
}

/** The same again, so much after the last of them that no window is open any more. */
function muchLater(records: readonly CaptureRecord[]): CaptureRecord[] {
  const times = records.map(({ atNs }) => atNs).toSorted((a, b) => Number(a - b));
  const stepNs = (times.at(-1) ?? 0n) - (times[0] ?? 0n) + 1000n * SECOND;
  return records.map(({ atNs, bytes }) => ({ atNs: atNs + stepNs, bytes }));
}

const HEADER_BYTES = 24;
const fileOf = (records: readonly CaptureRecord[], linkType: number = LINK.raw): Uint8Array =>
  pcapFile(records, { linkType, resolution: 'ns' });

/** Both sides of a gateway, each second, for half an hour; of every fifth packet the copy is missing. */
const bothSides = Array.from({ length: 1800 }, (_, second) => {
  const packet = (from: Endpoint, ttl: number): Uint8Array =>
    udpPacket({ from, to: '198.51.100.7:53', ttl, identification: second + 1, payload: Buffer.from(`q ${second}`) });
  const inside = at(second * 1000, packet('10.0.0.1:5000', 64));
  return second % 5 === 0 ? [inside] : [inside, at(second * 1000 + 1, packet('203.0.113.9:30001', 63))];
}).flat();

describe('a live import', () => {
  test.each([40_000, 100_000, Infinity])(
    'knows no more of the end than a file does, fed with %d octets at once',
    async (piece) => {
      const gateway = gatewayWith({ eips: ['203.0.113.9'] });
      const octets = fileOf(bothSides);
      const { pipe, log, pass } = liveRun(gateway);
      for (let from = 0; from < octets.length; from += piece) {
        pipe.feed(octets.subarray(from, Math.min(octets.length, from + piece)));
        await pipe.hungry();
        pass(2);
      }
      pipe.end();
      const live = await log;
      const file = await sessionLog([memorySource(octets)], gateway);
      expect(file.ledger.packets.notInEntries).toEqual({ public_copy: 1440, lost_in_nat: 360 });
      expect(live.ledger).toEqual(file.ledger);
      expect(live.entries).toEqual(file.entries);
    },
  );

  test('seals a window by the clock when the pipe is silent, and not before packets of it may come', async () => {
    const { pipe, sealed, log, pass, nextSeal } = liveRun();
    pipe.feed(fileOf([packetAt(1, 1000), packetAt(590, 1001)]));
    await pipe.hungry();
    pass(11);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(sealed).toEqual([]);
    const sealing = nextSeal();
    pass(2);
    const soFar = await sealing;
    expect(soFar).toMatchObject({ logEntries: 2, windows: 1, ledger: { packets: { read: 2, inEntries: 2 } } });
    pipe.feed(fileOf([packetAt(700, 1002)]).subarray(HEADER_BYTES));
    pipe.end();
    const whole = await log;
    const expected = await sessionLogOf([packetAt(1, 1000), packetAt(590, 1001), packetAt(700, 1002)]);
    expect(whole.entries).toEqual(expected.entries);
    expect(whole.ledger).toEqual(expected.ledger);
  });

  test('fails where a window cannot be stored that the clock has closed', async () => {
    const pipe = new FedPipe();
    let nowMs = 0;
    const sink = {
      entries: (): never => {
        throw new RangeError('the disk is full');
      },
      events: () => undefined,
    };
    const options = {
      ...{ gateway: gatewayWith(), layer: 'auto' as const, clockMs: () => nowMs, onProgress: () => undefined },
      ...{ isCancelled: () => false, live: { isEnding: () => false, onSealed: () => Promise.resolve() } },
    };
    const importing = importCaptures([{ source: pipe, firstSec: -Infinity, firstNsec: 0 }], options, sink);
    pipe.feed(fileOf([packetAt(1, 1000)]));
    await pipe.hungry();
    nowMs += 700_000;
    await expect(importing).rejects.toThrow('the disk is full');
  });

  test('seals by packets, with a ledger of what was sealed that balances', async () => {
    const { pipe, log, nextSeal } = liveRun();
    const sealing = nextSeal();
    pipe.feed(fileOf([packetAt(1, 1000)]));
    for (const record of [packetAt(601, 1001), packetAt(604, 1002)]) {
      await pipe.hungry();
      pipe.feed(fileOf([record]).subarray(HEADER_BYTES));
    }
    const { ledger, captures } = await sealing;
    expect(ledger.packets).toEqual({ read: 1, inEntries: 1, notInEntries: {} });
    expect(imbalances(ledger)).toEqual([]);
    expect(captures[0]).toMatchObject({ path: '-', packets: 3 });
    pipe.end();
    expect((await log).logEntries).toBe(3);
  });

  test('that is told to end keeps what it read, but for a record of which a part has come', async () => {
    const { pipe, log, end } = liveRun();
    pipe.feed(fileOf([packetAt(1, 1000), packetAt(2, 1001), packetAt(3, 1002)]).subarray(0, -10));
    await pipe.hungry();
    end();
    const { ledger, entries } = await log;
    expect(entries).toHaveLength(2);
    expect(ledger.packets.read).toBe(2);
    expect(ledger.fileBytes.unreadable).toEqual([]);
    expect(imbalances(ledger)).toEqual([]);
  });

  test('seals the less often the longer that takes', async () => {
    let sealMs = 0;
    const { pipe, sealed, log, pass } = liveRun(undefined, () => sealMs);
    const feed = async (window: number): Promise<void> => {
      for (const sec of [1, 4, 7]) {
        const octets = fileOf([packetAt(window * 600 + sec, 1000)]);
        pipe.feed(octets.subarray(window === 0 && sec === 1 ? 0 : HEADER_BYTES));
        await pipe.hungry();
      }
    };
    const sealedAfter = async (sec: number, window: number): Promise<number> => {
      pass(sec);
      await feed(window);
      await new Promise((resolve) => setTimeout(resolve, 120));
      return sealed.length;
    };
    await feed(0);
    expect(await sealedAfter(1, 1)).toBe(1);
    sealMs = 1000;
    expect(await sealedAfter(1, 2)).toBe(1);
    expect(await sealedAfter(2.9, 3)).toBe(1);
    expect(await sealedAfter(0.2, 4)).toBe(2);
    pipe.end();
    expect((await log).windows).toBe(5);
  });

  test('law: windows that the clock closes have the entries of those that packets close', async () => {
    let clocked = 0;
    await fc.assert(
      fc.asyncProperty(fewSessions, fc.constantFrom('carry', 'revise'), async ([first = []], latePolicy) => {
        const records = [...first, ...muchLater(first)];
        const gateway = { ...fewPorts, latePolicy } as const;
        const octets = fileOf(records, LINK.ethernet);
        const expected = await sessionLog([{ ...memorySource(octets, { name: '-' }), sizeBytes: null }], gateway);
        const { pipe, sealed, log, pass } = liveRun(gateway);
        pipe.feed(octets.subarray(0, HEADER_BYTES));
        let latestNs = records[0]?.atNs ?? 0n;
        for (const [index, record] of records.entries()) {
          const gapSec = Number((record.atNs - latestNs) / SECOND);
          if (gapSec > 5) {
            await pipe.hungry();
            pass(gapSec);
            const before = sealed.length;
            await new Promise((resolve) => setTimeout(resolve, 120));
            clocked += sealed.length - before;
          }
          if (record.atNs > latestNs) latestNs = record.atNs;
          pipe.feed(fileOf(records.slice(index, index + 1), LINK.ethernet).subarray(HEADER_BYTES));
        }
        pipe.end();
        const { entries, events, ledger } = await log;
        expect(entries).toEqual(expected.entries);
        expect(events).toEqual(expected.events);
        expect(ledger).toEqual(expected.ledger);
      }),
      { numRuns: 15 },
    );
    expect(clocked).toBeGreaterThan(0);
  });
});

/** Everything of the stored entries, in one text each. */
async function storedEntries(database: Database): Promise<unknown[]> {
  return database.withConnection(async (connection) => {
    const sql = 'SELECT entry::VARCHAR FROM entries.log_1 AS entry ORDER BY run_id, entry_no';
    return (await connection.runAndReadAll(sql)).getRows().map(([text]) => text);
  });
}

/** Of the first packet, as `at` has it. */
const START_SEC = 1_700_000_400;

/** Where a replay is, as it tells while it goes on. */
class Told {
  #tell: (progress: ImportProgress) => void = () => undefined;

  readonly emit = (_name: 'import:progress', progress: ImportProgress): void => this.#tell(progress);

  async next(isIt: (progress: ImportProgress) => boolean = () => true): Promise<ReplayFacts> {
    for (;;) {
      const progress = await new Promise<ImportProgress>((resolve) => (this.#tell = resolve));
      if (progress.replay !== undefined && isIt(progress)) return progress.replay;
    }
  }
}

/** Late packets as well: one comes an hour after its window. */
function withLate(): CaptureRecord[] {
  const records = Array.from({ length: 40 }, (_, index) => packetAt(index * 100, 1000 + (index % 7)));
  return [...records.slice(0, 20), packetAt(50, 1000), packetAt(60, 3000), ...records.slice(20)];
}

const revise = { gateway: { latePolicy: 'revise' } } as const;
const importLate = (database: Database, live: boolean, importer: Importer = importInThread) =>
  importInto(database, [writeCapture(tempFolder(), 'late.pcap', withLate())], { ...revise, live }, importer);

/** @param look at the Logstore, after each seal */
function watchingSeals(look: () => Promise<void>): Importer {
  return (task, control, sink) => {
    const { live } = control;
    if (live === undefined) throw new RangeError('not live');
    const onSealed: typeof live.onSealed = async (soFar) => {
      await live.onSealed(soFar);
      await look();
    };
    return importInThread(task, { ...control, live: { ...live, onSealed } }, sink);
  };
}

describe('a live import into a Logstore', () => {
  test('stores in the end what one that is not live stores, also of late packets', async () => {
    const [plain, live] = [await temporaryDatabase(), await temporaryDatabase()];
    const expected = await importLate(plain, false);
    const report = await importLate(live, true);
    expect(await storedEntries(live)).toEqual(await storedEntries(plain));
    expect(report.ledger).toEqual(expected.ledger);
    expect(report.logEntries).toBe(expected.logEntries);
    expect(report.delivery).toEqual(expected.delivery);
    expect(await keepCutOffRuns(live, null)).toBe(0);
  });

  test('that is played by the times of its packets stores what an import at full speed stores', async () => {
    const [plain, played] = [await temporaryDatabase(), await temporaryDatabase()];
    await importLate(plain, false);
    const capture = writeCapture(tempFolder(), 'late.pcap', withLate());
    const startMs = performance.now();
    const report = await importInto(played, [capture], { ...revise, live: true, speed: 4000 });
    // From the first packet to the last, 3900 s.
    expect(performance.now() - startMs).toBeGreaterThan(900);
    expect(await storedEntries(played)).toEqual(await storedEntries(plain));
    expect(report.windows).toBe(7);
  });

  test('that is played from a later time stores the same, and does not wait for what is before', async () => {
    const [plain, played] = [await temporaryDatabase(), await temporaryDatabase()];
    await importLate(plain, false);
    const capture = writeCapture(tempFolder(), 'late.pcap', withLate());
    const startMs = performance.now();
    const replay = { live: true, speed: 100, playFrom: { base: 'start', sec: 3800 } } as const;
    await importInto(played, [capture], { ...revise, ...replay });
    // 39 s of it otherwise.
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(await storedEntries(played)).toEqual(await storedEntries(plain));
  });

  test('that is played is paused, goes on and is as fast as it is told meanwhile', async () => {
    const [plain, played] = [await temporaryDatabase(), await temporaryDatabase()];
    await importLate(plain, false);
    const replays = new Replays();
    const told = new Told();
    const capture = writeCapture(tempFolder(), 'late.pcap', withLate());
    const request = { ...revise, live: true, speed: 1 };
    const importing = importInto(played, [capture], request, importInThread, { replays, emit: told.emit });
    const { run, atSec } = await told.next(({ replay }) => replay?.atSec !== null);
    expect(atSec).toBeLessThan(START_SEC + 2);
    expect(replays.control({ run, action: 'pause' })).toMatchObject({ run, speed: 1, isPaused: true });
    expect(replays.list()).toMatchObject([{ run, speed: 1, isPaused: true, captures: [capture] }]);
    replays.control({ run, action: 'speed', speed: 1_000_000 });
    // The speed that was holds up to the next look, and no longer.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const paused = await told.next();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await told.next()).toMatchObject({ isPaused: true, speed: 1_000_000, atSec: paused.atSec });
    replays.control({ run, action: 'resume' });
    await importing;
    expect(await storedEntries(played)).toEqual(await storedEntries(plain));
    const late = { run, action: 'pause' } as const;
    expect(replays.list()).toEqual([]);
    expect(() => replays.control(late)).toThrow(expect.objectContaining({ code: 'REPLAY_NOT_RUNNING' }));
  });

  test('that is played is stopped, also while it is paused, and keeps what was read', async () => {
    const database = await temporaryDatabase();
    const replays = new Replays();
    const told = new Told();
    const capture = writeCapture(tempFolder(), 'late.pcap', withLate());
    const request = { ...revise, live: true, speed: 1 };
    const importing = importInto(database, [capture], request, importInThread, { replays, emit: told.emit });
    const { run } = await told.next(({ replay }) => replay?.atSec !== null);
    replays.control({ run, action: 'pause' });
    replays.control({ run, action: 'stop' });
    // It would go on for more than an hour.
    const report = await importing;
    expect(report.logEntries).toBeGreaterThan(0);
    expect(replays.list()).toEqual([]);
    expect(await listCommittedRuns(database)).toMatchObject([{ run, isGoingOn: false }]);
    // It is no import of the whole capture, which may follow.
    expect((await importInto(database, [capture], revise)).run).not.toBe(run);
  });

  test('shows at each seal what has arrived by its script, and in the end what one that is not live shows', async () => {
    const [plain, live] = [await temporaryDatabase(), await temporaryDatabase()];
    const capture = writeCapture(tempFolder(), 'late.pcap', withLate());
    // The second and the third window are lost, and a part of the others.
    const delivery = {
      ...{ seed: 1, lossRate: 0.2, delaySec: { least: 60, most: 60, tailRate: 0 } },
      faults: [{ fault: 'logstore_deleted', from: '+15m', to: '+35m' }],
    };
    const expected = await importInto(plain, [capture], { ...revise, delivery });
    const seen: unknown[] = [];
    const watching = watchingSeals(async () => {
      const [run] = await listCommittedRuns(live);
      expect(run?.isGoingOn).toBe(true);
      const outcome = (await readStoredDelivery(live, 1))?.outcome;
      const [facts] = await listLogstores(live, null);
      const rows = (await storedEntries(live)).length;
      expect(outcome?.totals.sealed).toBe(run?.logEntries);
      expect([rows, facts?.entries]).toEqual([outcome?.totals.delivered, outcome?.totals.delivered]);
      if (rows < (run?.logEntries ?? 0)) seen.push(rows);
    });
    const report = await importInto(live, [capture], { ...revise, delivery, live: true, speed: 1500 }, watching);
    expect(seen.length).toBeGreaterThan(1);
    expect((await listCommittedRuns(live)).map(({ isGoingOn }) => isGoingOn)).toEqual([false]);
    expect(await storedEntries(live)).toEqual(await storedEntries(plain));
    expect(report.delivery).toEqual(expected.delivery);
    await applyDelivery(live, { run: 1, script: {} });
    await applyDelivery(plain, { run: 1, script: {} });
    expect(await storedEntries(live)).toEqual(await storedEntries(plain));
  });

  test('that is cut off has what arrived by its script of what was sealed, and what did not lies aside', async () => {
    const database = await temporaryDatabase();
    const capture = writeCapture(tempFolder(), 'late.pcap', withLate());
    const delivery = { faults: [{ fault: 'role_revoked', from: '+0m', to: '+1d' }] };
    const failing = watchingSeals(() => Promise.reject(new RangeError('the pipe broke')));
    const importing = importInto(database, [capture], { ...revise, delivery, live: true, speed: 1500 }, failing);
    await expect(importing).rejects.toThrow('the pipe broke');
    const [run] = await listCommittedRuns(database);
    expect([run?.logEntries, await storedEntries(database)]).toEqual([run?.undelivered, []]);
    expect(run?.undelivered).toBeGreaterThan(0);
    await applyDelivery(database, { run: 1, script: {} });
    expect(await storedEntries(database)).toHaveLength(run?.logEntries ?? -1);
  });

  test('takes no other script while it goes on', async () => {
    const database = await temporaryDatabase();
    const refusals: unknown[] = [];
    const asking = watchingSeals(async () => {
      refusals.push(await applyDelivery(database, { run: 1, script: {} }).catch((cause: unknown) => cause));
    });
    await importLate(database, true, asking);
    expect(refusals[0]).toMatchObject({ code: 'RUN_GOES_ON' });
    await applyDelivery(database, { run: 1, script: {} });
  });

  test('that fails is kept with what was sealed, and says so', async () => {
    const database = await temporaryDatabase();
    const failing: Importer = async (task, control, sink) => {
      const { live } = control;
      if (live === undefined) throw new RangeError('not live');
      const fail = (): Promise<void> => Promise.reject(new RangeError('the pipe broke'));
      let seals = 0;
      const onSealed: typeof live.onSealed = (soFar) => (++seals > 1 ? fail() : live.onSealed(soFar));
      return await importInThread(
        task,
        { ...control, live: { ...live, onSealed } },
        {
          ...sink,
          entries: (batch) => {
            if (seals > 0) throw new RangeError('the pipe broke');
            sink.entries(batch);
          },
        },
      );
    };
    await expect(importLate(database, true, failing)).rejects.toThrow('the pipe broke');
    const [run] = await listCommittedRuns(database);
    expect(run?.notices.at(-1)).toMatchObject({ kind: 'losses' });
    expect(run?.notices.at(-1)?.text).toContain('Run 1 was cut off while it was live');
    expect(await storedEntries(database)).toHaveLength(run?.logEntries ?? -1);
    expect(run?.logEntries).toBeGreaterThan(0);
    const ledger = await readLedger(database, 1);
    expect(ledger === null ? ['none'] : imbalances(ledger)).toEqual([]);
    // What was cut off can be imported again.
    expect((await importLate(database, false)).run).toBe(2);
  });
});
