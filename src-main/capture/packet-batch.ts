/** Rows of one batch: large enough to hide per-batch work, small enough that NAT and windows run over it in cache. */
export const BATCH_ROWS = 4096;

/** Bits of a packet's `flags`. */
export const PACKET_FLAG = {
  /** A fragment other than the first: it has no ports. */
  laterFragment: 1,
  /** The IP header gave no length (segmentation offload); `ipBytes` is the frame's length without its link layer. */
  lengthInferred: 2,
  /** The record has no time of its own, or one that cannot be (pcapng); it was given its predecessor's. */
  noTime: 4,
  /** The first of several fragments: it has the ports of all of them. */
  firstFragment: 8,
  /** An ICMP error, which quotes the packet that it is about: the `quoted…` columns hold. */
  icmpError: 16,
  /** The packet was in a tunnel; what was around it is not in the row. */
  decapsulated: 32,
  /** With `laterFragment`: it was given up since too many waited for their first ones at once. */
  givenUp: 64,
  /** Without it, the same bit: the fragment brings octets of its packet that another one had brought. */
  fragOverlap: 64,
  /**
   * With `icmpError`, and without `firstFragment`, the same bit: its checksum, or that of the IP header which it quotes, is
   * wrong; only of one that was captured whole, which is no fragment.
   */
  badIcmpChecksum: 64,
  /** The IP header says that the packet is longer than the frame was. `ipBytes` is what it says. */
  shortFrame: 128,
} as const;

/**
 * Which IP header of a frame becomes its row: the first; the last that can be read, which is the first where there is no
 * tunnel; or the first that a gateway would translate, and the last where it would translate none. Quotes in ICMP errors
 * are no layers.
 */
export const LAYER = { outer: 0, inner: 1, translated: 2 } as const;

/** What is known of a packet where a capture shows both sides of a gateway; see `LegPairing`. */
export const LEG = {
  unknown: 0,
  /** On the private side, and its copy on the public side was found: `observedNatIp` and `observedNatPort` hold. */
  paired: 1,
  /** On the private side, coming from the public one, of which the copy is missing; the session has copies of others. */
  publicMissing: 2,
  /** On the public side, without a copy on the private one. */
  publicOnly: 3,
} as const;

/** In the place of a TCP window that was not captured, or of a fragment that has no TCP header. */
export const TCP_WINDOW_UNKNOWN = 0xffff_ffff;

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58, sctp: 132, udpLite: 136 } as const;

/** Whether a gateway tells sessions of the protocol by ports; of ICMP queries it has an identifier. */
export function hasPorts(protocol: number): boolean {
  switch (protocol) {
    case PROTOCOL.tcp:
    case PROTOCOL.udp:
    case PROTOCOL.sctp:
    case PROTOCOL.udpLite:
      return true;
    default:
      return false;
  }
}

/**
 * Bits of a batch's `traits`: what holds for all of its rows, so that nobody needs to look at each. Where a bit is missing,
 * nobody has looked.
 */
export const TRAIT = {
  /** No row has a time before that of the row before it. */
  ascending: 1,
  /** No row is a fragment. */
  unfragmented: 2,
  /** No row has a VLAN, or is an ICMP error. */
  plain: 4,
} as const;

/**
 * Decoded packets as columns, one row per record of the capture, decodable or not.
 *
 * Instances are reused: a consumer that keeps values past its call must copy them. All columns have BATCH_ROWS
 * elements (`address6` eight times as many), of which rows `[0, length)` are valid. Addresses and ports are in host
 * order: 10.0.0.1 is 0x0a000001.
 */
