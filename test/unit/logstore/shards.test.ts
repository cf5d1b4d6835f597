import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShardRoute } from '../../../src-main/logstore/shard-route';
import { evenShards, mergeShards, splitShard, type Shard } from '../../../src-main/logstore/shards';
import { PROPERTY_RUNS } from '../../support/property-runs';

const ZERO = '0'.repeat(32);
const LAST = 'f'.repeat(32);
const key = (start: string): string => start.padEnd(32, '0');

describe('shards', () => {
  test.each([
    { count: 1, begins: [ZERO] },
    { count: 2, begins: [ZERO, key('8')] },
    { count: 4, begins: [ZERO, key('4'), key('8'), key('c')] },
  ])('$count of them divide the space evenly, as the vendor does', ({ count, begins }) => {
    const shards = evenShards(count, 5);
    expect(shards.map(({ beginKey }) => beginKey)).toEqual(begins);
    expect(shards.map(({ endKey }) => endKey)).toEqual([...begins.slice(1), LAST]);
  });

  test('are split in the middle, or where it is said, and the parent becomes readonly', () => {
    const [first] = evenShards(1, 0);
    const shards = evenShards(2, 0);
    expect(first).toMatchObject({ id: 0, status: 'readwrite' });
    expect(splitShard(shards, 1, null, 9)).toEqual({
      closed: [{ id: 1, status: 'readonly', beginKey: key('8'), endKey: LAST, createdMs: 0 }],
      created: [
        { id: 2, status: 'readwrite', beginKey: key('8'), endKey: key('c'), createdMs: 9 },
        { id: 3, status: 'readwrite', beginKey: key('c'), endKey: LAST, createdMs: 9 },
      ],
    });
    expect(splitShard(shards, 0, key('1').toUpperCase(), 9).created.map(({ beginKey }) => beginKey)).toEqual([
      ZERO,
      key('1'),
    ]);
  });

  const afterSplit = apply(evenShards(1, 0), splitShard(evenShards(1, 0), 0, null, 1));
  test.each([
    { name: 'a shard that is not there', change: () => splitShard(afterSplit, 7, null, 0), text: 'invalid shard id' },
    { name: 'a readonly shard', change: () => splitShard(afterSplit, 0, null, 0), text: 'invalid shard id' },
    { name: 'a key that is none', change: () => splitShard(afterSplit, 1, 'xyz', 0), text: 'invalid mid hash' },
    { name: 'a key outside', change: () => splitShard(afterSplit, 1, key('9'), 0), text: 'invalid mid hash' },
    { name: 'the key where it begins', change: () => splitShard(afterSplit, 1, ZERO, 0), text: 'invalid mid hash' },
    { name: 'a merge of the last', change: () => mergeShards(afterSplit, 2, 0), text: 'can not merge the last shard' },
    { name: 'a merge of a readonly one', change: () => mergeShards(afterSplit, 0, 0), text: 'invalid shard id' },
  ])("refuse $name with the vendor's text", ({ change, text }) => {
    expect(change).toThrow(expect.objectContaining({ code: 'SHARD_INVALID', message: expect.stringContaining(text) }));
  });

  test('whatever is split and merged, the readwrite ones cover each hash once', () => {
    const step = fc.record({ isSplit: fc.boolean(), pick: fc.nat(), key: fc.option(fc.nat(0xffff)) });
    const sample = fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 25 }), sample, (count, steps, hashes) => {
        let shards: readonly Shard[] = evenShards(count, 0);
        // The model: sorted points at which a range begins, as numbers of four hexadecimal digits.
        let begins = shards.map(({ beginKey }) => beginKey);
        for (const { isSplit, pick, key: at } of steps) {
          const open = sorted(shards);
          const place = pick % open.length;
          const { id, beginKey, endKey } = open[place]!;
          if (isSplit) {
            const middle = at === null ? null : key(at.toString(16).padStart(4, '0'));
            if (middle !== null && (middle <= beginKey || middle >= endKey)) continue;
            const change = splitShard(shards, id, middle, 0);
            begins = [...begins, change.created[1]!.beginKey].toSorted();
            shards = apply(shards, change);
          } else if (place < open.length - 1) {
            begins = begins.filter((begin) => begin !== endKey);
            shards = apply(shards, mergeShards(shards, id, 0));
          }
        }
        expect(sorted(shards).map(({ beginKey }) => beginKey)).toEqual(begins);
        expect(new Set(shards.map(({ id }) => id)).size).toBe(shards.length);
        const route = new ShardRoute(shards, 3);
        const ids = sorted(shards).map(({ id }) => id);
        expect(ids.map((_, index) => route.balanced(index * 4096)).toSorted()).toEqual(ids.toSorted());
        for (const hash of hashes) {
          const digits = key(hash.toString(16).padStart(4, '0'));
          const owners = sorted(shards).filter(({ beginKey, endKey }) => beginKey <= digits && digits < endKey);
          expect(owners.map(({ id }) => id)).toEqual([route.ofHash(digits)]);
        }
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

test('entries are balanced by calls of 4,096, and one run begins where another does not', () => {
  const shards = evenShards(3, 0);
  const first = new ShardRoute(shards, 0);
  expect([0, 4095, 4096, 8192, 12_287, 12_288].map((entry) => first.balanced(entry))).toEqual([0, 0, 1, 2, 2, 0]);
  expect(new ShardRoute(shards, 1).balanced(0)).toBe(1);
});

test('the last hash is in the last shard', () => {
  const route = new ShardRoute(evenShards(4, 0), 0);
  expect([ZERO, key('3f'), key('40'), LAST].map((hash) => route.ofHash(hash))).toEqual([0, 0, 1, 3]);
  expect(() => route.ofHash('FF')).toThrow(RangeError);
});

function apply(shards: readonly Shard[], change: ReturnType<typeof splitShard>): readonly Shard[] {
  const kept = shards.filter(({ id }) => !change.closed.some((closed) => closed.id === id));
  return [...kept, ...change.closed, ...change.created];
}

function sorted(shards: readonly Shard[]): readonly Shard[] {
  const open = shards.filter(({ status }) => status === 'readwrite');
  return open.toSorted((a, b) => (a.beginKey < b.beginKey ? -1 : 1));
}
