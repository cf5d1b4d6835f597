import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FragmentTable } from '../../../src-main/capture/fragment-table';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import { PROPERTY_RUNS } from '../../support/property-runs';

const KEYS = 5;
/** A row for each key. */
const batch = new PacketBatch();
for (let row = 0; row < KEYS; row++) {
  batch.ipVersion[row] = 4;
  batch.protocol[row] = 17;
  batch.ipId[row] = row;
}

/** @returns the places with a key, the newest first */
function placesOf(table: FragmentTable, key: number): number[] {
  const places: number[] = [];
  for (let at = table.find(batch, key); at >= 0; at = table.findOlder(at)) places.push(at);
  return places;
}

test('law: each key has its places, the newest first, whatever was added and taken out in whichever order', () => {
  const steps = fc.array(fc.oneof(fc.record({ add: fc.nat(KEYS - 1) }), fc.record({ remove: fc.nat(15) })), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 4, 16), steps, (capacity, all) => {
      const table = new FragmentTable(capacity);
      let taken: { readonly place: number; readonly key: number }[] = [];
      let next = 0;
      for (const step of all) {
        if ('add' in step) {
          taken = [{ place: next, key: step.add }, ...taken.filter(({ place }) => place !== next)];
          expect(table.add(batch, step.add)).toBe(next);
          next = (next + 1) % capacity;
        } else {
          const place = step.remove % capacity;
          if (!table.isTaken(place)) continue;
          table.remove(place);
          taken = taken.filter((each) => each.place !== place);
        }
        expect(table.size).toBe(taken.length);
        for (let key = 0; key < KEYS; key++) {
          const places = taken.filter((each) => each.key === key).map(({ place }) => place);
          expect(placesOf(table, key)).toEqual(places);
        }
      }
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