export class PacketBatch {
  length = 0;
  /** Bits of `TRAIT`. */
  traits = 0;
  /** Capture time: whole seconds since 1970-01-01 UTC, and nanoseconds within the second. */
  readonly tsSec = new Float64Array(BATCH_ROWS);
  readonly tsNsec = new Uint32Array(BATCH_ROWS);
  /** Number of the record, see `PACKETS_PER_CAPTURE`: of the first or only capture, its ordinal in the file, from 1. */
  readonly packetNo = new Float64Array(BATCH_ROWS);
  /** 0 when addresses and ports are known, else the `REASON_CODE` for which the packet can be in no entry. */
  readonly reason = new Uint8Array(BATCH_ROWS);
  /** 4, 6, or 0 when there is no readable IP header; the columns below are stale then. */
  readonly ipVersion = new Uint8Array(BATCH_ROWS);
  /** IANA protocol number; for IPv6 that of the header after the extension headers. */
  readonly protocol = new Uint8Array(BATCH_ROWS);
  /** Bits of `PACKET_FLAG`. */
  readonly flags = new Uint8Array(BATCH_ROWS);
  /** IP length by the header, so that a snap length does not matter: the whole packet, link layer excluded. */
  readonly ipBytes = new Uint32Array(BATCH_ROWS);
  readonly srcIp = new Uint32Array(BATCH_ROWS);
  readonly dstIp = new Uint32Array(BATCH_ROWS);
  /** `(source port << 16 | destination port) >>> 0`; an ICMP query has its identifier as both; 0 without ports. */
  readonly ports = new Uint32Array(BATCH_ROWS);
  /** TCP: the flags octet. ICMP and ICMPv6: the type. SCTP: of the chunk that decides, see sctp-chunks.ts. */
  readonly l4Kind = new Uint8Array(BATCH_ROWS);
  /** IPv6 only: source and destination as four words each, from `row * 8`. */
  readonly address6 = new Uint32Array(BATCH_ROWS * 8);
  /** IPv4's identification, and that of fragments of IPv6: the fragments of a packet share it, and addresses and protocol. */
  readonly ipId = new Uint32Array(BATCH_ROWS);
  /**
   * Of fragments only: `start << 18 | more << 17 | end`. It has the octets of its packet from 8 times `start` up to `end`,
   * exclusive, and `more` is 0 in the last one.
   */
  readonly fragmentSpan = new Uint32Array(BATCH_ROWS);
  /** IPv4 only: time to live. */
  readonly ttl = new Uint8Array(BATCH_ROWS);
  /**
   * Of a first fragment and the later ones that were found to be of its packet, a number that no other packet has nearby; 0 of all
   * others. Holds once `FragmentResolver` has seen the batch, and where that is not known to be `unfragmented`.
   */
  readonly fragmentOf = new Uint32Array(BATCH_ROWS);
  /** Numbers of the last two IEEE 802.1Q tags before the IP header, the last in the lower twelve bits; 0 without. */
  readonly vlan = new Uint32Array(BATCH_ROWS);
  /** TCP only, as is the next; without meaning where `tcpWindow` is unknown. */
  readonly tcpSeq = new Uint32Array(BATCH_ROWS);
  readonly tcpAck = new Uint32Array(BATCH_ROWS);
  /**
   * TCP only: the window as it was sent, in the lower 16 bits. A SYN with the option to scale windows has one more than its
   * shift count in the upper 16. `TCP_WINDOW_UNKNOWN` when the header was cut before it.
   */
  readonly tcpWindow = new Uint32Array(BATCH_ROWS);
  /** Of ICMP and ICMPv6 only. */
  readonly icmpCode = new Uint8Array(BATCH_ROWS);
  /** Of ICMP errors only: 4, 6, or 0 when too little of the quoted packet is there; the columns below are stale then. */
  readonly quotedVersion = new Uint8Array(BATCH_ROWS);
  readonly quotedProtocol = new Uint8Array(BATCH_ROWS);
  /** As `ports`; 0 where they were not quoted. */
  readonly quotedPorts = new Uint32Array(BATCH_ROWS);
  /** Source and destination, four words each, from `row * 8`; of IPv4 the first word of each. */
  readonly quotedAddress = new Uint32Array(BATCH_ROWS * 8);
  /**
   * Of what follows the header of UDP, UDP-Lite or SCTP, or the identifier of an ICMP query, or of a later fragment or what has no ports, as
   * far as translation does not change it; 0 of everything else. Stale unless the decoder was told to compute it.
   */
  readonly payloadHash = new Uint32Array(BATCH_ROWS);
  /** One of `LEG`. */
  readonly leg = new Uint8Array(BATCH_ROWS);
  /** Where a gateway was seen to send the packet from, or to take it at; 0 where it was not. An ICMP identifier is a port. */
  readonly observedNatIp = new Uint32Array(BATCH_ROWS);
  readonly observedNatPort = new Uint16Array(BATCH_ROWS);

  /** Takes over rows that were written behind the last one, and what holds for all of them. */
  append(rows: number, traits: number): void {
    const first = this.length;
    this.length += rows;
    if (first === 0) this.traits = traits;
    else this.traits &= this.#isAscendingAt(first) ? traits : traits & ~TRAIT.ascending;
  }

