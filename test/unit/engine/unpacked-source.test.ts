import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { UnpackedSource } from '../../../src-main/engine/unpack/unpacked-source';
import { PACKINGS, UNIT, type Packing } from '../../../src-main/engine/unpack/unpacker';
import { compress, packings, packingTitle } from '../../support/compress';
import { memorySource } from '../../support/memory-source';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';

const LIMIT = 200;

interface Unpacked {
  readonly bytes: Buffer;
  readonly fault: string | null;
  readonly storedBytes: number | null;
}

async function unpack(
  file: Uint8Array,
  options: Parameters<typeof memorySource>[1] & { readonly intoBytes?: number; readonly limit?: number } = {},
): Promise<Unpacked> {
  const { intoBytes = 100_000, limit = LIMIT, ...source } = options;
  const unpacked = new UnpackedSource(memorySource(file, source), limit);
  const parts: Buffer[] = [];
  for (;;) {
    const into = Buffer.alloc(intoBytes);
    const count = await unpacked.read(into);
    if (count === 0) break;
    parts.push(into.subarray(0, count));
  }
  expect(await unpacked.read(Buffer.alloc(10))).toBe(0);
  const { fault, storedBytes } = unpacked;
  unpacked.close();
  return { bytes: Buffer.concat(parts), fault, storedBytes };
}

/** Like a capture: stretches that come again, and some that do not. */
function content(count: number, seed = 1): Buffer {
  const random = seededRandom(seed);
  const pieces = Array.from({ length: 20 }, () => Buffer.from(random.bytes(random.int(20, 900))));
  const parts: Uint8Array[] = [];
  for (let bytes = 0; bytes < count; bytes += parts.at(-1)?.length ?? 0) {
    parts.push(random.int(0, 3) === 0 ? random.bytes(random.int(1, 300)) : random.pick(pieces));
  }
  return Buffer.concat(parts).subarray(0, count);
}
const original = content(700_000);

describe('what is not compressed goes through as it is', () => {
  test.each([0, 1, 5, 6, 7, 100_000])('%i bytes', async (count) => {
    const bytes = original.subarray(0, count);
    expect(await unpack(bytes, { chunkBytes: Math.max(3, count / 100) })).toEqual({
      bytes,
      fault: null,
      storedBytes: null,
    });
  });

  test('and is read without a promise once it is known', async () => {
    const source = new UnpackedSource(memorySource(original), LIMIT);
    await source.read(Buffer.alloc(original.length));
    expect(source.read(Buffer.alloc(10))).toBeTypeOf('number');
  });
});

const KINDS: readonly { readonly kind: string; readonly packing: Packing; readonly options: readonly string[] }[] = [
  ...PACKINGS.map((packing) => ({ kind: packing, packing, options: [] })),
  // Another way through the data; blocks so that there are several.
  { kind: 'xz with SHA-256', packing: 'xz', options: ['--check=sha256', '--block-size=40000'] },
];

