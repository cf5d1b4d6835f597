import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PacketBatch, TRAIT } from '../../../src-main/capture/packet-batch';
import { PacketGaps } from '../../../src-main/window/packet-gaps';
import { PROPERTY_RUNS } from '../../support/property-runs';

/** @param seconds with halves */
function batchOf(seconds: readonly number[], traits: number): PacketBatch {
  const batch = new PacketBatch();
  batch.tsSec.set(seconds.map(Math.floor));
  batch.tsNsec.set(seconds.map((sec) => (sec % 1) * 1e9));
  batch.append(seconds.length, traits);
  return batch;
}

test('a gap is as long as no packet came, within a batch and between two', () => {
  const gaps = new PacketGaps();
  gaps.push(batchOf([1000, 1300, 1601], TRAIT.ascending));
  expect(gaps.facts).toEqual({ count: 1, longestSec: 301, fromSec: 1300 });
  gaps.push(batchOf([1901], TRAIT.ascending));
  gaps.push(batchOf([2301], TRAIT.ascending));
  expect(gaps.facts).toEqual({ count: 2, longestSec: 400, fromSec: 1901 });
});

test('fractions of a second count', () => {
  const gaps = new PacketGaps();
  gaps.push(batchOf([1000.5, 1300.5], TRAIT.ascending));
  gaps.push(batchOf([1600.5], TRAIT.ascending));
  expect(gaps.facts).toBeNull();
  gaps.push(batchOf([1901], TRAIT.ascending));
  gaps.push(batchOf([1900.5, 2201.5], 0));
  expect(gaps.facts).toEqual({ count: 2, longestSec: 300.5, fromSec: 1600 });
});

test('what is known of the order of a batch changes nothing', () => {
  const steps = fc.array(
    fc.oneof(
      fc.nat(3),
      fc.integer({ min: 596, max: 604 }).map((halves) => halves / 2),
      fc.integer({ min: -700, max: -1 }),
    ),
    {
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 6 }), (batches) => {
      const [known, looking] = [new PacketGaps(), new PacketGaps()];
      let sec = 1_773_000_000;
      for (const batch of batches) {
        const seconds = batch.map((step) => (sec += step));
        const isAscending = batch.slice(1).every((step) => step >= 0);
        known.push(batchOf(seconds, isAscending ? TRAIT.ascending : 0));
        looking.push(batchOf(seconds, 0));
        expect(known.facts).toEqual(looking.facts);
      }
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
