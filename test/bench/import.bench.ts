import { execFileSync, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MAX_EXPANSION } from '../../src-main/contract/imports';
import { runTask } from '../../src-main/engine/importer';
import { defaultGateway } from '../../src-main/nat/gateway';
import { entrySink } from '../support/window-sink';
import { hasTool } from '../support/tools';
import { pcapFile } from '../support/pcap-writer';
import { benchCapture } from './bench-captures';
import { measure, median, raced, table, type Command, type Medians } from './measure';

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

const flows = join(folder, 'flows');
/** Of the mix, by nfdump; and what is in other packets, quoted by ICMP errors or in tunnels, which tshark counts as well. */
const TCP_AND_UDP_PACKETS = 4_105_451;
const PACKETS_IN_PACKETS = 1580;
/** A rival for this file alone: its package starts a service, so that the tests do not install it. */
const hasArgus = spawnSync('argus', ['-h']).error === undefined;

beforeAll(async () => {
  const capture = benchCapture('mix-1g.pcap');
  const empty = join(folder, 'empty.pcap');
  writeFileSync(empty, pcapFile([]));
  const packed = join(folder, 'mix.pcap.gz');
  const packedTo = openSync(packed, 'w');
  // The least effort: what a capture is rotated with. It decompresses as slowly as any other.
  execFileSync('gzip', ['-1', '-c', capture], { stdio: ['ignore', packedTo, 'inherit'] });
  closeSync(packedTo);
  const asPcapng = join(folder, 'mix.pcapng');
  if (hasTool('editcap')) execFileSync('editcap', ['-F', 'pcapng', capture, asPcapng]);
  // Read once, so that no run pays for the disk.
  for (const path of [capture, ...(hasTool('editcap') ? [asPcapng] : [])]) {
    execFileSync('cat', [path], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  rows = await raced(
    [
      importInto('natscope import', capture),
      importInto('natscope import of nothing', empty),
      importInto('natscope import, gzip', packed),
      ...(hasTool('editcap') ? [importInto('natscope import, pcapng', asPcapng)] : []),
      { name: 'gzip -dc', argv: ['sh', '-c', 'exec gzip -dc "$0" > /dev/null', packed] },
      {
        name: 'pcap-parser, counting only',
        argv: ['node', join(import.meta.dirname, 'count-with-pcap-parser.mjs'), capture],
      },
      ...(hasTool('tcpdump')
        ? [{ name: 'tcpdump -w /dev/null', argv: ['tcpdump', '-r', capture, '-w', '/dev/null'] }]
        : []),
      ...(hasTool('nfpcapd')
        ? [
            {
              name: 'nfpcapd -t 600',
              argv: ['nfpcapd', '-t', '600', '-r', capture, '-w', flows],
              prepare: () => {
                rmSync(flows, { recursive: true, force: true });
                mkdirSync(flows);
              },
            },
          ]
        : []),
      ...(hasArgus ? [{ name: 'argus', argv: ['argus', '-r', capture, '-w', '/dev/null'] }] : []),
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
  if (hasTool('nfdump')) {
    const report = JSON.parse(medians('natscope import').stdout) as Report;
    const totals = execFileSync('nfdump', ['-R', flows, '-I'], { encoding: 'utf8' });
    expect(totals).toContain(`Packets: ${report.packets.read}\n`);
  }
  const [own, fixed, theirs] = ['natscope import', 'natscope import of nothing', 'nfpcapd -t 600'].map(
    (name) => medians(name).cpuSec,
  ) as [number, number, number];
  // To start Node and to make a database is a sixth of an import, and nothing that nfpcapd does: the design takes it off.
  const ratio = (own - fixed) / theirs;
  console.log(`CPU / nfpcapd: ${ratio.toFixed(2)}; with what an import of nothing costs ${(own / theirs).toFixed(2)}`);
  expect(ratio).toBeLessThan(0.6);
});

test.skipIf(!hasArgus)('CPU against argus stays below 0.5 (goal 0.35)', () => {
  const ratio = medians('natscope import').cpuSec / medians('argus').cpuSec;
  console.log(`CPU / argus: ${ratio.toFixed(2)}`);
  expect(ratio).toBeLessThan(0.5);
});

test.skipIf(!hasTool('editcap'))('wall of pcapng against the same packets as pcap stays below 1.3 (goal 1.15)', () => {
  const read = (name: string): number => (JSON.parse(medians(name).stdout) as Report).log_entries;
  expect(read('natscope import, pcapng')).toBe(read('natscope import'));
  const ratio = medians('natscope import, pcapng').wallSec / medians('natscope import').wallSec;
  console.log(`wall, pcapng / pcap: ${ratio.toFixed(2)}`);
  expect(ratio).toBeLessThan(1.3);
});

test.skipIf(!hasTool('tcpdump'))('CPU without the database against tcpdump stays below 2.0 (goal 1.5)', async () => {
  const cpuSecs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) cpuSecs.push(await cpuWithoutDatabase(benchCapture('mix-1g.pcap')));
  const ratio = median(cpuSecs) / medians('tcpdump -w /dev/null').cpuSec;
  console.log(`CPU without the database: ${median(cpuSecs).toFixed(2)} s; / tcpdump: ${ratio.toFixed(2)}`);
  expect(ratio).toBeLessThan(2);
});

/** An import whose entries go nowhere, in this process. */
async function cpuWithoutDatabase(path: string): Promise<number> {
  const captures = [{ path, sizeBytes: statSync(path).size, socketPath: null, firstSec: 0, firstNsec: 0 }];
  const gateway = defaultGateway({ inside: [], eips: [], seed: 0 });
  const task = { captures, gateway, layer: 'auto', maxExpansion: DEFAULT_MAX_EXPANSION, keepGoing: false } as const;
  const start = process.cpuUsage();
  const result = await runTask(task, { isCancelled: () => false, onProgress: () => undefined }, entrySink());
  const { user, system } = process.cpuUsage(start);
  expect(result.packets).toBe(4_238_424);
  return (user + system) / 1e6;
}

test.skipIf(!hasTool('tshark'))('CPU against one run of tshark stays below 0.08 (goal 0.05)', async () => {
  const capture = benchCapture('mix-1g.pcap');
  const conversations = ['-z', 'conv,tcp', '-z', 'conv,udp'];
  const tshark = await measure({ name: 'tshark', argv: ['tshark', '-n', '-q', ...conversations, '-r', capture] });
  // Of each conversation: frames and bytes each way, then both together.
  const totals = [...tshark.stdout.matchAll(/<->(?:\s+\S+)(?:\s+\d+ \d+ \w+){2}\s+(\d+) /g)];
  expect(totals.reduce((sum, [, frames]) => sum + Number(frames), 0)).toBe(TCP_AND_UDP_PACKETS + PACKETS_IN_PACKETS);
  const ratio = medians('natscope import').cpuSec / tshark.cpuSec;
  console.log(`CPU / tshark: ${ratio.toFixed(3)} (${tshark.cpuSec.toFixed(1)} s)`);
  expect(ratio).toBeLessThan(0.08);
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