describe.each(KINDS)('$kind', ({ packing, options }) => {
  const pack = (bytes: Uint8Array): Buffer => compress(packing, bytes, options);
  const isMissing = !packings.includes(packing);
  const title = (text: string): string => packingTitle(packing, text);
  const unit = UNIT[packing];

  test.skipIf(isMissing)(title('gives what was compressed, in any chunking, at once or later'), async () => {
    const file = pack(original);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }),
        fc.integer({ min: 1000, max: 300_000 }),
        fc.boolean(),
        async (drawn, intoBytes, isLate) => {
          let turn = 0;
          // With some octets alone, but not all of them: that takes minutes and shows no more.
          const sizes = [...drawn, 20_000];
          const chunkBytes = (): number => sizes[turn++ % sizes.length]!;
          const { bytes, fault, storedBytes } = await unpack(file, { chunkBytes, intoBytes, isLate });
          expect(fault).toBeNull();
          expect(storedBytes).toBe(file.length);
          expect(bytes.equals(original)).toBe(true);
        },
      ),
      { numRuns: Math.min(PROPERTY_RUNS, 100) },
    );
  });

  test.skipIf(isMissing)(title('gives nothing for nothing'), async () => {
    expect(await unpack(pack(Buffer.alloc(0)))).toMatchObject({ bytes: Buffer.alloc(0), fault: null });
  });

  test.skipIf(isMissing)(title(`goes on with the next ${unit}`), async () => {
    const parts = [content(70_000, 2), Buffer.alloc(0), content(3, 3), content(200_000, 4)];
    const file = Buffer.concat(parts.map((part) => pack(part)));
    const { bytes, fault } = await unpack(file, { chunkBytes: 999 });
    expect(fault).toBeNull();
    expect(bytes.equals(Buffer.concat(parts))).toBe(true);
  });

  test.skipIf(isMissing)(title('names what is behind it'), async () => {
    const file = pack(original);
    const { bytes, fault } = await unpack(Buffer.concat([file, Buffer.from('no such data at all')]));
    expect(bytes.equals(original)).toBe(true);
    expect(fault).toBe(
      `19 bytes behind the last ${packing} ${unit}, from compressed offset ${file.length} on, are no ${packing} data`,
    );
  });

  test.skipIf(isMissing)(title('cut anywhere gives a beginning of it, and says where it was cut'), async () => {
    const file = pack(original);
    const random = seededRandom(7);
    const ends = [1, 2, 3, 5, 9, 11, file.length - 1, file.length - 4, file.length - 9, file.length - 13];
    for (const end of [...ends, ...Array.from({ length: 10 }, () => random.int(20, file.length - 1))]) {
      const { bytes, fault } = await unpack(file.subarray(0, end), { chunkBytes: 5000 });
      // So few octets are of no format.
      if (end < (packing === 'gzip' ? 2 : packing === 'xz' ? 6 : 4)) continue;
      expect(fault).toBe(
        `the ${packing} data are cut off at compressed offset ${end}, inside a ${unit}: decompressing ends here`,
      );
      expect(original.subarray(0, bytes.length).equals(bytes)).toBe(true);
      // The others give whole blocks of theirs.
      if (packing === 'gzip') expect(bytes.length).toBeGreaterThan((end / file.length) * original.length - 120_000);
    }
  });

  test.skipIf(isMissing)(title('with any bit turned is never taken for whole, nor for longer'), async () => {
    const short = original.subarray(0, 30_000);
    const file = pack(short);
    const random = seededRandom(11);
    // Behind the header, of which some bits mean nothing: names and times of gzip, say.
    for (let round = 0; round < 100; round++) {
      const at = random.int(20, file.length - 1);
      const damaged = Buffer.from(file);
      damaged[at] = damaged[at]! ^ (1 << random.int(0, 7));
      const { fault } = await unpack(damaged, { chunkBytes: 4096 });
      expect(fault, `bit at ${at}`).toMatch(/compressed offset \d+/);
    }
  });

  test.skipIf(isMissing)(title('inside of itself is refused'), async () => {
    const twice = pack(pack(original));
    await expect(unpack(twice, { intoBytes: 2 })).rejects.toMatchObject({
      code: 'CAPTURE_UNSUPPORTED',
      message: `memory.pcap is compressed twice, with ${packing} inside ${packing}, and only one level is decompressed: decompress it once first`,
    });
  });

  test.skipIf(isMissing)(title('stops at the limit for what it may grow to'), async () => {
    const bomb = pack(Buffer.alloc(66 << 20));
    await expect(unpack(bomb, { limit: 20 })).rejects.toMatchObject({
      code: 'CAPTURE_EXPANSION_LIMIT',
      detail: { file: 'memory.pcap', limit: 20, option: '--max-expansion' },
    });
    if (packing === 'gzip') expect((await unpack(bomb, { limit: 2000 })).bytes).toHaveLength(66 << 20);
  });
});

describe('gzip', () => {
  test('with every optional part of its header', async () => {
    const small = content(1000);
    const plain = gzipSync(small);
    const extra = Buffer.from([3, 0, 1, 2, 3]);
    const optional = Buffer.concat([extra, Buffer.from('name\0comment\0')]);
    const head = Buffer.concat([plain.subarray(0, 3), Buffer.from([4 | 8 | 16]), plain.subarray(4, 10), optional]);
    const file = Buffer.concat([head, plain.subarray(10)]);
    expect((await unpack(file, { chunkBytes: 1 })).bytes.equals(small)).toBe(true);
  });

  test('padded with zeros, as on a tape, is whole', async () => {
    const file = Buffer.concat([gzipSync(original), Buffer.alloc(70_000)]);
    expect(await unpack(file)).toMatchObject({ fault: null, storedBytes: file.length });
  });

  test('of a thousand small members', async () => {
    const part = content(400, 5);
    const file = Buffer.concat(Array<Buffer>(1000).fill(gzipSync(part)));
    const { bytes, fault } = await unpack(file);
    expect(fault).toBeNull();
    expect(bytes).toHaveLength(1000 * 400);
  });

  test('with a wrong checksum gives everything, and says so', async () => {
    const file = gzipSync(original);
    file[file.length - 6] = file[file.length - 6]! ^ 1;
    const { bytes, fault } = await unpack(file);
    expect(bytes.equals(original)).toBe(true);
    expect(fault).toContain(`the checksum before compressed offset ${file.length} does not fit`);
  });
});

