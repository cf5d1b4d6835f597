import { execFileSync } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { relayPipes, type PipeRelay } from '../../../src-main/engine/pipe-relay';
import { pipeSource, type PipeSource } from '../../../src-main/engine/pipe-source';
import { tempFolder } from '../../support/temp';

const MIB = 1 << 20;

let pipe = '';
beforeEach(() => {
  pipe = join(tempFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
});

async function relayed(readers: number): Promise<PipeRelay> {
  const relay = await relayPipes([{ capture: pipe, socketPath: null }], readers);
  onTestFinished(() => relay.close());
  return relay;
}

const reader = ({ streams }: PipeRelay): PipeSource => pipeSource(pipe, streams[0]?.socketPath ?? '');

async function readAll(source: PipeSource): Promise<number> {
  const into = new Uint8Array(MIB);
  let sum = 0;
  for (let count = await source.read(into); count > 0; count = await source.read(into)) sum += count;
  source.close();
  return sum;
}

function feed(mebibytes: number): { readonly written: () => number } {
  const writer = createWriteStream(pipe);
  writer.on('error', () => undefined);
  let written = 0;
  for (let no = 0; no < mebibytes; no++)
    writer.write(new Uint8Array(MIB).fill(no), (fault) => (written += fault ? 0 : MIB));
  writer.end();
  return { written: () => written };
}

describe('a relay of a pipe', () => {
  test('gives all of it to each reader, however late they come', async () => {
    const relay = await relayed(3);
    feed(8);
    const sources = [reader(relay), reader(relay)];
    const first = sources.map(readAll);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const last = reader(relay);
    sources.push(last);
    expect(await Promise.all([...first, readAll(last)])).toEqual([8 * MIB, 8 * MIB, 8 * MIB]);
    const [one, ...others] = sources.map((source) => source.facts());
    for (const other of others) expect(other).toEqual(one);
  });

  test('holds the others up for one that reads slowly, and keeps nothing for it', async () => {
    const relay = await relayed(2);
    const { written } = feed(16);
    const [fast, slow] = [reader(relay), reader(relay)];
    const all = readAll(fast);
    await slow.read(new Uint8Array(1000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(written()).toBeLessThan(4 * MIB);
    expect(await readAll(slow)).toBe(16 * MIB - 1000);
    expect(await all).toBe(16 * MIB);
  });

  test('holds nobody up for one that has had enough', async () => {
    const relay = await relayed(2);
    feed(8);
    const [staying, leaving] = [reader(relay), reader(relay)];
    const all = readAll(staying);
    await leaving.read(new Uint8Array(1000));
    leaving.close();
    expect(await all).toBe(8 * MIB);
  });

  test('leaves the pipe when all have', async () => {
    const relay = await relayed(2);
    const { written } = feed(8);
    const sources = [reader(relay), reader(relay)];
    await Promise.all(sources.map(async (source) => source.read(new Uint8Array(1000))));
    for (const source of sources) source.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written()).toBeLessThan(8 * MIB);
  });

  test('tells of a fault, which is no end to its readers', async () => {
    const relay = await relayed(2);
    rmSync(pipe);
    const ends: string[] = [];
    for (let no = 0; no < 2; no++) {
      const socket = connect(relay.streams[0]?.socketPath ?? '');
      socket.on('end', () => ends.push('end')).resume();
      onTestFinished(() => {
        socket.destroy();
      });
    }
    await expect(relay.fault).rejects.toMatchObject({ code: 'CAPTURE_NOT_FOUND' });
    expect(ends).toEqual([]);
  });
});
