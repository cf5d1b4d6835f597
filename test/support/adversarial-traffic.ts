import fc from 'fast-check';
import { PORT_POLICIES } from '../../src-main/contract/gateway-words';
import type { Gateway } from '../../src-main/nat/gateway';
import { concat, u16 } from './bytes';
import {
  icmpEcho,
  icmpError,
  ipv4Packet,
  splitEndpoint,
  tcpPacket,
  udpLitePacket,
  udpPacket,
  type Endpoint,
} from './frames';
import { T0, fixture } from './nat-scenario';
import type { CaptureRecord } from './pcap-writer';
import { snatEntry } from './session-log';
import { SECOND } from './time';

/*
 * Traffic that is made to bring a gateway into trouble: few hosts, ports and destinations, so that tuples are used again
 * and ports run out; times right at, before and after what timers wait for; and flags in any order.
 */

/** A packet, and what it is of by a look at its header alone. */
export interface TrafficPacket extends CaptureRecord {
  readonly fromVpc: boolean;
  /** Its five-tuple, as `tupleOf` writes that of an entry; of an ICMP error, that of what it quotes. */
  readonly tuple: string;
}

export const tupleOf = (protocol: number, pri: string, pub: string): string => `${protocol} ${pri} > ${pub}`;

// The last one is of no SNAT entry.
const HOSTS = [
  ...['10.0.0.7', '10.0.0.7', '10.0.0.7', '10.0.0.8', '10.0.0.8', '10.0.0.9'],
  ...['10.0.1.9', '10.0.1.5', '10.3.0.1'],
];
const PORTS = [1025, 1025, 1025, 1026, 47_176, 500];
const SERVERS: readonly Endpoint[] = [
  '203.0.113.80:443',
  '203.0.113.80:443',
  '203.0.113.80:443',
  '203.0.113.80:444',
  '203.0.113.81:443',
];
const ROUTER = '192.0.2.1';

const NS = 1_000_000_000;
/** Around the time-outs, one-second steps and windows of the gateway; mostly nothing. */
const GAPS_NS = [
  ...Array.from({ length: 60 }, () => 1),
  ...[1000, 1000, NS / 2, NS, NS, NS, 2 * NS, NS + 1],
  ...[10, 60, 120, 600, 900].flatMap((sec) => [sec * NS - 1, sec * NS, sec * NS + 1]),
  ...[300 * NS, 59 * NS, 1000 * NS],
];
const MS = 1_000_000;

const ISNS = [100, 9000, 0xffffffff];
const FLAGS = ['S', 'S', 'SA', 'A', 'A', 'PA', 'FA', 'FA', 'R', 'RA', '', 'SF', 'SR', 'U'];
const KINDS = [
  ...(['segment', 'open', 'close', 'reopen', 'stray', 'reset'] as const),
  ...(['datagram', 'answer', 'ping', 'pong', 'error', 'chunk', 'bare'] as const),
  ...(['pieces', 'pieces', 'first', 'later'] as const),
] as const;

interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly gapNs: number;
  readonly host: string;
  readonly port: number;
  readonly server: Endpoint;
  readonly flags: string;
  readonly isn: number;
  readonly ack: number;
  readonly isInward: boolean;
  readonly payloadBytes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  gapNs: fc.constantFrom(...GAPS_NS),
  host: fc.constantFrom(...HOSTS),
  port: fc.constantFrom(...PORTS),
  server: fc.constantFrom(...SERVERS),
  flags: fc.constantFrom(...FLAGS),
  isn: fc.constantFrom(...ISNS),
  ack: fc.constantFrom(0, 101, 501, 9001),
  isInward: fc.boolean(),
  payloadBytes: fc.integer({ min: 0, max: 9 }),
});

interface Unsent extends Omit<TrafficPacket, 'atNs'> {
  /** After the one before it of the same step; default a millisecond. */
  readonly waitNs?: number;
}

function segment({ host, port, server }: Step, fromVpc: boolean, flags: string, seq: number, ack: number, bytes = 0) {
  const client: Endpoint = `${host}:${port}`;
  const ends = fromVpc ? { from: client, to: server } : { from: server, to: client };
  const packet = tcpPacket({ ...ends, flags, seq, ack, payload: new Uint8Array(bytes) });
  return { bytes: packet, fromVpc, tuple: tupleOf(6, client, server) };
}

function datagram({ host, port, server, payloadBytes }: Step, fromVpc: boolean): Unsent {
  const client: Endpoint = `${host}:${port}`;
  const ends = fromVpc ? { from: client, to: server } : { from: server, to: client };
  const packet = udpPacket({ ...ends, payload: new Uint8Array(payloadBytes) });
  return { bytes: packet, fromVpc, tuple: tupleOf(17, client, server) };
}

