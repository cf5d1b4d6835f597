import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { pcapFile } from '../support/pcap-writer';
import { benchCapture, fourfoldMix } from './bench-captures';
import { raced, table, type Command, type Medians } from './measure';

/* What an import needs as captures grow: time with their length, memory only with the sessions that live at once. */
const ROUNDS = Number(process.env['NATSCOPE_BENCH_ROUNDS'] ?? 3);
const command = join(import.meta.dirname, '../../src-main/launch/natscope.mjs');
const folder = mkdtempSync(join(tmpdir(), 'natscope-bench-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function importOf(name: string, capture: string): Command {
  const workspace = join(folder, 'workspace');
  return {
    name,
    argv: ['node', command, 'import', capture, '--workspace', workspace, '--json'],
    prepare: () => {
      rmSync(workspace, { recursive: true, force: true });
      execFileSync('cat', [capture], { stdio: ['ignore', 'ignore', 'inherit'] });
    },
  };
}

async function race(...commands: readonly Command[]): Promise<readonly Medians[]> {
  const rows = await raced(commands, ROUNDS);
  console.log(`${ROUNDS} rounds, medians\n${table(rows)}`);
  return rows;
}

test('four times the capture takes at most 5 times the CPU and 40 MB more memory (goals 4.2 and 10)', async ({
  skip,
}) => {
  const large = fourfoldMix();
  if (large === null) return skip();
  const [one, four] = await race(importOf('1 GiB', benchCapture('mix-1g.pcap')), importOf('4 GiB', large));
  expect((four?.cpuSec ?? Infinity) / (one?.cpuSec ?? 0)).toBeLessThan(5);
  expect((four?.peakMegabytes ?? Infinity) - (one?.peakMegabytes ?? 0)).toBeLessThan(40);
});

/** Datagrams of as many sessions within half a minute, so that all of them live at once; written piece by piece. */
function writeSessions(name: string, count: number): string {
  const path = join(folder, name);
  const [record] = [new Uint8Array(16 + 28)];
  const view = new DataView(record.buffer);
  view.setUint32(8, 28, true);
  view.setUint32(12, 28, true);
  record.set([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17], 16);
  const file = openSync(path, 'w');
  writeSync(file, pcapFile([], { linkType: 101 }));
  const recordsPerPiece = 10_000;
  for (let from = 0; from < count; from += recordsPerPiece) {
    const length = Math.min(recordsPerPiece, count - from);
    const piece = new Uint8Array(length * record.length);
    for (let index = 0; index < length; index++) {
      const session = from + index;
      view.setUint32(0, 1_741_597_050 + Math.floor((session * 30) / count), true);
      view.setUint32(16 + 12, 0x0a00_0000 + (session % 1_000_003));
      // Few enough a destination that no public address runs out of ports.
      view.setUint32(16 + 16, 0xc633_6401 + (session % 250));
      view.setUint16(16 + 20, 1024 + (session % 60_000));
      view.setUint16(16 + 22, 443 + Math.floor(session / 5_000_000));
      view.setUint16(16 + 24, 8);
      piece.set(record, index * record.length);
    }
    writeSync(file, piece);
  }
  closeSync(file);
  return path;
}

test('a live session takes at most 400 bytes (goal 250)', async () => {
  const sessions = 2_000_000;
  const [few, many] = await race(
    importOf('1,000 sessions', writeSessions('few.pcap', 1000)),
    importOf('2,000,000 sessions at once', writeSessions('many.pcap', sessions)),
  );
  const report = JSON.parse(many?.stdout ?? '{}') as { readonly log_entries: number };
  expect(report.log_entries).toBe(sessions);
  const bytes = (((many?.peakMegabytes ?? Infinity) - (few?.peakMegabytes ?? 0)) * 2 ** 20) / sessions;
  console.log(`${bytes.toFixed(0)} bytes for each live session, the database's own included`);
  expect(bytes).toBeLessThan(400);
});
