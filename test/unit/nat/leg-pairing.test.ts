import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_ROWS, PacketBatch } from '../../../src-main/capture/packet-batch';
import { addressClasses } from '../../../src-main/nat/address-classes';
import { parsePublicAddress } from '../../../src-main/nat/address-text';
import { LegPairing, MAX_WAITING } from '../../../src-main/nat/leg-pairing';
import { fragment, icmpEcho, icmpError, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { randomTraffic, simulateNat, type NatOptions } from '../../support/nat-simulator';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { pair } from '../../support/paired-lines';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { MILLISECOND, SECOND } from '../../support/time';
import { gatewayWith, snatEntry } from '../../support/session-log';

const NAT = '203.0.113.1';
const HOST: Endpoint = '10.0.0.7:47176';
const S: Endpoint = '203.0.113.80:443';
const T0 = 1_700_000_400n;

const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(ms * 1e6)),
  bytes,
});
const tcp = (from: Endpoint, to: Endpoint, flags: string, seq: number, ttl: number, identification = seq & 0xffff) =>
  tcpPacket({ from, to, flags, seq, ack: 9, ttl, identification });
const udp = (from: Endpoint, to: Endpoint, ttl: number, identification = 7, text = 'hello') =>
  udpPacket({ from, to, ttl, identification, payload: Buffer.from(text) });

describe('a packet that is seen on both sides', () => {
  test('69: counts on the private side, with the port that was observed', () => {
    const lines = pair([at(0, tcp(HOST, S, 'S', 100, 64)), at(2, tcp(`${NAT}:48155`, S, 'S', 100, 63))]);
    expect(lines).toEqual([`1 paired ${NAT}:48155`, '2 public_copy']);
  });

  test('coming from outside, is seen on the public side first', () => {
    const lines = pair([at(0, tcp(S, `${NAT}:48155`, 'SA', 100, 60)), at(2, tcp(S, HOST, 'SA', 100, 59))]);
    expect(lines).toEqual(['1 public_copy', `2 paired ${NAT}:48155`]);
  });

  test.each([
    { name: 'more than 50 ms apart', ms: 50.001, ttl: 63, seq: 100, isPair: false },
    { name: '50 ms apart', ms: 50, ttl: 63, seq: 100, isPair: true },
    { name: 'at the same time', ms: 0, ttl: 63, seq: 100, isPair: true },
    { name: 'whose time to live did not fall', ms: 1, ttl: 64, seq: 100, isPair: false },
    { name: 'of another sequence number', ms: 1, ttl: 63, seq: 101, isPair: false },
  ])('$name: $isPair', ({ ms, ttl, seq, isPair }) => {
    const lines = pair([at(0, tcp(HOST, S, 'A', 100, 64)), at(ms, tcp(`${NAT}:48155`, S, 'A', seq, ttl, 100))]);
    expect(lines).toEqual(isPair ? [`1 paired ${NAT}:48155`, '2 public_copy'] : ['1 unknown', '2 publicOnly']);
  });

  test('is found at the same time in either order of the capture', () => {
    const lines = pair([at(0, tcp(`${NAT}:48155`, S, 'S', 100, 63)), at(0, tcp(HOST, S, 'S', 100, 64))]);
    expect(lines).toEqual(['1 public_copy', `2 paired ${NAT}:48155`]);
  });

  test('may be UDP, known by its payload and identification', () => {
    const copy = (ms: number, identification: number, text?: string) =>
      at(ms, udp(`${NAT}:5555`, S, 63, identification, text));
    const lines = pair([at(0, udp(HOST, S, 64)), copy(1, 8), copy(2, 7, 'hallo'), copy(3, 7)]);
    expect(lines).toEqual([`1 paired ${NAT}:5555`, '2 publicOnly', '3 publicOnly', '4 public_copy']);
  });

  test('may be an echo request, whose identifier is the port', () => {
    const echo = (from: string, id: number, seq: number, ttl: number) =>
      icmpEcho({ from, to: '198.51.100.9', id, seq, ttl });
    const lines = pair([
      at(0, echo('10.0.0.7', 4, 1, 64)),
      at(1, echo(NAT, 7777, 1, 63)),
      at(2, echo('10.0.0.7', 4, 2, 64)),
      at(3, echo(NAT, 7777, 2, 63)),
    ]);
    expect(lines).toEqual([`1 paired ${NAT}:7777`, '2 public_copy', `3 paired ${NAT}:7777`, '4 public_copy']);
  });

  test('may be an ICMP error about one, known by what it quotes', () => {
    const about = (from: Endpoint) => udp(from, S, 60);
    const error = (to: string, from: Endpoint, ttl: number) =>
      icmpError({ from: '192.0.2.1', to, type: 11, code: 0, about: about(from), ttl, identification: 3 });
    const lines = pair([at(0, error(NAT, `${NAT}:5555`, 200)), at(1, error('10.0.0.7', HOST, 199))]);
    expect(lines).toEqual(['1 public_copy', `2 paired ${NAT}:5555`]);
  });

  test('may be in fragments, each of which has its copy', () => {
    const payload = new Uint8Array(2000);
    const parts = (from: Endpoint, ttl: number) => fragment(udpPacket({ from, to: S, ttl, payload }), 800);
    const inside = parts(HOST, 64).map((bytes, index) => at(index / 10, bytes));
    const outside = parts(`${NAT}:5555`, 63).map((bytes, index) => at(1 + index / 10, bytes));
    const lines = pair([...inside, ...outside]);
    expect(lines).toEqual([
      ...[1, 2, 3].map((number) => `${number} paired ${NAT}:5555`),
      ...[4, 5, 6].map((number) => `${number} public_copy`),
    ]);
  });
});

