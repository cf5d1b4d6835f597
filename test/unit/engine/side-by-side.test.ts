import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ImportProgress, ImportReport, ImportRequest } from '../../../src-main/contract/imports';
import { imbalances } from '../../../src-main/contract/ledger';
import type { Database } from '../../../src-main/duckdb/database';
import { listCommittedRuns } from '../../../src-main/duckdb/run-reads';
import { logTable } from '../../../src-main/duckdb/log-table';
import { createGateway } from '../../../src-main/engine/gateway-service';
import { importByRoutes } from '../../../src-main/engine/import-routes';
import type { ImportContext } from '../../../src-main/engine/import-service';
import { importInThread, type Importer } from '../../../src-main/engine/importer';
import { Replays } from '../../../src-main/engine/replays';
import { enableSessionLog } from '../../../src-main/engine/session-log-service';
import { createVpc } from '../../../src-main/engine/vpc-service';
import { bundledSample } from '../../support/captures';
import { udpPacket } from '../../support/frames';
import { LINK, pcapFile } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';

/** Both gateways have entries of these, in windows that follow each other. */
const WINDOWS = 6;

async function withGateways(): Promise<Database> {
  const database = await temporaryDatabase();
  for (const [no, id] of ['a', 'b'].entries()) {
    const [region, cidrBlock] = ['cn-shanghai', `10.0.${no + 1}.0/24`];
    await createVpc(database, { id: `vpc-${id}`, name: '', region, cidrBlock, secondaryCidrBlocks: [] });
    await createGateway(database, {
      ...{ id: `ngw-${id}`, name: '', region, vpc: `vpc-${id}`, networkType: 'internet', billing: 'PayByLcu' },
      ...{ bindMode: 'MULTI_BINDED', natIps: [] },
      eips: [{ ipAddress: `203.0.113.${no + 1}0`, privateIpAddress: null }],
    });
    const project = { mode: no === 0 ? 'create' : 'select', name: 'lab-project' } as const;
    const logstore = { mode: 'create', name: `log-${id}` } as const;
    await enableSessionLog(database, { gateway: `ngw-${id}`, project, logstore });
  }
  return database;
}

