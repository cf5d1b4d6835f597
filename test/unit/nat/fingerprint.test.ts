import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import { formatIpv4 } from '../../../src-main/nat/address-text';
import { fingerprintNat } from '../../../src-main/nat/fingerprint';
import { alikePackets } from '../../../src-main/nat/leg-grounds';
import { LegLog } from '../../../src-main/nat/leg-log';
import { confidenceOf, type ObservedTranslation } from '../../../src-main/nat/observed-translations';
import { tcpSession, udpFlow } from '../../support/conversations';
import { fingerprintOf, legLogOf } from '../../support/fingerprints';
import { icmpEcho, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import {
  insideOf,
  outsideOf,
  randomTraffic,
  simulateNat,
  type CrossedPacket,
  type NatOptions,
} from '../../support/nat-simulator';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { MILLISECOND, SECOND } from '../../support/time';

const START = 1_700_000_400n * SECOND;
const S: Endpoint = '198.51.100.7:5000';

const textOf = ({ protocol, priIp, priPort, pubIp, pubPort, natIp, natPort }: ObservedTranslation): string =>
  `${protocol} ${formatIpv4(priIp)}:${priPort} ${formatIpv4(pubIp)}:${pubPort} ${formatIpv4(natIp)}:${natPort}`;

/** Translations of which a packet was seen on both sides. */
const truthOf = (crossed: readonly CrossedPacket[]): Set<string> =>
  new Set(
    crossed
      .filter(({ inside, outside }) => inside !== null && outside !== null)
      .map(({ translation: { protocol, pri, pub, nat } }) => `${protocol} ${pri} ${pub} ${nat}`),
  );

/** Datagrams of several hosts to several servers, each session idle between its datagrams for the seconds given. */
function datagrams(idleSec: readonly number[], hosts = 3, servers: readonly Endpoint[] = [S]): CaptureRecord[] {
  const flows = Array.from({ length: hosts }, (_, host) =>
    servers.flatMap((server, index) => {
      let startNs = START + BigInt(host) * 100n * MILLISECOND + BigInt(index) * 10n * MILLISECOND;
      const flow = (sec: number, seed: number): CaptureRecord[] => {
        startNs += BigInt(sec) * SECOND;
        const client: Endpoint = `10.0.0.${host + 1}:4000`;
        return udpFlow({ client, server, startNs, datagrams: [40, -40], seed: seed * 1000 + host * 10 + index });
      };
      return [0, ...idleSec].flatMap((sec, seed) => flow(sec, seed));
    }),
  );
  return inTimeOrder(...flows);
}

describe('law', () => {
  const everything = fc.record({
    seed: fc.nat(0xffff),
    options: fc.record({
      lostOf1000: fc.constantFrom(0, 30, 150),
      missedOf1000: fc.constantFrom(0, 50),
      delayUs: fc.constantFrom([1, 40] as const, [20, 5000] as const, [100, 15_000] as const),
      natAddresses: fc.constantFrom(['203.0.113.1'], ['203.0.113.1', '203.0.113.2']),
      clockAheadNs: fc.constantFrom(0n, 3_600_123_456_789n, -86_400_987_654_321n),
      renumbers: fc.boolean(),
    }),
  });

  /**
   * Of a gateway that numbers packets anew, an equal datagram of another host at the same moment is the copy of one whose own
   * was missed, as far as anything in two captures says, when each of them missed all packets of one of the two sessions: so
   * neither the host's own translation nor that of the endpoint has a packet on both sides. No more than two packets are so by
   * chance, which is no high confidence.
   */
  const isHidden = (wrong: ObservedTranslation, truth: ReadonlySet<string>): boolean => {
    const [protocol, pri, pub, nat] = textOf(wrong).split(' ');
    const isOfEither = (each: string): boolean =>
      each.startsWith(`${protocol} ${pri} ${pub} `) ||
      (each.startsWith(`${protocol} `) && each.endsWith(` ${pub} ${nat}`));
    return confidenceOf(wrong) !== 'high' && ![...truth].some(isOfEither);
  };

  test('every translation is found, and none that there was not', () => {
    fc.assert(
      fc.property(everything, ({ seed, options }) => {
        const crossed = simulateNat(randomTraffic(seed, 16), { ...options, seed });
        const truth = truthOf(crossed);
        const { translations, ambiguous, hosts } = fingerprintOf(crossed);
        const found = translations.map(textOf);
        const wrong = translations.filter((each) => !truth.has(textOf(each)));
        expect(wrong.filter((each) => !options.renumbers || !isHidden(each, truth)).map(textOf)).toEqual([]);
        expect(hosts).toBeLessThanOrEqual(5);
        // What is left out is counted; of hosts and addresses that nothing speaks for, nothing can be known.
        if (ambiguous === 0 && options.missedOf1000 === 0 && options.lostOf1000 === 0) {
          expect(new Set(found)).toEqual(truth);
        }
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('each packet is counted once', () => {
    fc.assert(
      fc.property(everything, ({ seed, options }) => {
        const crossed = simulateNat(randomTraffic(seed, 16), { ...options, seed });
        const inside = legLogOf(insideOf(crossed));
        const outside = legLogOf(outsideOf(crossed));
        const { outbound, inbound, ambiguous, notOverlapping } = fingerprintNat(inside, outside)!;
        const counted = [outbound, inbound].reduce(
          (sum, { both, insideOnly, outsideOnly }) => sum + 2 * both + insideOnly + outsideOnly,
          ambiguous + notOverlapping,
        );
        expect(counted).toBeLessThanOrEqual(inside.length + outside.length);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('clocks', () => {
  test('that differ by more than an hour are compared to the delay', () => {
    const options: NatOptions = { seed: 1, clockAheadNs: 3_600_500_000_000n, delayUs: [400, 600] };
    const { clocks } = fingerprintOf(simulateNat(randomTraffic(1), options));
    expect(Math.abs(clocks.offsetNsec - 3_600_500_000_000)).toBeLessThan(50_000);
    expect(clocks.delayNsec[0]).toBeGreaterThan(450_000);
    expect(clocks.delayNsec[0]).toBeLessThan(550_000);
  });

  test('that drift apart by more than packets may be apart are followed', () => {
    const crossed = simulateNat(datagrams(Array.from({ length: 100 }, () => 20)), { seed: 2 });
    // 100 millionths of 2000 s are 200 ms.
    const drifting = crossed.map((packet) => {
      const { outside } = packet;
      if (outside === null) return packet;
      return { ...packet, outside: { ...outside, atNs: outside.atNs + (outside.atNs - START) / 10_000n } };
    });
    const { outbound, inbound, clocks } = fingerprintOf(drifting);
    expect([outbound.insideOnly, inbound.insideOnly, outbound.outsideOnly, inbound.outsideOnly]).toEqual([0, 0, 0, 0]);
    expect(Math.abs(clocks.driftPerSec - 100_000)).toBeLessThan(1000);
  });
});

describe('mapping', () => {
  const servers: Endpoint[] = ['198.51.100.7:5000', '198.51.100.7:5001', '198.51.100.8:5000'];
  const behaviourWith = (keyOf: (pri: string, address: string, pub: string) => string) => {
    const ports = new Map<string, number>();
    const crossed = simulateNat(datagrams([5], 4, servers), {
      seed: 3,
      choose: ({ pri, pub }, random) => {
        const key = keyOf(pri, pub.split(':')[0]!, pub);
        const port = ports.get(key) ?? random.int(1025, 65_535);
        ports.set(key, port);
        return `203.0.113.1:${port}`;
      },
    });
    return fingerprintOf(crossed).protocols[0]!.mapping;
  };

  test.each([
    { behaviour: 'endpoint-independent', keyOf: (pri: string) => pri },
    { behaviour: 'address-dependent', keyOf: (pri: string, address: string) => `${pri} ${address}` },
    { behaviour: 'address-and-port-dependent', keyOf: (pri: string, _: string, pub: string) => `${pri} ${pub}` },
  ])('that is $behaviour is told', ({ behaviour, keyOf }) => {
    const mapping = behaviourWith(keyOf);
    expect(mapping.behaviour).toBe(behaviour);
    expect(mapping.endpoints).toBe(4);
  });

  test('is unknown when no endpoint spoke to two destinations', () => {
    expect(fingerprintOf(simulateNat(datagrams([5]), { seed: 4 })).protocols[0]!.mapping).toMatchObject({
      ...{ behaviour: 'unknown', endpoints: 0 },
    });
  });
});

describe('ports', () => {
  const portsWith = (choose: (pri: number, index: number) => number) => {
    let index = 0;
    const traffic = inTimeOrder(
      ...Array.from({ length: 40 }, (_, flow) =>
        udpFlow({
          client: `10.0.0.${(flow % 4) + 1}:${7000 + flow}`,
          ...{ server: S, startNs: START + BigInt(flow) * 200n * MILLISECOND, datagrams: [30, -30] },
        }),
      ),
    );
    const crossed = simulateNat(traffic, {
      seed: 5,
      choose: ({ pri }) => `203.0.113.1:${choose(Number(pri.split(':')[1]), index++)}`,
    });
    return fingerprintOf(crossed).protocols[0]!.ports;
  };

  test('that are kept are told', () => {
    expect(portsWith((pri) => pri)).toMatchObject({ translations: 40, preserved: 40, changed: 0, order: 'unknown' });
  });

  test('that are given one after the other are told, with their range', () => {
    expect(portsWith((_, index) => 2000 + index)).toMatchObject({
      ...{ preserved: 0, changed: 40, range: [2000, 2039], changedRange: [2000, 2039], order: 'sequential' },
    });
  });

  test('that keep their parity are told, and that they are random', () => {
    const spread = (pri: number, index: number) => 10_000 + ((index * 7919) % 20_000) * 2 + (pri % 2);
    expect(portsWith(spread)).toMatchObject({ changed: 40, changedParityKept: 40, order: 'random' });
  });
});

describe('the pool', () => {
  const poolWith = (addressOf: (host: string, index: number) => string) => {
    let index = 0;
    const crossed = simulateNat(datagrams([], 6, ['198.51.100.7:1', '198.51.100.8:1', '198.51.100.9:1']), {
      seed: 6,
      choose: ({ pri }, random) => `${addressOf(pri.split(':')[0]!, index++)}:${random.int(1025, 65_535)}`,
    });
    return fingerprintOf(crossed).pool;
  };

  test.each([
    { behaviour: 'single', addressOf: () => '203.0.113.1' },
    { behaviour: 'paired', addressOf: (host: string) => `203.0.113.${Number(host.split('.')[3]) % 2}` },
    { behaviour: 'arbitrary', addressOf: (_: string, index: number) => `203.0.113.${index % 2}` },
  ])('that is $behaviour is told', ({ behaviour, addressOf }) => {
    expect(poolWith(addressOf).behaviour).toBe(behaviour);
  });
});

test('loss is counted by way and side', () => {
  const crossed = simulateNat(datagrams([1, 1, 1, 1], 5), { seed: 9, lostOf1000: 200 });
  const lostOut = crossed.filter(({ isOut, outside }) => isOut && outside === null).length;
  const lostIn = crossed.filter(({ isOut, inside }) => !isOut && inside === null).length;
  const { outbound, inbound, notOverlapping } = fingerprintOf(crossed);
  expect(outbound.insideOnly + inbound.outsideOnly + notOverlapping).toBe(lostOut + lostIn);
  expect([outbound.outsideOnly, inbound.insideOnly]).toEqual([0, 0]);
});

describe('what cannot be told apart', () => {
  const keepAlive = (from: Endpoint, ttl: number, atMs: number): CaptureRecord => ({
    atNs: START + BigInt(atMs) * MILLISECOND,
    bytes: udpPacket({ from, to: S, ttl, payload: Uint8Array.of(0, 0) }),
  });
  const syn = (from: Endpoint, seq: number, ttl: number, atMs: number): CaptureRecord => ({
    atNs: START + BigInt(atMs) * MILLISECOND,
    bytes: tcpPacket({ from, to: S, flags: 'S', seq, ttl }),
  });
  const hosts: Endpoint[] = ['10.0.0.1:1111', '10.0.0.2:2222'];
  const inside = [syn(hosts[0]!, 1, 64, 0), syn(hosts[1]!, 2, 64, 1)];
  const outside = [syn('203.0.113.1:5001', 1, 63, 0), syn('203.0.113.1:5002', 2, 63, 1)];

  test('is left out, and counted', () => {
    const { translations, ambiguous } = fingerprintNat(
      legLogOf([...inside, keepAlive(hosts[0]!, 64, 100), keepAlive(hosts[1]!, 64, 101)]),
      legLogOf([...outside, keepAlive('203.0.113.1:7001', 63, 100), keepAlive('203.0.113.1:7002', 63, 101)]),
    )!;
    expect(translations.map(textOf).filter((each) => each.startsWith('17'))).toEqual([]);
    expect([translations.length, ambiguous]).toEqual([2, 4]);
  });

  test('but by its session is kept with less confidence', () => {
    const hello = (from: Endpoint, ttl: number, index: number): CaptureRecord => ({
      atNs: START + BigInt(50 + index) * MILLISECOND,
      bytes: udpPacket({ from, to: S, ttl, payload: Uint8Array.of(1, index) }),
    });
    const of = (from: readonly Endpoint[], ttl: number) => [
      ...from.map((end, index) => hello(end, ttl, index)),
      ...from.map((end, index) => keepAlive(end, ttl, 100 + index)),
    ];
    // By these, nothing is missed.
    const session = { client: '10.0.0.1:1110', server: '198.51.100.7:443', startNs: START + SECOND } as const;
    const whole = simulateNat(tcpSession({ ...session, exchanges: [{ up: 100, down: 300_000 }] }), { seed: 1 });
    const { translations, ambiguous } = fingerprintNat(
      legLogOf([...inside, ...of(hosts, 64), ...insideOf(whole)]),
      legLogOf([...outside, ...of(['203.0.113.1:7001', '203.0.113.1:7002'], 63), ...outsideOf(whole)]),
    )!;
    const datagramsOnly = translations.filter(({ protocol }) => protocol === 17);
    expect(ambiguous).toBe(0);
    expect(datagramsOnly.map(({ pairs, ambiguous: unsure }) => [pairs, unsure])).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect(datagramsOnly.map(confidenceOf)).toEqual(['medium', 'medium']);
  });
});

describe('a datagram whose own copy is missing', () => {
  const DNS = '198.51.100.53:53';
  const known = (host: number) =>
    tcpSession({ client: `10.0.0.${host}:1111`, server: '198.51.100.7:443', startNs: START, seed: host });
  interface Seen {
    readonly ms: number;
    readonly host: number;
    readonly text: string;
    readonly isIn?: boolean;
    /** Where it was not seen. */
    readonly missed?: 'inside' | 'outside';
  }
  const datagramOf = ({ ms, host, text, isIn = false }: Seen): CaptureRecord => {
    const client: Endpoint = `10.0.0.${host}:4000`;
    const [from, to]: [Endpoint, Endpoint] = isIn ? [DNS, client] : [client, DNS];
    const bytes = udpPacket({ from, to, payload: Buffer.from(text), identification: (ms + host) & 0xffff });
    return { atNs: START + SECOND + BigInt(ms) * MILLISECOND, bytes };
  };
  /** Translations of datagrams, each as host > port; the gateway numbers packets anew, and gives host 1 port 5001. */
  const translationsOf = (hosts: readonly number[], seen: readonly Seen[]) => {
    const options: NatOptions = {
      ...{ seed: 1, renumbers: true, delayUs: [100, 5000] },
      choose: ({ pri, protocol }) =>
        `203.0.113.1:${(protocol === 17 ? 5000 : 6000) + Number(/\.(\d+):/.exec(pri)![1])}`,
    };
    const datagramsInOrder = seen.toSorted((one, other) => one.ms - other.ms);
    const crossed = simulateNat(datagramsInOrder.map(datagramOf), options).map((packet, index) => {
      const { missed } = datagramsInOrder[index]!;
      return missed === undefined ? packet : { ...packet, [missed]: null };
    });
    const fingerprint = fingerprintOf([...simulateNat(inTimeOrder(...hosts.map(known)), options), ...crossed]);
    const found = fingerprint.translations
      .filter(({ protocol }) => protocol === 17)
      .map((each) => `${formatIpv4(each.priIp).split('.')[3]!} > ${each.natPort} ${confidenceOf(each)}`);
    return { found: found.sort(), ambiguous: fingerprint.ambiguous };
  };

  test.each<{ name: string; hosts: number[]; seen: Seen[]; found: string[]; ambiguous: number }>([
    {
      name: 'has none of a host that nothing else speaks for, though only that one knows its endpoint',
      hosts: [1],
      seen: [
        { ms: 0, host: 1, text: 'a' },
        { ms: 8, host: 2, text: 'a' },
        { ms: 200, host: 1, text: 'b', missed: 'outside' },
        { ms: 208, host: 2, text: 'b' },
      ],
      found: [],
      ambiguous: 7,
    },
    {
      name: 'has none of a host whose other packets show that the endpoint may be its own',
      hosts: [1, 2],
      seen: [
        { ms: 0, host: 1, text: 'query' },
        { ms: 15, host: 2, text: 'query', missed: 'outside' },
        { ms: 20, host: 1, text: 'answer', isIn: true, missed: 'inside' },
        { ms: 35, host: 2, text: 'answer', isIn: true, missed: 'outside' },
      ],
      found: [],
      ambiguous: 5,
    },
    {
      name: 'leaves the translation that many others show as it is',
      hosts: [1, 2],
      seen: [
        ...['a', 'b', 'c', 'd', 'e', 'f'].map((text, index): Seen => ({ ms: index * 300, host: 1, text })),
        { ms: 2000, host: 1, text: 'beat' },
        { ms: 2010, host: 2, text: 'beat', missed: 'outside' },
      ],
      found: ['1 > 5001 high'],
      ambiguous: 1,
    },
    {
      name: 'is not known to be missing where nobody else was seen, and less sure for that',
      hosts: [1, 2],
      seen: [
        { ms: 0, host: 1, text: 'query', missed: 'outside' },
        { ms: 15, host: 2, text: 'query', missed: 'inside' },
      ],
      found: ['1 > 5002 medium'],
      ambiguous: 0,
    },
  ])('$name', ({ hosts, seen, found, ambiguous }) => {
    expect(translationsOf(hosts, seen)).toEqual({ found, ambiguous });
  });
});

describe('hosts that send the same as another at the same time, and nothing else,', () => {
  const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const handshake = tcpSession({ client: `${hosts[0]!}:1111`, server: '198.51.100.7:443', startNs: START, seed: 1 });
  const datagramAt = (host: number, ms: number, identification: number): CaptureRecord => ({
    atNs: START + BigInt(ms) * MILLISECOND,
    bytes: udpPacket({ from: `${hosts[host]!}:4000`, to: S, payload: Uint8Array.of(0, 0), identification }),
  });
  const together = (isNumbered: boolean) =>
    [100, 300, 500].flatMap((ms, round) =>
      hosts.map((_, host) => datagramAt(host, ms + host, isNumbered ? round * 10 + host + 1 : 0)),
    );

  test.each([
    { name: 'are known by their identifications', isNumbered: true, renumbers: false, expected: 3, leftOut: 0 },
    { name: 'are not known where they number nothing', isNumbered: false, renumbers: false, expected: 1, leftOut: 18 },
    {
      name: 'are not known where the gateway numbers anew',
      isNumbered: true,
      renumbers: true,
      expected: 1,
      leftOut: 18,
    },
  ])('$name', ({ isNumbered, renumbers, expected, leftOut }) => {
    const crossed = simulateNat(inTimeOrder(handshake, together(isNumbered)), { seed: 1, renumbers });
    const { hosts: known, translations, ambiguous, outbound } = fingerprintOf(crossed);
    expect(known).toBe(expected);
    expect([ambiguous, outbound.insideOnly, outbound.outsideOnly]).toEqual([leftOut, 0, 0]);
    const datagramsOnly = translations.filter(({ protocol }) => protocol === 17).map(textOf);
    const truth = [...truthOf(crossed)].filter((each) => each.startsWith('17'));
    expect(datagramsOnly.sort()).toEqual(expected === 3 ? truth.sort() : []);
  });
});

test('hosts that nothing speaks for, and what the gateway may have made of what they send, are left out and counted', () => {
  const known = tcpSession({ client: '10.0.0.1:1111', server: '198.51.100.7:443', startNs: START, seed: 1 });
  const equal = (isIn: boolean) =>
    ['10.0.0.2', '10.0.0.3'].map((host, index): CaptureRecord => {
      const [from, to]: [Endpoint, Endpoint] = isIn ? [S, `${host}:4000`] : [`${host}:4000`, S];
      const atNs = START + BigInt(isIn ? 300 : 200) * MILLISECOND + BigInt(index) * MILLISECOND;
      return { atNs, bytes: udpPacket({ from, to, payload: Uint8Array.of(0, Number(isIn)), identification: 0 }) };
    });
  // Of another moment, and of another identification, nothing is a copy of theirs; and some pass as they are.
  const [later] = equal(false) as [CaptureRecord, CaptureRecord];
  const others = [
    { ...later, atNs: START + SECOND },
    {
      atNs: START + 200n * MILLISECOND,
      bytes: udpPacket({ from: '10.0.0.4:4000', to: S, payload: Uint8Array.of(0, 0), identification: 9 }),
    },
  ];
  const crossed = simulateNat(inTimeOrder(known, equal(false), equal(true)), { seed: 1 });
  const passing: CaptureRecord = {
    ...later,
    bytes: udpPacket({ from: '172.16.0.1:53', to: S, payload: Uint8Array.of(5) }),
  };
  const inside = legLogOf(inTimeOrder(insideOf(crossed), others, [passing]));
  const { ambiguous, outbound, inbound, notOverlapping } = fingerprintNat(
    inside,
    legLogOf(inTimeOrder(outsideOf(crossed), [passing])),
  )!;
  expect(ambiguous).toBe(8);
  const sums = [outbound, inbound].map(({ both, insideOnly, outsideOnly }) => [both > 0, insideOnly, outsideOnly]);
  expect([sums, notOverlapping]).toEqual([
    [
      [true, 0, 0],
      [true, 0, 0],
    ],
    0,
  ]);
});

describe('where every packet is like another', () => {
  const replies = ({ renumbers = false, isNumbered = true } = {}) => {
    const echoes = [1, 2, 3].flatMap((host) => {
      const ends = { client: `10.0.0.${host}`, server: '198.51.100.7' };
      const atNs = START + BigInt(host) * 20n * MILLISECOND;
      const identification = isNumbered ? 49_368 + host : 0;
      return [
        { atNs, bytes: icmpEcho({ from: ends.client, to: ends.server, id: 99 + host, identification: 0 }) },
        {
          atNs: atNs + 9n * MILLISECOND,
          bytes: icmpEcho({ from: ends.server, to: ends.client, id: 99 + host, reply: true, identification }),
        },
      ];
    });
    return simulateNat(inTimeOrder(echoes), { seed: 1, renumbers, clockAheadNs: 3n * MILLISECOND });
  };

  test('those with an identification of their own tell, if the gateway keeps them', () => {
    const crossed = replies();
    const { translations, keepsIds, ambiguous, inbound } = fingerprintOf(crossed);
    expect(new Set(translations.map(textOf))).toEqual(truthOf(crossed));
    expect([keepsIds, ambiguous, inbound.both]).toEqual([true, 0, 3]);
  });

  test.each([
    { name: 'a gateway that numbers anew', crossed: replies({ renumbers: true }) },
    { name: 'hosts that number nothing', crossed: replies({ isNumbered: false }) },
  ])('nothing is known of $name, but how many packets are alike', ({ crossed }) => {
    const [inside, outside] = [legLogOf(insideOf(crossed)), legLogOf(outsideOf(crossed))];
    expect(fingerprintNat(inside, outside)).toBeNull();
    expect(alikePackets(inside, outside)).toBe(6);
  });
});

test.each([
  { name: 'of a known host', host: '10.0.0.1' },
  { name: 'of another one', host: '10.0.0.2' },
] as const)(
  'an address that one datagram $name alone speaks for is none of the gateway, and the two are left out',
  ({ host }) => {
    const known = tcpSession({ client: '10.0.0.1:1111', server: '198.51.100.7:443', startNs: START, seed: 1 });
    const crossed = simulateNat(known, { seed: 1 });
    const datagram = (from: Endpoint, ttl: number): CaptureRecord => ({
      atNs: START + 100n * MILLISECOND,
      bytes: udpPacket({ from, to: S, ttl, payload: Uint8Array.of(7) }),
    });
    const inside = legLogOf(inTimeOrder(insideOf(crossed), [datagram(`${host}:4000`, 64)]));
    const outside = legLogOf(inTimeOrder(outsideOf(crossed), [datagram('203.0.113.2:4000', 63)]));
    const { ambiguous, outbound, translations } = fingerprintNat(inside, outside)!;
    expect([ambiguous, outbound.insideOnly, outbound.outsideOnly, translations.length]).toEqual([2, 0, 0, 1]);
  },
);

test('captures that share nothing have no fingerprint', () => {
  const crossed = simulateNat(randomTraffic(1), { seed: 1 });
  const other = simulateNat(randomTraffic(2), { seed: 2 });
  expect(fingerprintNat(legLogOf(insideOf(crossed)), legLogOf(outsideOf(other)))).toBeNull();
  expect(fingerprintNat(legLogOf(insideOf(crossed)), legLogOf(insideOf(crossed)))).toBeNull();
});

test('a capture with more packets than can be compared is refused', () => {
  const batch = new PacketBatch();
  batch.length = 2000;
  batch.ipVersion.fill(4);
  batch.protocol.fill(6);
  const log = new LegLog('big.pcap', 1024);
  expect(() => log.add(batch)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID', detail: { file: 'big.pcap', limit: 1024 } }),
  );
});
