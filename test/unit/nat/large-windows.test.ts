import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { BATCH_ROWS, PROTOCOL, PacketBatch } from '../../../src-main/capture/packet-batch';
import { EVENT_BATCH_ROWS } from '../../../src-main/contract/gateway-event';
import { newEmulatorModule } from '../../../src-main/engine/emulator-module';
import type { Gateway } from '../../../src-main/nat/gateway';
import { WindowAggregator } from '../../../src-main/window/window-aggregator';
import { seededRandom } from '../../support/random';
import { gatewayWith, readEntry } from '../../support/session-log';
import { entrySink } from '../../support/window-sink';

/* A window of so many entries that they are handed out piece by piece, with all that may come meanwhile. */

const T0 = 1_700_000_400;
const DAY_SEC = 86_400;
const SESSIONS = 34_000;

interface Datagram {
  readonly sec: number;
  readonly session: number;
}

/** A large window, which ends inside a batch, and one that the clock ends, which is set back by a day; then the same again. */
function datagrams(): Datagram[] {
  const once = (sec: number, count: number): Datagram[] =>
    Array.from({ length: count }, (_, session) => ({ sec, session }));
  return [T0, T0 - DAY_SEC].flatMap((from) => [
    ...once(from, SESSIONS),
    ...once(from + 5, 10),
    ...once(from + 600, SESSIONS),
  ]);
}

interface Outcome {
  /** Of all that stands in the entries. */
  readonly digest: string;
  readonly entries: number;
  /** Window, private and public endpoint of each entry. */
  readonly keys: ReadonlySet<string>;
  readonly refused: readonly number[];
  readonly windows: number;
  readonly epochs: number;
  readonly packets: number;
  readonly isEverBehind: boolean;
}

/** @param steps of what is behind, that are done after each batch */
function outcomeOf(packets: readonly Datagram[], steps: () => number): Outcome {
  const digest = createHash('sha256');
  const keys = new Set<string>();
  const refused: number[] = [];
  const aggregator = new WindowAggregator(gatewayWith(), newEmulatorModule(), {
    ...entrySink((batch) => {
      for (let row = 0; row < batch.length; row++) {
        const entry = readEntry(batch, row);
        digest.update(Object.values(entry).join(' '));
        keys.add(`${entry.windowStart} ${entry.pri} ${entry.pub}`);
      }
    }),
    verdicts: (batch, reasons) => {
      for (let row = 0; row < batch.length; row++) if (reasons[row] !== 0) refused.push(batch.packetNo[row]!);
    },
  });
  // As readers do, one batch is used again and again.
  const batch = new PacketBatch();
  let isEverBehind = false;
  packets.forEach((packet, index) => {
    fill(batch, packet, index + 1);
    if (batch.length < BATCH_ROWS && index + 1 < packets.length) return;
    aggregator.add(batch);
    batch.length = 0;
    isEverBehind ||= aggregator.isBehind;
    for (let left = steps(); left > 0 && aggregator.isBehind; left--) aggregator.catchUp();
  });
  aggregator.end();
  while (aggregator.isBehind) aggregator.catchUp();
  const { entries, windows, epochs, packetsInEntries } = aggregator;
  const counts = { entries, windows, epochs, packets: packetsInEntries };
  return { digest: digest.digest('hex'), keys, refused, ...counts, isEverBehind };
}

/** Every hundredth is of a protocol that is not translated. */
function fill(batch: PacketBatch, { sec, session }: Datagram, packetNo: number): void {
  const row = batch.length++;
  batch.tsSec[row] = sec;
  batch.tsNsec[row] = 0;
  batch.packetNo[row] = packetNo;
  batch.ipVersion[row] = 4;
  batch.protocol[row] = packetNo % 100 === 0 ? 132 : PROTOCOL.udp;
  batch.ipBytes[row] = 28;
  batch.srcIp[row] = 0x0a00_0001 + (session >> 4);
  batch.dstIp[row] = 0xc633_6401 + (session % 200);
  batch.ports[row] = (((1024 + (session & 0xf)) << 16) | 53) >>> 0;
  batch.l4Kind[row] = 0;
}

