import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HoldingEntry } from '../../../../src-main/duckdb/attribution';
import { withoutOverlaps, type HeldSession } from '../../../../src-main/engine/attribution/held-sessions';
import { PROPERTY_RUNS } from '../../../support/property-runs';

const ENTRY: HoldingEntry = {
  ...{ run: 1, session: 1, entryNo: 1, epoch: 0, protocol: 17, priIp: 1, priPort: 1, pubIp: 2, pubPort: 53 },
  ...{ natIp: 3, natEip: 3, natPort: 2000, natSource: 1, realm: null, instance: null, vpc: null },
  ...{ firstNs: 0n, lastNs: 0n, mappingEndNs: 0n, windowStart: 0, endReason: 'idle', flags: 0 },
  ...{ firstPacket: 1, lastPacket: 1, packets: 1 },
};

interface Life {
  readonly from: number;
  readonly firstEnd: number;
  /** Null where it was not kept. */
  readonly until: number | null;
  readonly changes: Partial<HoldingEntry>;
}

function sessionOf({ from, firstEnd, until, changes }: Life, place: number): HeldSession {
  const last = { ...ENTRY, ...changes, session: place + 1, firstNs: BigInt(from), lastNs: BigInt(from + firstEnd) };
  return {
    ...{ run: last.run, session: last.session, entries: [last], last, edges: null, fromNs: last.firstNs },
    ...{ untilNs: until === null ? null : BigInt(from + until), endReason: 'idle' },
  };
}

/** When the last of those lost the endpoint that had it first, one by one. */
function beginningOf(session: HeldSession, all: readonly HeldSession[]): bigint {
  const keyOf = ({ run, epoch, protocol, pubIp, pubPort }: HoldingEntry) =>
    [run, epoch, protocol, pubIp, pubPort].join();
  const isKept = session.untilNs !== null && session.last.pubIp !== null;
  return all.reduce((most, { last, fromNs, untilNs }) => {
    if (!isKept || untilNs === null || keyOf(last) !== keyOf(session.last)) return most;
    const isBefore = fromNs < untilNs && fromNs <= session.entries[0]!.lastNs && untilNs < session.untilNs;
    return isBefore && untilNs > most ? untilNs : most;
  }, session.fromNs);
}

const lives = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: 30 }),
    firstEnd: fc.integer({ min: 0, max: 5 }),
    // Changes of a gateway may have ended one before it began.
    until: fc.option(fc.integer({ min: -2, max: 20 }), { freq: 8 }),
    changes: fc.constantFrom<Partial<HoldingEntry>[]>(
      ...[{}, {}, {}, { run: 2 }, { epoch: 1 }, { protocol: 6 }, { pubIp: 9 }, { pubIp: null }, { pubPort: null }],
    ),
  }),
  { maxLength: 30 },
);

test('law: a session has its endpoint from when the last one lost it that had it first', () => {
  fc.assert(
    fc.property(lives, (each) => {
      const sessions = each.map(sessionOf);
      const expected = sessions.map((session) => ({ ...session, fromNs: beginningOf(session, sessions) }));
      expect(withoutOverlaps(sessions)).toEqual(expected);
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
