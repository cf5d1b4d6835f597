import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { natscope, natscopeBin, run } from '../support/command';
import { compress } from '../support/compress';
import { StartedCommand } from '../support/started-command';
import { tempFolder } from '../support/temp';
import { hasTool, needing } from '../support/tools';

const sample = readFileSync(bundledSample);
const PACKETS = 3738;

let folder = '';
let workspace = '';
beforeEach(() => {
  folder = tempFolder();
  workspace = join(folder, 'workspace');
});

async function makePipe(name = 'pipe'): Promise<string> {
  const path = join(folder, name);
  await run('mkfifo', [path]);
  return path;
}

/** Runs a line of a shell in which `natscope` and `$W`, the workspace, are known. */
function shell(
  line: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const script = `set -o pipefail; natscope() { "${process.execPath}" "${natscopeBin}" "$@"; }; W="${workspace}"; ${line}`;
  return run('bash', ['-c', script], { cwd: folder, env: { SAMPLE: bundledSample } });
}

interface Report {
  readonly packets: { readonly read: number };
  readonly captures: readonly { readonly path: string }[];
  readonly balanced: boolean;
  readonly notices: readonly { readonly text: string }[];
  readonly error?: { readonly code: string };
}
const reportOf = (stdout: string): Report => JSON.parse(stdout) as Report;
const rows = async (): Promise<string> => (await natscope(['query', '*', '--workspace', workspace, '--json'])).stdout;

describe('an import from a pipe', () => {
  test('gives the same rows as from the file, plain or compressed', async () => {
    await natscope(['import', bundledSample, '--workspace', workspace]);
    const expected = await rows();
    for (const [index, line] of [
      'cat "$SAMPLE" | natscope import - --workspace "$W"',
      'gzip -c "$SAMPLE" | natscope import - --workspace "$W"',
      'natscope import - --workspace "$W" < "$SAMPLE"',
      'natscope import <(gzip -c "$SAMPLE") --workspace "$W"',
      'mkfifo fifo; cat "$SAMPLE" > fifo & natscope import fifo --workspace "$W"',
    ].entries()) {
      workspace = join(folder, `workspace-${index}`);
      const { code, stderr } = await shell(line);
      expect(stderr, line).toBe('');
      expect(code).toBe(0);
      expect(await rows()).toBe(expected);
    }
  });

  test.skipIf(!hasTool('tcpdump'))(needing('tcpdump', 'takes what tcpdump writes'), async () => {
    const pcap = join(folder, 'a.pcap');
    await shell(`tcpdump -r "$SAMPLE" -w "${pcap}" 2>/dev/null`);
    const { code, stdout } = await shell(
      `tcpdump -r "$SAMPLE" -w - 2>/dev/null | natscope import - --workspace "$W" --json`,
    );
    expect(code).toBe(0);
    expect(reportOf(stdout)).toMatchObject({ packets: { read: PACKETS }, balanced: true, captures: [{ path: '-' }] });
  });

  test('is a new one each time, and is said to be gone', async () => {
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await shell('cat "$SAMPLE" | natscope import - --workspace "$W" --json');
      expect(code).toBe(0);
      expect(reportOf(stdout).notices.map(({ text }) => text)).toContain(
        'What came from standard input was not kept: it cannot be read again.',
      );
    }
  });

  test('goes together with files and other pipes', async () => {
    const packed = join(folder, 'b.gz');
    writeFileSync(packed, compress('gzip', sample));
    const { code, stdout } = await shell(
      `cat "$SAMPLE" | natscope import - "${packed}" "$SAMPLE" <(gzip -c "$SAMPLE") --workspace "$W" --json`,
    );
    expect(code).toBe(0);
    expect(reportOf(stdout)).toMatchObject({ packets: { read: 4 * PACKETS }, balanced: true });
  });

  test('shows how far it is while the pipe is slow, and ends with it', async () => {
    const pipe = await makePipe();
    const command = new StartedCommand(process.execPath, [
      ...[natscopeBin, 'import', pipe, '--workspace', workspace, '--json', '--progress', 'always'],
    ]);
    const writer = createWriteStream(pipe);
    writer.write(sample.subarray(0, 100_000));
    await command.says(/100 kB read/);
    writer.end(sample.subarray(100_000));
    expect((await command.ended).code).toBe(0);
    expect(reportOf(command.stdout)).toMatchObject({ packets: { read: PACKETS } });
  });

  test('that is empty, or brings no capture, is refused by name', async () => {
    const empty = await shell('natscope import - --workspace "$W" --json < /dev/null');
    expect(empty.code).toBe(1);
    expect(reportOf(empty.stdout).error).toMatchObject({ code: 'CAPTURE_EMPTY' });
    const text = await shell('yes | head -c 1000000 | natscope import - --workspace "$W" --json');
    expect(reportOf(text.stdout).error).toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE' });
  });

  test.each([
    { name: 'standard input', line: 'echo no capture | natscope import - "$SAMPLE"', path: '-' },
    { name: 'a pipe', line: 'mkfifo fifo; echo no capture > fifo & natscope import "$SAMPLE" fifo', path: 'fifo' },
  ])('that brings no capture is left out with --keep-going: $name', async ({ line, path }) => {
    const { code, stdout } = await shell(`${line} --keep-going --workspace "$W" --json`);
    expect(code).toBe(3);
    expect(reportOf(stdout)).toMatchObject({
      ...{ packets: { read: PACKETS }, balanced: true, captures: [{ path: bundledSample }] },
      skipped: [{ path: expect.stringMatching(new RegExp(`${path}$`)) as string, code: 'CAPTURE_NOT_A_CAPTURE' }],
    });
  });
});

