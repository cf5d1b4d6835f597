import fc from 'fast-check';
import { assert, describe, expect, test, vi } from 'vitest';
import { LegPairing } from '../../../src-main/nat/leg-pairing';
import { PairedSessions } from '../../../src-main/nat/paired-sessions';
import { WaitingRows } from '../../../src-main/nat/waiting-rows';
import { tcpPacket, type Endpoint } from '../../support/frames';
import { simulateNat, type NatOptions } from '../../support/nat-simulator';
import { pair } from '../../support/paired-lines';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { MICROSECOND, SECOND } from '../../support/time';

/* Hosts that number alike, as scanners do that send all SYNs with one number: their packets are equal but for the host. */

const T0 = 1_700_000_400n;
const NAT = '203.0.113.1';
const A: Endpoint = '10.0.0.7:47176';
const B: Endpoint = '10.0.0.8:5000';
const S: Endpoint = '198.51.100.80:443';

const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(ms * 1e6)),
  bytes,
});

interface Segment {
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly id?: number;
  /** As the gateway gives it. */
  readonly natId?: number;
}

/** A segment of a host on the private side, and 1 ms later, beyond the gateway, with its port. */
const out = (ms: number, host: Endpoint, port: number, segment: Segment = {}): [CaptureRecord, CaptureRecord] => {
  const { flags = 'S', seq = 100, ack = 0, id = 0, natId = id } = segment;
  const one = (from: Endpoint, ttl: number, identification: number) =>
    tcpPacket({ from, to: S, flags, seq, ack, ttl, identification });
  return [at(ms, one(host, 64, id)), at(ms + 1, one(`${NAT}:${port}`, 63, natId))];
};
const into = (ms: number, host: Endpoint, port: number, segment: Segment = {}): [CaptureRecord, CaptureRecord] => {
  const { flags = 'SA', seq = 500, ack = 101, id = 0, natId = id } = segment;
  const one = (to: Endpoint, ttl: number, identification: number) =>
    tcpPacket({ from: S, to, flags, seq, ack, ttl, identification });
  return [at(ms, one(`${NAT}:${port}`, 60, natId)), at(ms + 1, one(host, 59, id))];
};

/** What is said of each packet without its number; `beyond` is the port of the gateway. */
const said = (...records: readonly (readonly CaptureRecord[])[]): string[] =>
  pair(inTimeOrder(...records)).map((line) => line.replace(/^\d+ /, '').replace(`${NAT}:`, ''));
const others = Array.from({ length: 400 }, (_, index) =>
  out(-1000 + 2 * index, '10.0.0.9:1', 3333, { flags: 'A', seq: 9000 + index }),
).flat();