function echo({ host, port, server, payloadBytes }: Step, fromVpc: boolean): Unsent {
  const { address } = splitEndpoint(server);
  const ends = fromVpc ? { from: host, to: address } : { from: address, to: host };
  const packet = icmpEcho({ ...ends, id: port, reply: !fromVpc, payload: new Uint8Array(payloadBytes) });
  return { bytes: packet, fromVpc, tuple: tupleOf(1, `${host}:${port}`, `${address}:0`) };
}

const SCTP_CHUNKS = [0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 14];

/** SCTP, with any chunk, or UDP-Lite. */
function chunk({ host, port, server, ack, payloadBytes }: Step, fromVpc: boolean): Unsent {
  const client: Endpoint = `${host}:${port}`;
  if (payloadBytes % 4 === 3) {
    const ends = fromVpc ? { from: client, to: server } : { from: server, to: client };
    const bytes = udpLitePacket({ ...ends, payload: new Uint8Array(payloadBytes) });
    return { bytes, fromVpc, tuple: tupleOf(136, client, server) };
  }
  const [from, to] = (fromVpc ? [client, server] : [server, client]).map(splitEndpoint) as [Split, Split];
  const type = SCTP_CHUNKS[(ack + payloadBytes) % SCTP_CHUNKS.length]!;
  const payload = concat(u16(from.port), u16(to.port), new Uint8Array(8), Uint8Array.of(type, 0, 0, 4));
  const bytes = ipv4Packet({ from: from.address, to: to.address, protocol: 132, payload });
  return { bytes, fromVpc, tuple: tupleOf(132, client, server) };
}
type Split = ReturnType<typeof splitEndpoint>;

/** Of a protocol without ports. */
function bare({ host, server, payloadBytes }: Step, fromVpc: boolean): Unsent {
  const { address } = splitEndpoint(server);
  const ends = fromVpc ? { from: host, to: address } : { from: address, to: host };
  const protocol = payloadBytes % 2 === 0 ? 47 : 50;
  const bytes = ipv4Packet({ ...ends, protocol, payload: new Uint8Array(20) });
  return { bytes, fromVpc, tuple: tupleOf(protocol, `${host}:0`, `${address}:0`) };
}

/** About what the host would have sent in this step. */
function error(given: Step): Unsent {
  const about = given.isInward ? datagram(given, true) : segment(given, true, 'A', 0, 0);
  const packet = icmpError({ from: ROUTER, to: given.host, type: 3, code: 3, about: about.bytes });
  return { bytes: packet, fromVpc: false, tuple: about.tuple };
}

/** A first fragment of any kind of packet, and a later one of it. Two of the same number are of the same five-tuple. */
function fragmentsOf(given: Step): readonly [Unsent, Unsent] {
  const { ack, port, server, flags, isn, isInward } = given;
  const isError = ack === 9001;
  const whole = isError
    ? error(given)
    : ack === 0
      ? segment(given, !isInward, flags, isn, 0)
      : (ack === 101 ? datagram : echo)(given, !isInward);
  const [from, to] = [12, 16].map((place) => whole.bytes.subarray(place, place + 4).join('.')) as [string, string];
  const place = (PORTS.indexOf(port) * SERVERS.length + SERVERS.indexOf(server)) * 2;
  const header = { from, to, protocol: whole.bytes[9]!, identification: place + (isError && isInward ? 1 : 0) };
  const octets = whole.bytes.subarray(20);
  const payload = concat(octets, new Uint8Array(-octets.length & 7));
  const first = ipv4Packet({ ...header, moreFragments: true, payload });
  const later = ipv4Packet({ ...header, fragmentOffset: 64, payload: new Uint8Array(8) });
  return [
    { ...whole, bytes: first },
    { ...whole, bytes: later },
  ];
}

/** As far as fragments are apart. */
const FRAGMENT_WAITS_NS = [MS, MS, MS, NS, 11 * NS, 30 * NS, 30 * NS + 1];

function pieces(given: Step): readonly Unsent[] {
  const waitNs = FRAGMENT_WAITS_NS[given.payloadBytes % FRAGMENT_WAITS_NS.length]!;
  const [first, later] = fragmentsOf(given);
  const all = given.isn === 100 ? [later, first, later] : [first, later];
  return all.map((each) => ({ ...each, waitNs }));
}

