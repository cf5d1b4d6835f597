import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '../../../src-main/capture/packet-batch';
import type { MappingBehaviour } from '../../../src-main/nat/nat-behaviour';
import type { TimerEvidence } from '../../../src-main/nat/nat-timers';
import { fingerprintOf } from '../../support/fingerprints';
import { splitEndpoint, udpPacket, type Endpoint } from '../../support/frames';
import { simulateNat, type Mapping, type NatOptions, type Translation } from '../../support/nat-simulator';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom, type Random } from '../../support/random';
import { MILLISECOND, SECOND } from '../../support/time';

const START = 1_700_000_400n * SECOND;
const HOST: Endpoint = '10.0.0.2:5000';
const [A, A_OTHER, B]: [Endpoint, Endpoint, Endpoint] = ['198.51.100.80:53', '198.51.100.80:123', '198.51.100.81:53'];

/** A datagram to a server, and its answer 10 ms later; or one of the two alone. */
type Exchange = readonly [sec: number, server: Endpoint, which?: 'both' | 'out' | 'in'];

function exchangesOf(host: Endpoint, exchanges: readonly Exchange[], random: Random): CaptureRecord[] {
  return exchanges.flatMap(([sec, server, which = 'both']) => {
    const atNs = START + BigInt(Math.round(sec * 1000)) * MILLISECOND;
    const datagram = (from: Endpoint, to: Endpoint): Uint8Array =>
      udpPacket({ from, to, payload: random.bytes(24), identification: random.int(1, 0xffff) });
    const request = { atNs, bytes: datagram(host, server) };
    if (which === 'out') return [request];
    const answer = { atNs: which === 'in' ? atNs : atNs + 10n * MILLISECOND, bytes: datagram(server, host) };
    return which === 'in' ? [answer] : [request, answer];
  });
}

interface Found {
  readonly behaviour: MappingBehaviour;
  readonly timers: TimerEvidence;
}

/** Of datagrams. */
function timersOf(traffic: readonly CaptureRecord[], options: NatOptions): Found {
  const found = fingerprintOf(simulateNat(traffic, options)).protocols.find(
    ({ protocol }) => protocol === PROTOCOL.udp,
  );
  if (found === undefined) throw new Error('no datagram was translated');
  return { behaviour: found.mapping.behaviour, timers: found.timers };
}

const only = (exchanges: readonly Exchange[]): CaptureRecord[] => exchangesOf(HOST, exchanges, seededRandom(1));

const found30 = (traffic: readonly CaptureRecord[], options: Partial<NatOptions> = {}): Found =>
  timersOf(traffic, { seed: 1, idleNs: 30n * SECOND, ...options });

type Session = Omit<Translation, 'nat'>;

interface Case {
  readonly name: string;
  readonly exchanges: readonly Exchange[];
  readonly options?: Partial<NatOptions>;
  readonly behaviour: MappingBehaviour;
  readonly survived: number;
  readonly changed: number | null;
}

const ENDPOINT: Pick<NatOptions, 'mapping'> = { mapping: 'endpoint-independent' };
const ADDRESS: Pick<NatOptions, 'mapping'> = { mapping: 'address-dependent' };