describe('equal SYNs of two hosts at once', () => {
  test.each([0, 0.1, 0.9])('count once each, and show no translation, when they come %s ms apart', (apartMs) => {
    const legs: LegPairing[] = [];
    const records = inTimeOrder(out(0, A, 48_155), out(apartMs, B, 40_000));
    const lines = pair(records, { pairing: (stage) => legs.push(stage) });
    expect(lines).toEqual(['1 unknown', '2 unknown', '3 public_copy', '4 public_copy']);
    expect(legs[0]).toMatchObject({ paired: 2, equal: 2, byMoment: 0, privateOnly: 0, publicOnly: 0 });
  });

  test('are told when one has gone before the other comes', () => {
    expect(said(out(0, A, 48_155), out(1.1, B, 40_000))).toEqual([
      ...['paired 48155', 'public_copy'],
      ...['paired 40000', 'public_copy'],
    ]);
  });

  test('are told by what follows, if that differs', () => {
    const lines = said(
      ...[out(0, A, 48_155), out(0.1, B, 40_000)],
      ...[into(20, A, 48_155, { seq: 7000 }), into(20.1, B, 40_000, { seq: 8000 })],
    );
    expect(lines.slice(0, 4)).toEqual(['paired 48155', 'paired 40000', 'public_copy', 'public_copy']);
  });

  test('are told by sessions that are known', () => {
    const known = [out(-500, A, 48_155, { seq: 1 }), out(-400, B, 40_000, { seq: 2 })];
    const lines = said(...known, out(0, A, 48_155), out(0.1, B, 40_000));
    expect(lines.slice(4)).toEqual(['paired 48155', 'paired 40000', 'public_copy', 'public_copy']);
  });

  test('show none where nothing is missing either', () => {
    const lines = said(others, out(0, A, 48_155), out(0.1, B, 40_000));
    expect(lines.slice(-4)).toEqual(['unknown', 'unknown', 'public_copy', 'public_copy']);
  });

  test('show none when they have the same identification', () => {
    const lines = said(out(0, A, 48_155, { id: 54_321 }), out(0.1, B, 40_000, { id: 54_321 }));
    expect(lines).toEqual(['unknown', 'unknown', 'public_copy', 'public_copy']);
  });

  test('are told by their identifications, unless the gateway gives them others', () => {
    const both = (natIds: readonly number[]) => [
      out(0, A, 48_155, { id: 11, natId: natIds[0]! }),
      out(0.1, B, 40_000, { id: 12, natId: natIds[1]! }),
    ];
    const copies = ['public_copy', 'public_copy'];
    expect(said(...both([11, 12]))).toEqual(['paired 48155', 'paired 40000', ...copies]);
    const renumbered = out(-500, '10.0.0.9:1', 3333, { seq: 1, id: 1, natId: 2 });
    expect(said(renumbered, ...both([12, 77])).slice(2)).toEqual(['unknown', 'unknown', ...copies]);
  });

  test('and all that follows, if that is equal, too', () => {
    const handshake = (ms: number, host: Endpoint, port: number) => [
      ...[out(ms, host, port), into(ms + 100, host, port)],
      out(ms + 200, host, port, { flags: 'A', seq: 101, ack: 501 }),
    ];
    const lines = said(...handshake(0, A, 48_155), ...handshake(0.2, B, 40_000));
    const [unknown, copies] = [Array.from({ length: 2 }, () => 'unknown'), ['public_copy', 'public_copy']];
    expect(lines).toEqual([...[unknown, copies], ...[copies, unknown], ...[unknown, copies]].flat());
  });
});

describe('equal SYNs of which one is missing', () => {
  const [ofA, copyOfA] = out(0, A, 48_155);
  const [ofB, copyOfB] = out(0.1, B, 40_000);

  test.each([
    { name: 'of the first host', records: [ofB, copyOfA, copyOfB], lines: ['unknown', 'public_copy', 'publicOnly'] },
    { name: 'of the second host', records: [ofA, copyOfA, copyOfB], lines: ['unknown', 'public_copy', 'publicOnly'] },
    { name: 'the first copy', records: [ofA, ofB, copyOfB], lines: ['unknown', 'lost_in_nat', 'public_copy'] },
    { name: 'the second copy', records: [ofA, ofB, copyOfA], lines: ['unknown', 'lost_in_nat', 'public_copy'] },
  ])('show no translation: $name', ({ records, lines }) => {
    const known = out(-500, '10.0.0.9:1', 3333, { seq: 1 });
    expect(said(known, records).slice(2)).toEqual(lines);
  });

  test('leave a session that was learnt from one of them unknown', () => {
    const later = out(400, A, 48_155, { flags: 'A', seq: 101, ack: 7 });
    expect(said([ofA, copyOfB, copyOfA], later)).toEqual([
      ...['unknown', 'public_copy', 'publicOnly'],
      ...['paired 48155', 'public_copy'],
    ]);
  });
});

describe('a SYN that comes again alone, equal to that of another host before', () => {
  const together = [out(0, A, 48_155), out(0.1, B, 40_000)];

  test('shows no translation where packets may be missing', () => {
    expect(said(...together, out(4000, B, 40_000)).slice(4)).toEqual(['unknown', 'public_copy']);
  });

  test('shows it where none are, or half a minute later', () => {
    expect(said(others, ...together, out(4000, B, 40_000)).slice(-2)).toEqual(['paired 40000', 'public_copy']);
    expect(said(...together, out(30_200, B, 40_000)).slice(4)).toEqual(['paired 40000', 'public_copy']);
  });
});

