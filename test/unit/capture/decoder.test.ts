import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CaptureStream } from '../../../src-main/capture/capture-stream';
import { LAYOUT, NO_SECOND, READ_STATE, SEARCH } from '../../../src-main/capture/decoder-exports';
import { BATCH_ROWS, PACKET_FLAG, PROTOCOL, PacketBatch, TRAIT } from '../../../src-main/capture/packet-batch';
import { REASON_CODE, type Reason } from '../../../src-main/contract/ledger';
import { newDecoder } from '../../../src-main/engine/decoder-module';
import { ethernet, fragment, icmpError, udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { pcapFile } from '../../support/pcap-writer';
import { SECOND } from '../../support/time';

const sources = join(import.meta.dirname, '../../../src-main/decoder');
const exported = newDecoder().module as unknown as Readonly<Record<string, { readonly value: number } | undefined>>;
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

test('the module has the numbers of the contract', () => {
  const codes = ['codes', 'records', 'record-header', 'resync']
    .map((file) => readFileSync(join(sources, `${file}.ts`), 'utf8'))
    .join('');
  const names = [
    ...codes.matchAll(/^export const ((?:REASON|FLAG|TRAIT|PROTOCOL|READ|LAYOUT|SEARCH)_[A-Z0-9_]+): u32/gm),
  ].map(([, name]) => name!);
  const expected = new Map<string, number>([
    ...(Object.keys(REASON_CODE) as Reason[]).map(
      (reason) => [`REASON_${snake(reason)}`, REASON_CODE[reason]] as const,
    ),
    ...Object.entries(PACKET_FLAG).map(([flag, bit]) => [`FLAG_${snake(flag)}`, bit] as const),
    ...Object.entries(TRAIT).map(([trait, bit]) => [`TRAIT_${snake(trait)}`, bit] as const),
    ...Object.entries(PROTOCOL).map(([name, number]) => [`PROTOCOL_${snake(name)}`, number] as const),
    ...Object.entries(LAYOUT).map(([name, number]) => [`LAYOUT_${snake(name)}`, number] as const),
    ...Object.entries(SEARCH).map(([name, number]) => [`SEARCH_${snake(name)}`, number] as const),
    ...Object.entries(READ_STATE).map(([name, number]) => [`READ_${snake(name)}`, number] as const),
  ]);
  expect(names.length).toBeGreaterThan(24);
  for (const name of names) expect([name, exported[name]?.value]).toEqual([name, expected.get(name)]);
  expect(exported['BATCH_ROWS']?.value).toBe(BATCH_ROWS);
  expect(exported['NO_SECOND']?.value).toBe(NO_SECOND);
});

test('the module exports everything that its interface names, and imports nothing from outside of its folder', () => {
  const users = ['decoder', 'decoded-rows', 'decoded-frames'];
  const text = users.map((name) => readFileSync(join(sources, `../capture/${name}.ts`), 'utf8')).join('');
  const used = [...text.matchAll(/(?:\bmodule\.|\['|words\(')(\w+)/g)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'memory');
  expect(used.length).toBeGreaterThan(15);
  expect(used.filter((name) => exported[name] === undefined)).toEqual([]);
  for (const file of readdirSync(sources).filter((name) => name.endsWith('.ts'))) {
    const imported = [...readFileSync(join(sources, file), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, name]) => name!,
    );
    expect(imported.filter((name) => !/^\.\/[\w-]+$/.test(name))).toEqual([]);
  }
});

test('captures that are read by turns do not see each other, however much memory they need', async () => {
  const decoder = newDecoder();
  const memoryBefore = decoder.module.memory.buffer.byteLength;
  const streams: CaptureStream[] = [];
  for (let index = 0; index < 8; index++) {
    const bytes = ethernet(udpPacket({ from: `10.0.0.${index + 1}:1000`, to: '192.0.2.1:53' }));
    const file = pcapFile(
      Array.from({ length: 3 }, (_unused, packet) => ({ atNs: BigInt(packet) * SECOND, bytes })),
      { linkType: 1 },
    );
    streams.push(await CaptureStream.open(memorySource(file, { chunkBytes: 100 }), decoder));
  }
  expect(decoder.module.memory.buffer.byteLength).toBeGreaterThan(memoryBefore);
  const batches = streams.map((stream) => {
    const batch = new PacketBatch();
    expect(stream.fill(batch)).toBe(false);
    return batch;
  });
  batches.forEach((batch, index) => {
    expect(batch.length).toBe(3);
    expect([...batch.srcIp.subarray(0, 3)]).toEqual(Array<number>(3).fill(0x0a000001 + index));
    expect([...batch.packetNo.subarray(0, 3)]).toEqual([1, 2, 3]);
  });
  for (const stream of streams) stream.release();
});

test('memory that was given back is used again', async () => {
  const decoder = newDecoder();
  const file = pcapFile([{ atNs: 0n, bytes: ethernet(udpPacket({ from: '10.0.0.1:1', to: '192.0.2.1:2' })) }], {
    linkType: 1,
  });
  for (let round = 0; round < 100; round++) {
    const stream = await CaptureStream.open(memorySource(file), decoder);
    stream.release();
  }
  expect(decoder.module.memory.buffer.byteLength).toBeLessThan(5 << 20);
});

describe('a batch knows of all its rows', () => {
  const plain = udpPacket({ from: '10.0.0.1:1000', to: '192.0.2.1:53', payload: new Uint8Array(64) });
  const all = TRAIT.ascending | TRAIT.unfragmented | TRAIT.plain;
  const traitsOf = async (frames: readonly Uint8Array[], seconds: readonly number[], chunkBytes = Infinity) => {
    const records = frames.map((bytes, index) => ({ atNs: BigInt(seconds[index]!) * SECOND, bytes }));
    const stream = await CaptureStream.open(
      memorySource(pcapFile(records, { linkType: 1 }), { chunkBytes }),
      newDecoder(),
    );
    const batch = new PacketBatch();
    expect(await stream.fill(batch)).toBe(false);
    stream.release();
    expect(batch.length).toBe(frames.length);
    return batch.traits;
  };
  const tagged = ethernet(plain, { vlans: [7] });

  test.each([
    { of: 'nothing unusual', frames: [plain, plain].map((packet) => ethernet(packet)), seconds: [1, 1], traits: all },
    {
      of: 'a time that goes back',
      frames: [plain, plain].map((packet) => ethernet(packet)),
      seconds: [2, 1],
      traits: all & ~TRAIT.ascending,
    },
    { of: 'a tag', frames: [tagged, ethernet(plain)], seconds: [1, 2], traits: all & ~TRAIT.plain },
    {
      of: 'an ICMP error',
      frames: [ethernet(icmpError({ from: '192.0.2.1', to: '10.0.0.1', type: 3, code: 1, about: plain }))],
      seconds: [1],
      traits: all & ~TRAIT.plain,
    },
    {
      of: 'fragments',
      frames: fragment(plain, 32).map((packet) => ethernet(packet)),
      seconds: [1, 1, 1],
      traits: all & ~TRAIT.unfragmented,
    },
  ])('$of, however it was read', async ({ frames, seconds, traits }) => {
    expect(await traitsOf(frames, seconds)).toBe(traits);
    expect(await traitsOf(frames, seconds, 1)).toBe(traits);
  });
});
