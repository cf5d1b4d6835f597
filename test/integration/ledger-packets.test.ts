import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MOST_LEDGER_PACKETS, type LedgerPacket, type LedgerPart } from '../../src-main/contract/ledger-packets';
import type { ImportReport } from '../../src-main/contract/imports';
import { REASONS, type Reason } from '../../src-main/contract/ledger';
import type { Database } from '../../src-main/duckdb/database';
import { readCaptureInfo } from '../../src-main/engine/capture-info';
import { readLedgerPackets } from '../../src-main/engine/ledger-packets';
import { writePackets } from '../../src-main/engine/packets-service';
import { runQuery } from '../../src-main/engine/query-service';
import { bundledSample, needingCaptures, sharedCapture } from '../support/captures';
import { addingRowsTo, type TextRow } from '../support/rows';
import { sharedDatabase, temporaryDatabase } from '../unit/duckdb/temporary-workspace';
import { ALL_ENTRIES, importInto } from '../unit/engine/imported-database';

const { signal } = new AbortController();

/** All of them, page by page. */
async function allOf(
  database: Database,
  run: number,
  of: LedgerPart,
  limit = MOST_LEDGER_PACKETS,
): Promise<LedgerPacket[]> {
  const packets: LedgerPacket[] = [];
  for (;;) {
    const page = await readLedgerPackets(database, { run, of, offset: packets.length, limit }, { signal });
    packets.push(...page.packets);
    if (page.isEnd) return packets;
  }
}

async function expectEveryNumber(database: Database, { run, ledger, logEntries }: ImportReport): Promise<void> {
  const bytesOf = (packets: readonly LedgerPacket[]): number => packets.reduce((sum, { ipBytes }) => sum + ipBytes, 0);
  const read = await allOf(database, run, 'read');
  expect([read.length, bytesOf(read)]).toEqual([ledger.packets.read, ledger.ipBytes.read]);
  const inEntries = read.filter(({ part }) => part === 'in_entries');
  expect([inEntries.length, bytesOf(inEntries)]).toEqual([ledger.packets.inEntries, ledger.ipBytes.inEntries]);
  expect(inEntries.length > 0).toBe(logEntries > 0);
  // One of those that did not occur is enough, since each costs doing the import again.
  const occurred = REASONS.filter((each) => (ledger.packets.notInEntries[each] ?? 0) > 0);
  for (const reason of new Set<Reason>([...occurred, 'no_port'])) {
    const packets = await allOf(database, run, reason);
    expect([reason, packets.length, bytesOf(packets)]).toEqual([
      reason,
      ledger.packets.notInEntries[reason] ?? 0,
      ledger.ipBytes.notInEntries[reason] ?? 0,
    ]);
    expect(packets).toEqual(read.filter(({ part }) => part === reason));
  }
}

test('every number of the ledger of the sample has as many packets behind it, on pages of any length', async () => {
  const database = await temporaryDatabase();
  const report = await importInto(database, [bundledSample]);
  await expectEveryNumber(database, report);
  const whole = await allOf(database, report.run, 'in_entries');
  expect(await allOf(database, report.run, 'in_entries', 333)).toEqual(whole);
  expect(new Set(whole.map(({ frameNo }) => frameNo)).size).toBe(report.ledger.packets.inEntries);
});

test('the packets of a part are written as they were captured, and read again by their numbers', async () => {
  const database = await temporaryDatabase();
  const report = await importInto(database, [bundledSample]);
  for (const of of ['read', 'in_entries', 'intra', 'no_port'] as const) {
    const written = await writePackets(database, { run: report.run, of }, { signal, emit: () => undefined });
    const packets = await allOf(database, report.run, of);
    expect(written).toMatchObject({
      ...{ entries: 0, packets: packets.length, notices: [] },
      ...{ found: written.counted, description: `import ${report.run} of sample.pcapng: ${of}` },
    });
    const info = await readCaptureInfo(join(database.workspaceDir, 'tmp/exports', written.file));
    expect([info.packets, info.earliestTime, info.latestTime]).toEqual([
      packets.length,
      packets[0]?.time ?? null,
      packets.at(-1)?.time ?? null,
    ]);
  }
});

test('the entries of one import are found among those of others', async () => {
  const database = await temporaryDatabase();
  const first = await importInto(database, [bundledSample]);
  const second = await importInto(database, [bundledSample], { seed: 7 });
  for (const { run, logEntries } of [first, second]) {
    const text = `__run__:${run} | SELECT count(*) AS n, sum(pkts_from_vpc + pkts_from_pub) AS packets`;
    const rows: TextRow[] = [];
    await runQuery(database, { ...ALL_ENTRIES, text }, { signal, sendBatch: addingRowsTo(rows) });
    expect(rows.map((row) => Object.values(row).map(Number))).toEqual([[logEntries, first.ledger.packets.inEntries]]);
  }
});

/** Between them they have 13 reasons, several link types, tunnels, fragments, and times that go back. */
const CAPTURES = [
  ...['brimcap-alerts.pcap', 'fpcap-many-interfaces.pcapng', 'gen-lan-2h.pcap', 'mercury-ip-encap.pcap'],
  ...['ppp-many-protocols.pcap', 'sv-icmp-pmtu.pcap', 'sv-ipv6-linktype-frag.pcap', 'zeek-rlogin.pcapng.gz'],
];

describe.skipIf(sharedCapture('dev') === undefined)(needingCaptures('every number of a ledger'), () => {
  const shared = sharedDatabase();
  test.each(CAPTURES)('of %s has as many packets behind it', async (name) => {
    const report = await importInto(shared(), [sharedCapture(`dev/${name}`) ?? '']);
    await expectEveryNumber(shared(), report);
  });
});