let database: Database;
let pipe = '';
beforeEach(async () => {
  database = await withGateways();
  pipe = join(tempFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
});

const REQUEST: ImportRequest = {
  ...{ captures: [], project: 'local', logstore: 'session-log', inside: [], eips: [], seed: 0 },
  ...{ layer: 'auto', createIndex: true, again: false, keepGoing: false, sessionLogs: 'enabled' },
};
const CONTEXT: ImportContext = {
  signal: new AbortController().signal,
  emit: () => undefined,
  passNoReturn: () => undefined,
};

/** Of both Logstores, whichever runs they are of. */
async function rowsOf(of: Database): Promise<readonly string[][]> {
  return Promise.all(
    [1, 2].map(async (id) => {
      const sql = `SELECT * EXCLUDE (run_id, instance, vpc_id, shard_id) FROM ${logTable(id)} ORDER BY entry_no`;
      const rows = await of.withConnection((connection) => connection.runAndReadAll(sql));
      return rows.getRowsJson().map((row) => JSON.stringify(row));
    }),
  );
}

/** Each gateway alone, one after the other. */
async function aloneOf(capture: string): Promise<readonly string[][]> {
  const alone = await withGateways();
  for (const id of ['ngw-b', 'ngw-a']) {
    await importByRoutes(alone, { ...REQUEST, captures: [capture], sessionLogs: [id] }, CONTEXT, importInThread);
  }
  return rowsOf(alone);
}

/** One datagram of each VPC every 20 s, of a session of its own. */
function recorded(windows = WINDOWS): string {
  const startSec = Date.parse('2026-03-10T00:00:00Z') / 1000;
  const packets = Array.from({ length: windows * 60 }, (_, index) => ({
    atNs: BigInt(startSec + Math.floor(index / 2) * 20) * SECOND,
    bytes: udpPacket({
      ...{ from: `10.0.${(index % 2) + 1}.1:${1024 + index}`, to: '198.51.100.7:53' },
      payload: new Uint8Array(8),
    }),
  }));
  const path = join(tempFolder(), 'recorded.pcap');
  writeFileSync(path, pcapFile(packets, { linkType: LINK.raw, resolution: 'ns' }));
  return path;
}

/** Imports what comes through the pipe. */
async function importPiped(
  capture: string,
  changes: Partial<ImportRequest> = {},
  importer: Importer = importInThread,
  context: Partial<ImportContext> = {},
): Promise<ImportReport> {
  const request = { ...REQUEST, captures: [pipe], ...changes };
  const importing = importByRoutes(database, request, { ...CONTEXT, ...context }, importer);
  // Whoever reads may have had enough.
  const feeding = pipeline(createReadStream(capture), createWriteStream(pipe)).catch(() => undefined);
  return importing.finally(() => feeding);
}

const bothOf = (report: ImportReport): readonly ImportReport[] => [report, ...(report.others ?? [])];

describe('a pipe through several gateways', () => {
  test.each([
    { name: 'all at once', changes: {} },
    { name: 'live', changes: { live: true } },
  ])('gives the entries that each gateway alone has: $name', async ({ changes }) => {
    for (const capture of [bundledSample, recorded()]) {
      database = await withGateways();
      const reports = bothOf(await importPiped(capture, changes));
      expect(reports.map(({ logstore }) => logstore)).toEqual(['log-a', 'log-b']);
      for (const { ledger, logEntries } of reports) {
        expect(imbalances(ledger)).toEqual([]);
        expect(logEntries).toBeGreaterThan(50);
      }
      expect(await rowsOf(database)).toEqual(await aloneOf(capture));
    }
  });

  test('is visible in both Logstores at once, and in none where one gateway fails', async () => {
    const seen: number[] = [];
    const looking: Importer = async (...args) => {
      const result = await importInThread(...args);
      seen.push((await listCommittedRuns(database)).length);
      return result;
    };
    const capture = recorded();
    await importPiped(capture, {}, looking);
    expect(seen).toEqual([0, 0]);
    expect((await listCommittedRuns(database)).map(({ isGoingOn }) => isGoingOn)).toEqual([false, false]);
    const before = await rowsOf(database);
    let calls = 0;
    const failing: Importer = (task, control, sink) => {
      if (++calls === 1) return importInThread(task, control, sink);
      const entries = (): never => {
        throw new RangeError('as the test has it');
      };
      return importInThread(task, control, { ...sink, entries });
    };
    await expect(importPiped(capture, {}, failing)).rejects.toThrow('as the test has it');
    expect(await rowsOf(database)).toEqual(before);
    expect(await listCommittedRuns(database)).toHaveLength(2);
  });

  test('cannot be cancelled any more when the last gateway is full, and until then leaves nothing', async () => {
    const cancelling = new AbortController();
    let full = 0;
    const waiting: Importer = async (task, control, sink) => {
      const result = await importInThread(task, control, sink);
      if (++full === 2) cancelling.abort();
      return result;
    };
    let isPassed = false;
    const importing = importPiped(recorded(), {}, waiting, {
      signal: cancelling.signal,
      passNoReturn: () => (isPassed = true),
    });
    await expect(importing).rejects.toMatchObject({ code: 'IMPORT_CANCELLED' });
    expect([isPassed, await listCommittedRuns(database), await rowsOf(database)]).toEqual([false, [], [[], []]]);
  });

  test('keeps what was read live by the others where one gateway fails, and says so there and in the error', async () => {
    const capture = recorded();
    const request = { ...REQUEST, captures: [pipe], live: true };
    let fail = false;
    const failing: Importer = (task, control, sink) => {
      if (task.gateway.instance !== 'ngw-a') return importInThread(task, control, sink);
      const entries: typeof sink.entries = (batch) => {
        if (fail) throw new RangeError('as the test has it');
        sink.entries(batch);
        fail = true;
      };
      return importInThread(task, control, { ...sink, entries });
    };
    const writer = createWriteStream(pipe);
    writer.on('error', () => undefined);
    const importing = importByRoutes(database, request, CONTEXT, failing);
    // The pipe stays open: nothing but the failure ends it.
    await pipeline(createReadStream(capture), writer, { end: false }).catch(() => undefined);
    await expect(importing).rejects.toMatchObject({
      message: expect.stringMatching(
        /^as the test has it\. The import through ngw-b \(run \d\) was ended by that, and what it had read is kept$/u,
      ) as string,
    });
    writer.destroy();
    const runs = await listCommittedRuns(database);
    expect(runs.filter(({ isGoingOn }) => isGoingOn)).toEqual([]);
    const kept = runs.find(({ logstore }) => logstore === 'log-b');
    expect(kept?.notices).toContainEqual({
      kind: 'losses',
      text: 'It was ended before its captures were, since the import through gateway ngw-a beside it failed: as the test has it.',
    });
    const [failed, whole] = await rowsOf(database);
    expect(whole).toHaveLength(kept?.logEntries ?? -1);
    expect(whole?.length).toBeGreaterThanOrEqual(30);
    expect(failed).toHaveLength(runs.find(({ logstore }) => logstore === 'log-a')?.logEntries ?? 0);
  });

  test('tells how far all of them are', async () => {
    const told: ImportProgress[] = [];
    await importPiped(recorded(), { live: true }, importInThread, {
      emit: (_name, payload) => {
        if ('packets' in payload) told.push(payload);
      },
    });
    const counts = told.map(({ packets }) => packets);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1)).toBe(WINDOWS * 60);
  });

  test('that is not there is refused by name', async () => {
    const request = { ...REQUEST, captures: [join(tempFolder(), 'none')], live: true };
    const importing = importByRoutes(database, request, CONTEXT, importInThread);
    await expect(importing).rejects.toMatchObject({ code: 'CAPTURE_NOT_FOUND' });
  });

  test('that brings no capture is refused by both, and nothing is kept', async () => {
    const path = join(tempFolder(), 'text');
    writeFileSync(path, 'no capture'.repeat(100_000));
    for (const live of [false, true]) {
      await expect(importPiped(path, { live })).rejects.toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE' });
    }
    expect([await listCommittedRuns(database), await rowsOf(database)]).toEqual([[], [[], []]]);
  });
});

