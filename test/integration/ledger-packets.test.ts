import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  MOST_LEDGER_PACKETS,
  packetsOfFact,
  type CaptureFact,
  type LedgerPacket,
  type PacketsBehind,
} from '../../src-main/contract/ledger-packets';
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
import { tempFolder } from '../support/temp';
import { ALL_ENTRIES, entriesAt, importInto, writeCapture } from '../unit/engine/imported-database';

const { signal } = new AbortController();

/** All of them, page by page. */
async function allOf(
  database: Database,
  run: number,
  of: PacketsBehind,
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

/** Every number of packets among the facts of each capture. */
async function expectEveryFact(database: Database, { run, described }: ImportReport): Promise<void> {
  for (const [capture, { details }] of described.entries()) {
    const { linkTypes, tunnels, interfaces } = details!;
    const facts: readonly CaptureFact[] = [
      ...(['packets', 'ipv4', 'ipv6', 'other', 'fragments', 'tunnels'] as const),
      ...linkTypes.map(({ linkType }) => `link/${linkType}` as const),
      ...tunnels.map(({ kind }) => `tunnel/${kind}` as const),
      ...interfaces.slice(0, 4).map((_, index) => `interface/${index}` as const),
    ];
    for (const fact of facts) {
      const packets = await allOf(database, run, { capture, fact });
      expect([fact, packets.length]).toEqual([fact, packetsOfFact(details!, fact)]);
      expect(packets.every((packet) => packet.capture === capture && packet.part === null)).toBe(true);
    }
  }
}

test('the packets of one capture among several are found, listed on pages of any length and written', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const [first, second] = [entriesAt([1_773_133_200]), entriesAt([1_773_133_201, 1_773_133_202, 1_773_133_203])];
  const captures = [writeCapture(folder, 'a.pcap', first), writeCapture(folder, 'b.pcap', second)];
  const report = await importInto(database, captures);
  await expectEveryFact(database, report);
  const of = { capture: 1, fact: 'ipv4' } as const;
  const whole = await allOf(database, report.run, of);
  expect(whole.map(({ frameNo }) => frameNo)).toEqual([1, 2, 3]);
  expect(await allOf(database, report.run, of, 2)).toEqual(whole);
  const written = await writePackets(database, { run: report.run, of }, { signal, emit: () => undefined });
  expect(written).toMatchObject({
    ...{ packets: 3, found: { packets: 3 }, counted: { packets: 3 }, notices: [] },
    description: `import ${report.run} of a.pcap and others: ipv4 of b.pcap`,
  });
  const info = await readCaptureInfo(join(database.workspaceDir, 'tmp/exports', written.file));
  expect([info.packets, info.earliestTime]).toEqual([3, whole[0]!.time]);
  await expect(allOf(database, report.run, { capture: 2, fact: 'ipv4' })).rejects.toMatchObject({
    code: 'CAPTURE_NOT_FOUND',
  });
});

test('every number of the ledger of the sample has as many packets behind it, on pages of any length', async () => {
  const database = await temporaryDatabase();
  const report = await importInto(database, [bundledSample]);
  await expectEveryNumber(database, report);
  await expectEveryFact(database, report);
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
    await expectEveryFact(shared(), report);
  });
});
