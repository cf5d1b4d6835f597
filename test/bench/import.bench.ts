import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasTool } from '../support/tools';
import { pcapFile } from '../support/pcap-writer';
import { benchCapture } from './bench-captures';
import { raced, table, type Command, type Medians } from './measure';

/*
 * Import of one GiB against programs that do part of the same work. The guards are those of the design; equal totals
 * are asserted in the same run. The rivals do more protocol analysis, and neither translate nor write to a database.
 */
const ROUNDS = Number(process.env['NATSCOPE_BENCH_ROUNDS'] ?? 5);
const command = join(import.meta.dirname, '../../src-main/launch/natscope.mjs');
const folder = mkdtempSync(join(tmpdir(), 'natscope-bench-'));
let rows: readonly Medians[] = [];

const importInto = (name: string, capture: string): Command => {
  const workspace = join(folder, 'workspace');
  return {
    name,
    argv: ['node', command, 'import', capture, '--workspace', workspace, '--json'],
    prepare: () => {
      rmSync(workspace, { recursive: true, force: true });
    },
  };
};

interface Report {
  readonly packets: { readonly read: number };
  readonly log_entries: number;
}

beforeAll(async () => {
  const capture = benchCapture('mix-1g.pcap');
  const empty = join(folder, 'empty.pcap');
  writeFileSync(empty, pcapFile([]));
  const packed = join(folder, 'mix.pcap.gz');
  const packedTo = openSync(packed, 'w');
  // The least effort: what a capture is rotated with. It decompresses as slowly as any other.
  execFileSync('gzip', ['-1', '-c', capture], { stdio: ['ignore', packedTo, 'inherit'] });
  closeSync(packedTo);
  const flows = join(folder, 'flows');
  mkdirSync(flows, { recursive: true });
  execFileSync('cat', [capture], { stdio: ['ignore', 'ignore', 'inherit'] });
  rows = await raced(
    [
      importInto('natscope import', capture),
      importInto('natscope import of nothing', empty),
      importInto('natscope import, gzip', packed),
      { name: 'gzip -dc', argv: ['sh', '-c', 'exec gzip -dc "$0" > /dev/null', packed] },
      {
        name: 'pcap-parser, counting only',
        argv: ['node', join(import.meta.dirname, 'count-with-pcap-parser.mjs'), capture],
      },
      ...(hasTool('tcpdump')
        ? [{ name: 'tcpdump -w /dev/null', argv: ['tcpdump', '-r', capture, '-w', '/dev/null'] }]
        : []),
      ...(hasTool('nfpcapd')
        ? [{ name: 'nfpcapd -t 600', argv: ['nfpcapd', '-t', '600', '-r', capture, '-w', flows] }]
        : []),
    ],
    ROUNDS,
  );
  const [processor] = cpus();
  console.log(
    `${ROUNDS} rounds, medians; ${cpus().length} × ${processor?.model ?? 'unknown'}, Node ${process.version}\n${table(rows)}`,
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const medians = (name: string): Medians => {
  const found = rows.find((row) => row.name === name);
  if (found === undefined) throw new Error(`${name} did not run`);
  return found;
};

test('every packet of the mix is read', () => {
  const report = JSON.parse(medians('natscope import').stdout) as Report;
  // By tshark, see summary in the captures' README.
  expect(report.packets.read).toBe(4_238_424);
  expect(report.log_entries).toBeGreaterThan(500_000);
});

test('pcap-parser counts the same packets', () => {
  expect(Number(medians('pcap-parser, counting only').stdout)).toBe(4_238_424);
});

test.skipIf(!hasTool('nfpcapd'))('CPU against nfpcapd stays below 0.60 (goal 0.45)', () => {
  const ratio = medians('natscope import').cpuSec / medians('nfpcapd -t 600').cpuSec;
  console.log(`CPU / nfpcapd: ${ratio.toFixed(2)}`);
  expect(ratio).toBeLessThan(0.6);
});

test('wall of a gzip capture against gzip alone stays below 1.6 (goal 1.3)', () => {
  const report = JSON.parse(medians('natscope import, gzip').stdout) as Report;
  expect(report.packets.read).toBe(4_238_424);
  const ratio = medians('natscope import, gzip').wallSec / medians('gzip -dc').wallSec;
  console.log(`wall, gzip / gzip -dc: ${ratio.toFixed(2)}`);
  expect(ratio).toBeLessThan(1.6);
  expect(medians('natscope import, gzip').peakMegabytes).toBeLessThan(350);
});

test('peak memory stays below 350 MB (goal 250)', () => {
  expect(medians('natscope import').peakMegabytes).toBeLessThan(350);
});