test('a pipe that is cut ends with losses, as a file does, with --keep-going or without', async () => {
  for (const option of ['', '--keep-going --again']) {
    const { code, stdout } = await shell(
      `gzip -c "$SAMPLE" | head -c 300000 | natscope import - ${option} --workspace "$W" --json`,
    );
    expect(code).toBe(3);
    const cause = expect.stringContaining('cut off at compressed offset 300000') as string;
    expect(reportOf(stdout)).toMatchObject({ skipped: [], balanced: true, file_bytes: { unreadable: [{ cause }] } });
  }
});

describe('Ctrl-C', () => {
  const started = (...captures: string[]): StartedCommand =>
    new StartedCommand(process.execPath, [natscopeBin, 'import', ...captures, '--workspace', workspace, '--json']);

  async function nothingIsKept(command: StartedCommand): Promise<void> {
    command.kill('SIGINT');
    expect((await command.ended).code).toBe(1);
    expect(reportOf(command.stdout).error).toMatchObject({ code: 'IMPORT_CANCELLED' });
    const { stdout } = await natscope(['query', '* | SELECT count(*) AS n', '--workspace', workspace, '--json']);
    expect(stdout).not.toMatch(/"n":[1-9]/);
  }

  test('ends the wait for a writer', async () => {
    const pipe = await makePipe();
    const command = started(pipe);
    // It has opened the pipe as soon as a writer can do so without waiting.
    await once(createWriteStream(pipe), 'open');
    await nothingIsKept(command);
  });

  test('in the midst of a pipe keeps nothing', async () => {
    const pipe = await makePipe();
    const command = started(pipe);
    const writer = createWriteStream(pipe);
    await new Promise((resolve) => writer.write(sample.subarray(0, 1_000_000), resolve));
    await nothingIsKept(command);
  });
});

describe('while another process has the workspace', () => {
  async function serving(): Promise<void> {
    const host = new StartedCommand(process.execPath, [natscopeBin, 'serve', '--workspace', workspace, '--json']);
    await host.firstLine();
  }

  test('standard input and pipes of the command are sent to it', async () => {
    await serving();
    const { code, stdout, stderr } = await shell(
      'cat "$SAMPLE" | natscope import - <(gzip -c "$SAMPLE") "$SAMPLE" --workspace "$W" --json',
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(reportOf(stdout)).toMatchObject({ packets: { read: 3 * PACKETS }, balanced: true });
  });

  test('what brings no capture there is left out with --keep-going', async () => {
    await serving();
    const { code, stdout } = await shell(
      'yes | head -c 1000000 | natscope import - <(gzip -c "$SAMPLE") <(echo no) --keep-going --workspace "$W" --json',
    );
    expect(code).toBe(3);
    expect(reportOf(stdout)).toMatchObject({
      ...{ packets: { read: PACKETS }, balanced: true },
      skipped: [{ path: '-', code: 'CAPTURE_NOT_A_CAPTURE' }, { code: 'CAPTURE_NOT_A_CAPTURE' }],
    });
  });

  test('Ctrl-C keeps nothing there either', async () => {
    await serving();
    const input = spawn('cat', [bundledSample, '-'], { stdio: ['pipe', 'pipe', 'ignore'] });
    onTestFinished(() => {
      input.kill('SIGKILL');
    });
    const command = spawn(
      process.execPath,
      [natscopeBin, 'import', '-', '--workspace', workspace, '--json', '--progress', 'always'],
      {
        stdio: [input.stdout, 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    command.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    await once(command.stderr, 'data');
    command.kill('SIGINT');
    const [code] = (await once(command, 'close')) as [number];
    expect(code).toBe(1);
    expect(reportOf(stdout).error).toMatchObject({ code: 'IMPORT_CANCELLED' });
  });
});
