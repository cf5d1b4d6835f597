import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { gatewayWith, sessionLogOf, type SessionLog } from '../../support/session-log';
import { SECOND } from '../../support/time';

/* Packets that come when their window is closed; see scenario 74. Times are seconds after a window's edge. */

const T0 = 1_700_000_400;
const at = (sec: number, from: number, length = 60): CaptureRecord => ({
  atNs: BigInt(T0 + sec) * SECOND,
  bytes: udpPacket({ from: `10.0.0.7:${from}`, to: '203.0.113.80:53', payload: new Uint8Array(length - 28) }),
});
const inside = ['10.0.0.0/16'];

test('a session that is alive has what is late as an addition to its entry, in its own window and time', async () => {
  const log = await sessionLogOf(
    [at(590, 1), at(601, 1), at(640, 1), at(595, 1, 100), at(592, 1, 100)],
    gatewayWith({ inside }),
  );
  expect(log.latePackets).toBe(2);
  expect(
    log.entries.map((entry) => [
      entry.windowStart - T0,
      entry.revision,
      entry.vpc,
      Number(entry.firstNs / SECOND) - T0,
    ]),
  ).toEqual([
    [0, 0, '60/1', 590],
    [0, 1, '200/2', 592],
    [600, 0, '120/2', 601],
  ]);
  const late = log.entries[1]!;
  expect([Number(late.lastNs / SECOND) - T0, late.flags, late.sessionId]).toEqual([
    595,
    ['partialWindow', 'revised'],
    1,
  ]);
});

test('a late packet does not keep its session alive, and opens one that has none', async () => {
  const log = await sessionLogOf([at(590, 1), at(700, 2), at(595, 3)], gatewayWith({ inside }));
  expect(log.sessions).toBe(3);
  expect(log.entries.map((entry) => [entry.pri, entry.windowStart - T0, entry.revision])).toEqual([
    ['10.0.0.7:1', 0, 0],
    ['10.0.0.7:2', 600, 0],
    ['10.0.0.7:3', 0, 1],
  ]);
});

test('with drop it counts in no entry', async () => {
  const log = await sessionLogOf([at(1, 1), at(700, 2), at(595, 1)], gatewayWith({ inside, latePolicy: 'drop' }));
  expect(log.ledger.packets.notInEntries).toEqual({ late_dropped: 1 });
  expect(log.entries.map((entry) => entry.vpc)).toEqual(['60/1', '60/1']);
});

// Its entry, of which it knows nothing, may end with the window or not.
test('with end times as flow logs have them, an addition ends with its last packet', async () => {
  const log = await sessionLogOf(
    [at(590, 1), at(601, 1), at(640, 1), at(592, 1), at(1201, 2)],
    gatewayWith({ inside, timeModel: 'aliflow' }),
  );
  expect(
    log.entries.map((entry) => [entry.windowStart - T0, entry.revision, Number(entry.lastNs / SECOND) - T0]),
  ).toEqual([
    [0, 0, 600],
    [0, 1, 592],
    [600, 0, 640],
    [1200, 0, 1201],
  ]);
});

/** Of each window with rows, by its start, whether these say that the capture covers it in part; they all say the same. */
function partialWindows({ entries }: SessionLog): readonly (readonly [start: number, isPartial: boolean])[] {
  const windows = new Map<number, boolean>();
  for (const { windowStart, flags } of entries) {
    const isPartial = flags.includes('partialWindow');
    expect(windows.get(windowStart - T0) ?? isPartial).toBe(isPartial);
    windows.set(windowStart - T0, isPartial);
  }
  return [...windows].sort(([one], [other]) => one - other);
}

