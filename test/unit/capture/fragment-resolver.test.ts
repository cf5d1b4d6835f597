import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FragmentResolver } from '../../../src-main/capture/fragment-resolver';
import { BATCH_ROWS, PACKET_FLAG, PROTOCOL, PacketBatch, TRAIT } from '../../../src-main/capture/packet-batch';
import { PROPERTY_RUNS } from '../../support/property-runs';

interface Packet {
  readonly no: number;
  readonly sec: number;
  /** Identification of a fragment; null for a whole packet. */
  readonly id: number | null;
  readonly isFirst?: boolean;
  readonly ports?: number;
  readonly nsec?: number;
  /** See `PacketBatch`. */
  readonly span?: number;
}

const first = (no: number, sec: number, id: number, ports = 0x10002): Packet => ({ no, sec, id, isFirst: true, ports });
const later = (no: number, sec: number, id: number): Packet => ({ no, sec, id });
const whole = (no: number, sec: number): Packet => ({ no, sec, id: null, ports: 0x30004 });

function batchOf(packets: readonly Packet[]): PacketBatch {
  const batch = new PacketBatch();
  packets.forEach(({ no, sec, nsec = 0, id, isFirst = false, ports = 0, span = 0 }, row) => {
    batch.packetNo[row] = no;
    batch.tsSec[row] = sec;
    batch.tsNsec[row] = nsec;
    batch.fragmentSpan[row] = span;
    batch.ipVersion[row] = 4;
    batch.protocol[row] = PROTOCOL.udp;
    batch.srcIp[row] = 0x0a000001;
    batch.dstIp[row] = 0xc0000201;
    batch.ports[row] = ports;
    batch.ipId[row] = id ?? 0;
    batch.flags[row] = id === null ? 0 : isFirst ? PACKET_FLAG.firstFragment : PACKET_FLAG.laterFragment;
  });
  batch.length = packets.length;
  return batch;
}

/** @returns number, ports and whether it is still without its first one, of each packet in the order handed on */
function resolved(
  batches: readonly (readonly Packet[])[],
  waitSec?: number,
): { packets: [number, number, boolean][]; givenUp: number } {
  const packets: [number, number, boolean][] = [];
  const resolver = new FragmentResolver((batch) => {
    expect(batch.length).toBeLessThanOrEqual(BATCH_ROWS);
    for (let row = 0; row < batch.length; row++) {
      const isLost = (batch.flags[row]! & PACKET_FLAG.laterFragment) !== 0;
      packets.push([batch.packetNo[row]!, batch.ports[row]!, isLost]);
    }
  }, waitSec);
  for (const batch of batches) resolver.push(batchOf(batch));
  resolver.flush();
  return { packets, givenUp: resolver.givenUp };
}

test('a later fragment gets the ports of its first one, in the same batch or an earlier one', () => {
  expect(resolved([[first(1, 0, 7), later(2, 0, 7)], [later(3, 1, 7)]]).packets).toEqual([
    [1, 0x10002, false],
    [2, 0x10002, false],
    [3, 0x10002, false],
  ]);
});

test('the fragments of a packet share a number that no other packet has, also when the first one comes again', () => {
  const numbers = new Map<number, number>();
  const resolver = new FragmentResolver((batch) => {
    for (let row = 0; row < batch.length; row++) {
      numbers.set(batch.packetNo[row]!, batch.has(TRAIT.unfragmented) ? 0 : batch.fragmentOf[row]!);
    }
  });
  const batches = [
    [later(1, 0, 7), whole(2, 0), first(3, 1, 7)],
    [whole(4, 1)],
    [first(5, 1, 8), later(6, 1, 8), later(7, 1, 7), whole(8, 1), first(9, 2, 7), later(10, 2, 7), later(11, 2, 9)],
    [first(12, 40, 7), later(13, 40, 7)],
  ];
  for (const batch of batches) {
    const pushed = batchOf(batch);
    // What an earlier batch left in its columns.
    pushed.fragmentOf.fill(99);
    resolver.push(pushed);
  }
  resolver.flush();
  const numberOf = (no: number) => numbers.get(no)!;
  expect([2, 4, 8, 11].map(numberOf)).toEqual([0, 0, 0, 0]);
  expect([1, 7, 9, 10].map(numberOf)).toEqual([3, 3, 3, 3].map(numberOf));
  expect(numberOf(6)).toBe(numberOf(5));
  expect(numberOf(13)).toBe(numberOf(12));
  expect(new Set([2, 3, 5, 12].map(numberOf)).size).toBe(4);
});