/** @returns the packets of a step */
function packetsOf(given: Step): readonly Unsent[] {
  const { isn, ack, payloadBytes } = given;
  switch (given.kind) {
    case 'segment':
      return [segment(given, !given.isInward, given.flags, isn, ack, payloadBytes)];
    case 'open':
      return [
        segment(given, true, 'S', isn, 0),
        segment(given, false, 'SA', 500, isn + 1),
        segment(given, true, 'A', isn + 1, 501),
      ];
    case 'close':
      return [segment(given, true, 'FA', isn + 1, 501), segment(given, false, 'FA', 501, isn + 2)];
    case 'reopen':
      // The number of the session before is most often another one.
      return [segment(given, true, 'S', 7777, 0), segment(given, false, 'SA', 6000, given.isInward ? 7778 : 1)];
    case 'stray':
      return [segment(given, true, 'S', given.isInward ? 7777 : 8888, 0)];
    case 'reset':
      return [segment(given, !given.isInward, 'R', isn, 0)];
    case 'datagram':
      return [datagram(given, true)];
    case 'answer':
      return [datagram(given, false)];
    case 'ping':
      return [echo(given, true)];
    case 'pong':
      return [echo(given, false)];
    case 'chunk':
      return [chunk(given, !given.isInward)];
    case 'bare':
      return [bare(given, !given.isInward)];
    case 'error':
      return [error(given)];
    case 'pieces':
      return pieces(given);
    case 'first':
      return [fragmentsOf(given)[0]];
    case 'later':
      return [fragmentsOf(given)[1]];
  }
}

/** In order of time, no two at the same. */
export const traffic: fc.Arbitrary<readonly TrafficPacket[]> = fc
  .array(step, { minLength: 1, maxLength: 200, size: 'max' })
  .map((steps) => {
    let nowNs = T0 * SECOND;
    return steps.flatMap((each) => {
      nowNs += BigInt(each.gapNs);
      return packetsOf(each).map(({ waitNs = MS, ...packet }, index): TrafficPacket => {
        if (index > 0) nowNs += BigInt(waitNs);
        return { ...packet, atNs: nowNs };
      });
    });
  });

const pool = (...last: readonly number[]): string[] => last.map((octet) => `198.51.100.${octet}`);

/** Networks in each other, with pools of one and several addresses. */
const entries = fc
  .record({ affinity: fc.boolean(), softAffinity: fc.boolean(), isWide: fc.boolean() })
  .map(({ affinity, softAffinity, isWide }) => [
    snatEntry('10.0.0.0/16', isWide ? pool(10, 11, 12) : pool(10), { affinity, softAffinity }),
    snatEntry('10.0.1.0/24', pool(20, 21), { affinity, softAffinity }),
    snatEntry('10.0.1.5/32', pool(30)),
  ]);

const limit = (...limits: readonly number[]) => fc.constantFrom(...Array.from({ length: 9 }, () => null), ...limits);

const { timeouts } = fixture();

/** Gateways of every policy, with few ports, and all else that decides on sessions. */
export const gateways: fc.Arbitrary<Gateway> = fc
  .record({
    snatEntries: entries,
    portPolicy: fc.constantFrom(...PORT_POLICIES),
    mapping: fc.constantFrom('apdm', 'eim'),
    filtering: fc.constantFrom('apdf', 'adf', 'eif'),
    bindMode: fc.constantFrom('NAT', 'MULTI_BINDED'),
    portMin: fc.constantFrom(1025, 1025, 1, 1024),
    ports: fc.constantFrom(2, 4, 8, 64, 64_000, 64_512),
    portBlockSize: fc.constantFrom(1, 2),
    maxBlocksPerHost: fc.constantFrom(1, 2),
    maxPerEipPerDestination: fc.constantFrom(1, 2, 3, 55_000),
    portHold: fc.record({
      tcp: fc.constantFrom(0, 0, 5, 120),
      udp: fc.constantFrom(0, 0, 5, 120),
      icmp: fc.constantFrom(0, 0, 120),
    }),
    limits: fc.record({
      maxSessions: limit(1, 3),
      maxNewPerSec: limit(1, 2),
      maxPortsPerHost: limit(1, 2),
      maxNewPerSecPerHost: limit(1),
    }),
    timeouts: fc.constantFrom(timeouts, timeouts, { ...timeouts, udpReplied: 10 }, { ...timeouts, udpReplied: 120 }),
    otherProtocols: fc.constantFrom('drop', 'translate', 'translate'),
    midstream: fc.constantFrom('create', 'create', 'drop'),
    onIdleExpiry: fc.constantFrom('repick', 'repick', 'drop', 'rst'),
    udpInboundRefresh: fc.boolean(),
    timeModel: fc.constantFrom('packet', 'aliflow'),
    windowPhase: fc.constantFrom<Gateway['windowPhase'][]>('epoch', 'captureStart', 137),
    seed: fc.nat(5),
  } satisfies { [K in keyof Gateway]?: fc.Arbitrary<Gateway[K]> } & { ports: fc.Arbitrary<number> })
  .map(({ ports, ...choices }) => {
    const eips = [...new Set(choices.snatEntries.flatMap((entry) => entry.eips))];
    return fixture({
      ...choices,
      portMax: Math.min(choices.portMin + ports - 1, 65_535),
      // In bind mode NAT, each has one.
      addresses: eips.map((address) => ({ address, privateAddress: 0xac100a00 + (address & 0xff) })),
    });
  });
