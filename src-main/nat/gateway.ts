import { AppError } from '../contract/errors';
import { formatIpv4, isInNetwork } from './address-text';

/** An IPv4 network as its first address (host order) and prefix length. */
export interface Network {
  readonly base: number;
  readonly prefixBits: number;
}

/** Which sources are translated, and to which public addresses. */
export interface SnatEntry {
  readonly id: string;
  readonly network: Network;
  /** Public addresses, host order, at least one. */
  readonly eips: readonly number[];
}

/** Idle times in seconds after which a session is dead. @see nat-gateway reference §4.2 and §6.1 */
export interface SessionTimeouts {
  readonly tcpOpening: number;
  readonly tcpEstablished: number;
  readonly tcpClosing: number;
  readonly tcpReset: number;
  readonly udp: number;
  readonly icmp: number;
}

/** Everything that decides what the gateway does; a run keeps the whole of it. */
export interface Gateway {
  readonly instance: string;
  readonly vpcId: string;
  readonly profile: string;
  readonly networkType: 'internet';
  /** MULTI_BINDED: packets leave with the EIP itself. */
  readonly bindMode: 'MULTI_BINDED';
  readonly snatEntries: readonly SnatEntry[];
  readonly timeouts: SessionTimeouts;
  readonly portMin: number;
  readonly portMax: number;
  /** Live sessions that one public address can have to one destination address, port and protocol. */
  readonly maxPerEipPerDestination: number;
  readonly portPolicy: 'random';
  readonly windowSec: number;
  readonly seed: number;
}

/** 203.0.113.1, an address for documentation, so that it is never a real host of a capture. @see RFC 5737 */
const DEFAULT_EIP = 0xcb007101;

/** RFC 1918, and RFC 6598 for addresses behind a carrier. */
const DEFAULT_NETWORKS: readonly Network[] = [
  { base: 0x0a000000, prefixBits: 8 },
  { base: 0xac100000, prefixBits: 12 },
  { base: 0xc0a80000, prefixBits: 16 },
  { base: 0x64400000, prefixBits: 10 },
];

export interface GatewayChoices {
  /** Networks behind the gateway; empty for the default ones. */
  readonly inside: readonly Network[];
  /** Public addresses; empty for the default one. */
  readonly eips: readonly number[];
  readonly seed: number;
}

/** What an import request may hold; each gets its place in every run's description. */
export const MAX_EIPS = 256;
export const MAX_INSIDE_NETWORKS = 1000;

/**
 * The gateway that translates when nobody configured one, so that opening a capture needs no set-up.
 *
 * @throws AppError OPTION_INVALID for a public address that is named twice or is inside, or more than fit
 */
export function defaultGateway({ inside, eips, seed }: GatewayChoices): Gateway {
  const networks = inside.length > 0 ? inside : DEFAULT_NETWORKS;
  const pool = eips.length > 0 ? eips : [DEFAULT_EIP];
  checkCounts(networks, pool);
  checkPool(networks, pool);
  return {
    instance: 'ngw-default',
    vpcId: 'vpc-default',
    profile: 'alibaba',
    networkType: 'internet',
    bindMode: 'MULTI_BINDED',
    snatEntries: networks.map((network, index) => ({ id: `snat-${index + 1}`, network, eips: pool })),
    timeouts: { tcpOpening: 60, tcpEstablished: 900, tcpClosing: 60, tcpReset: 10, udp: 60, icmp: 60 },
    portMin: 1025,
    portMax: 65535,
    maxPerEipPerDestination: 55_000,
    portPolicy: 'random',
    windowSec: 600,
    seed,
  };
}

function checkCounts(networks: readonly Network[], pool: readonly number[]): void {
  if (pool.length > MAX_EIPS) {
    throw new AppError('OPTION_INVALID', `a gateway has at most ${MAX_EIPS} public addresses`, { limit: MAX_EIPS });
  }
  if (networks.length > MAX_INSIDE_NETWORKS) {
    const message = `at most ${MAX_INSIDE_NETWORKS} networks can be behind a gateway`;
    throw new AppError('OPTION_INVALID', message, { limit: MAX_INSIDE_NETWORKS });
  }
}

/** A packet to a public address that is inside too would never come back to the gateway. */
function checkPool(networks: readonly Network[], pool: readonly number[]): void {
  const seen = new Set<number>();
  for (const eip of pool) {
    const value = formatIpv4(eip);
    if (seen.has(eip)) {
      throw new AppError('OPTION_INVALID', `the public address ${value} is named twice; name it once`, { value });
    }
    seen.add(eip);
    const network = networks.find((each) => isInNetwork(eip, each));
    if (network === undefined) continue;
    const cidr = `${formatIpv4(network.base)}/${network.prefixBits}`;
    const message = `the public address ${value} is inside ${cidr}, a network behind the gateway; name one outside with --eip, or other networks with --inside`;
    throw new AppError('OPTION_INVALID', message, { value, network: cidr });
  }
}
