import { AppError } from '../contract/errors';
import type { OTHER_PROTOCOLS, PORT_POLICIES } from '../contract/gateway-words';
import { formatIpv4, formatNetwork, isInNetwork } from './address-text';
import { profileValues } from './profiles';
import { gatewayProfile, RECORDING } from './profiles/gateway-profile';

/** An IPv4 network as its first address (host order) and prefix length. */
export interface Network {
  readonly base: number;
  readonly prefixBits: number;
}

/**
 * An address that packets leave with: an EIP of an Internet NAT gateway, or a NAT IP of a VPC NAT gateway. Numbers are in
 * host order.
 */
export interface GatewayAddress {
  readonly address: number;
  /** The address of the vSwitch that an EIP is bound to; in bind mode NAT it is what sessions are translated to. */
  readonly privateAddress: number | null;
}

/** Which sources are translated, and to which public addresses. */
export interface SnatEntry {
  readonly id: string;
  readonly network: Network;
  /** Public addresses, host order, at least one. */
  readonly eips: readonly number[];
  /** A host always has the same address of the pool (`EipAffinity`), instead of one by connection. */
  readonly affinity: boolean;
  /** With affinity: when the host's address is full for a destination, another one is taken and the entry flagged. */
  readonly softAffinity: boolean;
}

/** A host and a public address that belong together: a DNAT IP mapping of any port, or an EIP of the host's own. */
export interface HostAddress {
  readonly publicAddress: number;
  readonly privateAddress: number;
}

/** Idle times in seconds after which a session is dead. @see nat-gateway reference §4.2 and §6.1 */
export interface SessionTimeouts {
  /** INIT: a SYN from the VPC was seen. */
  readonly tcpOpening: number;
  /** SYN_RCVD: and one from the Internet. */
  readonly tcpSynReceived: number;
  readonly tcpEstablished: number;
  /** C_FIN: half-closed by the host in the VPC. */
  readonly tcpFinFromVpc: number;
  /** S_FIN: half-closed by the other side. */
  readonly tcpFinFromPub: number;
  /** BOTH_FIN. */
  readonly tcpClosing: number;
  /** TRANS: after a valid RST. */
  readonly tcpReset: number;
  readonly udp: number;
  /** UDP that was seen in both directions. */
  readonly udpReplied: number;
  readonly icmp: number;
}

/** How long a port stays unused after its session has ended, in seconds. @see RFC 6888 REQ-8 */
export interface PortHold {
  readonly tcp: number;
  readonly udp: number;
  readonly icmp: number;
}

/** One of `PORT_POLICIES`, which says what they are. */
export type PortPolicy = (typeof PORT_POLICIES)[number];

/** Limits of new sessions; null is none. */
export interface SessionLimits {
  /** Live sessions of the gateway. */
  readonly maxSessions: number | null;
  /** New sessions of the gateway within one second of packet time. */
  readonly maxNewPerSec: number | null;
  /** Ports, which is live sessions, of one host and protocol. */
  readonly maxPortsPerHost: number | null;
  /** New sessions of one host within one second. */
  readonly maxNewPerSecPerHost: number | null;
}

/** Something that is changed in the gateway while a capture runs. */
export interface GatewayChange {
  /** Packet time, epoch seconds. */
  readonly atSec: number;
  /** SNAT entries from then on; live sessions of an address that their entry has lost end. */
  readonly snatEntries: readonly SnatEntry[];
}

