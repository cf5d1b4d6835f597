import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CompareReport } from '../../../../src-main/contract/compare';
import { runCompare } from '../../../../src-main/engine/compare/compare-service';
import { PROPERTY_RUNS } from '../../../support/property-runs';
import { addingRowsTo, type TextRow } from '../../../support/rows';
import { tempFolder } from '../../../support/temp';
import { temporaryDatabase } from '../../duckdb/temporary-workspace';
import type { Database } from '../../../../src-main/duckdb/database';

const START = 1_700_000_400;

type Entry = Readonly<Record<string, string | number | bigint>>;

const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '255.255.255.255', '0.0.0.0');
const counter = fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n));
const second = fc.oneof(fc.integer({ min: START, max: START + 1800 }), fc.constantFrom(0, 2 ** 32));
const entry: fc.Arbitrary<Entry> = fc.record({
  instance: fc.constantFrom('ngw-1', 'ngw-2'),
  vpc_id: fc.constant('vpc-1'),
  protocol: fc.constantFrom(6, 17),
  pri_ip: address,
  pri_port: fc.integer({ min: 0, max: 2 }),
  pub_ip: address,
  pub_port: fc.constantFrom(53, 65_535),
  nat_ip: address,
  nat_port: fc.integer({ min: 40_000, max: 40_001 }),
  bytes_from_pub: counter,
  pkts_from_pub: counter,
  bytes_from_vpc: counter,
  pkts_from_vpc: counter,
  start_time: second,
  end_time: second,
});

/** Numbers are written out, as JSON has no 64 bits. */
const lineOf = (each: Entry): string =>
  `{${Object.entries(each)
    .map(([name, value]) => `"${name}":${typeof value === 'string' ? `"${value}"` : String(value)}`)
    .join(',')}}`;

async function compared(
  database: Database,
  folder: string,
  logs: readonly [readonly Entry[], readonly Entry[]],
): Promise<{ readonly report: CompareReport; readonly rows: readonly TextRow[] }> {
  const [a, b] = [join(folder, 'a.ndjson'), join(folder, 'b.ndjson')];
  writeFileSync(a, logs[0].map((each) => `${lineOf(each)}\n`).join(''));
  writeFileSync(b, logs[1].map((each) => `${lineOf(each)}\n`).join(''));
  const rows: TextRow[] = [];
  const request = { project: 'local', sides: [{ file: a }, { file: b }] } as const;
  const { signal } = new AbortController();
  const report = await runCompare(database, request, { signal, sendBatch: addingRowsTo(rows) });
  return { report, rows };
}

