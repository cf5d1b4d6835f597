import { concat, internetChecksum, u16, u32, u8 } from './bytes';

/*
 * Packets from the inside out: `tcpPacket`, `udpPacket`, `icmpEcho` and their like return a whole IPv4 packet with right
 * checksums; `ethernet` and `linuxCooked` put it into a frame; RAW captures take it as it is.
 *
 *   ethernet(udpPacket({ from: '10.0.0.5:40000', to: '198.51.100.7:53', payload: query }), { vlans: [12] })
 */

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, ipv6Icmp: 58 } as const;
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, qinq: 0x88a8, ipv6: 0x86dd } as const;

/** @returns the four bytes of dotted-decimal text */
export function ipv4Bytes(address: string): Uint8Array {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || !parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256)) {
    throw new RangeError(`not an IPv4 address: ${address}`);
  }
  return Uint8Array.from(parts);
}

/** @returns the address as the hot path holds it: an unsigned integer in host order */
export function ipv4Number(address: string): number {
  return ipv4Bytes(address).reduce((value, byte) => value * 256 + byte, 0);
}

/** @param address all eight groups or with one `::`; no dotted tail */
export function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  if (all.length !== 8) throw new RangeError(`not an IPv6 address: ${address}`);
  return concat(...all.map((group) => u16(parseInt(group, 16))));
}

/** An address and a port, as in `10.0.0.5:40000`. */
export type Endpoint = `${string}:${number}`;

export function splitEndpoint(endpoint: Endpoint): { readonly address: string; readonly port: number } {
  const colon = endpoint.lastIndexOf(':');
  return { address: endpoint.slice(0, colon), port: Number(endpoint.slice(colon + 1)) };
}

// --- IPv4 -----------------------------------------------------------------------------------------------------------

/** What any packet may say in its IP header. */
export interface Ipv4Header {
  readonly ttl?: number;
  readonly tos?: number;
  readonly identification?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** In bytes; a multiple of eight. */
  readonly fragmentOffset?: number;
  /** A multiple of four bytes, up to forty. */
  readonly ipOptions?: Uint8Array;
  /** Overrides the total length, for lies and for segmentation offload (0). */
  readonly totalLength?: number;
}

export function ipv4Packet(
  given: Ipv4Header & { from: string; to: string; protocol: number; payload: Uint8Array },
): Uint8Array {
  const { ttl = 64, tos = 0, identification = 0, ipOptions = new Uint8Array(), fragmentOffset = 0 } = given;
  const headerBytes = 20 + ipOptions.length;
  const flags = (given.dontFragment ? 0x4000 : 0) | (given.moreFragments ? 0x2000 : 0) | (fragmentOffset / 8);
  const header = (checksum: number): Uint8Array =>
    concat(
      ...[u8(0x40 | (headerBytes / 4)), u8(tos), u16(given.totalLength ?? headerBytes + given.payload.length)],
      ...[u16(identification), u16(flags), u8(ttl), u8(given.protocol), u16(checksum)],
      ...[ipv4Bytes(given.from), ipv4Bytes(given.to), ipOptions],
    );
  return concat(header(internetChecksum(header(0))), given.payload);
}

/**
 * Cuts an IPv4 packet without options into fragments.
 *
 * @param payloadBytes payload of each fragment but the last; a multiple of eight
 * @returns whole IPv4 packets in order of offset
 */
export function fragment(packet: Uint8Array, payloadBytes: number): Uint8Array[] {
  const payload = packet.subarray(20);
  const dotted = (offset: number): string => packet.subarray(offset, offset + 4).join('.');
  const fragments: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += payloadBytes) {
    fragments.push(
      ipv4Packet({
        from: dotted(12),
        to: dotted(16),
        protocol: packet[9] ?? 0,
        ttl: packet[8] ?? 0,
        identification: ((packet[4] ?? 0) << 8) | (packet[5] ?? 0),
        moreFragments: offset + payloadBytes < payload.length,
        fragmentOffset: offset,
        payload: payload.subarray(offset, offset + payloadBytes),
      }),
    );
  }
  return fragments;
}

// --- TCP, UDP, ICMP -------------------------------------------------------------------------------------------------

const TCP_FLAG_BIT = { F: 0x01, S: 0x02, R: 0x04, P: 0x08, A: 0x10, U: 0x20, E: 0x40, C: 0x80 } as const;

