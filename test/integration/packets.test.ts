import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writePackets } from '../../src-main/engine/packets-service';
import { bundledSample, needingCaptures, sharedCapture } from '../support/captures';
import { natscope, run } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { otherThanPartial } from '../support/notices';
import { readCapture } from '../support/read-capture';
import { tempFolder } from '../support/temp';
import { hasTool, needing } from '../support/tools';
import { temporaryDatabase } from '../unit/duckdb/temporary-workspace';
import { importInto } from '../unit/engine/imported-database';

interface WrittenPackets {
  readonly packets: number;
  readonly expected: { readonly packets: number };
  readonly description: string;
}

test.skipIf(!hasTool('tshark'))(
  needing('tshark', 'what is written opens in Wireshark, with the count and the name of its entry'),
  async () => {
    const folder = tempFolder();
    const workspace = join(folder, 'workspace');
    const slice = join(folder, 'slice.pcapng');
    expect((await natscopeHere(['import', bundledSample, '--workspace', workspace])).code).toBe(0);
    const found = await natscopeHere([
      'query',
      'protocol:6',
      '--ids',
      '--limit',
      '1',
      '--json',
      '--workspace',
      workspace,
    ]);
    const [{ entry, pri_ip: priIp, pri_port: priPort } = { entry: '', pri_ip: '', pri_port: 0 }] = JSON.parse(
      found.stdout,
    ) as { entry: string; pri_ip: string; pri_port: number }[];
    const { code, stdout } = await natscope([
      'packets',
      '--entry',
      entry,
      '--out',
      slice,
      '--json',
      '--workspace',
      workspace,
    ]);
    expect(code).toBe(0);
    const written = JSON.parse(stdout) as WrittenPackets;
    expect(written.packets).toBe(written.expected.packets);
    const filter = `ip.addr == ${priIp} && tcp.port == ${priPort}`;
    const shown = await run('tshark', ['-r', slice, '-Y', filter, '-T', 'fields', '-e', 'frame.comment']);
    const comments = shown.stdout.trim().split('\n');
    expect(comments).toHaveLength(written.packets);
    expect(comments[0]).toContain(written.description);
    expect(comments[1]).toMatch(/^packet \d+ of sample\.pcapng$/);
    const all = await run('tshark', ['-r', slice, '-T', 'fields', '-e', 'frame.number']);
    expect(all.stdout.trim().split('\n')).toHaveLength(written.packets);
    const piped = await natscope(['packets', '--entry', entry, '--out', '-', '--workspace', workspace]);
    expect(piped.stdout.length).toBeGreaterThan(0);
  },
);

test('the packets of a search are asked for by the command, which says what it cannot take', async () => {
  const folder = tempFolder();
  const workspace = join(folder, 'workspace');
  const out = join(folder, 'dns.pcapng');
  expect((await natscopeHere(['import', bundledSample, '--workspace', workspace])).code).toBe(0);
  const packets = (...args: readonly string[]): ReturnType<typeof natscopeHere> =>
    natscopeHere(['packets', ...args, '--out', out, '--workspace', workspace]);
  const found = await packets('--query', 'pub_port:53', '--side', 'public', '--json', '--progress', 'always');
  const written = JSON.parse(found.stdout) as WrittenPackets & { readonly entries: number; readonly query: string };
  expect([found.code, written.query, written.packets]).toEqual([0, 'pub_port:53', written.expected.packets]);
  expect(written.entries).toBeGreaterThan(1);
  expect(found.stderr).toMatch(/searched · [\d,]+ packets? found\n$/);
  expect(readCapture(readFileSync(out)).packets).toBe(written.packets);
  const later = await packets('--query', 'pub_port:53', '--from', '2026-03-10 09:05');
  expect(later.stderr).toMatch(
    /^[\d,]+ packets in .*dns\.pcapng · \d+ log entries of Logstore session-log that are found by/,
  );
  expect((await packets('--query', '* | SELECT 1')).stderr).toContain('leave out the statement');
  for (const wrong of [[], ['--entry', '1-0', '--query', '*'], ['--entry', '1-0', '--from', '-1h']]) {
    expect((await packets(...wrong)).code).toBe(2);
  }
});

test('a capture that was moved is asked for by what it is, and found where it is now', async () => {
  const folder = tempFolder();
  const workspace = join(folder, 'workspace');
  const [before, now, out] = [join(folder, 'before.pcapng'), join(folder, 'now.pcapng'), join(folder, 'out.pcapng')];
  copyFileSync(bundledSample, before);
  expect((await natscopeHere(['import', before, '--workspace', workspace])).code).toBe(0);
  const packets = (...args: readonly string[]): ReturnType<typeof natscopeHere> =>
    natscopeHere(['packets', '--query', 'pub_port:53', ...args, '--out', out, '--workspace', workspace]);
  expect((await packets()).code).toBe(0);
  const found = readFileSync(out);
  renameSync(before, now);
  const asked = await packets();
  expect(asked.code).toBe(1);
  const digest = createHash('sha256')
    .update(readFileSync(now).subarray(0, 1 << 20))
    .digest('hex');
  expect(asked.stderr).toContain(`--capture: ${readFileSync(now).length} bytes, SHA-256 of its first MiB ${digest}`);
  const other = await packets('--capture', out);
  expect([other.code, other.stderr.includes('CAPTURE_CHANGED')]).toEqual([1, true]);
  for (const args of [['--capture', now], []]) {
    expect((await packets(...args)).code).toBe(0);
    expect(readCapture(readFileSync(out)).packets).toBe(readCapture(found).packets);
  }
});

const MOST_ENTRIES = 80;

const CAPTURES = [
  { name: 'dev/gen-lan-2h.pcap', inside: [] },
  { name: 'dev/brimcap-multisection.pcapng', inside: [] },
  // Both of its hosts are private: one of them is behind the gateway.
  { name: 'dev/zeek-rlogin.pcapng.gz', inside: ['10.0.0.1/32'] },
  { name: 'dev/sv-vxlan.pcap', inside: [] },
  // ICMP errors about its sessions, and one between two hosts behind the gateway.
  { name: 'dev/sv-icmp-pmtu.pcap', inside: [] },
  { name: 'dev/brimcap-alerts.pcap', inside: [] },
];

describe.skipIf(sharedCapture('dev') === undefined)(needingCaptures('the packets of every entry'), () => {
  test.each(CAPTURES)('add up to what it counts: $name', async ({ name, inside }) => {
    const database = await temporaryDatabase();
    const { run: runId, logEntries, ledger } = await importInto(database, [sharedCapture(name) ?? ''], { inside });
    expect(logEntries).toBeGreaterThan(0);
    let packets = 0;
    // Every entry of most; of long captures so many that it takes a few seconds.
    const step = Math.ceil(logEntries / MOST_ENTRIES);
    for (let entryNo = 0; entryNo < logEntries; entryNo += step) {
      const { signal } = new AbortController();
      const report = await writePackets(database, { run: runId, entryNo }, { signal, emit: () => undefined });
      expect(otherThanPartial(report.notices), `entry ${entryNo}`).toEqual([]);
      packets += report.found.packets;
    }
    if (step === 1) expect(packets).toBe(ledger.packets.inEntries);
  });
});