/** The timer is 30 s. What comes in starts it anew, unless a case says otherwise. */
const CASES: readonly Case[] = [
  {
    name: 'a change is measured from the last use of the endpoint by any session to the first of its new port by any',
    exchanges: [
      [0, A],
      [1, B],
      [41, B],
      [41.3, A],
    ],
    options: ENDPOINT,
    behaviour: 'endpoint-independent',
    survived: 0.99,
    changed: 40,
  },
  {
    name: 'a new session of an endpoint shows that its port has changed',
    exchanges: [
      [0, A],
      [1, B],
      [41, A_OTHER],
    ],
    options: ENDPOINT,
    behaviour: 'endpoint-independent',
    survived: 0.99,
    changed: 40,
  },
  {
    name: 'a new session of an endpoint shows that its port has survived',
    exchanges: [
      [0, A],
      [25, B],
    ],
    options: ENDPOINT,
    behaviour: 'endpoint-independent',
    survived: 24.99,
    changed: null,
  },
  {
    name: 'sessions to other ports of an address keep alive what depends on the address',
    exchanges: [
      [0, A],
      [0.5, A_OTHER],
      [0.6, B],
      [25, A_OTHER],
      [50, A],
      [90, A],
    ],
    options: ADDRESS,
    behaviour: 'address-dependent',
    survived: 24.99,
    changed: 40,
  },
  {
    name: 'sessions to another address do not keep alive what depends on the address',
    exchanges: [
      [0, A],
      [0.5, A_OTHER],
      [0.6, B],
      [20, B],
      [40, B],
      [45, A],
    ],
    options: ADDRESS,
    behaviour: 'address-dependent',
    survived: 19.99,
    changed: 44.5,
  },
  {
    name: 'no other session keeps alive what depends on the whole destination',
    exchanges: [
      [0, A],
      [0.5, A_OTHER],
      [0.6, B],
      [20, A_OTHER],
      [29, A],
      [40, B],
      [60, A],
    ],
    behaviour: 'address-and-port-dependent',
    survived: 28.99,
    changed: 31,
  },
  {
    name: 'of an unknown mapping, any packet of the endpoint may have kept the port that survived',
    exchanges: [
      [0, A],
      [25, A_OTHER],
      [50, A],
    ],
    options: ENDPOINT,
    behaviour: 'unknown',
    survived: 24.99,
    changed: null,
  },
  {
    name: 'of an unknown mapping, a session that has another port lost its own since it used it last',
    exchanges: [
      [0, A],
      [25, A_OTHER],
      [50, A],
      [85, A_OTHER],
      [85.1, A],
    ],
    options: ENDPOINT,
    behaviour: 'unknown',
    survived: 24.99,
    changed: 35.1,
  },
  {
    name: 'what comes in does not prove that a timer began anew',
    exchanges: [
      [0, A],
      [0.5, B],
      [1, A, 'out'],
      [20, A, 'in'],
      [45, A],
    ],
    options: { ...ENDPOINT, isKeptByHostsOnly: true },
    behaviour: 'endpoint-independent',
    survived: 19,
    changed: 44,
  },
];

describe('the bounds of a timer of 30 s', () => {
  test.each(CASES)('$name', ({ exchanges, options, behaviour, survived, changed }) => {
    const found = found30(only(exchanges), options);
    expect(found.behaviour).toBe(behaviour);
    expect(found.timers.longestSurvivedSec).toBeCloseTo(survived, 2);
    if (changed === null) expect(found.timers.shortestChangedSec).toBeNull();
    else expect(found.timers.shortestChangedSec).toBeCloseTo(changed, 2);
    expect(found.timers.longestPreservedSec).toBeNull();
  });

  /** Endpoints of other hosts, which speak to two servers at once. */
  const others = inTimeOrder(
    ...Array.from({ length: 25 }, (_, index) =>
      exchangesOf(
        `10.0.1.${index + 1}:${6000 + index}`,
        [
          [index / 10, A],
          [index / 10 + 0.05, B],
        ],
        seededRandom(index),
      ),
    ),
  );

  test('are not measured between two ports that an endpoint has at once', () => {
    const choose = ({ pri, pub }: Session): Endpoint => {
      const { address, port } = splitEndpoint(pri);
      return pri === HOST
        ? `203.0.113.1:${pub === A ? 7000 : 7001}`
        : `203.0.113.${address.split('.')[3]!}:${port + 1}`;
    };
    const own = only([
      [0, A],
      [0.5, B],
      [1, A],
      [20, B],
      [25, A],
    ]);
    const { behaviour, timers } = found30(inTimeOrder(own, others), { choose });
    expect([behaviour, timers.shortestChangedSec]).toEqual(['endpoint-independent', null]);
    // Either may have kept what is one mapping elsewhere.
    expect(timers.longestSurvivedSec).toBeCloseTo(18.99, 2);
  });

  test('are not measured between sessions of a gateway that keeps ports, of which one was given another', () => {
    const choose = ({ pri, pub }: Session): Endpoint =>
      pri === HOST && pub === A ? '203.0.113.1:7000' : `203.0.113.1:${splitEndpoint(pri).port}`;
    const own = only([
      [0, A],
      [5, A],
      [45, B],
    ]);
    const { behaviour, timers } = found30(inTimeOrder(own, others), { choose });
    expect([behaviour, timers.shortestChangedSec]).toEqual(['endpoint-independent', null]);
    expect(timers.longestSurvivedSec).toBeCloseTo(4.99, 2);
  });

  test('are not measured by ports that are kept anyway', () => {
    const choose = ({ pri }: Session): Endpoint => `203.0.113.1:${splitEndpoint(pri).port}`;
    const { timers } = found30(
      only([
        [0, A],
        [20, A],
        [220, A],
      ]),
      { choose },
    );
    expect(timers.longestPreservedSec).toBeCloseTo(199.99, 1);
    expect(timers.shortestChangedSec).toBeNull();
    // An answer proves that the port is open, but comes within the time of an exchange.
    expect(timers.longestSurvivedSec).toBeLessThan(1);
  });
});

