import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_ROWS, PROTOCOL, PacketBatch } from '../../../src-main/capture/packet-batch';
import { newEmulatorModule } from '../../../src-main/engine/emulator-module';
import type { Gateway } from '../../../src-main/nat/gateway';
import { WindowAggregator } from '../../../src-main/window/window-aggregator';
import { gateways } from '../../support/adversarial-traffic';
import {
  expectEndpointsToBeAllowed,
  expectEndpointsToBeUnique,
  expectRowsOfOneSession,
} from '../../support/nat-invariants';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { readEntry, type Entry } from '../../support/session-log';
import { entrySink } from '../../support/window-sink';

/*
 * With so many sessions that dead ones are moved out of the table of the living while a window is open: when that is done
 * follows from the batches that packets come in, which nothing else may.
 */

const RUNS = Math.ceil(PROPERTY_RUNS / 10);
const PACKETS = 30_000;
const T0 = 1_700_000_400;

const TCP_FLAGS = [0x02, 0x02, 0x12, 0x10, 0x11, 0x04];

/** Most of new sessions, in few places, at some hundred a second. */
function manyPackets(seed: number): readonly PacketBatch[] {
  const random = seededRandom(seed);
  const batches: PacketBatch[] = [];
  let sec = T0;
  for (let index = 0; index < PACKETS; index++) {
    if (index % BATCH_ROWS === 0) batches.push(new PacketBatch());
    if (random.int(0, 199) === 0) sec += random.pick([1, 1, 1, 2, 10, 59, 60, 61]);
    const batch = batches.at(-1)!;
    const row = batch.length++;
    const host = 0x0a000000 + random.int(1, 900) + (random.int(0, 3) === 0 ? 0x100 : 0);
    const server = 0xcb007150 + random.int(0, 9);
    const isInward = random.int(0, 9) === 0;
    const isTcp = random.int(0, 2) === 0;
    const port = random.int(1024, 1027);
    batch.tsSec[row] = sec;
    batch.tsNsec[row] = index;
    batch.protocol[row] = isTcp ? PROTOCOL.tcp : PROTOCOL.udp;
    batch.ipVersion[row] = 4;
    batch.ipBytes[row] = 100;
    batch.srcIp[row] = isInward ? server : host;
    batch.dstIp[row] = isInward ? host : server;
    batch.ports[row] = isInward ? (443 << 16) | port : (port << 16) | 443;
    batch.l4Kind[row] = isTcp ? random.pick(TCP_FLAGS) : 0;
    batch.tcpSeq[row] = random.int(0, 1);
    batch.tcpAck[row] = random.int(0, 2);
    batch.tcpWindow[row] = 64_240;
    batch.packetNo[row] = index + 1;
  }
  return batches;
}

/** @param sizeOf rows of the next batch */
function entriesOf(gateway: Gateway, packets: readonly PacketBatch[], sizeOf: () => number): Entry[] {
  const entries: Entry[] = [];
  const sink = entrySink((batch) => {
    for (let row = 0; row < batch.length; row++) entries.push(readEntry(batch, row));
  });
  const aggregator = new WindowAggregator(gateway, newEmulatorModule(), sink);
  const filling = new PacketBatch();
  let size = sizeOf();
  for (const batch of packets) {
    for (let row = 0; row < batch.length; row++) {
      filling.appendRow(batch, row);
      if (filling.length < size) continue;
      aggregator.add(filling);
      filling.length = 0;
      size = sizeOf();
    }
  }
  aggregator.add(filling);
  aggregator.end();
  return entries.sort((a, b) => a.entryNo - b.entryNo);
}

const asText = (entries: readonly Entry[]): string[] => entries.map((entry) => Object.values(entry).join(' '));

test('with thousands of sessions at once, rows depend on no batches, and keep all that is so of few', () => {
  fc.assert(
    fc.property(gateways, fc.nat(), (gateway, seed) => {
      const packets = manyPackets(seed);
      const random = seededRandom(seed);
      const entries = entriesOf(gateway, packets, () => BATCH_ROWS);
      expect(asText(entriesOf(gateway, packets, () => random.int(1, 700)))).toEqual(asText(entries));
      const rows = { gateway, log: { entries } };
      expectRowsOfOneSession(rows);
      expectEndpointsToBeAllowed(rows);
      expectEndpointsToBeUnique(rows);
    }),
    // Others that fail are no easier to understand, with as many packets.
    { numRuns: RUNS, endOnFailure: true },
  );
});
