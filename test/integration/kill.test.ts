import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { natscope, natscopeBin } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { framed, udpFlow } from '../support/conversations';
import { ethernet } from '../support/frames';
import { pcapFile, type CaptureRecord } from '../support/pcap-writer';
import { seededRandom } from '../support/random';
import { tempFolder } from '../support/temp';
import { MILLISECOND, timeNs } from '../support/time';

const KILLS = Number(process.env['NATSCOPE_KILLS'] ?? 25);
const SESSIONS = 30_000;
/** Per kill: an import that may run to its end, and a query, each on a machine that has much else to do. */
const TIMEOUT_MS = 60_000 + KILLS * 15_000;

/** Many sessions over many windows, so that a kill finds the import anywhere: before, between and after appends. */
function manyWindows(): CaptureRecord[] {
  const [first] = framed(
    udpFlow({ client: '10.0.0.1:1000', server: '198.51.100.7:53', startNs: 0n, datagrams: [40] }),
    (packet) => ethernet(packet),
  );
  if (first === undefined) throw new RangeError('no packet');
  const startNs = timeNs('2026-03-10T00:00:00Z');
  return Array.from({ length: SESSIONS }, (_, index) => {
    const bytes = first.bytes.slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(14 + 12, 0x0a00_0000 + (index % 5000));
    view.setUint16(14 + 20, 1024 + (index % 60_000));
    return { atNs: startNs + BigInt(index) * 400n * MILLISECOND, bytes };
  });
}

const title = `kill -9 at ${KILLS} moments of an import loses nothing that was there and shows nothing of it`;

test(title, { timeout: TIMEOUT_MS }, async () => {
  const folder = tempFolder();
  const workspace = join(folder, 'workspace');
  const before = join(folder, 'before.pcap');
  const killed = join(folder, 'killed.pcap');
  const records = manyWindows();
  writeFileSync(before, pcapFile(records.slice(0, 1000)));
  writeFileSync(killed, pcapFile(records));
  const query = async (): Promise<readonly [Totals]> => {
    const sql = '* | SELECT count(*) AS entries, sum(bytes_from_vpc) AS bytes';
    const { stdout } = await natscopeHere(['query', sql, '--workspace', workspace, '--json']);
    return JSON.parse(stdout) as readonly [Totals];
  };
  expect((await natscopeHere(['import', before, '--workspace', workspace, '--json'])).code).toBe(0);
  let expected = await query();

  const startMs = performance.now();
  expect((await natscope(['import', killed, '--workspace', join(folder, 'scratch'), '--json'])).code).toBe(0);
  let wholeMs = performance.now() - startMs;

  const random = seededRandom(4711);
  let kills = 0;
  for (let attempt = 0; kills < KILLS && attempt < 3 * KILLS; attempt++) {
    const args = ['import', killed, '--again', '--workspace', workspace, '--json'];
    const spawnedMs = performance.now();
    const child = spawn(process.execPath, [natscopeBin, ...args], { stdio: 'ignore' });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.on('exit', (_code, signal) => {
        resolve(signal);
      });
    });
    // From shortly after the start of the process to just before its usual end.
    await new Promise((resolve) => {
      setTimeout(resolve, wholeMs * (0.2 + (0.7 * random.int(0, 1000)) / 1000));
    });
    child.kill('SIGKILL');
    const signal = await ended;
    const tookMs = performance.now() - spawnedMs;
    const found = await query();
    if (signal === 'SIGKILL' && !isOneMore(expected, found)) {
      expect(found).toEqual(expected);
      kills++;
    } else {
      // It was done, or had committed and was ending: then all of it must be there.
      expect(isOneMore(expected, found)).toBe(true);
      expected = found;
      // The machine has less else to do than before, or more: the next moments are chosen from what it needs now.
      wholeMs = tookMs;
    }
  }
  expect(kills).toBe(KILLS);
});

interface Totals {
  readonly entries: number;
  readonly bytes: number;
}

/** True when exactly one whole import of the killed capture was added. */
function isOneMore([before]: readonly [Totals], [after]: readonly [Totals]): boolean {
  return after.entries === before.entries + SESSIONS && after.bytes === before.bytes + SESSIONS * 68;
}