describe('packets that are equal', () => {
  test('pair one to one, those with the same identification first', () => {
    const out = (ms: number, identification: number) => at(ms, tcp(HOST, S, 'A', 100, 64, identification));
    const copy = (ms: number, identification: number) => at(ms, tcp(`${NAT}:48155`, S, 'A', 100, 63, identification));
    const lines = pair([out(0, 1), out(20, 2), copy(21, 1), copy(40, 2)]);
    expect(lines).toEqual([
      ...[1, 2].map((number) => `${number} paired ${NAT}:48155`),
      ...[3, 4].map((number) => `${number} public_copy`),
    ]);
  });

  test('of which one was lost pair the nearest in time, and the other is lost', () => {
    const first = [at(0, udp(HOST, S, 64, 0, 'first')), at(1, udp(`${NAT}:5555`, S, 63, 0, 'first'))];
    const retries = [at(10, udp(HOST, S, 64, 0)), at(40, udp(HOST, S, 64, 0)), at(41, udp(`${NAT}:5555`, S, 63, 0))];
    const lines = pair([...first, ...retries]);
    expect(lines.slice(2)).toEqual(['3 lost_in_nat', `4 paired ${NAT}:5555`, '5 public_copy']);
  });

  test('of two hosts go to the one whose session has that port', () => {
    const other: Endpoint = '10.0.0.8:47176';
    const lines = pair([
      ...[at(0, udp(HOST, S, 64, 1, 'a')), at(1, udp(`${NAT}:1111`, S, 63, 1, 'a'))],
      ...[at(100, udp(other, S, 64, 1, 'b')), at(101, udp(`${NAT}:2222`, S, 63, 1, 'b'))],
      ...[at(200, udp(HOST, S, 64, 0)), at(201, udp(other, S, 64, 0))],
      ...[at(202, udp(`${NAT}:1111`, S, 63, 0)), at(203, udp(`${NAT}:2222`, S, 63, 0))],
    ]);
    expect(lines.slice(4)).toEqual([
      `5 paired ${NAT}:1111`,
      `6 paired ${NAT}:2222`,
      ...['7 public_copy', '8 public_copy'],
    ]);
  });

  test('also in their identification are not told apart', () => {
    const other: Endpoint = '10.0.0.8:47176';
    const copies = [at(1, udp(`${NAT}:2222`, S, 63)), at(1.2, udp(`${NAT}:1111`, S, 63))];
    const lines = pair([at(0, udp(HOST, S, 64)), at(0.2, udp(other, S, 64)), ...copies]);
    expect(lines).toEqual(['1 unknown', '2 unknown', '3 public_copy', '4 public_copy']);
  });

  test('of a host whose own copy is missing are not given that of another', () => {
    const other: Endpoint = '10.0.0.8:47176';
    const lines = pair([
      ...[at(0, udp(HOST, S, 64, 1, 'a')), at(1, udp(`${NAT}:1111`, S, 63, 1, 'a'))],
      ...[at(200, udp(other, S, 64, 0)), at(203, udp(`${NAT}:1111`, S, 63, 0))],
    ]);
    expect(lines.slice(2)).toEqual(['3 unknown', '4 publicOnly']);
  });

  test('72: as duplicates of a mirrored port, pair each, and one without a copy of its own is not lost', () => {
    const twice = (ms: number, bytes: Uint8Array) => [at(ms, bytes), at(ms + 0.5, bytes)];
    const out = tcp(HOST, S, 'A', 100, 64);
    const copy = tcp(`${NAT}:48155`, S, 'A', 100, 63);
    expect(pair([...twice(0, out), ...twice(2, copy)])).toEqual([
      ...[`1 paired ${NAT}:48155`, `2 paired ${NAT}:48155`],
      ...['3 public_copy', '4 public_copy'],
    ]);
    expect(pair([...twice(0, out), at(2, copy)])).toEqual(['1 unknown', `2 paired ${NAT}:48155`, '3 public_copy']);
    expect(pair([at(0, out), ...twice(2, copy)])).toEqual([`1 paired ${NAT}:48155`, '2 public_copy', '3 public_copy']);
  });
});