test('a gzip file of many members is not read further ahead than one of one member', async () => {
  const member = gzipSync(content(60_000, 6));
  const file = Buffer.concat(Array<Buffer>(60).fill(member));
  const source = memorySource(file, { chunkBytes: 64 << 10 });
  let readBytes = 0;
  const read = (into: Uint8Array): number => {
    const count = Number(source.read(into));
    readBytes += count;
    return count;
  };
  const unpacked = new UnpackedSource({ ...source, read }, LIMIT);
  const into = Buffer.alloc(60_000);
  for (;;) {
    const count = await unpacked.read(into);
    if (count === 0) break;
    expect(readBytes - (unpacked.storedBytes ?? 0)).toBeLessThanOrEqual(256 << 10);
  }
  expect(readBytes).toBe(file.length);
});

test.skipIf(!packings.includes('zstd'))(packingTitle('zstd', 'frames to skip are skipped'), async () => {
  const skip = (bytes: number): Buffer => {
    const frame = Buffer.alloc(8 + bytes, 0xee);
    frame.writeUInt32LE(0x184d2a53, 0);
    frame.writeUInt32LE(bytes, 4);
    return frame;
  };
  const file = Buffer.concat([
    skip(10),
    compress('zstd', original),
    skip(100_000),
    compress('zstd', original),
    skip(0),
  ]);
  const { bytes, fault } = await unpack(file, { chunkBytes: 1000 });
  expect(fault).toBeNull();
  expect(bytes.equals(Buffer.concat([original, original]))).toBe(true);
});

test('zstd: a window that would take too much memory is said to be too large', async () => {
  // A frame with a window of 2 GiB and one empty block.
  const file = Buffer.from('28b52ffd 00 a8 010000'.replaceAll(' ', ''), 'hex');
  expect((await unpack(file)).fault).toMatch(/compressed offset 0 needs a window of more than 128 MiB/);
});

test.skipIf(!packings.includes('lz4'))(packingTitle('lz4', 'of any block size, dependent or not'), async () => {
  for (const options of [
    ['-B4'],
    ['-B5', '-BD'],
    ['-B7'],
    ['-B4', '-BD', '-9'],
    ['--no-frame-crc'],
    ['--content-size'],
  ]) {
    const { bytes, fault } = await unpack(compress('lz4', original, options), { chunkBytes: 7000 });
    expect(fault, options.join(' ')).toBeNull();
    expect(bytes.equals(original), options.join(' ')).toBe(true);
  }
});

test.skipIf(!packings.includes('xz'))(packingTitle('xz', 'with each of its checks'), async () => {
  for (const check of ['none', 'crc32', 'crc64', 'sha256']) {
    const { bytes, fault } = await unpack(compress('xz', original, [`--check=${check}`]));
    expect(fault).toBeNull();
    expect(bytes.equals(original)).toBe(true);
  }
  const mixed = ['sha256', 'crc64', 'none', 'sha256'].map((check) => compress('xz', original, [`--check=${check}`]));
  expect((await unpack(Buffer.concat(mixed))).bytes.length).toBe(4 * original.length);
});

test.skipIf(!packings.includes('xz'))(
  packingTitle('xz', 'with a wrong SHA-256 is given up behind its block'),
  async () => {
    const file = compress('xz', original, ['--check=sha256', '--block-size=100000']);
    // The first block's check is right before the header of the second one, which has three octets of its own.
    const second = file.indexOf(file.subarray(12, 16), 100);
    file[second - 1]! ^= 1;
    const { bytes, fault } = await unpack(file, { intoBytes: 1000 });
    expect(fault).toContain('does not fit the xz stream');
    expect(original.subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(bytes.length).toBeGreaterThanOrEqual(100_000);
  },
);

test.skipIf(!packings.includes('xz'))(packingTitle('xz', 'several files are read by turns'), async () => {
  const file = compress('xz', original);
  const [first, second] = await Promise.all([unpack(file), unpack(file)]);
  expect(first.bytes.equals(second.bytes)).toBe(true);
});
