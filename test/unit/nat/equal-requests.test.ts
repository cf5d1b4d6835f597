import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { u16, u32 } from '../../support/bytes';
import { udpPacket, type Endpoint } from '../../support/frames';
import { simulateNat, type NatOptions } from '../../support/nat-simulator';
import { pair } from '../../support/paired-lines';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { MICROSECOND, SECOND } from '../../support/time';

/* What hosts ask of one server is equal, as of NTP, and what they are answered is not: the answers tell whose is whose. */

const T0 = 1_700_000_400n;
const SERVER: Endpoint = '198.51.100.123:123';
const HOSTS = 40;
const POLLS = 8;
const REQUEST = Buffer.alloc(48, 0x23);

interface Requests {
  readonly seed: number;
  /** All hosts ask within so long, every 64 s. */
  readonly spreadMs: number;
  /** A session for each request. */
  readonly hasOwnPorts: boolean;
  readonly isNumbered: boolean;
}

function requests({ seed, spreadMs, hasOwnPorts, isNumbered }: Requests): CaptureRecord[] {
  const random = seededRandom(seed);
  const idOf = () => (isNumbered ? random.int(1, 0xffff) : 0);
  return inTimeOrder(
    ...Array.from({ length: HOSTS * POLLS }, (_, index): CaptureRecord[] => {
      const client: Endpoint = `10.0.0.${1 + (index % HOSTS)}:${hasOwnPorts ? 20_000 + index : 123}`;
      const startNs =
        BigInt(Math.floor(index / HOSTS) * 64) * SECOND + BigInt(random.int(0, spreadMs * 1000)) * MICROSECOND;
      const atNs = T0 * SECOND + startNs;
      const answer = Buffer.concat([u16(0x2402), u32(index), Buffer.alloc(42)]);
      const query = { payload: REQUEST, ttl: 64, identification: idOf() };
      return [
        { atNs, bytes: udpPacket({ from: client, to: SERVER, ...query }) },
        {
          atNs: atNs + BigInt(random.int(15_000, 25_000)) * MICROSECOND,
          bytes: udpPacket({ from: SERVER, to: client, payload: answer, ttl: 55, identification: idOf() }),
        },
      ];
    }),
  );
}

/**
 * Two hosts of which nothing is missing show that requests are equal, and whether the gateway numbers them anew: of the first
 * of their kind, nobody can know it.
 */
function equalBefore({ seed, isNumbered, renumbers = false }: Requests & NatOptions) {
  const packets = Array.from({ length: (POLLS * 64) / 10 + 1 }, (_, index) => {
    const from: Endpoint = `10.0.1.${index % 2}:123`;
    const packet = { from, to: SERVER, payload: REQUEST, ttl: 64, identification: isNumbered ? index + 1 : 0 };
    return { atNs: (T0 + BigInt(10 * index - 11)) * SECOND, bytes: udpPacket(packet) };
  });
  const choose = ({ pri }: { pri: Endpoint }): Endpoint => `203.0.113.1:${pri.startsWith('10.0.1.0') ? 500 : 501}`;
  return simulateNat(packets, { seed, renumbers, choose });
}

/** Answers that are on both sides, those of them whose translation is shown, and packets with that of others. */
function answersOf(given: Requests & NatOptions) {
  const crossed = [...equalBefore(given), ...simulateNat(requests(given), { delayUs: [150, 250], ...given })];
  const records = inTimeOrder(
    crossed.flatMap(({ inside, outside, isOut, translation: { nat } }) => {
      const isAnswer = !isOut && inside !== null && outside !== null;
      return [
        ...(inside === null ? [] : [{ ...inside, isAnswer, nat }]),
        ...(outside === null ? [] : [{ ...outside, isAnswer: false, nat }]),
      ];
    }),
  );
  const counts = { both: 0, told: 0, wrong: 0 };
  pair(records).forEach((line, index) => {
    const { isAnswer, nat } = records[index]!;
    if (isAnswer) counts.both++;
    if (!line.includes(' paired ')) return;
    if (isAnswer) counts.told++;
    if (line !== `${index + 1} paired ${nat}`) counts.wrong++;
  });
  return counts;
}

describe('of equal requests, the answers show the translations:', () => {
  test.each([
    { name: 'all, where nothing is missing', spreadMs: 64_000, missedOf1000: 0, least: 1 },
    { name: 'nearly all, where a few packets are', spreadMs: 64_000, missedOf1000: 3, least: 0.99 },
    { name: 'nearly all, where many are', spreadMs: 64_000, missedOf1000: 30, least: 0.98 },
    { name: 'all, where hosts ask within a second', spreadMs: 1000, missedOf1000: 0, least: 1 },
    { name: 'nearly all, where these ask at one moment', spreadMs: 1, missedOf1000: 3, least: 0.95 },
    {
      name: 'most, where many are missing and answers of others are still few',
      spreadMs: 1000,
      missedOf1000: 30,
      least: 0.8,
    },
  ])('$name', ({ spreadMs, missedOf1000, least }) => {
    for (const hasOwnPorts of [false, true])
      for (const isNumbered of [false, true])
        for (const renumbers of [false, true]) {
          const given = { seed: 7, spreadMs, hasOwnPorts, isNumbered, missedOf1000, renumbers };
          const { both, told, wrong } = answersOf(given);
          expect(wrong).toBe(0);
          expect(told / both).toBeGreaterThanOrEqual(least);
        }
  });
});

test('whenever hosts ask and whatever is missing, none has the translation of another', () => {
  const options = fc.record({
    seed: fc.nat(0xffff),
    spreadMs: fc.constantFrom(1, 100, 1000, 64_000),
    hasOwnPorts: fc.boolean(),
    isNumbered: fc.boolean(),
    renumbers: fc.boolean(),
    missedOf1000: fc.constantFrom(0, 3, 30, 150),
    lostOf1000: fc.constantFrom(0, 30),
  });
  fc.assert(
    fc.property(options, (given) => {
      expect(answersOf(given).wrong).toBe(0);
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