test('equal SYNs of which a copy seems to come out before its packet has come, by another clock, show no translation', () => {
  const [ofA, copyOfA] = out(0, A, 48_155);
  const [ofB] = out(0.6, B, 40_000);
  const [, copyOfB] = out(-0.5, B, 40_000);
  const records = inTimeOrder([ofA, copyOfA], [copyOfB, ofB]);
  expect(pair(records, { hasTwoClocks: true })).toEqual(['1 unknown', '2 public_copy', '3 unknown', '4 public_copy']);
});

test('SYNs of sessions that are known are those of these, also if that of another seems to come out first', () => {
  const known = [...out(-500, A, 48_155, { seq: 1 }), ...out(-400, B, 40_000, { seq: 2 })];
  const [ofA] = out(0, A, 48_155);
  const [, copyOfA] = out(20, A, 48_155);
  const [, copyOfB] = out(4, B, 40_000);
  const [ofB] = out(5.1, B, 40_000);
  const lines = pair(inTimeOrder(known, [ofA, copyOfB, ofB, copyOfA]), { hasTwoClocks: true });
  expect(lines.slice(4)).toEqual([
    ...[`5 paired ${NAT}:48155`, '6 public_copy'],
    ...[`7 paired ${NAT}:40000`, '8 public_copy'],
  ]);
});

test('a session that is given another port at once shows that', () => {
  const again = out(400, A, 48_156, { seq: 2 });
  expect(said(out(0, A, 48_155, { seq: 1 }), again)).toEqual([
    ...['paired 48155', 'public_copy'],
    ...['paired 48156', 'public_copy'],
  ]);
});

test('a SYN that a host repeats at once shows its translation each time', () => {
  const lines = said(out(0, A, 48_155), out(0.2, A, 48_155), out(10, A, 48_155));
  expect(lines.filter((line) => line === 'paired 48155')).toHaveLength(3);
});

