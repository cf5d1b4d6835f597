/**
 * The ledger: what became of every byte and every packet of an import.
 *
 * Three equations hold for each run, and the program checks them before it commits:
 *  1. file bytes read = container bytes + captured bytes + unreadable bytes;
 *  2. packets read = packets in entries + packets not in entries, each with exactly one reason;
 *  3. IP bytes read = IP bytes in entries + IP bytes by reason.
 */

/**
 * Why a packet is in no log entry, in order of precedence: a packet that would fit several reasons has the first.
 *
 * The position gives the number that the hot path keeps per packet (`REASON_CODE`); what is stored is the name.
 */
export const REASONS = [
  'unknown_link_type',
  'malformed',
  'l4_truncated',
  'non_ip',
  'ipv6_not_translated',
  'encap_depth',
  'public_copy',
  'lost_in_nat',
  'not_routable',
  'intra',
  'hairpin_unsupported',
  'egress_dnat_ip',
  'egress_own_eip',
  'no_nat',
  'other_gateway',
  'no_snat_entry',
  'unsupported_protocol',
  'frag_no_head',
  'frag_limit',
  'icmp_unsupported',
  'icmp_bad_checksum',
  'icmp_no_session',
  'gateway_echo',
  'duplicate',
  'late_dropped',
  'invalid_flags',
  'no_session',
  'no_port',
  'cps_limit',
  'session_limit',
  'host_limit',
] as const;
export type Reason = (typeof REASONS)[number];

/** Number of a reason in the hot path; 0 is left for "no reason: the packet is in an entry". */
export const REASON_CODE = Object.fromEntries(REASONS.map((reason, index) => [reason, index + 1])) as Readonly<
  Record<Reason, number>
>;

/** What each reason means, in one sentence a reader of the ledger understands. */
export const REASON_TEXT: Readonly<Record<Reason, string>> = {
  unknown_link_type: 'The link type of the interface is not one Natscope can decode.',
  malformed: 'An IP header contradicts itself or the frame, so no address could be trusted.',
  l4_truncated: 'The capture cut the packet before its ports or identifier.',
  non_ip:
    'No IP packet in the frame: ARP, LLDP, spanning tree, encrypted radio frames and the like, or a frame that ends before an IP header begins.',
  ipv6_not_translated: 'IPv6 is not translated by an SNAT gateway.',
  encap_depth: 'The packet is in more than four tunnels in each other.',
  public_copy: 'The same packet was seen on the private side, where it counts.',
  lost_in_nat: 'It went into the gateway and was not seen to come out of it, while that side was captured.',
  not_routable: 'An end is a multicast, broadcast, loopback, link-local or unspecified address.',
  intra: 'Both ends are inside the VPC, so the packet does not pass the gateway.',
  hairpin_unsupported:
    'From the VPC to an address of the gateway itself: that works in bind mode NAT and to a DNAT address only.',
  egress_dnat_ip: 'The host has a DNAT IP mapping, which translates it instead of an SNAT entry.',
  egress_own_eip: 'The host has a public address of its own, so it does not use the gateway.',
  no_nat: 'The destination is in a network that the gateway is told not to translate for.',
  other_gateway: 'It is of a network behind another gateway of the same import, whose ledger tells of it.',
  no_snat_entry: 'Neither end is in a network that an SNAT entry covers.',
  unsupported_protocol:
    'The gateway translates TCP, UDP and ICMP, and other protocols only by the profile linux, or with otherProtocols.',
  frag_no_head: 'A later fragment whose first fragment, which has the ports, is not matched.',
  frag_limit: 'A later fragment that was given up, as more waited for their first ones at once than Natscope keeps.',
  icmp_unsupported: 'An ICMP message of a type that the gateway does not translate.',
  icmp_bad_checksum: 'An ICMP error whose checksum, or that of the packet which it quotes, is wrong.',
  icmp_no_session: 'An ICMP error about a packet that belongs to no live session.',
  gateway_echo: 'The gateway itself answers echo requests to its addresses.',
  duplicate: 'A copy of a packet that was seen less than a millisecond before, as of a port mirrored twice.',
  late_dropped: 'It came after its window was closed, and late packets are to be dropped.',
  invalid_flags: 'Its TCP flags contradict each other or are none, and it belongs to no live session.',
  no_session: 'It belongs to no live session and is none that may open one, as of what comes from the Internet.',
  no_port: 'Every port that the host may have was taken for this destination, so the gateway refused the session.',
  cps_limit: 'More sessions were new within a second than the gateway allows.',
  session_limit: 'As many sessions were live as the gateway allows.',
  host_limit: 'The host had as many sessions, or new ones within a second, as the gateway allows one.',
};

/** The reasons that are losses, and what the packets are called whose number comes before. */
export const LOSS_TEXT: ReadonlyMap<Reason, string> = new Map([
  ['malformed', 'malformed packets'],
  ['encap_depth', 'packets in too many tunnels'],
  ['frag_limit', 'fragments given up'],
  ['no_port', 'packets refused for want of a port'],
  ['cps_limit', 'packets refused by the limit of new sessions'],
  ['session_limit', 'packets refused by the limit of sessions'],
  ['host_limit', 'packets refused by the limit of a host'],
]);
/** With one of them, or with something unreadable, an import ends as "done with losses". */
export const LOSS_REASONS: readonly Reason[] = [...LOSS_TEXT.keys()];

export interface UnreadableRange {
  readonly file: string;
  /** Offset of the first unreadable byte, after decompression. */
  readonly offset: number;
  /** 0 where all that there is was read, and it is known that something is missing or wrong. */
  readonly bytes: number;
  readonly cause: string;
}

/** Counts by reason; a reason that did not occur is absent. */
export type ByReason = Readonly<Partial<Record<Reason, number>>>;

export interface Ledger {
  readonly fileBytes: {
    readonly read: number;
    readonly container: number;
    readonly captured: number;
    readonly unreadable: readonly UnreadableRange[];
  };
  readonly packets: { readonly read: number; readonly inEntries: number; readonly notInEntries: ByReason };
  readonly ipBytes: { readonly read: number; readonly inEntries: number; readonly notInEntries: ByReason };
}

const sum = (counts: ByReason): number => Object.values(counts).reduce((total, count) => total + count, 0);

export function unreadableBytes(ledger: Ledger): number {
  return ledger.fileBytes.unreadable.reduce((total, range) => total + range.bytes, 0);
}

/** @returns the equations that do not hold, each as one sentence with its numbers; empty when the ledger balances */
export function imbalances(ledger: Ledger): string[] {
  const { fileBytes, packets, ipBytes } = ledger;
  const sides: readonly (readonly [string, number, number])[] = [
    ['file bytes', fileBytes.read, fileBytes.container + fileBytes.captured + unreadableBytes(ledger)],
    ['packets', packets.read, packets.inEntries + sum(packets.notInEntries)],
    ['IP bytes', ipBytes.read, ipBytes.inEntries + sum(ipBytes.notInEntries)],
  ];
  return sides
    .filter(([, read, accounted]) => read !== accounted)
    .map(([what, read, accounted]) => `${what}: ${read} read, ${accounted} accounted for`);
}

/** True when the capture was not read whole or packets were lost that a perfect run would have logged. */
export function hasLosses(ledger: Ledger): boolean {
  return (
    ledger.fileBytes.unreadable.length > 0 ||
    LOSS_REASONS.some((reason) => (ledger.packets.notInEntries[reason] ?? 0) > 0)
  );
}