test('rows of a batch without fragments have no number where they are copied to', () => {
  const from = batchOf([whole(1, 0)]);
  from.fragmentOf[0] = 99;
  const to = new PacketBatch();
  to.appendRow(from, 0);
  from.traits |= TRAIT.unfragmented;
  to.appendRow(from, 0);
  expect([...to.fragmentOf.subarray(0, 2)]).toEqual([99, 0]);
});

test('later fragments that come before their first one follow it, in their order', () => {
  const early = [later(1, 0, 7), whole(2, 0), later(3, 1, 7)];
  expect(resolved([early, [whole(4, 2), first(5, 3, 7), whole(6, 3)]]).packets).toEqual([
    [2, 0x30004, false],
    [4, 0x30004, false],
    [5, 0x10002, false],
    [1, 0x10002, false],
    [3, 0x10002, false],
    [6, 0x30004, false],
  ]);
});

test('a fragment without a first one is handed on without ports, after thirty seconds or at the end', () => {
  expect(resolved([[later(1, 0, 7), later(2, 10, 8)], [whole(3, 30)], [whole(4, 31)]]).packets).toEqual([
    [3, 0x30004, false],
    [1, 0, true],
    [4, 0x30004, false],
    [2, 0, true],
  ]);
});

test('a first fragment of long ago belongs to another packet of the same number', () => {
  expect(resolved([[first(1, 0, 7), later(2, 31, 7), first(3, 32, 7, 0x50006)]]).packets).toEqual([
    [1, 0x10002, false],
    [3, 0x50006, false],
    [2, 0x50006, false],
  ]);
  expect(resolved([[first(1, 0, 7), later(2, 5000, 7)]], Infinity).packets[1]).toEqual([2, 0x10002, false]);
});

test('the latest first fragment counts, also for other addresses in between', () => {
  const rows = resolved([[first(1, 0, 7), first(2, 1, 7, 0x50006), later(3, 1, 7), later(4, 1, 9)]]).packets;
  expect(rows[2]).toEqual([3, 0x50006, false]);
  expect(rows[3]).toEqual([4, 0, true]);
});