/** Entries of both, each as often as in the one that has less of it. */
function equalEntries(a: readonly Entry[], b: readonly Entry[]): number {
  const left = b.map(lineOf);
  return a.filter((each) => {
    const at = left.indexOf(lineOf(each));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
}

test(
  'law: every entry is equal, different or only here, and equal are those that are',
  { timeout: 600_000 },
  async () => {
    const database = await temporaryDatabase();
    const folder = tempFolder();
    const logs = fc.array(entry, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(logs, logs, async (a, b) => {
        const { report, rows } = await compared(database, folder, [a, b]);
        const namesInCommon = a.some((one) => b.some((other) => one.instance === other.instance));
        const plain = (each: Entry): Entry => (namesInCommon ? each : { ...each, instance: '' });
        const equal = equalEntries(a.map(plain), b.map(plain));
        expect(report.equal).toBe(equal);
        expect(report.entries).toEqual([a.length, b.length]);
        expect(report.onlyIn[0] + report.different + equal).toBe(a.length);
        expect(report.onlyIn[1] + report.different + equal).toBe(b.length);
        expect(rows.length).toBe(report.onlyIn[0] + report.onlyIn[1] + report.different);
        expect(report.counts.reduce((sum, { differences }) => sum + differences, 0)).toBe(rows.length);
      }),
      { numRuns: Math.ceil(PROPERTY_RUNS / 5) },
    );
    expect(readdirSync(join(database.workspaceDir, 'tmp'))).toEqual([]);
  },
);

test('law: what was deleted from a log is what is only in the other', { timeout: 600_000 }, async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const log = fc.array(fc.tuple(entry, fc.boolean()), { minLength: 2, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(log, async (marked) => {
      const kept = marked.filter(([, isKept]) => isKept).map(([each]) => each);
      fc.pre(kept.length > 0);
      const { report, rows } = await compared(database, folder, [marked.map(([each]) => each), kept]);
      const deleted = marked.filter(([, isKept]) => !isKept).map(([each]) => each);
      const fields = Object.keys(marked[0]![0]).filter((name) => name !== 'instance' && name !== 'vpc_id');
      const texts = (of: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
        of.map((each) => fields.map((name) => String(each[name])).join()).toSorted();
      expect(texts(rows)).toEqual(texts(deleted));
      expect(new Set(rows.map((row) => row['in']))).toEqual(new Set(deleted.length === 0 ? [] : ['A']));
      expect(report).toMatchObject({ onlyIn: [deleted.length, 0], different: 0, equal: kept.length });
    }),
    { numRuns: Math.ceil(PROPERTY_RUNS / 5) },
  );
});

const ENTRY: Entry = {
  ...{ instance: 'ngw-1', vpc_id: 'vpc-1', protocol: 6, pri_ip: '10.0.0.1', pri_port: 1, pub_ip: '198.51.100.7' },
  ...{ pub_port: 443, nat_ip: '203.0.113.1', nat_port: 40_000, bytes_from_pub: 10, pkts_from_pub: 1 },
  ...{ bytes_from_vpc: 10, pkts_from_vpc: 1, start_time: START, end_time: START + 1 },
};

test('gateways that are called differently in both logs are no difference, and told', async () => {
  const database = await temporaryDatabase();
  const other = { ...ENTRY, instance: 'ngw-2' };
  const apart = await compared(database, tempFolder(), [[ENTRY], [other]]);
  expect(apart.report).toMatchObject({ equal: 1, different: 0 });
  expect(apart.report.notices.map(({ text }) => text)).toContain(
    'Not compared: instance, of which the logs have no value in common.',
  );
  const mixed = await compared(database, tempFolder(), [
    [ENTRY, { ...ENTRY, pri_port: 2 }],
    [other, { ...ENTRY, pri_port: 2 }],
  ]);
  expect(mixed.report).toMatchObject({ equal: 1, different: 1, counts: [{ place: 'both', reason: 'gateway' }] });
  expect(mixed.rows[0]!['differences']).toBe('gateway ngw-1 in vpc-1 | ngw-2 in vpc-1');
});

test('a clock that is off is told by how much', async () => {
  const database = await temporaryDatabase();
  const log = Array.from({ length: 5 }, (_, index) => ({ ...ENTRY, pri_port: index }));
  const later = log.map((each) => ({ ...each, start_time: START + 3, end_time: START + 4 }));
  const { report } = await compared(database, tempFolder(), [log, later]);
  expect(report).toMatchObject({ different: 5, clock: { shiftSec: 3, entries: 5 } });
});

test('a line that is no entry is told, and the others are compared', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const [a, b] = [join(folder, 'a.ndjson'), join(folder, 'b.ndjson')];
  writeFileSync(a, `${lineOf(ENTRY)}\nnonsense\n`);
  writeFileSync(b, `${lineOf(ENTRY)}\n`);
  const request = { project: 'local', sides: [{ file: a }, { file: b }] } as const;
  const { signal } = new AbortController();
  const { equal, notices } = await runCompare(database, request, { signal, sendBatch: addingRowsTo([]) });
  expect(equal).toBe(1);
  expect(notices).toContainEqual({ kind: 'losses', text: `${a}: 1 line is no log entry, and is not compared` });
});
