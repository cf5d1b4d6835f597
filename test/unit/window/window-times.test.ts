import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fewPorts, fewSessions, sourceOf } from '../../support/few-sessions';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { sessionLog } from '../../support/session-log';
import { SECOND } from '../../support/time';

test('law: the times of an entry are in its window, whatever comes late', async () => {
  let late = 0;
  await fc.assert(
    fc.asyncProperty(fewSessions, fc.constantFrom('carry', 'revise'), async (captures, latePolicy) => {
      const log = await sessionLog(captures.map(sourceOf), { ...fewPorts, latePolicy });
      for (const { windowStart, firstNs, lastNs } of log.entries) {
        expect(firstNs).toBeGreaterThanOrEqual(BigInt(windowStart) * SECOND);
        expect(lastNs).toBeGreaterThanOrEqual(firstNs);
        expect(lastNs).toBeLessThanOrEqual(BigInt(windowStart + fewPorts.windowSec) * SECOND);
      }
      const isFlagged = log.entries.some(({ flags }) => flags.includes('lateCarried') || flags.includes('revised'));
      // SYNs whose answer came after their window are flagged as well, though they did not come late.
      if (log.latePackets > 0) expect(isFlagged).toBe(true);
      late += log.latePackets;
    }),
    { numRuns: 10 * PROPERTY_RUNS },
  );
  expect(late).toBeGreaterThan(0);
});
