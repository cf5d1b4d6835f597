import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BATCH_ROWS, LEG, PACKET_FLAG, PROTOCOL, PacketBatch } from '../../../src-main/capture/packet-batch';
import { BLOCK_EVENT, EVENT_BATCH_ROWS, RESET_EVENT } from '../../../src-main/contract/gateway-event';
import { REASON_CODE, type Reason } from '../../../src-main/contract/ledger';
import {
  END_REASON_CODE,
  ENTRY_BATCH_ROWS,
  ENTRY_FLAG,
  type EndReason,
  type LogEntryBatch,
} from '../../../src-main/contract/log-entry';
import { ADDRESS_CLASS } from '../../../src-main/nat/address-classes';
import { newEmulatorModule } from '../../../src-main/engine/emulator-module';
import { WindowAggregator } from '../../../src-main/window/window-aggregator';
import { seededRandom } from '../../support/random';
import { gatewayWith } from '../../support/session-log';
import { entrySink } from '../../support/window-sink';

const sources = join(import.meta.dirname, '../../../src-main/emulator');
const PRI_NET = 0x0a000000;

interface Row {
  readonly natIp: number;
  readonly natPort: number;
  readonly sessionId: number;
  readonly entryNo: number;
  readonly bytesFromVpc: number;
}

function rowsOf(batch: LogEntryBatch): Row[] {
  return Array.from({ length: batch.length }, (_, row) => ({
    natIp: batch.natIp[row]!,
    natPort: batch.natPort[row]!,
    sessionId: batch.sessionId.at(row),
    entryNo: batch.entryNo.at(row),
    bytesFromVpc: batch.bytesFromVpc.at(row),
  }));
}

/** One UDP packet out of each of `count` sessions, in order of time; the packet of session n has `100 + n % 1000` octets. */
function run(count: number, secOf: (index: number) => number, eips: readonly string[], maxPages?: number): Row[][] {
  const random = seededRandom(7);
  const windows: Row[][] = [];
  let windowStart = -1;
  const aggregator = new WindowAggregator(
    gatewayWith({ eips }),
    newEmulatorModule(maxPages),
    entrySink((batch) => {
      if (batch.windowStart.at(0) !== windowStart) windows.push([]);
      windowStart = batch.windowStart.at(0);
      windows.at(-1)?.push(...rowsOf(batch));
    }),
  );
  const batch = new PacketBatch();
  for (let index = 0; index < count; index++) {
    const row = batch.length++;
    batch.tsSec[row] = secOf(index);
    batch.protocol[row] = PROTOCOL.udp;
    batch.ipVersion[row] = 4;
    batch.ipBytes[row] = 100 + (index % 1000);
    batch.srcIp[row] = PRI_NET + index;
    batch.dstIp[row] = 0x08080000 + random.int(0, 0xffff);
    batch.ports[row] = ((1024 + (index % 60_000)) << 16) | 53;
    batch.packetNo[row] = index + 1;
    if (batch.length < BATCH_ROWS && index < count - 1) continue;
    aggregator.add(batch);
    batch.length = 0;
  }
  aggregator.end();
  while (aggregator.isBehind) aggregator.catchUp();
  return windows;
}

