import { internetChecksum, u16, u32 } from './bytes';
import { dnsLookup, ping, tcpSession, udpFlow } from './conversations';
import { ipv4Bytes, PROTOCOL, type Endpoint } from './frames';
import type { CaptureRecord } from './pcap-writer';
import { inTimeOrder } from './pcap-writer';
import { seededRandom, type Random } from './random';
import { MICROSECOND, MILLISECOND, type TimeNs } from './time';

/*
 * A gateway that translates packets of IPv4 without options, and shows each on both of its sides:
 *
 *   const crossed = simulateNat(randomTraffic(seed), { seed });
 *   pcapFile(insideOf(crossed)), pcapFile(outsideOf(crossed))
 */

/** What a gateway does to one session; of ICMP the ports are identifiers, and the public one is 0. */
export interface Translation {
  readonly protocol: number;
  readonly pri: Endpoint;
  readonly pub: Endpoint;
  readonly nat: Endpoint;
}

/** A packet on the two sides; null where it was not seen. */
export interface CrossedPacket {
  readonly isOut: boolean;
  readonly inside: CaptureRecord | null;
  readonly outside: CaptureRecord | null;
  readonly translation: Translation;
}

/** @see RFC 4787 §4.1 */
export type Mapping = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export interface NatOptions {
  readonly seed: number;
  /** Default 203.0.113.1. */
  readonly natAddresses?: readonly string[];
  /** Endpoint of a new session; default: any free port of a random address. */
  readonly choose?: (session: Omit<Translation, 'nat'>, random: Random) => Endpoint;
  /** How long a packet is inside of the gateway, microseconds. */
  readonly delayUs?: readonly [least: number, most: number];
  /** Of a thousand packets, how many does the gateway lose, and how many does each capture miss. */
  readonly lostOf1000?: number;
  readonly missedOf1000?: number;
  /** Which packets of a host use one mapping; default: those of one session. */
  readonly mapping?: Mapping;
  /** Mappings that were idle for longer are gone: what comes in for them is dropped, and what goes out has another endpoint. */
  readonly idleNs?: TimeNs;
  /** What comes in does not keep a mapping alive (RFC 4787 REQ-6 leaves that to the gateway). */
  readonly isKeptByHostsOnly?: boolean;
  /** What the clock of the capture outside is ahead. */
  readonly clockAheadNs?: bigint;
  /** The gateway numbers packets anew. */
  readonly renumbers?: boolean;
}

const MAPPING_KEY: Readonly<Record<Mapping, (session: Omit<Translation, 'nat'>) => string>> = {
  'endpoint-independent': ({ protocol, pri }) => `${protocol} ${pri}`,
  'address-dependent': ({ protocol, pri, pub }) => `${protocol} ${pri} ${pub.split(':')[0]!}`,
  'address-and-port-dependent': ({ protocol, pri, pub }) => `${protocol} ${pri} ${pub}`,
};

const isInside = (address: string): boolean => address.startsWith('10.');

/** @param packets as a host inside sends and receives them, in order */
export function simulateNat(packets: readonly CaptureRecord[], options: NatOptions): CrossedPacket[] {
  const { natAddresses = ['203.0.113.1'], delayUs = [20, 2000], lostOf1000 = 0, missedOf1000 = 0 } = options;
  const random = seededRandom(options.seed);
  const mappings = new Map<string, { nat: Endpoint; lastNs: TimeNs }>();
  const taken = new Set<string>();
  const { mapping = 'address-and-port-dependent', isKeptByHostsOnly = false } = options;
  const isShared = mapping !== 'address-and-port-dependent';
  const anyFree = (session: Omit<Translation, 'nat'>): Endpoint => {
    for (;;) {
      const nat: Endpoint = `${random.pick(natAddresses)}:${random.int(1025, 65_535)}`;
      const key = isShared ? `${session.protocol} ${nat}` : `${session.protocol} ${nat} ${session.pub}`;
      if (taken.has(key)) continue;
      taken.add(key);
      return nat;
    }
  };
  const choose = options.choose ?? anyFree;
  return packets.map(({ atNs, bytes }) => {
    const { isOut, ...session } = sessionOf(bytes);
    const key = MAPPING_KEY[mapping](session);
    const known = mappings.get(key);
    const isDead = known !== undefined && atNs - known.lastNs > (options.idleNs ?? 1n << 62n);
    const isDropped = isDead && !isOut;
    const nat = known !== undefined && (!isDead || isDropped) ? known.nat : choose(session, random);
    const isKept = known === undefined || (!isDropped && (isOut || !isKeptByHostsOnly));
    mappings.set(key, { nat, lastNs: isKept ? atNs : known.lastNs });
    const delayNs = BigInt(random.int(delayUs[0], delayUs[1])) * MICROSECOND;
    const outsideAt = (isOut ? atNs + delayNs : atNs - delayNs) + (options.clockAheadNs ?? 0n);
    const translated = translate(bytes, isOut, nat, options.renumbers === true ? random.int(0, 0xffff) : null);
    const isLost = random.int(0, 999) < lostOf1000;
    const isMissed = (): boolean => random.int(0, 999) < missedOf1000;
    return {
      isOut,
      translation: { ...session, nat },
      inside: isDropped || (isLost && !isOut) || isMissed() ? null : { atNs, bytes },
      outside: (isLost && isOut) || isMissed() ? null : { atNs: outsideAt, bytes: translated },
    };
  });
}

