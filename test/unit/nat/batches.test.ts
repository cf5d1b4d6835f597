import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_ROWS, PROTOCOL, PacketBatch } from '../../../src-main/capture/packet-batch';
import { newEmulatorModule } from '../../../src-main/engine/emulator-module';
import { formatIpv4 } from '../../../src-main/nat/address-text';
import type { Gateway } from '../../../src-main/nat/gateway';
import { WindowAggregator } from '../../../src-main/window/window-aggregator';
import { gateways, tupleOf } from '../../support/adversarial-traffic';
import {
  expectEndpointsToBeAllowed,
  expectEndpointsToBeUnique,
  expectRowsOfOneSession,
  type Refused,
} from '../../support/nat-invariants';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { readEntry, type Entry } from '../../support/session-log';
import { SECOND } from '../../support/time';
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

interface Outcome {
  readonly entries: readonly Entry[];
  readonly refused: readonly Refused[];
}

/** @param sizeOf rows of the next batch */
function outcomeOf(gateway: Gateway, packets: readonly PacketBatch[], sizeOf: () => number): Outcome {
  const entries: Entry[] = [];
  const refused: Refused[] = [];
  const aggregator = new WindowAggregator(gateway, newEmulatorModule(), {
    ...entrySink((batch) => {
      for (let row = 0; row < batch.length; row++) entries.push(readEntry(batch, row));
    }),
    verdicts: (batch, reasons) => {
      for (let row = 0; row < batch.length; row++) if (reasons[row] !== 0) refused.push(refusedOf(batch, row));
    },
  });
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
  entries.sort((a, b) => a.entryNo - b.entryNo);
  return { entries, refused };
}

/** All that is left out here is so for want of a session. */
function refusedOf(batch: PacketBatch, row: number): Refused {
  const ports = batch.ports[row]!;
  const from = `${formatIpv4(batch.srcIp[row]!)}:${ports >>> 16}`;
  const to = `${formatIpv4(batch.dstIp[row]!)}:${ports & 0xffff}`;
  const [pri, pub] = from.startsWith('10.') ? [from, to] : [to, from];
  const atNs = BigInt(batch.tsSec[row]!) * SECOND + BigInt(batch.tsNsec[row]!);
  return { atNs, tuple: tupleOf(batch.protocol[row]!, pri, pub) };
}

const asText = (entries: readonly Entry[]): string[] => entries.map((entry) => Object.values(entry).join(' '));

test('with thousands of sessions at once, rows depend on no batches, and keep all that is so of few', () => {
  fc.assert(
    fc.property(gateways, fc.nat(), (gateway, seed) => {
      const packets = manyPackets(seed);
      const random = seededRandom(seed);
      const outcome = outcomeOf(gateway, packets, () => BATCH_ROWS);
      const other = outcomeOf(gateway, packets, () => random.int(1, 700));
      expect(asText(other.entries)).toEqual(asText(outcome.entries));
      const rows = { gateway, log: outcome, refused: outcome.refused };
      expectRowsOfOneSession(rows);
      expectEndpointsToBeAllowed(rows);
      expectEndpointsToBeUnique(rows);
    }),
    // Others that fail are no easier to understand, with as many packets.
    { numRuns: RUNS, endOnFailure: true },
  );
});