test('a large window is handed out whole, whatever comes before that is done', () => {
  const packets = datagrams();
  const atOnce = outcomeOf(packets, () => Infinity);
  const random = seededRandom(7);
  const late = outcomeOf(packets, () => random.int(0, 2));
  expect({ ...late, keys: late.keys.size }).toEqual({ ...atOnce, keys: atOnce.keys.size });

  const refused = packets.map((_, index) => index + 1).filter((packetNo) => packetNo % 100 === 0);
  expect(atOnce.refused).toEqual(refused);
  const counts = { windows: 4, epochs: 1, packets: packets.length - refused.length, isEverBehind: true };
  expect(atOnce).toMatchObject(counts);
  const translated = packets.filter((_, index) => (index + 1) % 100 !== 0);
  const sought = new Set(translated.map(({ sec, session }) => `${sec - (sec % 600)} ${session}`));
  expect([atOnce.entries, atOnce.keys.size]).toEqual([sought.size, sought.size]);
});

test('a window of as many entries as one batch of it holds is handed out at once', () => {
  const outcome = outcomeOf(datagrams().slice(0, 4096), () => 0);
  expect([outcome.isEverBehind, outcome.entries]).toEqual([false, 4096 - 40]);
});

test.each<{ name: string; changes: Partial<Gateway> }>([
  { name: 'by default', changes: {} },
  { name: 'with endpoint-independent mapping', changes: { mapping: 'eim' } },
  { name: 'with filtering by address', changes: { mapping: 'eim', filtering: 'adf' } },
  { name: 'with windows of sessions', changes: { windowPhase: 'session' } },
])('of hundreds of thousands of sessions, those that go on are found when the dead have gone, $name', ({ changes }) => {
  const count = 270_000;
  // Of a minute's patience each, so the first quarter is dead when the table is swept at 262,144 sessions.
  const once = Array.from({ length: count }, (_, session) => ({ sec: T0 + Math.floor(session / 3277), session }));
  const lastSec = once.at(-1)!.sec;
  const again = once.filter(({ sec }) => sec > lastSec - 50).map(({ session }) => ({ sec: lastSec, session }));
  const packetsBySession = new Map<number, number>();
  const aggregator = new WindowAggregator(
    // Of endpoints that are nobody else's there are not as many behind one address.
    gatewayWith({ eips: ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.5'], ...changes }),
    newEmulatorModule(),
    entrySink((batch) => {
      for (let row = 0; row < batch.length; row++) {
        const session = batch.sessionId.at(row);
        packetsBySession.set(session, (packetsBySession.get(session) ?? 0) + batch.pktsFromVpc.at(row));
      }
    }),
  );
  const batch = new PacketBatch();
  let wasTidiedInPieces = false;
  [...once, ...again].forEach((packet, index, { length }) => {
    // None that is not translated.
    fill(batch, packet, 1);
    if (batch.length < BATCH_ROWS && index + 1 < length) return;
    aggregator.add(batch);
    batch.length = 0;
    wasTidiedInPieces ||= aggregator.isBehind;
    while (aggregator.isBehind) aggregator.catchUp();
  });
  aggregator.end();
  while (aggregator.isBehind) aggregator.catchUp();

  expect(wasTidiedInPieces).toBe(true);
  expect([aggregator.sessions, aggregator.entries, packetsBySession.size]).toEqual([count, count, count]);
  const seenTwice = [...packetsBySession.values()].filter((packets) => packets === 2);
  expect([aggregator.packetsInEntries, seenTwice.length]).toEqual([count + again.length, again.length]);
});

test('hundreds of thousands of refusals are handed out piece by piece, each once', () => {
  const count = 200_000;
  const limits = { maxSessions: 1, maxNewPerSec: null, maxPortsPerHost: null, maxNewPerSecPerHost: null };
  const hosts = new Set<number>();
  let mostAtOnce = 0;
  let handedOut = 0;
  const aggregator = new WindowAggregator(gatewayWith({ limits }), newEmulatorModule(), {
    entries: () => undefined,
    events: (batch) => {
      handedOut += batch.length;
      for (let row = 0; row < batch.length; row++) hosts.add(batch.priIp[row]!);
    },
  });
  const catchUp = (): void => {
    while (aggregator.isBehind) {
      const before = handedOut;
      aggregator.catchUp();
      mostAtOnce = Math.max(mostAtOnce, handedOut - before);
    }
  };
  const batch = new PacketBatch();
  for (let index = 0; index < count; index++) {
    fill(batch, { sec: T0, session: index * 16 }, 1);
    if (batch.length < BATCH_ROWS && index + 1 < count) continue;
    aggregator.add(batch);
    batch.length = 0;
    catchUp();
  }
  aggregator.end();
  catchUp();
  expect([aggregator.sessions, handedOut, hosts.size]).toEqual([1, count - 1, count - 1]);
  expect(mostAtOnce).toBe(EVENT_BATCH_ROWS);
});
