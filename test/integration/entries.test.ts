import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { capturesFolder, needingCaptures } from '../support/captures';
import { gatewayWith, sessionLog, type SessionLog } from '../support/session-log';
import { DEFAULT_MAX_EXPANSION } from '../../src-main/contract/ipc';
import type { ConversationRow } from '../../src-main/engine/conversations';
import { openFileSource } from '../../src-main/engine/file-source';
import { UnpackedSource } from '../../src-main/engine/unpack/unpacked-source';

/*
 * Entries against tshark's conversations of the same captures. Both count packets and IP bytes by five-tuple and
 * ten-minute window, so the entries of one five-tuple and window add up to the conversation's, except for packets that
 * the gateway did not translate. How many those are is known from the ledger.
 */

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const captures =
  folder === undefined ? [] : readdirSync(folder).filter((name) => existsSync(join(folder, `${name}.oracle.json`)));

interface GroundTruth {
  readonly outer: readonly ConversationRow[];
  readonly inner: 'same as outer' | readonly ConversationRow[];
}

interface Count {
  packets: number;
  bytes: number;
}

const ICMP = 1;

type Counts = Map<string, readonly [vpc: Count, inbound: Count]>;

function add(counts: Counts, key: string, vpc: Count, inbound: Count): void {
  const sums =
    counts.get(key) ??
    ([
      { packets: 0, bytes: 0 },
      { packets: 0, bytes: 0 },
    ] as const);
  addTo(sums[0], vpc);
  addTo(sums[1], inbound);
  counts.set(key, sums);
}

function addTo(sum: Count, count: Count): void {
  sum.packets += count.packets;
  sum.bytes += count.bytes;
}

function parseCount(text: string): Count {
  const [bytes = 0, packets = 0] = text.split('/').map(Number);
  return { packets, bytes };
}

/** Packets and bytes from the VPC and from the Internet, by five-tuple and, unless told otherwise, window. */
function byTuple(log: SessionLog, ofWindow: boolean): Counts {
  const counts: Counts = new Map();
  for (const entry of log.entries) {
    const key = `${ofWindow ? entry.windowStart : ''} ${entry.protocol} ${entry.pri} ${entry.pub}`;
    add(counts, key, parseCount(entry.vpc), parseCount(entry.inbound));
  }
  return counts;
}

/** The conversations of the ground truth in the same form, as seen from their private side. */
function truthOf(rows: readonly ConversationRow[], ofWindow: boolean): Counts {
  const counts: Counts = new Map();
  for (const row of rows) {
    if (row.ver !== 4) continue;
    const isA = isPrivate(row.a_ip);
    if (isA === isPrivate(row.b_ip)) continue;
    const priPort = isA ? row.a_port : row.b_port;
    const pubPort = row.proto === ICMP ? 0 : isA ? row.b_port : row.a_port;
    const pri = `${isA ? row.a_ip : row.b_ip}:${priPort}`;
    const pub = `${isA ? row.b_ip : row.a_ip}:${pubPort}`;
    for (const [window, [pktsAb, bytesAb, pktsBa, bytesBa]] of Object.entries(row.windows)) {
      const ab = { packets: pktsAb, bytes: bytesAb };
      const ba = { packets: pktsBa, bytes: bytesBa };
      add(counts, `${ofWindow ? window : ''} ${row.proto} ${pri} ${pub}`, isA ? ab : ba, isA ? ba : ab);
    }
  }
  return counts;
}

function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[789]\d|1[01]\d|12[0-7])\.)/.test(address);
}

describe.skipIf(folder === undefined)(needingCaptures('entries add up to what tshark counts'), () => {
  let compared = 0;

  const cases = captures.flatMap((name) => (['outer', 'inner'] as const).map((layer) => ({ name, layer })));
  test.each(cases)('$name, the $layer layer', async ({ name, layer }) => {
    const path = join(folder ?? '', name);
    const truth = JSON.parse(readFileSync(`${path}.oracle.json`, 'utf8')) as GroundTruth;
    const source = new UnpackedSource(openFileSource(path), DEFAULT_MAX_EXPANSION);
    const log = await sessionLog([source], gatewayWith(), layer);
    // Packets later than two seconds are carried into the window that is open: then only the sums agree.
    const ofWindow = log.latePackets === 0;
    const rows = layer === 'outer' || truth.inner === 'same as outer' ? truth.outer : truth.inner;
    const expected = truthOf(rows, ofWindow);
    let missing = 0;
    for (const [key, [vpc, inbound]] of byTuple(log, ofWindow)) {
      const counted = expected.get(key);
      expect(counted, key).toBeDefined();
      const [trueVpc, trueInbound] = counted ?? [];
      expect(vpc, key).toEqual(trueVpc);
      // Only packets from outside can precede the session that they would belong to.
      missing += (trueInbound?.packets ?? 0) - inbound.packets;
      if (trueInbound?.packets === inbound.packets) expect(inbound, key).toEqual(trueInbound);
      compared++;
    }
    expect(missing).toBeGreaterThanOrEqual(0);
    expect(missing).toBeLessThanOrEqual(log.ledger.packets.notInEntries.no_session ?? 0);
  });

  test('there was something to compare', () => {
    expect(compared).toBeGreaterThan(4000);
  });
});
