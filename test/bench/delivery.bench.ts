import { expect, test } from 'vitest';
import { ENTRY_BATCH_ROWS, LogEntryBatch } from '../../src-main/contract/log-entry';
import { LogGroups } from '../../src-main/delivery/log-groups';
import { DEFAULT_SCRIPT } from '../../src-main/delivery/read-script';
import { simulateDelivery } from '../../src-main/delivery/simulate';
import { EntryWriter } from '../../src-main/duckdb/entry-writer';
import { ensureLogstore } from '../../src-main/duckdb/catalogue';
import { temporaryDatabase } from '../unit/duckdb/temporary-workspace';

const ENTRIES = 1_000_000;
const WINDOW_SEC = 600;
const T0 = 1_700_000_400;
/** An import spends as much on storing its entries as on little else, and deliveries must not cost a twentieth of it. */
const MOST_SHARE_OF_STORING = 0.2;

function batches(use: (batch: LogEntryBatch) => void): void {
  const batch = new LogEntryBatch();
  batch.length = ENTRY_BATCH_ROWS;
  batch.pubIp.fill(0xcb007150);
  batch.natIp.fill(0xc633640a);
  batch.isOneRealm.fill(1);
  batch.isInOrder.fill(1);
  batch.valueBytes.fill(90);
  batch.destinationBytes.fill(15);
  for (let first = 0; first < ENTRIES; first += ENTRY_BATCH_ROWS) {
    for (let row = 0; row < ENTRY_BATCH_ROWS; row++) {
      const entry = first + row;
      batch.entryNo.values[row] = BigInt(entry);
      batch.sessionId.values[row] = BigInt(entry);
      batch.priIp[row] = 0x0a000000 + (entry & 0xffff);
      batch.priPort[row] = entry & 0xffff;
      batch.natPort[row] = 1025 + (entry % 60_000);
      batch.bytesFromPub.values[row] = BigInt(entry * 1000);
      batch.pktsFromPub.values[row] = BigInt(entry);
      batch.windowStart.values[row] = BigInt(T0);
      batch.firstSec.values[row] = BigInt(T0 + (entry % WINDOW_SEC));
      batch.lastSec.values[row] = BigInt(T0 + WINDOW_SEC - 1);
    }
    use(batch);
  }
}

function cpuMs(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

test('deliveries cost next to nothing beside storing the entries, and a million that wait take no memory', async () => {
  const database = await temporaryDatabase();
  const { id } = await ensureLogstore(database, 'local', 'session-log', 0);
  const writer = await EntryWriter.open(database, id);
  const constants = { runId: 1, instanceId: 1, vpcId: 1, shardId: 0 };
  const filling = cpuMs(() => batches(() => undefined));
  const storing = cpuMs(() => batches((batch) => writer.append(batch, constants))) - filling;
  writer.close();
  const groups = new LogGroups(WINDOW_SEC, { instance: 'ngw-t', vpcId: 'vpc-t' });
  const grouping = cpuMs(() => batches((batch) => groups.add(batch))) - filling;
  const before = process.memoryUsage();
  const shards = { ids: [0, 1], ofSource: 0, sourcePlace: 0 };
  const faults = [{ kind: 'project_disabled', from: { base: 'start', sec: 0 }, to: null }] as const;
  const nothing = { bytesPerMin: null, bytesPerSec: null, writesPerSec: null, shards: null, delaySec: null };
  const script = {
    ...DEFAULT_SCRIPT,
    breakerPolicy: 'buffer',
    faults: faults.map((fault) => ({ ...fault, ...nothing })),
  } as const;
  let pending = 0;
  const delivering = cpuMs(() => {
    const { outcomes } = simulateDelivery({
      groups: groups.groups,
      windowSec: WINDOW_SEC,
      script,
      shards,
      modifyingSec: 0,
    });
    outcomes.forEach(({ deliveredSec, cause }, group) => {
      if (deliveredSec === null && cause === null) pending += groups.groups[group]!.entries;
    });
  });
  const grown = (process.memoryUsage().heapUsed - before.heapUsed) / 1e6;
  console.info(
    `1 M entries: stored ${storing.toFixed(0)} ms, grouped ${grouping.toFixed(0)} ms (${((100 * grouping) / storing).toFixed(1)} %), ` +
      `delivered ${delivering.toFixed(1)} ms, heap ${grown.toFixed(1)} MB for ${pending} that wait`,
  );
  expect(pending).toBeGreaterThanOrEqual(ENTRIES);
  expect(grouping / storing).toBeLessThan(MOST_SHARE_OF_STORING);
  expect(grown).toBeLessThan(100);
}, 120_000);