describe('which windows the capture covers in part follows from the times of packets, whatever their order:', () => {
  test.each([
    {
      name: 'a late one is before the first window',
      secs: [601, 640, 595, 1201],
      windows: [
        [0, true],
        [600, false],
        [1200, true],
      ],
    },
    {
      name: 'a late one is at the very beginning of the first window',
      secs: [630, 600, 1201],
      windows: [
        [600, false],
        [1200, true],
      ],
    },
    {
      name: 'a late one is in the first window, but not at its beginning',
      secs: [630, 601, 1201],
      windows: [
        [600, true],
        [1200, true],
      ],
    },
    {
      name: 'a late one is of a window between, which had none',
      secs: [1, 1801, 1799, 2401],
      windows: [
        [0, true],
        [1200, false],
        [1800, false],
        [2400, true],
      ],
    },
    {
      name: 'the clock was set back for good, and one of the new epoch is late',
      secs: [630, 1201, ...Array.from({ length: 60 }, (_, index) => 20 + index), 17, 610],
      windows: [
        [0, true],
        [600, true],
        [1200, true],
      ],
    },
  ])('$name', async ({ secs, windows }) => {
    const log = await sessionLogOf(
      secs.map((sec) => at(sec, 1)),
      gatewayWith({ inside }),
    );
    expect(partialWindows(log)).toEqual(windows);
  });

  test('with carry, a late one before the first window shows that this one is covered', async () => {
    const log = await sessionLogOf(
      [at(601, 1), at(640, 1), at(595, 1), at(1201, 1)],
      gatewayWith({ inside, latePolicy: 'carry' }),
    );
    expect(log.entries.map(({ flags }) => flags)).toEqual([['lateCarried'], ['partialWindow']]);
  });
});

test('however late packets are by less than a window, windows have the same packets, and say the same of themselves', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          sec: fc.oneof(fc.nat(3599), fc.constantFrom(0, 599, 600, 601, 1199, 1200)),
          from: fc.integer({ min: 1, max: 3 }),
          bySec: fc.oneof(fc.constant(0), fc.nat(59)),
        }),
        { minLength: 1, maxLength: 60 },
      ),
      async (packets) => {
        const gateway = gatewayWith({ inside });
        const logOf = (timeOf: (packet: (typeof packets)[number]) => number): Promise<SessionLog> =>
          sessionLogOf(
            packets.toSorted((a, b) => timeOf(a) - timeOf(b)).map(({ sec, from }) => at(sec, from)),
            gateway,
          );
        const [sorted, late] = [await logOf(({ sec }) => sec), await logOf(({ sec, bySec }) => sec + bySec)];
        expect(partialWindows(late)).toEqual(partialWindows(sorted));
        expect(countsOf(late)).toEqual(countsOf(sorted));
        expect(late.windows).toBe(partialWindows(late).length);
        expect(late.windows).toBe(sorted.windows);
      },
    ),
    { numRuns: PROPERTY_RUNS },
  ));

/** Packets by host and window. */
function countsOf({ entries }: SessionLog): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { pri, windowStart, vpc } of entries) {
    const key = `${pri} in ${windowStart - T0}`;
    counts[key] = (counts[key] ?? 0) + Number(vpc.split('/')[1]);
  }
  return counts;
}

test('an addition has the flags of what was late, and not those of the window that is open', async () => {
  /** Of more octets than there are. */
  const short = (sec: number, from: number): CaptureRecord => {
    const record = at(sec, from);
    return { ...record, bytes: record.bytes.with(3, 90) };
  };
  const flagsOf = async (records: readonly CaptureRecord[]): Promise<readonly (readonly string[])[]> => {
    const { entries } = await sessionLogOf(records, gatewayWith({ inside }));
    return entries.map(({ flags }) => flags.filter((flag) => flag !== 'partialWindow'));
  };
  expect(await flagsOf([at(590, 1), short(601, 1), short(640, 1), at(595, 1)])).toEqual([
    [],
    ['revised'],
    ['shortFrame'],
  ]);
  expect(await flagsOf([at(590, 1), at(601, 1), at(640, 1), short(595, 1)])).toEqual([
    [],
    ['revised', 'shortFrame'],
    [],
  ]);
});