describe('a flood of equal SYNs', () => {
  /** 50,000 a second from 200 hosts, or from one each, that take so long through the gateway. */
  const flood = (packets: number, delayMs: number, hosts: number): CaptureRecord[] =>
    inTimeOrder(
      Array.from({ length: packets }, (_, index) => {
        const host = index % hosts;
        const of = { flags: 'S', seq: 100, identification: 1 + index };
        const from: Endpoint = `10.0.${host >>> 8}.${host & 0xff}:2000`;
        return [
          at(index / 50, tcpPacket({ from, to: S, ttl: 64, ...of })),
          at(index / 50 + delayMs, tcpPacket({ from: `${NAT}:${10_000 + host}`, to: S, ttl: 63, ...of })),
        ];
      }).flat(),
    );

  test.each([
    { name: 'of 200 hosts, 500 of them under way', delayMs: 10, hosts: 200 },
    { name: 'of 200 hosts, 2,000 under way', delayMs: 40, hosts: 200 },
    { name: 'each of another host, 2,000 under way', delayMs: 40, hosts: 5000 },
  ])('$name, is told by identifications, and not by a look at each of the others', ({ delayMs, hosts }) => {
    const records = flood(5000, delayMs, hosts);
    const atMost = 64 * records.length;
    const [sameKey, agreement] = [WaitingRows.prototype.hasSameKey, PairedSessions.prototype.agreement];
    let looks = 0;
    const look = () => {
      // At once, as there would be millions.
      if (++looks > atMost) assert.fail(`more than ${atMost} looks`);
    };
    vi.spyOn(WaitingRows.prototype, 'hasSameKey').mockImplementation(function (this: WaitingRows, one, other) {
      look();
      return sameKey.call(this, one, other);
    });
    vi.spyOn(PairedSessions.prototype, 'agreement').mockImplementation(function (this: PairedSessions, ...packets) {
      look();
      return agreement.apply(this, packets);
    });
    try {
      const lines = said(records);
      expect(lines.filter((line) => line.startsWith('paired'))).toHaveLength(5000);
      expect(lines.filter((line) => line === 'public_copy')).toHaveLength(5000);
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe('law', () => {
  const options = fc.record({
    seed: fc.nat(0xffff),
    lostOf1000: fc.constantFrom(0, 100),
    isRenumbered: fc.boolean(),
    hasTwoClocks: fc.boolean(),
    delayUs: fc.constantFrom([1, 40] as const, [20, 5000] as const, [100, 49_000] as const),
    spreadMs: fc.constantFrom(1, 20, 2000),
  });

  interface Given {
    readonly spreadMs: number;
    /** None has by chance the identification of another. */
    readonly isRenumbered: boolean;
    /** That outside is a little behind. */
    readonly hasTwoClocks: boolean;
  }

  /** SYNs of one number by hosts that send them one, two and three times, and data of their own. */
  function bothSides({ spreadMs, isRenumbered, hasTwoClocks, ...given }: NatOptions & Given) {
    const random = seededRandom(given.seed + 1);
    const scripts = Array.from({ length: 12 }, (_, index): CaptureRecord[] => {
      const from: Endpoint = `10.0.0.${1 + (index % 9)}:${20_000 + index}`;
      const begin = random.int(0, spreadMs * 1000);
      const sent = [0, 1_000_000, 3_000_000]
        .slice(0, random.int(1, 3))
        .map((us) => ({ us, flags: 'S', seq: 7, ack: 0 }));
      if (random.int(0, 1) === 1) sent.push({ us: 3_500_000, flags: 'A', seq: 8, ack: 1 + index });
      return sent.map(({ us, ...segment }) => ({
        atNs: T0 * SECOND + BigInt(begin + us + random.int(0, 300)) * MICROSECOND,
        bytes: tcpPacket({ from, to: S, ttl: 64, identification: random.pick([0, random.int(1, 0x7fff)]), ...segment }),
      }));
    });
    const crossed = simulateNat(inTimeOrder(...scripts), { ...given, clockAheadNs: hasTwoClocks ? -900_000n : 0n });
    for (const { outside } of isRenumbered ? crossed : []) outside?.bytes.set([0x80 + random.int(0, 0x7f), 7], 4);
    return inTimeOrder(
      crossed.flatMap(({ inside, outside, translation: { nat } }) => [
        ...(inside === null ? [] : [{ ...inside, isInside: true, nat }]),
        ...(outside === null ? [] : [{ ...outside, isInside: false, nat }]),
      ]),
    );
  }

  test('no packet is given the translation of another', () => {
    fc.assert(
      fc.property(options, (given) => {
        const records = bothSides(given);
        pair(records, given).forEach((line, index) => {
          const { isInside, nat } = records[index]!;
          if (line.includes(' paired ')) expect([isInside, line]).toEqual([true, `${index + 1} paired ${nat}`]);
        });
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('nor in a flood, be identifications alike or packets lost', () => {
    const floods = fc.record({ seed: fc.nat(0xffff), isLossy: fc.boolean(), hosts: fc.constantFrom(5, 300, 1000) });
    fc.assert(
      fc.property(floods, ({ seed, isLossy, hosts }) => {
        const random = seededRandom(seed);
        const sent = Array.from({ length: 700 }, (_, index): CaptureRecord => {
          const identification = isLossy ? 1 + index : random.int(1, 400);
          const from: Endpoint = `10.0.0.7:${20_000 + random.int(1, hosts)}`;
          const bytes = tcpPacket({ from, to: S, ttl: 64, flags: 'S', seq: 7, ack: 0, identification });
          return { atNs: T0 * SECOND + BigInt(index * 25) * MICROSECOND, bytes };
        });
        const crossed = simulateNat(sent, { seed, lostOf1000: isLossy ? 50 : 0, delayUs: [12_000, 20_000] });
        const records = inTimeOrder(
          crossed.flatMap(({ inside, outside, translation: { nat } }) => [
            ...(inside === null ? [] : [{ ...inside, isInside: true, nat }]),
            ...(outside === null ? [] : [{ ...outside, isInside: false, nat }]),
          ]),
        );
        pair(records).forEach((line, index) => {
          const { isInside, nat } = records[index]!;
          if (line.includes(' paired ')) expect([isInside, line]).toEqual([true, `${index + 1} paired ${nat}`]);
        });
      }),
      { numRuns: PROPERTY_RUNS / 10 },
    );
  });

  test('where nothing is lost, every packet counts once, however the packets are cut into batches', () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 1, max: 30 }), (given, rows) => {
        const records = bothSides({ ...given, lostOf1000: 0 });
        const lines = pair(records, given);
        expect(lines.filter((line) => line.includes('public_copy'))).toHaveLength(records.length / 2);
        expect(pair(records, { ...given, batchRows: () => rows })).toEqual(lines);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});
