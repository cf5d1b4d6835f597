import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { processName } from '../../../../src-main/engine/live-process';
import { findPlace } from '../../../../src-main/engine/output/output-place';
import { temporaryBeside } from '../../../../src-main/engine/output/unfinished-files';
import { PacketSlice } from '../../../../src-main/engine/packet-slice';
import { bundledSample } from '../../../support/captures';
import { pcapFile } from '../../../support/pcap-writer';
import { tempFolder } from '../../../support/temp';

const refuse = (why: string): Error => new Error(why);

describe('where an output leads', () => {
  test.each([
    { name: 'nothing', make: () => undefined, is: { kind: 'file', target: 'out' } },
    { name: 'a file', make: (at: string) => writeFileSync(at, ''), is: { kind: 'file', target: 'out' } },
    {
      name: 'a link to nothing',
      make: (at: string) => symlinkSync('other', at),
      is: { kind: 'file', target: 'other' },
    },
    {
      name: 'a link to a link to a file',
      make: (at: string) => {
        writeFileSync(`${at}-real`, '');
        symlinkSync(`${at}-real`, `${at}-link`);
        symlinkSync('out-link', at);
      },
      is: { kind: 'file', target: 'out-real' },
    },
    {
      name: 'a named pipe',
      make: (at: string) => spawnSync('mkfifo', [at]),
      is: { kind: 'stream' },
    },
    { name: 'a link to a device', make: (at: string) => symlinkSync('/dev/null', at), is: { kind: 'stream' } },
    {
      name: 'a link to what is open',
      make: (at: string) => symlinkSync('/proc/self/fd/1', at),
      is: { kind: 'standard' },
    },
  ])('$name', async ({ make, is }) => {
    const folder = tempFolder();
    make(join(folder, 'out'));
    const place = await findPlace(join(folder, 'out'), refuse);
    expect(place).toMatchObject('target' in is ? { ...is, target: join(folder, is.target) } : is);
  });

  test('a link that leads to itself is refused', async () => {
    const path = join(tempFolder(), 'out');
    symlinkSync('out', path);
    await expect(findPlace(path, refuse)).rejects.toMatchObject({ code: 'ELOOP' });
  });

  test('a folder is refused', async () => {
    await expect(findPlace(tempFolder(), refuse)).rejects.toThrow('it is a folder');
  });

  test.each(['workspace.duckdb', 'Workspace.DuckDB.wal'])('%s, the logs of a workspace, is refused', async (name) => {
    const folder = tempFolder();
    expect(await findPlace(join(folder, name), refuse)).toMatchObject({ kind: 'file' });
    writeFileSync(join(folder, name), 'logs');
    symlinkSync(name, join(folder, 'rows.csv'));
    await expect(findPlace(join(folder, 'rows.csv'), refuse)).rejects.toThrow('it has the logs of a workspace');
  });
});

describe('a capture in the place of an output', () => {
  const pcap = pcapFile([]);
  const PCAPNG = readFileSync(bundledSample);
  const sliceOf = (subject: string): Uint8Array => new PacketSlice(subject, 'captured').writer.take();

  test.each([
    { name: 'out.csv', bytes: pcap, of: 'pcap' },
    { name: 'out.pcapng', bytes: PCAPNG, of: 'pcapng' },
    { name: 'out', bytes: Buffer.concat([Buffer.from('snoop\0\0\0'), Buffer.alloc(8)]), of: 'snoop' },
    { name: 'out.pcap.gz', bytes: gzipSync(pcap), of: 'compressed pcap' },
    { name: 'out.pcap1.gz', bytes: gzipSync(pcap), of: 'rotated and compressed pcap' },
    { name: 'out.erf', bytes: Buffer.alloc(64), of: 'ERF' },
    { name: 'out.pcapng', bytes: Buffer.concat([PCAPNG, Buffer.from('Natscope')]), of: 'pcapng in which we are named' },
  ])('is refused: $of, as $name', async ({ name, bytes }) => {
    const path = join(tempFolder(), name);
    writeFileSync(path, bytes);
    await expect(findPlace(path, refuse)).rejects.toThrow('it is a capture, which is only read');
  });

  test.each([
    { name: 'out.pcapng', bytes: sliceOf('log entry 1-0'), of: 'packets that were saved before' },
    { name: 'out.pcapng', bytes: sliceOf('x'.repeat(40_000)), of: 'packets of a long search' },
    { name: 'out.csv.gz', bytes: gzipSync('a,b'), of: 'a compressed export' },
    { name: 'out.pcap', bytes: Buffer.from('a,b'), of: 'text of that name' },
    { name: 'out.pcap', bytes: pcap.subarray(0, 4), of: 'the beginning of a magic alone' },
  ])('is none, and replaced: $of', async ({ name, bytes }) => {
    const path = join(tempFolder(), name);
    writeFileSync(path, bytes);
    expect(await findPlace(path, refuse)).toMatchObject({ kind: 'file', target: path });
  });
});

describe('what is not finished', () => {
  test('goes with the next that is written there when its process was killed, and not before', async () => {
    const folder = tempFolder();
    const target = join(folder, 'rows.csv');
    const writer = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    await once(writer, 'spawn');
    const left = await temporaryBeside(target, processName(writer.pid));
    writeFileSync(left, 'half');
    await temporaryBeside(target);
    expect(readdirSync(folder)).toEqual([basename(left)]);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    await temporaryBeside(target);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('stays when it may be of another machine, until nobody has written to it for a day', async () => {
    const folder = tempFolder();
    const names = ['.natscope-00000000-1-5-0123456789ab.part', '.natscope-0123456789ab.part'];
    for (const name of names) writeFileSync(join(folder, name), 'half');
    writeFileSync(join(folder, '.natscope-notes.part'), 'of the user');
    mkdirSync(join(folder, '.natscope-00000000-1-5-aaaaaaaaaaaa.part'));
    await temporaryBeside(join(folder, 'rows.csv'));
    expect(readdirSync(folder)).toHaveLength(4);
    const longAgo = new Date(Date.now() - 25 * 3_600_000);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), longAgo, longAgo);
    await temporaryBeside(join(folder, 'rows.csv'));
    expect(readdirSync(folder)).toEqual(['.natscope-00000000-1-5-aaaaaaaaaaaa.part', '.natscope-notes.part']);
  });
});