/** @param flags letters as tcpdump prints them, such as `SA`; A stands for ACK */
export function tcpPacket(
  given: Ipv4Header & {
    from: Endpoint;
    to: Endpoint;
    flags: string;
    seq?: number;
    ack?: number;
    window?: number;
    /** A multiple of four bytes. */
    tcpOptions?: Uint8Array;
    payload?: Uint8Array;
  },
): Uint8Array {
  const { seq = 0, ack = 0, window = 64_240, tcpOptions = new Uint8Array(), payload = new Uint8Array() } = given;
  const from = splitEndpoint(given.from);
  const to = splitEndpoint(given.to);
  const bits = Array.from(given.flags).reduce((sum, letter) => {
    if (!(letter in TCP_FLAG_BIT)) throw new RangeError(`no such TCP flag: ${letter}`);
    return sum | TCP_FLAG_BIT[letter as keyof typeof TCP_FLAG_BIT];
  }, 0);
  const segment = (checksum: number): Uint8Array =>
    concat(
      ...[u16(from.port), u16(to.port), u32(seq), u32(ack), u8(((20 + tcpOptions.length) / 4) << 4), u8(bits)],
      ...[u16(window), u16(checksum), u16(0), tcpOptions, payload],
    );
  const sum = pseudoChecksum(ipv4Bytes(from.address), ipv4Bytes(to.address), PROTOCOL.tcp, segment(0));
  return ipv4Packet({ ...given, from: from.address, to: to.address, protocol: PROTOCOL.tcp, payload: segment(sum) });
}

export function udpPacket(given: Ipv4Header & { from: Endpoint; to: Endpoint; payload?: Uint8Array }): Uint8Array {
  const from = splitEndpoint(given.from);
  const to = splitEndpoint(given.to);
  const payload = udpDatagram(ipv4Bytes(from.address), ipv4Bytes(to.address), from.port, to.port, given.payload);
  return ipv4Packet({ ...given, from: from.address, to: to.address, protocol: PROTOCOL.udp, payload });
}

/** UDP-Lite, whose checksum covers so many octets: 0 is all of them. @see RFC 3828 §3.1 */
export function udpLitePacket(
  given: Ipv4Header & { from: Endpoint; to: Endpoint; payload?: Uint8Array; covered?: number },
): Uint8Array {
  const [from, to] = [splitEndpoint(given.from), splitEndpoint(given.to)];
  const { covered = 0, payload: data = new Uint8Array() } = given;
  const payload = concat(u16(from.port), u16(to.port), u16(covered), u16(0), data);
  const pseudo = concat(ipv4Bytes(from.address), ipv4Bytes(to.address), u32(136), u32(payload.length));
  payload.set(
    u16(internetChecksum(pseudo, payload.subarray(0, covered === 0 ? payload.length : covered)) || 0xffff),
    6,
  );
  return ipv4Packet({ ...given, from: from.address, to: to.address, protocol: 136, payload });
}

/** An echo request, or the reply with `reply: true`. */
export function icmpEcho(
  given: Ipv4Header & {
    from: string;
    to: string;
    id: number;
    seq?: number;
    reply?: boolean;
    payload?: Uint8Array;
  },
): Uint8Array {
  const body = concat(u16(given.id), u16(given.seq ?? 1), given.payload ?? new Uint8Array(56));
  return icmpPacket({ ...given, type: given.reply ? 0 : 8, code: 0, body });
}

/** An error about `about`, a whole IPv4 packet of which the header and eight bytes are quoted (RFC 792). */
export function icmpError(
  given: Ipv4Header & { from: string; to: string; type: number; code: number; about: Uint8Array },
): Uint8Array {
  const quoted = given.about.subarray(0, ((given.about[0] ?? 0) & 0x0f) * 4 + 8);
  return icmpPacket({ ...given, body: concat(u32(0), quoted) });
}

/** Any ICMP message; `body` is what follows type, code and checksum. */
export function icmpPacket(
  given: Ipv4Header & { from: string; to: string; type: number; code: number; body: Uint8Array },
): Uint8Array {
  const message = (checksum: number): Uint8Array => concat(u8(given.type), u8(given.code), u16(checksum), given.body);
  return ipv4Packet({ ...given, protocol: PROTOCOL.icmp, payload: message(internetChecksum(message(0))) });
}

function udpDatagram(
  from: Uint8Array,
  to: Uint8Array,
  fromPort: number,
  toPort: number,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  const datagram = (checksum: number): Uint8Array =>
    concat(u16(fromPort), u16(toPort), u16(8 + payload.length), u16(checksum), payload);
  // 0 means "no checksum" in UDP, so a sum that comes out as 0 is sent as its complement.
  return datagram(pseudoChecksum(from, to, PROTOCOL.udp, datagram(0)) || 0xffff);
}