describe('a replay through several gateways', () => {
  const begun = (replays: Replays, emit: (progress: ImportProgress) => void, speed: number): Promise<ImportReport> => {
    const request = { ...REQUEST, captures: [recorded()], live: true, speed };
    const context: ImportContext = {
      ...CONTEXT,
      emit: (_name, payload) => {
        if ('packets' in payload) emit(payload);
      },
    };
    return importByRoutes(database, request, context, importInThread, replays);
  };

  test('is one replay, which is paused, goes on and is stopped as a whole', async () => {
    const replays = new Replays();
    const runs = new Set<number>();
    let tell: (run: number) => void = () => undefined;
    const isPlaying = new Promise<number>((resolve) => {
      tell = resolve;
    });
    const importing = begun(
      replays,
      ({ replay, packets }) => {
        if (replay === undefined) return;
        runs.add(replay.run);
        if (packets > 0) tell(replay.run);
      },
      1,
    );
    const run = await isPlaying;
    expect(replays.list()).toMatchObject([{ run, isPaused: false, speed: 1 }]);
    replays.control({ run, action: 'pause' });
    expect(replays.list()).toMatchObject([{ run, isPaused: true }]);
    replays.control({ run, action: 'stop' });
    const reports = bothOf(await importing);
    expect([...runs]).toEqual([run]);
    expect(reports).toHaveLength(2);
    expect(replays.list()).toEqual([]);
  });

  test('has the entries that each gateway alone has', async () => {
    const capture = recorded();
    const request = { ...REQUEST, captures: [capture], live: true, speed: 100_000 };
    await importByRoutes(database, request, CONTEXT, importInThread);
    expect(await rowsOf(database)).toEqual(await aloneOf(capture));
    // It is known what was read.
    const again = importByRoutes(database, { ...request, captures: [capture] }, CONTEXT, importInThread);
    await expect(again).rejects.toMatchObject({ code: 'CAPTURE_ALREADY_IMPORTED' });
  });
});
