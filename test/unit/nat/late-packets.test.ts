import { expect, test } from 'vitest';
import { udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf } from '../../support/session-log';
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
  expect([Number(late.lastNs / SECOND) - T0, late.flags, late.sessionId]).toEqual([595, ['revised'], 1]);
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

test('with end times as flow logs have them, an addition ends with its own window, too', async () => {
  const log = await sessionLogOf(
    [at(590, 1), at(601, 1), at(640, 1), at(592, 1), at(1201, 2)],
    gatewayWith({ inside, timeModel: 'aliflow' }),
  );
  expect(
    log.entries.map((entry) => [entry.windowStart - T0, entry.revision, Number(entry.lastNs / SECOND) - T0]),
  ).toEqual([
    [0, 0, 600],
    [0, 1, 600],
    [600, 0, 640],
    [1200, 0, 1201],
  ]);
});
