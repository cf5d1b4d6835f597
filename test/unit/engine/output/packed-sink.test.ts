import { createGzip, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { PackedSink } from '../../../../src-main/engine/output/packed-sink';

/** Random digits, which hardly pack: so that pieces come out while others go in. */
const digits = (count: number): string => {
  let state = 1;
  return Array.from({ length: count }, () => (state = (state * 48_271) % 2_147_483_647) % 10).join('');
};

test('what is packed is what was written, and no piece is sent before the one before was taken', async () => {
  const pieces: Uint8Array[] = [];
  let isTaking = false;
  const sink = new PackedSink(
    {
      write: async (piece) => {
        expect(isTaking).toBe(false);
        isTaking = true;
        await new Promise((resolve) => setImmediate(resolve));
        isTaking = false;
        pieces.push(Buffer.from(piece));
      },
    },
    createGzip(),
  );
  const texts = Array.from({ length: 20 }, () => digits(65_536));
  for (const text of texts) await sink.write(text);
  await sink.end();
  expect(pieces.length).toBeGreaterThan(2);
  expect(gunzipSync(Buffer.concat(pieces)).toString()).toBe(texts.join(''));
});

test('a fault of the sink behind it ends the writing', async () => {
  const sink = new PackedSink({ write: () => Promise.reject(new Error('disk full')) }, createGzip());
  const writing = (async () => {
    for (let index = 0; index < 1000; index++) await sink.write(digits(65_536));
    await sink.end();
  })();
  await expect(writing).rejects.toThrow('disk full');
});