/** The checksum of TCP, UDP and ICMPv6 over the pseudo header of either IP version. */
function pseudoChecksum(from: Uint8Array, to: Uint8Array, protocol: number, segment: Uint8Array): number {
  return internetChecksum(from, to, u32(segment.length), u32(protocol), segment);
}

// --- IPv6 -----------------------------------------------------------------------------------------------------------

export function ipv6Packet(given: {
  from: string;
  to: string;
  nextHeader: number;
  payload: Uint8Array;
  hopLimit?: number;
}): Uint8Array {
  return concat(
    ...[u32(0x60000000), u16(given.payload.length), u8(given.nextHeader), u8(given.hopLimit ?? 64)],
    ...[ipv6Bytes(given.from), ipv6Bytes(given.to), given.payload],
  );
}

export function ipv6Udp(given: {
  from: string;
  fromPort: number;
  to: string;
  toPort: number;
  payload?: Uint8Array;
}): Uint8Array {
  const { from, to, fromPort, toPort } = given;
  const payload = udpDatagram(ipv6Bytes(from), ipv6Bytes(to), fromPort, toPort, given.payload);
  return ipv6Packet({ from, to, nextHeader: PROTOCOL.udp, payload });
}

/** An ICMPv6 message; `body` is what follows type, code and checksum. */
export function icmpv6Packet(given: {
  from: string;
  to: string;
  type: number;
  code?: number;
  body: Uint8Array;
  hopLimit?: number;
}): Uint8Array {
  const message = (checksum: number): Uint8Array =>
    concat(u8(given.type), u8(given.code ?? 0), u16(checksum), given.body);
  const sum = pseudoChecksum(ipv6Bytes(given.from), ipv6Bytes(given.to), PROTOCOL.ipv6Icmp, message(0));
  return ipv6Packet({ ...given, nextHeader: PROTOCOL.ipv6Icmp, payload: message(sum) });
}

// --- Link layer -----------------------------------------------------------------------------------------------------

export interface EthernetHeader {
  /** Six bytes as `02:00:00:00:00:01`. */
  readonly from?: string;
  readonly to?: string;
  /** VLAN identifiers from the outside in; with two or more the outer tags are 802.1ad. */
  readonly vlans?: readonly number[];
  /** Default: from the version of the packet. */
  readonly ethertype?: number;
  /** Fill up to the 60 bytes that Ethernet demands, as received frames show it. Default true. */
  readonly pad?: boolean;
}

export function ethernet(packet: Uint8Array, header: EthernetHeader = {}): Uint8Array {
  const { from = '02:00:00:00:00:01', to = '02:00:00:00:00:02', vlans = [], pad = true } = header;
  const tags = vlans.map((vlan, index) =>
    concat(u16(index < vlans.length - 1 ? ETHERTYPE.qinq : ETHERTYPE.vlan), u16(vlan)),
  );
  const frame = concat(macBytes(to), macBytes(from), ...tags, u16(header.ethertype ?? ethertypeOf(packet)), packet);
  return pad && frame.length < 60 ? concat(frame, new Uint8Array(60 - frame.length)) : frame;
}

/** Linux cooked capture version 1 (`LINK.linuxCooked`), as `tcpdump -i any` used to write. */
export function linuxCooked(
  packet: Uint8Array,
  header: { outgoing?: boolean; from?: string; ethertype?: number; vlan?: number } = {},
): Uint8Array {
  const { outgoing = false, from = '02:00:00:00:00:01', vlan } = header;
  const ethertype = header.ethertype ?? ethertypeOf(packet);
  const inner = vlan === undefined ? [u16(ethertype)] : [u16(ETHERTYPE.vlan), u16(vlan), u16(ethertype)];
  return concat(u16(outgoing ? 4 : 0), u16(1), u16(6), macBytes(from), u16(0), ...inner, packet);
}

/** The body of an ARP request or reply for IPv4 over Ethernet; wrap it with `ethertype: ETHERTYPE.arp`. */
export function arpMessage(given: {
  reply?: boolean;
  senderMac: string;
  sender: string;
  targetMac?: string;
  target: string;
}): Uint8Array {
  return concat(
    ...[u16(1), u16(ETHERTYPE.ipv4), u8(6), u8(4), u16(given.reply ? 2 : 1)],
    ...[macBytes(given.senderMac), ipv4Bytes(given.sender)],
    ...[macBytes(given.targetMac ?? '00:00:00:00:00:00'), ipv4Bytes(given.target)],
  );
}

function ethertypeOf(packet: Uint8Array): number {
  return (packet[0] ?? 0) >>> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;
}

function macBytes(address: string): Uint8Array {
  return Uint8Array.from(address.split(':'), (byte) => parseInt(byte, 16));
}
