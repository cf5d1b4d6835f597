import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BREAKER_POLICIES, DELIVERY_ROUTES, FAULT_KINDS } from '../../../src-main/contract/delivery';
import { lostEntries } from '../../../src-main/delivery/summary';
import { simulated, T0, windowsOf } from './delivery-support';

const faultNumbers: Readonly<Record<string, fc.Arbitrary<Record<string, number>>>> = {
  write_quota: fc.record({ bytesPerMin: fc.constantFrom(0, 1000, 1_000_000) }),
  shard_quota: fc.record({ bytesPerSec: fc.constantFrom(0, 100, 100_000) }),
  shards: fc.record({ shards: fc.integer({ min: 1, max: 6 }) }),
  network: fc.record({ delaySec: fc.integer({ min: 1, max: 1000 }) }),
};
const fault = fc
  .tuple(fc.constantFrom(...FAULT_KINDS), fc.nat(6000), fc.option(fc.integer({ min: 1, max: 3000 })))
  .chain(([kind, from, lasts]) =>
    (faultNumbers[kind] ?? fc.constant({})).map((numbers) => ({
      fault: kind,
      from: `+${from}`,
      ...(lasts === null ? {} : { to: `+${from + lasts}` }),
      ...numbers,
    })),
  );
const rate = fc.constantFrom(0, 0.05, 1);
const script = fc.record({
  seed: fc.nat(1000),
  delaySec: fc.constant({ least: 30, most: 240, tailMost: 900, tailRate: 0.1 }),
  lossRate: rate,
  lateRate: rate,
  duplicateRate: rate,
  breakerPolicy: fc.constantFrom(...BREAKER_POLICIES),
  route: fc.constantFrom(...DELIVERY_ROUTES),
  faults: fc.array(fault, { maxLength: 6 }),
});
const windows = fc.array(fc.constantFrom(1, 50, 5000, 20_000), { minLength: 1, maxLength: 10 });

test('what was sealed was delivered, is lost, or waits, whatever goes wrong', () => {
  fc.assert(
    fc.property(windows, script, (sizes, faulty) => {
      const groups = windowsOf(sizes);
      const { totals, windows: each, events, outcomes } = simulated(groups, faulty);
      expect(totals.sealed).toBe(sizes.reduce((sum, size) => sum + size, 0));
      expect(totals.delivered + lostEntries(totals) + totals.pending).toBe(totals.sealed);
      for (const window of each) {
        expect(window.delivered + lostEntries(window) + window.pending).toBe(window.sealed);
        expect(window.duplicates).toBeLessThanOrEqual(window.delivered);
      }
      expect(events.reduce((sum, event) => sum + event.entries, 0)).toBe(totals.delivered);
      expect(events.reduce((sum, event) => sum + event.lost, 0)).toBe(lostEntries(totals));
      expect(totals.duplicates).toBeLessThanOrEqual(totals.delivered);
      // Nothing waits without an end but what the breaker was told to keep.
      if (faulty.breakerPolicy === 'drop') expect(totals.pending).toBe(0);
      for (const [index, { deliveredSec }] of outcomes.entries()) {
        if (deliveredSec !== null) expect(deliveredSec).toBeGreaterThanOrEqual(groups[index]!.sealedSec + 30);
      }
    }),
  );
});

test('the same script gives the same deliveries, in order of time', () => {
  fc.assert(
    fc.property(windows, script, (sizes, faulty) => {
      const groups = windowsOf(sizes);
      const one = simulated(groups, faulty);
      expect(JSON.stringify(simulated(groups, faulty))).toBe(JSON.stringify(one));
      const times = one.events.map(({ atSec }) => atSec);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      const changes = one.statuses.map(({ fromSec }) => fromSec);
      expect(changes).toEqual([...new Set(changes)].toSorted((a, b) => a - b));
      expect(changes[0]).toBe(T0);
    }),
  );
});