/** Everything that decides what the gateway does; a run keeps the whole of it. */
export interface Gateway {
  readonly instance: string;
  readonly vpcId: string;
  readonly region: string;
  readonly profile: string;
  readonly networkType: 'internet' | 'intranet';
  readonly billing: 'PayByLcu' | 'PayBySpec';
  /** NAT: sessions are translated to the private address of their EIP. MULTI_BINDED: to the EIP itself. */
  readonly bindMode: 'NAT' | 'MULTI_BINDED';
  readonly addresses: readonly GatewayAddress[];
  /**
   * `DEFAULT_EIP` is its only address because it was named, so that captures may show it. Absent where nobody named one, and where there
   * are others.
   */
  readonly hasNamedDefault?: boolean;
  readonly snatEntries: readonly SnatEntry[];
  /**
   * Networks of the VPC with hosts that no SNAT entry covers, at any time: what they send to other hosts of the VPC does not pass the
   * gateway. Left out where there are none, so that runs are described as they always were.
   */
  readonly vpcNetworks?: readonly Network[];
  readonly changes: readonly GatewayChange[];
  /** DNAT IP mappings: what these hosts send does not pass SNAT. */
  readonly dnatMappings: readonly HostAddress[];
  /** Hosts with a public address or EIP of their own, which comes before everything else. */
  readonly hostEips: readonly HostAddress[];
  /** Destinations that are not translated. @see RFC 6888 REQ-6 */
  readonly noNatNetworks: readonly Network[];
  /**
   * Networks behind other gateways that the same packets go to: which of them has a packet decides its reason, and nothing
   * else. Left out where there are none, so that runs of one gateway are described as they always were.
   */
  readonly otherNetworks?: readonly Network[];
  readonly timeouts: SessionTimeouts;
  readonly portMin: number;
  readonly portMax: number;
  /** Live sessions that one public address can have to one destination address, port and protocol. */
  readonly maxPerEipPerDestination: number;
  readonly portPolicy: PortPolicy;
  /** Of the policies `deterministic` and `blocks`: ports of one block. */
  readonly portBlockSize: number;
  /** Of the policy `blocks`: blocks that one host can have at once. */
  readonly maxBlocksPerHost: number;
  readonly portHold: PortHold;
  /** apdm: a mapping for each destination. eim: one for each private endpoint. @see RFC 4787 §4.1 */
  readonly mapping: 'apdm' | 'eim';
  /** Who may send to a mapping: its destination, any port of that address, anybody. @see RFC 4787 §5 */
  readonly filtering: 'apdf' | 'adf' | 'eif';
  readonly limits: SessionLimits;
  /**
   * Other protocols than TCP, UDP and ICMP are translated, too: SCTP and UDP-Lite by their ports, the others by their addresses alone,
   * and all of them by destination, whatever `mapping` says. Absent where they are dropped. An association of SCTP whose session has died is
   * not taken up again before it begins anew, whatever `onIdleExpiry` says.
   */
  readonly otherProtocols?: (typeof OTHER_PROTOCOLS)[number];
  /** What becomes of a session that was under way when the capture saw it first. */
  readonly midstream: 'create' | 'drop';
  /** What becomes of a packet from the VPC, without SYN, whose session has died of idleness. */
  readonly onIdleExpiry: 'repick' | 'drop' | 'rst';
  /** Packets from the Internet keep a UDP session alive, too. @see RFC 4787 REQ-6 */
  readonly udpInboundRefresh: boolean;
  /** The gateway itself answers echo requests to its addresses. */
  readonly icmpReply: boolean;
  readonly windowSec: number;
  /**
   * Where windows begin: at multiples of their length since 1970, off by so many seconds from those, off by what follows
   * from the instance's name, with the first packet, or with the first packet of each session.
   */
  readonly windowPhase: 'epoch' | 'perGateway' | 'captureStart' | 'session' | number;
  /**
   * packet: an entry ends with its last packet. aliflow: with its window, if the session is alive at the end of that: neither
   * closed by both sides nor reset, though its port may be taken still, nor idle for its time-out. What a packet, a change of the
   * gateway or a clock that was set back has ended before ends with its last packet in both.
   *
   * @see nat-gateway reference §6 "start_time / end_time", §7 scenario 41
   */
  readonly timeModel: 'packet' | 'aliflow';
  /** What becomes of a packet whose window is closed already. */
  readonly latePolicy: 'revise' | 'carry' | 'drop';
  /** Seconds that the clock may step back before what follows is a new capture epoch. */
  readonly jumpSec: number;
  /** VLANs are networks of their own, so that addresses may be used in several. */
  readonly vlanAware: boolean;
  /** Packets whose IPv4 header has a wrong checksum are malformed; captures of senders may have none that is right. */
  readonly ipChecksums: boolean;
  /** Copies of a packet within 1 ms, as of a port mirrored twice, count once. */
  readonly dedupe: boolean;
  /** Where both sides were captured: packets that went in and were not seen to come out on the other side count. */
  readonly countUnpaired: boolean;
  /** Entries and refusals are kept without their destinations. @see RFC 6888 REQ-12 */
  readonly redactDestination: boolean;
  /**
   * Entries also have `EXTRA_BYTE_FIELDS`. Absent where they have not.
   * @see nat-gateway reference §5 item 7
   */
  readonly extraBytes?: boolean;
  readonly seed: number;
}

/** 203.0.113.1, an address for documentation, so that it is never a real host of a capture. @see RFC 5737 */
export const DEFAULT_EIP = 0xcb007101;

/** RFC 1918, and RFC 6598 for addresses behind a carrier. */
export const DEFAULT_NETWORKS: readonly Network[] = [
  { base: 0x0a000000, prefixBits: 8 },
  { base: 0xac100000, prefixBits: 12 },
  { base: 0xc0a80000, prefixBits: 16 },
  { base: 0x64400000, prefixBits: 10 },
];

/** What a profile decides; everything else is a gateway's own. */
export type GatewayProfile = Omit<
  Gateway,
  | 'instance'
  | 'vpcId'
  | 'region'
  | 'networkType'
  | 'billing'
  | 'bindMode'
  | 'addresses'
  | 'hasNamedDefault'
  | 'snatEntries'
  | 'vpcNetworks'
  | 'changes'
  | 'dnatMappings'
  | 'hostEips'
  | 'noNatNetworks'
  | 'otherNetworks'
  | 'seed'
>;

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
    ...gatewayProfile('alibaba', profileValues('alibaba'), RECORDING),
    instance: 'ngw-default',
    vpcId: 'vpc-default',
    region: 'local',
    networkType: 'internet',
    billing: 'PayByLcu',
    bindMode: 'MULTI_BINDED',
    addresses: pool.map((address) => ({ address, privateAddress: null })),
    ...namedDefault(eips),
    snatEntries: networks.map((network, index) => ({
      id: `snat-${index + 1}`,
      network,
      eips: pool,
      affinity: false,
      softAffinity: false,
    })),
    changes: [],
    dnatMappings: [],
    hostEips: [],
    noNatNetworks: [],
    seed,
  };
}

/** @param named public addresses that somebody has named */
export function namedDefault(named: readonly number[]): Pick<Gateway, 'hasNamedDefault'> {
  return named.length > 0 && named.every((address) => address === DEFAULT_EIP) ? { hasNamedDefault: true } : {};
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
    const cidr = formatNetwork(network);
    const message = `the public address ${value} is inside ${cidr}, a network behind the gateway; name one outside with --eip, or other networks with --inside`;
    throw new AppError('OPTION_INVALID', message, { value, network: cidr });
  }
}