/** Exchanges of a few endpoints, with pauses about the timer, some of them pushed or unanswered. */
function trafficOf(seed: number, timerMs: number): CaptureRecord[] {
  const random = seededRandom(seed);
  const hosts: Endpoint[] = ['10.0.0.2:5000', '10.0.0.2:5001', '10.0.0.3:5000'];
  const servers = [A, A_OTHER, B, '198.51.100.81:123'] as const;
  return inTimeOrder(
    ...hosts.slice(0, random.int(1, 3)).map((host, index) => {
      // Some speak all the time, to some or to all; others hardly ever.
      const most = random.pick([timerMs / 20, timerMs / 2, timerMs, timerMs * 2]);
      const known = servers.slice(0, random.int(1, 4));
      let sec = index / 1000;
      const exchanges = Array.from({ length: 120 }, (): Exchange => {
        sec += random.int(20, Math.max(20, Math.round(random.int(0, 9) === 0 ? timerMs * 1.5 : most))) / 1000;
        return [sec, random.pick(known), random.pick(['both', 'both', 'both', 'out', 'in'])];
      });
      return exchangesOf(host, exchanges, random);
    }),
  );
}

describe('law', () => {
  const mappings: readonly Mapping[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'];
  const everything = fc.record({
    seed: fc.nat(0xffff),
    timerMs: fc.integer({ min: 1000, max: 400_000 }),
    mapping: fc.constantFrom(...mappings),
    isKeptByHostsOnly: fc.boolean(),
    lostOf1000: fc.constantFrom(0, 30),
    natAddresses: fc.constantFrom(['203.0.113.1'], ['203.0.113.1', '203.0.113.2']),
  });

  test('a timer that is always the same lies between its bounds', () => {
    fc.assert(
      fc.property(everything, ({ timerMs, ...options }) => {
        const idleNs = BigInt(timerMs) * MILLISECOND;
        const { timers } = timersOf(trafficOf(options.seed, timerMs), { ...options, delayUs: [20, 300], idleNs });
        const { longestSurvivedSec: survived, shortestChangedSec: changed } = timers;
        // When a packet that was lost went through is known but for the delay.
        expect(survived ?? 0).toBeLessThanOrEqual(timerMs / 1000 + 0.001);
        expect(changed ?? Infinity).toBeGreaterThan(timerMs / 1000 - 0.001);
        if (options.lostOf1000 === 0) expect(survived ?? 0).toBeLessThan(changed ?? Infinity);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});
