import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { PacketFiles } from '../../../src-main/app/packet-files';
import { PacketOpener } from '../../../src-main/app/packet-opener';
import { findWireshark, isProgram, programName } from '../../../src-main/app/packet-program';
import { tempFolder } from '../../support/temp';

let folder: string;
let workspace: string;
beforeEach(() => {
  folder = tempFolder();
  workspace = join(folder, 'workspace');
  mkdirSync(join(workspace, 'tmp', 'exports'), { recursive: true });
  writeFileSync(join(workspace, 'tmp', 'exports', '1.pcapng'), 'packets');
});

/** A program that writes down what it was given. */
function writeProgram(name: string): { readonly program: string; readonly given: () => string | null } {
  const program = join(folder, name);
  const log = join(folder, `${name}.log`);
  writeFileSync(program, `#!/bin/sh\nprintf '%s|' "$@" > '${log}.part' && mv '${log}.part' '${log}'\n`);
  chmodSync(program, 0o700);
  return { program, given: () => (existsSync(log) ? readFileSync(log, 'utf8') : null) };
}

function start(env: Readonly<Record<string, string>>, refusal = '') {
  const opened: string[] = [];
  const opener = new PacketOpener({
    ...{ platform: 'linux', env, folder: join(folder, 'packets'), choicePath: join(folder, 'packet-program.json') },
    openPath: (path) => {
      opened.push(path);
      return Promise.resolve(refusal);
    },
  });
  return { opener, opened };
}

/** A known place may hold the real one, which no test is to start. */
const hasWireshark = findWireshark({ platform: 'linux', env: {} }) !== null;

describe('the program for packets', () => {
  test('is Wireshark in a folder of PATH, and never one of a relative folder', () => {
    writeProgram('wireshark');
    expect(findWireshark({ platform: 'linux', env: { PATH: `relative::${folder}` } })).toBe(join(folder, 'wireshark'));
    mkdirSync(join(folder, 'a', 'wireshark'), { recursive: true });
    const { opener } = start({ PATH: join(folder, 'a') });
    expect(opener.name).toBe(hasWireshark ? 'Wireshark' : null);
  });

  test('is the chosen one from then on, whose file must be one that can be started', () => {
    const { program } = writeProgram('sniffer');
    const { opener } = start({});
    expect(opener.choose(program)).toBe('sniffer');
    expect(start({}).opener.name).toBe('sniffer');
    expect(() => opener.choose(join(workspace, 'tmp', 'exports', '1.pcapng'))).toThrow(
      expect.objectContaining({ code: 'PACKET_PROGRAM_GONE' }),
    );
    expect(opener.name).toBe('sniffer');
    for (const text of ['{"path":"wireshark"}', '{"path":1}', 'x']) {
      writeFileSync(join(folder, 'packet-program.json'), text);
      expect(start({ PATH: '' }).opener.name).not.toBe('sniffer');
    }
  });

  test('is called as it is on screen', () => {
    expect(programName('/usr/bin/wireshark')).toBe('Wireshark');
    expect(programName('/var/lib/flatpak/exports/bin/org.wireshark.Wireshark')).toBe('Wireshark');
    expect(programName('/Applications/Packet Peeper.app')).toBe('Packet Peeper');
  });

  test('is on Windows no script, which would need a shell', () => {
    writeFileSync(join(folder, 'a.cmd'), '');
    writeFileSync(join(folder, 'a.EXE'), '');
    expect([isProgram(join(folder, 'a.cmd'), 'win32'), isProgram(join(folder, 'a.EXE'), 'win32')]).toEqual([
      false,
      true,
    ]);
  });
});

describe('packets are opened', () => {
  test('in the chosen program, which is given one absolute path and no shell', async () => {
    const { program, given } = writeProgram('sniffer; touch x');
    const { opener, opened } = start({});
    opener.choose(program);
    expect(await opener.open(workspace, '1.pcapng', 'entry-1-5.pcapng')).toBe('sniffer; touch x');
    await expect.poll(given).toMatch(/^\/.*\/packets\/packets-\w+\/entry-1-5\.pcapng\|$/u);
    expect(readFileSync((given() ?? '').slice(0, -1), 'utf8')).toBe('packets');
    expect(opened).toEqual([]);
    expect(readdirSync(join(workspace, 'tmp', 'exports'))).toEqual([]);
  });

  test('and not in one that is gone since it was chosen', async () => {
    const { program } = writeProgram('sniffer');
    const { opener } = start({});
    opener.choose(program);
    chmodSync(program, 0o600);
    writeFileSync(program, '');
    // The one who runs as root may execute nothing without a bit for it either.
    await expect(opener.open(workspace, '1.pcapng', 'entry-1-5.pcapng')).rejects.toMatchObject({
      code: 'PACKET_PROGRAM_GONE',
      message: expect.stringContaining(program),
    });
  });

  test('by one that the system refuses to run is an error, too', async () => {
    const program = join(folder, 'broken');
    writeFileSync(program, '#!/nowhere/to/be/found\n');
    chmodSync(program, 0o700);
    const { opener } = start({});
    opener.choose(program);
    await expect(opener.open(workspace, '1.pcapng', 'a.pcapng')).rejects.toMatchObject({ code: 'PACKET_PROGRAM_GONE' });
  });

  test.skipIf(hasWireshark)('as the system does where there is no Wireshark, or not at all', async () => {
    const { opener, opened } = start({});
    expect(await opener.open(workspace, '1.pcapng', 'a.pcapng')).toBeNull();
    expect(opened).toEqual([expect.stringMatching(/\/a\.pcapng$/u)]);
    writeFileSync(join(workspace, 'tmp', 'exports', '2.pcapng'), 'packets');
    await expect(start({}, 'no app').opener.open(workspace, '2.pcapng', 'a.pcapng')).rejects.toMatchObject({
      code: 'PACKET_PROGRAM_MISSING',
      message: expect.stringContaining('no app'),
    });
  });

  test('only where they were written', async () => {
    const { opener } = start({});
    await expect(opener.open(workspace, '9.pcapng', 'a.pcapng')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    await expect(opener.open(null, '1.pcapng', 'a.pcapng')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});

test('what programs were given is gone after a day, and at the end of the app', async () => {
  const files = new PacketFiles(join(folder, 'packets'));
  await files.clearOld(0);
  const path = await files.take(workspace, '1.pcapng', 'a.pcapng');
  const nowMs = Date.now();
  await files.clearOld(nowMs + 60_000);
  expect(existsSync(path)).toBe(true);
  utimesSync(join(path, '..'), nowMs / 1000, (nowMs - 25 * 3_600_000) / 1000);
  await files.clearOld(nowMs);
  expect(existsSync(path)).toBe(false);
  await files.clear();
  expect(existsSync(join(folder, 'packets'))).toBe(false);
});