export function insideOf(crossed: readonly CrossedPacket[]): CaptureRecord[] {
  return inTimeOrder(crossed.flatMap(({ inside }) => (inside === null ? [] : [inside])));
}

export function outsideOf(crossed: readonly CrossedPacket[]): CaptureRecord[] {
  return inTimeOrder(crossed.flatMap(({ outside }) => (outside === null ? [] : [outside])));
}

function sessionOf(bytes: Uint8Array): Omit<Translation, 'nat'> & { readonly isOut: boolean } {
  const word = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  const protocol = bytes[9]!;
  const src = bytes.subarray(12, 16).join('.');
  const dst = bytes.subarray(16, 20).join('.');
  const isOut = isInside(src);
  if (protocol === PROTOCOL.icmp) {
    const pri: Endpoint = `${isOut ? src : dst}:${word(24)}`;
    return { isOut, protocol, pri, pub: `${isOut ? dst : src}:0` };
  }
  const from: Endpoint = `${src}:${word(20)}`;
  const to: Endpoint = `${dst}:${word(22)}`;
  return { isOut, protocol, pri: isOut ? from : to, pub: isOut ? to : from };
}

/** A copy with the endpoint of the gateway in the place of the host's, and with a time to live as outside. */
function translate(bytes: Uint8Array, isOut: boolean, nat: Endpoint, identification: number | null): Uint8Array {
  const copy = bytes.slice();
  const [address = '', port = ''] = nat.split(':');
  const protocol = bytes[9]!;
  copy.set(ipv4Bytes(address), isOut ? 12 : 16);
  copy[8]! += isOut ? -1 : 1;
  copy.set(renumbered(copy.subarray(0, 20), identification ?? (copy[4]! << 8) + copy[5]!));
  copy.set(u16(Number(port)), protocol === PROTOCOL.icmp ? 24 : isOut ? 20 : 22);
  const sumAt = { [PROTOCOL.icmp]: 22, [PROTOCOL.tcp]: 36, [PROTOCOL.udp]: 26 }[protocol]!;
  copy.set([0, 0], sumAt);
  const segment = copy.subarray(20);
  const pseudo = [copy.subarray(12, 20), u32(protocol), u32(segment.length)];
  copy.set(u16(internetChecksum(...(protocol === PROTOCOL.icmp ? [] : pseudo), segment)), sumAt);
  return copy;
}

/** Conversations of a few hosts with a few servers, of which many happen at once. */
export function randomTraffic(
  seed: number,
  conversations = 30,
  startNs: TimeNs = 1_700_000_400_000_000_000n,
): CaptureRecord[] {
  const random = seededRandom(seed);
  const servers = ['198.51.100.7', '198.51.100.8', '192.0.2.80'];
  const scripts = Array.from({ length: conversations }, (_, index): CaptureRecord[] => {
    const host = `10.0.0.${random.int(5, 9)}`;
    const server = random.pick(servers);
    const client: Endpoint = `${host}:${20_000 + index}`;
    const begin = startNs + BigInt(random.int(0, 3000)) * MILLISECOND;
    switch (random.int(0, 4)) {
      case 0:
        return dnsLookup({
          client,
          server: `${server}:53`,
          startNs: begin,
          name: 'natscope.example',
          id: random.int(0, 9),
        });
      case 1:
        return ping({ from: host, to: server, startNs: begin, id: random.int(1, 5) * 100 + index, intervalMs: 200 });
      case 2: {
        const datagrams = Array.from({ length: random.int(1, 12) }, () => random.pick([-1, 1]) * random.int(1, 60));
        return udpFlow({ client, server: `${server}:5000`, startNs: begin, datagrams, intervalMs: random.int(1, 90) });
      }
      default: {
        const exchanges = Array.from({ length: random.int(0, 3) }, () => ({
          up: random.int(1, 4000),
          down: random.int(1, 9000),
        }));
        return tcpSession({ client, server: `${server}:443`, startNs: begin, exchanges, seed: seed * 1000 + index });
      }
    }
  });
  return inTimeOrder(...scripts).map((record, index) => ({
    ...record,
    // Zero is no number: equal datagrams that have it are nobody's for sure.
    bytes: renumbered(record.bytes, 1 + (index % 0xffff)),
  }));
}

/** A copy with another identification: hosts tell equal datagrams apart by it. */
function renumbered(bytes: Uint8Array, identification: number): Uint8Array {
  const copy = bytes.slice();
  copy.set(u16(identification), 4);
  copy.set([0, 0], 10);
  copy.set(u16(internetChecksum(copy.subarray(0, 20))), 10);
  return copy;
}
