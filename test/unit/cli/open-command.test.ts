import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Desktop, FoundDesktop } from '../../../src-main/cli/context';
import { tempFolder } from '../../support/temp';
import { runCli } from './run-cli';

interface Started {
  readonly executable: string;
  readonly args: readonly string[];
}

function stubDesktop(
  found: FoundDesktop,
  how: string | null = null,
): Desktop & { started: Started[]; insisted: boolean[] } {
  const started: Started[] = [];
  const insisted: boolean[] = [];
  return {
    started,
    insisted,
    hasDisplay: true,
    find: ({ insist }) => {
      insisted.push(insist);
      return Promise.resolve(found);
    },
    run: (executable, args, tell) => {
      started.push({ executable, args });
      tell('it says\n');
      return { ended: Promise.resolve({ how, hasSpoken: true }), end: () => {} };
    },
  };
}

const HERE: FoundDesktop = { executable: '/electron' };
const NOT_HERE: FoundDesktop = { why: 'there is no display', help: null };

function captureFolder(): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'a b.pcap'), 'x');
  return folder;
}

describe('a window that can be had', () => {
  test('is opened with the captures, and ends the command well', async () => {
    const cwd = captureFolder();
    const desktop = stubDesktop(HERE);
    const result = await runCli(['open', 'a b.pcap', '--workspace', 'w'], { io: { cwd }, desktop });
    expect(result).toEqual({ exitCode: 0, stdout: '', stderr: 'it says\n' });
    expect(desktop.started).toEqual([
      { executable: '/electron', args: [`--workspace=${join(cwd, 'w')}`, '--', join(cwd, 'a b.pcap')] },
    ]);
    expect(desktop.insisted).toEqual([false]);
  });

  test('is given no workspace when none was named', async () => {
    const desktop = stubDesktop(HERE);
    await runCli(['open', '--desktop'], { desktop });
    expect(desktop.started).toEqual([{ executable: '/electron', args: ['--'] }]);
    expect(desktop.insisted).toEqual([true]);
  });

  test.each(['exit code 5', 'signal SIGSEGV'])(
    'that ends with %s is a failure, which no browser hides',
    async (how) => {
      const { exitCode, stdout, stderr } = await runCli(['open'], { desktop: stubDesktop(HERE, how) });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toContain(`the desktop app ended with ${how}. What it said stands above. (DESKTOP_CRASHED)`);
      expect(stderr.match(/it says/g)).toHaveLength(1);
      expect(stderr).not.toContain('http:');
    },
  );

  test('is asked to end with the command, which then ends well', async () => {
    let end: (ended: { how: string; hasSpoken: boolean }) => void = () => {};
    const ended = new Promise<{ how: string; hasSpoken: boolean }>((resolve) => (end = resolve));
    const running = { ended, end: () => end({ how: 'signal SIGTERM', hasSpoken: false }) };
    const desktop: Desktop = { ...stubDesktop(HERE), run: () => running };
    let interrupt = (): void => {};
    const onInterrupt = (listener: () => void) => {
      interrupt = listener;
      setImmediate(() => interrupt());
      return () => {};
    };
    expect(await runCli(['open'], { io: { onInterrupt }, desktop })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

test.each([
  { name: 'can be had', found: HERE },
  { name: 'cannot be had', found: NOT_HERE },
])('a window that $name is not even looked for when a capture is not there', async ({ found }) => {
  const desktop = stubDesktop(found);
  const result = await runCli(['open', 'nosuch.pcap'], { io: { cwd: captureFolder() }, desktop });
  expect(result).toMatchObject({ exitCode: 1, stdout: '' });
  expect(result.stderr).toMatch(/^natscope: [^]*nosuch\.pcap[^]*\(CAPTURE_NOT_FOUND\)/);
  expect(desktop).toMatchObject({ insisted: [], started: [] });
});

test('why there is no window is not said when there is no address either', async () => {
  const cwd = captureFolder();
  const args = ['open', '--workspace', join(cwd, 'a b.pcap')];
  const { exitCode, stdout, stderr } = await runCli(args, { io: { cwd }, desktop: stubDesktop(NOT_HERE) });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).not.toContain('address');
});

test('a window that was insisted on, and cannot be had, is a failure that says why', async () => {
  const desktop = stubDesktop({ why: 'Electron could not be fetched', help: 'Set ELECTRON_MIRROR.' });
  const { exitCode, stdout, stderr } = await runCli(['open', '--desktop'], { desktop });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(
    /^natscope: the desktop app cannot start: Electron could not be fetched\nSet ELECTRON_MIRROR\./,
  );
  expect(stderr).toContain('(DESKTOP_UNAVAILABLE)');
});

test.each([
  { args: ['open', '--desktop', '--browser'], says: 'exclude each other' },
  { args: ['open', '--workspace', ''], says: '--workspace needs the path of a folder' },
  { args: ['open', ''], says: 'It must be the path of a file' },
  { args: ['serve', '--port', '65536'], says: 'whole number from 0 to 65535' },
  { args: ['serve', '--port', 'x'], says: 'whole number from 0 to 65535' },
  { args: ['serve', '--workspace', ''], says: '--workspace needs the path of a folder' },
])('$args is wrong usage', async ({ args, says }) => {
  const { exitCode, stdout, stderr } = await runCli(args, { desktop: stubDesktop(HERE) });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(says);
});

test('nothing is served for a capture that is not there', async () => {
  const { exitCode, stdout, stderr } = await runCli(['serve', 'nosuch.pcap', '--json'], {
    desktop: stubDesktop(NOT_HERE),
  });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CAPTURE_NOT_FOUND' } });
  expect(stderr).toContain('nosuch.pcap');
});
