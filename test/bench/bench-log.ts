import { existsSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { END_REASON_CODE, ENTRY_BATCH_ROWS, LogEntryBatch } from '../../src-main/contract/log-entry';
import { ensureGateway, ensureLogstore } from '../../src-main/duckdb/catalogue';
import type { Database } from '../../src-main/duckdb/database';
import { EntryWriter } from '../../src-main/duckdb/entry-writer';
import { beginRun, commitLoad } from '../../src-main/duckdb/import-runs';
import { createRecommendedIndex, shardRoute } from '../../src-main/engine/index-service';
import { Workspace } from '../../src-main/engine/workspace';
import { seededRandom, type Random } from '../support/random';

/** A log of session logs as a busy gateway writes it in a day: six thousand hosts, sixty thousand destinations. */
export const BENCH_LOG = {
  project: 'local',
  logstore: 'session-log',
  entries: 10_000_000,
  /** 2026-03-10 00:00:00 UTC, and a day later. */
  fromSec: 1_773_100_800,
  toSec: 1_773_100_800 + 86_400,
} as const;
/** To be raised with every change of what is generated. */
const VERSION = 2;
const SEED = 42;
const WINDOW_SEC = 600;
const WINDOWS = (BENCH_LOG.toSec - BENCH_LOG.fromSec) / WINDOW_SEC;
const PER_HOST_NETWORK = 3000;
const DESTINATIONS = 60_000;

/** What every database of this log is opened with. */
export const BENCH_LIMITS = { threads: 2, memoryLimit: '1GB' } as const;

/** Where what is built for benchmarks is kept, since building it takes longer than a run. */
export const benchFolder = process.env['NATSCOPE_BENCH_CAPTURES'] ?? join(tmpdir(), 'natscope-bench-captures');

/** @returns the folder of a workspace that has the log, made at the first call; not to be written to */
export async function benchWorkspace(): Promise<string> {
  const folder = join(benchFolder, `log-10m-${VERSION}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const workspace = await Workspace.open(unfinished, BENCH_LIMITS);
  try {
    await fill(workspace.database);
  } finally {
    await workspace.close();
  }
  renameSync(unfinished, folder);
  return folder;
}

async function fill(database: Database): Promise<void> {
  const logstore = await ensureLogstore(database, BENCH_LOG.project, BENCH_LOG.logstore, 0);
  await createRecommendedIndex(database, logstore);
  const runId = await beginRun(database, {
    ...{ logstoreId: logstore.id, startedMs: 0, options: '{}', gateway: '{}', seed: SEED },
    ...{ identityKey: 'generated', isLoad: true },
  });
  const { instanceId, vpcId } = await ensureGateway(database, 'ngw-default', 'vpc-default');
  const route = await shardRoute(database, logstore.id, runId);
  const constants = { runId, instanceId, vpcId, shardId: route.balanced(0) };
  const writer = await EntryWriter.open(database, logstore.id);
  const batch = new LogEntryBatch();
  const random = seededRandom(SEED);
  for (let entryNo = 0; entryNo < BENCH_LOG.entries; entryNo += batch.length) {
    batch.length = Math.min(ENTRY_BATCH_ROWS, BENCH_LOG.entries - entryNo);
    for (let row = 0; row < batch.length; row++) fillRow(batch, row, entryNo + row, random);
    writer.append(batch, constants);
  }
  writer.close();
  await commitLoad(database, runId, { finishedMs: 0, logEntries: BENCH_LOG.entries, notices: [] });
  await database.checkpoint();
}

/** Few of many are asked for most: the power of a number between 0 and 1 is small more often than not. */
function skewed(random: Random, count: number, power: number): number {
  return Math.floor(count * (random.u32() / 2 ** 32) ** power);
}

const SERVICES = [53, 443, 80, 123, 8080, 25] as const;
const PROTOCOLS = [...Array<number>(60).fill(17), ...Array<number>(37).fill(6), ...Array<number>(3).fill(1)];

const nanosOf = (sec: number): bigint => BigInt(sec) * 1_000_000_000n;

function fillRow(batch: LogEntryBatch, row: number, entryNo: number, random: Random): void {
  const windowStart = BENCH_LOG.fromSec + Math.floor((entryNo * WINDOWS) / BENCH_LOG.entries) * WINDOW_SEC;
  const firstSec = windowStart + random.int(0, WINDOW_SEC - 1);
  const protocol = random.pick(PROTOCOLS);
  const host = skewed(random, 2 * PER_HOST_NETWORK, 2);
  // Half of the hosts are in 172.16.0.0/16, the others in 10.0.0.0/16; neighbours are as busy as each other.
  batch.protocol[row] = protocol;
  batch.priIp[row] = (host % 2 === 0 ? 0x0a00_0001 : 0xac10_0001) + (host >> 1);
  batch.priPort[row] = random.int(1024, 65_535);
  // A prime apart, so that destinations are spread over 45.0.0.0/8 and what follows it.
  batch.pubIp[row] = 0x2d00_0001 + skewed(random, DESTINATIONS, 3) * 1009;
  batch.pubPort[row] = protocol === 1 ? 0 : SERVICES[skewed(random, SERVICES.length, 2)]!;
  batch.natIp[row] = 0xcb00_7101 + random.int(0, 7);
  batch.natPort[row] = random.int(1024, 65_535);
  const pktsFromVpc = 1 + skewed(random, 2000, 8);
  const pktsFromPub = skewed(random, 4000, 8);
  batch.pktsFromVpc.values[row] = BigInt(pktsFromVpc);
  batch.pktsFromPub.values[row] = BigInt(pktsFromPub);
  batch.bytesFromVpc.values[row] = BigInt(pktsFromVpc * random.int(40, 400));
  batch.bytesFromPub.values[row] = BigInt(pktsFromPub * random.int(40, 1500));
  batch.entryNo.values[row] = BigInt(entryNo);
  batch.sessionId.values[row] = BigInt(entryNo + 1);
  batch.windowStart.values[row] = BigInt(windowStart);
  const lastSec = Math.min(windowStart + WINDOW_SEC - 1, firstSec + skewed(random, 300, 3));
  batch.firstSec.values[row] = BigInt(firstSec);
  batch.firstNs.values[row] = nanosOf(firstSec);
  batch.lastSec.values[row] = BigInt(lastSec);
  batch.lastNs.values[row] = nanosOf(lastSec);
  batch.mappingEndNs.values[row] = nanosOf(lastSec + 60);
  batch.endReason[row] = END_REASON_CODE.idle;
  batch.natEip[row] = batch.natIp[row]!;
  batch.isOneRealm[row] = 1;
}