describe('the module', () => {
  const exported = newEmulatorModule() as unknown as Readonly<Record<string, { readonly value: number } | undefined>>;
  const numberOf = (name: string): number | undefined => exported[name]?.value;
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

  test('has the numbers of the contract', () => {
    const codes = readFileSync(join(sources, 'codes.ts'), 'utf8');
    const names = [...codes.matchAll(/^export const ([A-Z0-9_]+): u32/gm)].map(([, name]) => name!);
    const expected = new Map<string, number>([
      ...(Object.keys(REASON_CODE) as Reason[]).map(
        (reason) => [`REASON_${snake(reason)}`, REASON_CODE[reason]] as const,
      ),
      ...(Object.keys(END_REASON_CODE) as EndReason[]).map(
        (end) => [`END_${snake(end)}`, END_REASON_CODE[end]] as const,
      ),
      ...Object.entries(ENTRY_FLAG).map(([flag, bit]) => [`ENTRY_${snake(flag)}`, bit] as const),
      ...Object.entries(PACKET_FLAG).map(([flag, bit]) => [`FLAG_${snake(flag)}`, bit] as const),
      ...Object.entries(PROTOCOL).map(([name, number]) => [`PROTOCOL_${snake(name)}`, number] as const),
      ...Object.entries(LEG).map(([name, leg]) => [`LEG_${snake(name)}`, leg] as const),
      ...Object.entries(BLOCK_EVENT).map(([name, kind]) => [`EVENT_BLOCK_${snake(name)}`, kind] as const),
      ['EVENT_IDLE_RESET', RESET_EVENT] as const,
    ]);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect([name, numberOf(name)]).toEqual([name, expected.get(name)]);
    expect(numberOf('REASON_COUNTERS')).toBeGreaterThan(Object.keys(REASON_CODE).length);
    expect(numberOf('BATCH_ROWS')).toBe(BATCH_ROWS);
    expect(numberOf('ENTRY_ROWS')).toBe(ENTRY_BATCH_ROWS);
    expect(numberOf('EVENT_ROWS')).toBe(EVENT_BATCH_ROWS);
    for (const name of [
      'uncovered',
      'inside',
      'hostWithDnat',
      'hostWithEip',
      'ofGateway',
      'ofDnat',
      'boundToDnat',
    ] as const) {
      expect(numberOf(snake(name))).toBe(ADDRESS_CLASS[name]);
    }
  });

  test('exports everything that its interface names', () => {
    const texts = ['emulator', 'configure-emulator', 'emulator-columns'].map((name) =>
      readFileSync(join(sources, `../nat/${name}.ts`), 'utf8'),
    );
    const used = [...texts.join('').matchAll(/\bmodule\.(\w+)|\['((?:batch|out|event)\w+)',/g)].map(
      ([, one, other]) => (one ?? other)!,
    );
    expect(used.length).toBeGreaterThan(80);
    expect(used.filter((name) => exported[name] === undefined)).toEqual([]);
  });

  test('imports nothing from outside of its folder', () => {
    for (const file of readdirSync(sources).filter((name) => name.endsWith('.ts'))) {
      const imported = [...readFileSync(join(sources, file), 'utf8').matchAll(/from '([^']+)'/g)].map(
        ([, name]) => name!,
      );
      expect(imported.filter((name) => !/^\.\/[\w-]+$/.test(name))).toEqual([]);
    }
  });
});

describe('a window', () => {
  test.each([
    { name: 'one public address', eips: ['203.0.113.1'] },
    { name: 'three public addresses', eips: ['203.0.113.1', '198.51.100.1', '203.0.113.2'] },
  ])('with $name is in order of address, port and session, through every growth', ({ eips }) => {
    // More sessions than the table begins with, alive at once, and more rows than fit a batch.
    const [rows = [], ...more] = run(20_000, () => 1_700_000_400, eips);
    expect(more).toEqual([]);
    expect(rows.length).toBe(20_000);
    const places = new Map(
      eips.map((eip, place) => [eip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), place]),
    );
    expect(new Set(rows.map(({ natIp }) => places.get(natIp)))).toEqual(new Set(eips.map((_, place) => place)));
    const sorted = rows.toSorted(
      (a, b) => places.get(a.natIp)! - places.get(b.natIp)! || a.natPort - b.natPort || a.sessionId - b.sessionId,
    );
    expect(rows).toEqual(sorted);
    // Entries are numbered by session, and every fact stays with its session.
    for (const { sessionId, entryNo, bytesFromVpc } of rows) {
      expect(entryNo).toBe(sessionId - 1);
      expect(bytesFromVpc).toBe(100 + ((sessionId - 1) % 1000));
    }
  });

  test('knows nothing of the one before', () => {
    const windows = run(30_000, (index) => 1_700_000_400 + Math.floor(index / 10_000) * 600, ['203.0.113.1']);
    expect(windows.map((rows) => rows.length)).toEqual([10_000, 10_000, 10_000]);
    windows.forEach((rows, window) => {
      const numbers = rows.map(({ entryNo }) => entryNo).toSorted((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, index) => window * 10_000 + index));
    });
  });

  test('keeps what ended within it, though the table of the living stays small', () => {
    // UDP sessions die after a minute, so at most some 6,000 of these live at once.
    const windows = run(50_000, (index) => 1_700_000_400 + Math.floor(index / 100), ['203.0.113.1'], 400);
    expect(windows.map((rows) => rows.length)).toEqual([50_000]);
  });
});

test('more sessions than there is memory for are an error, not a crash', () => {
  expect(() => run(200_000, () => 1_700_000_400, ['203.0.113.1'], 300)).toThrow(
    expect.objectContaining({ code: 'MEMORY_EXHAUSTED' }) as Error,
  );
});