describe('a packet that is seen on one side', () => {
  const session = [at(0, tcp(HOST, S, 'S', 100, 64)), at(2, tcp(`${NAT}:48155`, S, 'S', 100, 63))];

  test('70: the public one, is left as such', () => {
    const records = [at(0, tcp(`${NAT}:48155`, S, 'S', 100, 63)), at(9, tcp(S, `${NAT}:48155`, 'SA', 7, 60))];
    expect(pair(records)).toEqual(['1 publicOnly', '2 publicOnly']);
  });

  test('71: the private one, is lost in the gateway', () => {
    const records = [...session, at(500, tcp(HOST, S, 'A', 101, 64)), at(501, tcp('10.0.0.9:1', S, 'S', 5, 64))];
    expect(pair(records).slice(2)).toEqual(['3 lost_in_nat', '4 lost_in_nat']);
    expect(pair(records, { countUnpaired: true }).slice(2)).toEqual(['3 unknown', '4 unknown']);
  });

  test('coming from outside, is not lost: its copy is missing', () => {
    expect(pair([...session, at(500, tcp(S, HOST, 'SA', 7, 59))]).slice(2)).toEqual(['3 publicMissing']);
  });

  test('is not lost when the public side has shown nothing for a minute', () => {
    const lost = (ms: number) => pair([...session, at(ms, tcp(HOST, S, 'A', 101, 64))]).at(-1);
    expect([lost(60_000), lost(60_100)]).toEqual(['3 lost_in_nat', '3 unknown']);
  });

  test('cut before its sequence number, is no loss', () => {
    const cut = tcp(HOST, S, 'A', 101, 64).subarray(0, 24);
    expect(pair([...session, { ...at(500, cut), wireBytes: 40 }]).slice(2)).toEqual(['3 unknown']);
  });
});

test('what passes no gateway is left as it is', () => {
  const lines = pair([
    at(0, tcp(HOST, `${NAT}:443`, 'S', 1, 64)),
    at(1, tcp(`${NAT}:443`, HOST, 'SA', 1, 64)),
    at(2, tcp(HOST, '10.0.0.9:80', 'S', 1, 64)),
    at(3, tcp('198.51.100.1:1', S, 'S', 1, 64)),
    at(4, udp(HOST, '224.0.0.1:5353', 64)),
  ]);
  expect(lines).toEqual([1, 2, 3, 4, 5].map((number) => `${number} unknown`));
});

test('without addresses of the gateway batches go through untouched', () => {
  const batches: PacketBatch[] = [];
  const stage = new LegPairing(
    { natAddresses: [], inside: addressClasses(gatewayWith()), countUnpaired: false },
    (batch) => {
      batches.push(batch);
    },
  );
  const batch = new PacketBatch();
  batch.length = 3;
  stage.push(batch);
  expect(batches[0]).toBe(batch);
});

test('a clock that steps back for good does not keep packets waiting', () => {
  const hour = 3_600_000;
  const records = Array.from({ length: 400 }, (_, index) => {
    const ms = index < 200 ? hour + index * 10 : index * 10;
    return [at(ms, tcp(HOST, S, 'A', index, 64)), at(ms + 1, tcp(`${NAT}:48155`, S, 'A', index, 63))];
  }).flat();
  const handedOn: number[] = [];
  const lines = pair(records, { batchRows: () => 1, pairing: (stage) => handedOn.push(stage.paired) });
  expect(lines.filter((line) => line.includes('paired'))).toHaveLength(400);
  expect(handedOn).toEqual([400]);
});