describe('a fragment of a packet that is whole already', () => {
  const MS = 1e6;
  const head = (no: number, ms: number, ports?: number): Packet => ({
    ...first(no, Math.floor(ms / 1000), 7, ports),
    ...{ nsec: Math.round((ms % 1000) * MS), span: (1 << 17) | 8 },
  });
  const tail = (no: number, ms: number): Packet => ({
    ...later(no, Math.floor(ms / 1000), 7),
    ...{ nsec: Math.round((ms % 1000) * MS), span: (1 << 18) | 16 },
  });
  const other = (no: number, ms: number): Packet => ({
    ...whole(no, Math.floor(ms / 1000)),
    nsec: Math.round((ms % 1000) * MS),
  });
  const isWhole = [head(1, 0), tail(2, 0.01)];
  const OWN = 0x10002;
  const NEXT = 0x50006;

  test.each<{ name: string; packets: Packet[]; found: [number, number][] }>([
    {
      name: 'is of the next one, whose first one it has overtaken',
      packets: [...isWhole, tail(3, 168), head(4, 168.001, NEXT), other(5, 300)],
      found: [
        [4, NEXT],
        [3, NEXT],
        [5, 0x30004],
      ],
    },
    {
      name: 'is so also where a second passes meanwhile',
      packets: [...isWhole, tail(3, 999.99), head(4, 1049.99, NEXT)],
      found: [
        [4, NEXT],
        [3, NEXT],
      ],
    },
    {
      name: 'is its copy within a millisecond',
      packets: [...isWhole, tail(3, 1.01), head(4, 1.02, NEXT)],
      found: [
        [3, OWN],
        [4, NEXT],
      ],
    },
    {
      name: 'is its copy when nothing comes for 50 ms that it could have overtaken',
      packets: [...isWhole, tail(3, 1.011), other(4, 51.011), other(5, 51.012), head(6, 51.013, NEXT)],
      found: [
        [4, 0x30004],
        [3, OWN],
        [5, 0x30004],
        [6, NEXT],
      ],
    },
    {
      name: 'is its copy at the end',
      packets: [...isWhole, tail(3, 40), tail(4, 41)],
      found: [
        [3, OWN],
        [4, OWN],
      ],
    },
  ])('$name', ({ packets, found }) => {
    for (const cut of [packets.length, 1, 2, 3]) {
      const batches = Array.from({ length: Math.ceil(packets.length / cut) }, (_, at) =>
        packets.slice(at * cut, (at + 1) * cut),
      );
      expect(resolved(batches).packets.slice(2)).toEqual(found.map(([no, ports]) => [no, ports, false]));
    }
  });

  test('waits in no more places than there are', () => {
    const count = 70_000;
    const packets = Array.from({ length: count }, (_, index) => tail(index + 3, 2));
    const batches = Array.from({ length: Math.ceil(count / 4000) }, (_, at) =>
      packets.slice(at * 4000, (at + 1) * 4000),
    );
    const all = resolved([isWhole, ...batches, [other(count + 3, 100)]]);
    expect(all.givenUp).toBe(0);
    expect(new Set(all.packets.map(([no]) => no)).size).toBe(count + 3);
    expect(all.packets.filter(([no]) => no < count + 3).every(([, ports, isLost]) => ports === OWN && !isLost)).toBe(
      true,
    );
  });
});

test('when more fragments wait than can, the oldest are handed on, and counted', () => {
  const count = 70_000;
  const batches = Array.from({ length: Math.ceil(count / 4000) }, (_, batch) =>
    Array.from({ length: Math.min(4000, count - batch * 4000) }, (__, row) =>
      later(batch * 4000 + row + 1, 0, batch * 4000 + row),
    ),
  );
  const { packets, givenUp } = resolved(batches);
  expect(givenUp).toBe(count - 65_536);
  expect(packets.map(([no]) => no)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(packets.every(([, , isLost]) => isLost)).toBe(true);
});

test("law: no packet is lost, doubled or given another's ports, however the packets are cut into batches", () => {
  const packet = fc.record({
    id: fc.option(fc.integer({ min: 1, max: 6 }), { nil: null }),
    isFirst: fc.boolean(),
    stepSec: fc.constantFrom(0, 0, 1, 12),
  });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (drawn, size) => {
      let sec = 0;
      const packets = drawn.map(({ id, isFirst, stepSec }, index): Packet => {
        sec += stepSec;
        return { no: index + 1, sec, id, isFirst, ports: id === null ? 0x30004 : isFirst ? id << 8 : 0 };
      });
      const cut = Array.from({ length: Math.ceil(packets.length / size) }, (_, at) =>
        packets.slice(at * size, at * size + size),
      );
      const { packets: all } = resolved([packets]);
      // Where the batches end decides only when the fragments are handed on that nothing came for.
      const byNo = (rows: readonly [number, number, boolean][]): unknown => rows.toSorted(([a], [b]) => a - b);
      expect(byNo(resolved(cut).packets)).toEqual(byNo(all));
      expect(all.length).toBe(packets.length);
      for (const [no, ports, isLost] of all) {
        const { id } = packets[no - 1]!;
        expect(ports).toBe(id === null ? 0x30004 : isLost ? 0 : id << 8);
      }
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