  #isAscendingAt(row: number): boolean {
    const sec = this.tsSec[row]!;
    const before = this.tsSec[row - 1]!;
    return sec > before || (sec === before && this.tsNsec[row]! >= this.tsNsec[row - 1]!);
  }

  has(trait: number): boolean {
    return (this.traits & trait) !== 0;
  }

  /** Becomes a copy of another batch. */
  copyFrom(from: PacketBatch): void {
    this.length = from.length;
    this.traits = from.traits;
    this.tsSec.set(from.tsSec);
    this.tsNsec.set(from.tsNsec);
    this.packetNo.set(from.packetNo);
    this.reason.set(from.reason);
    this.ipVersion.set(from.ipVersion);
    this.protocol.set(from.protocol);
    this.flags.set(from.flags);
    this.ipBytes.set(from.ipBytes);
    this.srcIp.set(from.srcIp);
    this.dstIp.set(from.dstIp);
    this.ports.set(from.ports);
    this.l4Kind.set(from.l4Kind);
    this.address6.set(from.address6);
    this.ipId.set(from.ipId);
    this.fragmentSpan.set(from.fragmentSpan);
    this.ttl.set(from.ttl);
    this.fragmentOf.set(from.fragmentOf);
    this.vlan.set(from.vlan);
    this.tcpSeq.set(from.tcpSeq);
    this.tcpAck.set(from.tcpAck);
    this.tcpWindow.set(from.tcpWindow);
    this.icmpCode.set(from.icmpCode);
    this.quotedVersion.set(from.quotedVersion);
    this.quotedProtocol.set(from.quotedProtocol);
    this.quotedPorts.set(from.quotedPorts);
    this.quotedAddress.set(from.quotedAddress);
    this.payloadHash.set(from.payloadHash);
    this.leg.set(from.leg);
    this.observedNatIp.set(from.observedNatIp);
    this.observedNatPort.set(from.observedNatPort);
  }

  /** Exchanges what the two batches hold, without copying it: the columns themselves change hands. */
  swapWith(other: PacketBatch): void {
    for (const name of Object.keys(this) as (keyof PacketBatch)[]) exchange<PacketBatch>(this, other, name);
  }

  /** Copies one row of another batch behind the last row of this one. */
  appendRow(from: PacketBatch, row: number): void {
    const to = this.length++;
    this.traits = 0;
    this.fragmentOf[to] = from.has(TRAIT.unfragmented) ? 0 : from.fragmentOf[row]!;
    this.tsSec[to] = from.tsSec[row]!;
    this.tsNsec[to] = from.tsNsec[row]!;
    this.packetNo[to] = from.packetNo[row]!;
    this.reason[to] = from.reason[row]!;
    this.ipVersion[to] = from.ipVersion[row]!;
    this.protocol[to] = from.protocol[row]!;
    this.flags[to] = from.flags[row]!;
    this.ipBytes[to] = from.ipBytes[row]!;
    this.srcIp[to] = from.srcIp[row]!;
    this.dstIp[to] = from.dstIp[row]!;
    this.ports[to] = from.ports[row]!;
    this.l4Kind[to] = from.l4Kind[row]!;
    this.ipId[to] = from.ipId[row]!;
    this.fragmentSpan[to] = from.fragmentSpan[row]!;
    this.ttl[to] = from.ttl[row]!;
    this.vlan[to] = from.vlan[row]!;
    this.tcpSeq[to] = from.tcpSeq[row]!;
    this.tcpAck[to] = from.tcpAck[row]!;
    this.tcpWindow[to] = from.tcpWindow[row]!;
    this.icmpCode[to] = from.icmpCode[row]!;
    this.payloadHash[to] = from.payloadHash[row]!;
    this.leg[to] = from.leg[row]!;
    this.observedNatIp[to] = from.observedNatIp[row]!;
    this.observedNatPort[to] = from.observedNatPort[row]!;
    if (from.ipVersion[row] === 6) this.address6.set(from.address6.subarray(row * 8, row * 8 + 8), to * 8);
    if ((from.flags[row]! & PACKET_FLAG.icmpError) === 0) return;
    this.quotedVersion[to] = from.quotedVersion[row]!;
    this.quotedProtocol[to] = from.quotedProtocol[row]!;
    this.quotedPorts[to] = from.quotedPorts[row]!;
    this.quotedAddress.set(from.quotedAddress.subarray(row * 8, row * 8 + 8), to * 8);
  }
}

function exchange<T>(one: T, other: T, name: keyof T): void {
  const mine = one[name];
  one[name] = other[name];
  other[name] = mine;
}