test('when more wait than can, the oldest are settled before their time, and counted', () => {
  const stage = new LegPairing(
    {
      natAddresses: [parsePublicAddress(NAT)],
      inside: addressClasses(gatewayWith({ snatEntries: [snatEntry('10.0.0.0/8', [NAT])] })),
      countUnpaired: false,
    },
    (batch) => {
      rows += batch.length;
    },
  );
  let rows = 0;
  const batch = new PacketBatch();
  const total = MAX_WAITING + 5 * BATCH_ROWS;
  for (let pushed = 0; pushed < total; pushed += BATCH_ROWS) {
    batch.length = BATCH_ROWS;
    batch.ipVersion.fill(4);
    batch.srcIp.fill(parsePublicAddress(NAT));
    batch.dstIp.fill(0xc6336407);
    stage.push(batch);
  }
  expect(stage.cutShort).toBeGreaterThanOrEqual(5 * BATCH_ROWS);
  expect(rows).toBeGreaterThanOrEqual(5 * BATCH_ROWS);
  stage.flush();
  expect(rows).toBe(total);
});

describe('law', () => {
  const natOptions = fc.record({
    lostOf1000: fc.constantFrom(0, 30, 200),
    missedOf1000: fc.constantFrom(0, 50),
    delayUs: fc.constantFrom([1, 40] as const, [20, 5000] as const, [100, 49_000] as const),
    natAddresses: fc.constantFrom([NAT], [NAT, '203.0.113.2']),
  });
  const everything = fc.record({ seed: fc.nat(0xffff), options: natOptions });

  /** Both sides in one capture, and what should be said of each packet, in order. */
  function bothSides(seed: number, options: Omit<NatOptions, 'seed'>) {
    const crossed = simulateNat(randomTraffic(seed, 12), { ...options, seed });
    const records = crossed.flatMap(({ isOut, inside, outside, translation: { nat } }) => [
      ...(inside === null ? [] : [{ ...inside, isOut, isInside: true, isPair: outside !== null, nat }]),
      ...(outside === null ? [] : [{ ...outside, isOut, isInside: false, isPair: inside !== null, nat }]),
    ]);
    return inTimeOrder(records);
  }

  test('every packet that is on both sides is paired, with the right port, and no other', () => {
    fc.assert(
      fc.property(everything, ({ seed, options }) => {
        const records = bothSides(seed, options);
        const lines = pair(records, { nat: [NAT, '203.0.113.2'] });
        expect(lines).toHaveLength(records.length);
        records.forEach(({ isOut, isInside, isPair, nat }, index) => {
          const line = lines[index]!;
          if (isPair) expect(line).toBe(isInside ? `${index + 1} paired ${nat}` : `${index + 1} public_copy`);
          else if (isInside)
            expect(line).toMatch(isOut ? /^\d+ (unknown|lost_in_nat)$/ : /^\d+ (unknown|publicMissing)$/);
          else expect(line).toMatch(isOut ? /^\d+ publicOnly$/ : /^\d+ (publicOnly|lost_in_nat)$/);
        });
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('any cut into batches gives the same', () => {
    fc.assert(
      fc.property(
        everything,
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        ({ seed, options }, sizes) => {
          const records = bothSides(seed, options);
          let next = 0;
          const lines = pair(records, { batchRows: () => sizes[next++ % sizes.length]! });
          expect(lines).toEqual(pair(records));
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('packets wait for no longer than 50 ms of packet time behind them, once the public side could have been seen', () => {
    const waiting: number[] = [];
    let pushed = 0;
    const stage = new LegPairing(
      {
        natAddresses: [parsePublicAddress(NAT)],
        inside: addressClasses(gatewayWith({ snatEntries: [snatEntry('10.0.0.0/8', [NAT])] })),
        countUnpaired: false,
      },
      (batch) => {
        pushed -= batch.length;
      },
    );
    const batch = new PacketBatch();
    for (let index = 0; index < 1000; index++) {
      batch.length = 1;
      batch.tsSec[0] = 1000 + Math.floor(index / 100);
      batch.tsNsec[0] = (index % 100) * Number(10n * MILLISECOND);
      stage.push(batch);
      pushed++;
      waiting.push(pushed);
    }
    // One every 10 ms, in batches that span 50 ms themselves; what came in the first 4 s waits as long.
    expect(Math.max(...waiting)).toBeLessThanOrEqual(412);
    expect(Math.max(...waiting.slice(820))).toBeLessThanOrEqual(12);
  });
});
