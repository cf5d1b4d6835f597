import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { natscopeBin } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { udpPacket } from '../support/frames';
import { LINK, pcapFile } from '../support/pcap-writer';
import { StartedCommand } from '../support/started-command';
import { tempFolder } from '../support/temp';
import { SECOND } from '../support/time';

const START_SEC = Date.parse('2026-03-10T00:00:00Z') / 1000;
const SPACING_SEC = 20;
/** Of each gateway. */
const WINDOW_PACKETS = 600 / SPACING_SEC;
const GATEWAYS = ['a', 'b'] as const;

let workspace = '';
beforeEach(async () => {
  workspace = join(tempFolder(), 'workspace');
  await prepare(workspace);
});

async function tell(at: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await natscopeHere([...args, '--workspace', at]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** Two gateways whose session logs are enabled, and can be queried. */
async function prepare(at: string): Promise<void> {
  for (const [no, id] of GATEWAYS.entries()) {
    await tell(at, 'vpc', 'create', '--id', `vpc-${id}`, '--region', 'cn-shanghai', '--cidr', `10.0.${no + 1}.0/24`);
    await tell(at, 'gateway', 'create', '--id', `ngw-${id}`, '--vpc', `vpc-${id}`, '--eip', `203.0.113.${no + 1}0`);
    const project = no === 0 ? '--create-project' : '--project';
    await tell(at, 'session-log', 'enable', `ngw-${id}`, project, 'lab', '--create-logstore', `log-${id}`);
    await tell(at, 'index', 'create-recommended', '--project', 'lab', '--logstore', `log-${id}`);
  }
}

/** One datagram of each VPC every 20 s, of a session of its own. */
function capture(windows: number): Uint8Array {
  const packets = Array.from({ length: windows * WINDOW_PACKETS * 2 }, (_, index) => ({
    atNs: BigInt(START_SEC + Math.floor(index / 2) * SPACING_SEC) * SECOND,
    bytes: udpPacket({
      ...{ from: `10.0.${(index % 2) + 1}.1:${1024 + index}`, to: '198.51.100.7:53' },
      payload: new Uint8Array(8),
    }),
  }));
  return pcapFile(packets, { linkType: LINK.raw, resolution: 'ns' });
}

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string }>;
  /** It has the workspace, and tells how far it is. */
  readonly begun: Promise<unknown>;
}

function start(...more: readonly string[]): Started {
  const args = [natscopeBin, 'import', '-', ...more, '--workspace', workspace, '--json', '--progress', 'always'];
  const child = spawn(process.execPath, args);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const begun = once(child.stderr, 'data');
  child.stderr.resume();
  // Whoever feeds it may be ahead of its end.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, begun };
}

/** @returns what both Logstores have, without the entry numbers of which run they are */
async function rows(at = workspace): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of GATEWAYS) {
    const place = ['--project', 'lab', '--logstore', `log-${id}`, '--json'];
    found.push(await tell(at, 'query', '*', ...place));
  }
  return found;
}

async function counts(): Promise<readonly number[]> {
  return (await rows()).map((json) => (JSON.parse(json) as readonly unknown[]).length);
}

/** Asks until both have so many. */
async function seen(atLeast: number): Promise<readonly number[]> {
  for (;;) {
    const found = await counts();
    if (found.every((count) => count >= atLeast)) return found;
  }
}

/** Each gateway alone, from a file. */
async function aloneOf(octets: Uint8Array): Promise<readonly string[]> {
  const at = join(tempFolder(), 'alone');
  await prepare(at);
  const path = join(tempFolder(), 'capture.pcap');
  writeFileSync(path, octets);
  for (const id of GATEWAYS) await tell(at, 'import', path, '--gateway-id', `ngw-${id}`);
  return rows(at);
}

interface Report {
  readonly logstore: string;
  readonly log_entries: number;
  readonly balanced: boolean;
}
const reportsOf = (stdout: string): readonly Report[] => {
  const report = JSON.parse(stdout) as Report & { readonly others: readonly Report[] };
  return [report, ...report.others];
};

describe('standard input through two gateways', () => {
  test.each([
    { name: 'all at once', more: [], isServed: false },
    { name: 'live', more: ['--live'], isServed: false },
    { name: 'all at once, into the workspace of another process', more: [], isServed: true },
    { name: 'live, into the workspace of another process', more: ['--live'], isServed: true },
  ])('gives the rows that each gateway alone has: $name', { timeout: 120_000 }, async ({ more, isServed }) => {
    const octets = capture(5);
    const expected = await aloneOf(octets);
    if (isServed) {
      const args = [natscopeBin, 'serve', '--workspace', workspace, '--json'];
      await new StartedCommand(process.execPath, args).firstLine();
    }
    const { child, ended } = start(...more);
    for (let from = 0; from < octets.length; from += 1000) child.stdin.write(octets.subarray(from, from + 1000));
    child.stdin.end();
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const logEntries = 5 * WINDOW_PACKETS;
    expect(reportsOf(stdout)).toMatchObject(
      GATEWAYS.map((id) => ({ logstore: `log-${id}`, log_entries: logEntries, balanced: true })),
    );
    expect(await rows()).toEqual(expected);
  });

  test(
    'shows sealed windows of both while it goes on, and keeps them when it is killed',
    { timeout: 120_000 },
    async () => {
      const { child, ended, begun } = start('--live');
      child.stdin.write(capture(4).subarray(0, -10));
      await begun;
      const whole = [3 * WINDOW_PACKETS, 3 * WINDOW_PACKETS];
      expect(await seen(3 * WINDOW_PACKETS)).toEqual(whole);
      child.kill('SIGKILL');
      await ended;
      expect(await counts()).toEqual(whole);
      const { stderr } = await natscopeHere([
        ...['query', '* | SELECT count(*) AS n', '--project', 'lab', '--logstore', 'log-b', '--workspace', workspace],
      ]);
      expect(stderr).toContain('was cut off while it was live: its sealed windows, up to 2026-03-10T00:30:00Z');
    },
  );

  test('ends well at Ctrl-C: of both, what was read is sealed and committed', { timeout: 120_000 }, async () => {
    const { child, ended, begun } = start('--live');
    child.stdin.write(capture(3).subarray(0, -10));
    await begun;
    await seen(2 * WINDOW_PACKETS);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const read = 3 * WINDOW_PACKETS;
    // The last packet, of the second VPC, did not come as a whole.
    expect(reportsOf(stdout)).toMatchObject([
      { log_entries: read, balanced: true },
      { log_entries: read - 1, balanced: true },
    ]);
    expect(await counts()).toEqual([read, read - 1]);
  });

  test('killed before its end leaves nothing in either, where it is not live', { timeout: 120_000 }, async () => {
    const { child, ended, begun } = start();
    child.stdin.write(capture(200).subarray(0, -10));
    await begun;
    child.kill('SIGKILL');
    await ended;
    expect(await counts()).toEqual([0, 0]);
    const again = start();
    again.child.stdin.end(capture(2));
    expect((await again.ended).code).toBe(0);
    expect(await counts()).toEqual([2 * WINDOW_PACKETS, 2 * WINDOW_PACKETS]);
  });
});
