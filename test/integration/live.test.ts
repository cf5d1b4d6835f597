import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { natscope, natscopeBin } from '../support/command';
import { udpPacket } from '../support/frames';
import { LINK, pcapFile } from '../support/pcap-writer';
import { StartedCommand } from '../support/started-command';
import { tempFolder } from '../support/temp';
import { SECOND } from '../support/time';

const START_SEC = Date.parse('2026-03-10T00:00:00Z') / 1000;
const SPACING_SEC = 20;
const WINDOW_PACKETS = 600 / SPACING_SEC;

let workspace = '';
beforeEach(() => {
  workspace = join(tempFolder(), 'workspace');
});

/** One datagram of a session of its own every 20 s, over so many windows. */
function capture(windows: number): Uint8Array {
  const packets = Array.from({ length: windows * WINDOW_PACKETS }, (_, index) => ({
    atNs: BigInt(START_SEC + index * SPACING_SEC) * SECOND,
    bytes: udpPacket({ from: `10.0.0.1:${1024 + index}`, to: '198.51.100.7:53', payload: new Uint8Array(8) }),
  }));
  return pcapFile(packets, { linkType: LINK.raw, resolution: 'ns' });
}

interface Live {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string }>;
}

function startLive(...more: readonly string[]): Live {
  const args = [natscopeBin, 'import', '-', '--live', '--workspace', workspace, '--json', ...more];
  const child = spawn(process.execPath, args);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.resume();
  // Whoever feeds it may be ahead of its end.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended };
}

async function entries(): Promise<number> {
  const { code, stdout } = await natscope([
    'query',
    '* | SELECT count(*) AS entries',
    '--workspace',
    workspace,
    '--json',
  ]);
  return code === 0 ? (JSON.parse(stdout) as readonly [{ readonly entries: number }])[0].entries : 0;
}

/** Asks another process, until it sees so many. */
async function seen(atLeast: number): Promise<number> {
  for (;;) {
    const found = await entries();
    if (found >= atLeast) return found;
  }
}

interface Report {
  readonly packets: { readonly read: number; readonly in_entries: number };
  readonly log_entries: number;
  readonly balanced: boolean;
}

describe('a live import', () => {
  test('plays a capture, and ends well at Ctrl-C', { timeout: 90_000 }, async () => {
    const path = join(tempFolder(), 'played.pcap');
    writeFileSync(path, capture(4));
    const args = ['replay', path, '--speed', '4000', '--workspace', workspace, '--json'];
    const { code, stdout } = await natscope(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ log_entries: 4 * WINDOW_PACKETS, balanced: true });
    const slow = new StartedCommand(process.execPath, [
      natscopeBin,
      ...args,
      '--speed',
      '600',
      '--again',
      '--progress',
      'always',
    ]);
    await slow.says(/1 window/);
    slow.kill('SIGINT');
    expect((await slow.ended).code).toBe(0);
    expect(JSON.parse(slow.stdout)).toMatchObject({ balanced: true });
  });

  test('shows sealed windows while it goes on, and keeps them when it is killed', { timeout: 90_000 }, async () => {
    const { child, ended } = startLive();
    // The fourth window is open: a packet that is two seconds later than its first has to come before that one counts.
    child.stdin.write(capture(4).subarray(0, -10));
    expect(await seen(3 * WINDOW_PACKETS)).toBe(3 * WINDOW_PACKETS);
    child.kill('SIGKILL');
    await ended;
    expect(await entries()).toBe(3 * WINDOW_PACKETS);
    const sql = '* | SELECT count(*) AS entries';
    const { stderr } = await natscope(['query', sql, '--workspace', workspace]);
    expect(stderr).toContain('Run 1 was cut off while it was live: its sealed windows, up to 2026-03-10T00:30:00Z');
  });

  test('ends well at Ctrl-C: what was read is sealed and committed', { timeout: 90_000 }, async () => {
    const { child, ended } = startLive();
    child.stdin.write(capture(3).subarray(0, -10));
    await seen(2 * WINDOW_PACKETS);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    const read = 3 * WINDOW_PACKETS - 1;
    expect(report).toMatchObject({ packets: { read, in_entries: read }, log_entries: read, balanced: true });
    expect(await entries()).toBe(read);
  });

  test('has the entries of one that is not live in the end', { timeout: 90_000 }, async () => {
    const { child, ended } = startLive();
    const octets = capture(5);
    for (let from = 0; from < octets.length; from += 1000) child.stdin.write(octets.subarray(from, from + 1000));
    child.stdin.end();
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ log_entries: 5 * WINDOW_PACKETS, balanced: true });
  });
});
