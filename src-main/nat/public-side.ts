import { changedChecksum, changedUdpChecksum, foldSum, longChange, sumOfWords, wordChange } from '../capture/checksum';
import { crc32c, crc32cChange } from '../capture/crc32c';
import type { Frame } from '../capture/decoded-frames';
import { PROTOCOL } from '../capture/packet-batch';

/** How a session was translated. Addresses are IPv4 in host order; an ICMP identifier is a port. */
export interface NatMapping {
  readonly protocol: number;
  /** Null where only the public side was captured. */
  readonly priIp: number | null;
  readonly priPort: number | null;
  readonly natIp: number;
  /** The public address behind `natIp`; the two differ in bind mode NAT. */
  readonly natEip: number;
  readonly natPort: number;
}

/** What became of a packet. */
export const PUBLIC_RESULT = {
  /** It was captured on the public side: nothing was changed. */
  asCaptured: 0,
  translated: 1,
  /** Translated, and a checksum that was left to the network card is complete now. */
  completed: 2,
  /** Translated; its checksum was left to the network card and stays so, as not all of the packet was captured. */
  unfinished: 3,
} as const;
export type PublicResult = (typeof PUBLIC_RESULT)[keyof typeof PUBLIC_RESULT];

/* Offsets in the header of IPv4. @see RFC 791 §3.1 */
const TOTAL_LENGTH = 2;
const FRAGMENT = 6;
const PROTOCOL_NUMBER = 9;
const HEADER_CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;
const IPV4_HEADER_BYTES = 20;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/* Offsets behind it. @see RFC 9293 §3.1, RFC 768, RFC 792 */
const TCP_CHECKSUM = 16;
const UDP_CHECKSUM = 6;
const ICMP_CHECKSUM = 2;
const ICMP_IDENTIFIER = 4;
const SCTP_CHECKSUM = 8;
const DESTINATION_PORT = 2;
const ICMP_ERROR_HEADER_BYTES = 8;
/** Unreachable, time exceeded, parameter problem: the errors that are translated. @see RFC 5508 REQ-10 */
const TRANSLATED_ERRORS: readonly number[] = [3, 11, 12];

/** An IPv4 packet in a frame, or in an ICMP error. */
interface Packet {
  /** Of its header, and of what follows that. */
  readonly at: number;
  readonly l4: number;
  /** Behind its last captured octet, and behind its last one on the wire. */
  readonly end: number;
  readonly wireEnd: number;
  readonly protocol: number;
  /** Flags and offset. */
  readonly fragment: number;
}

/**
 * Turns frames of the private side into what the Internet saw of them: the source of what goes out, or the destination of
 * what comes in, becomes the translated address, port or ICMP identifier, in ICMP errors also in the packet that they
 * quote. In tunnels, the packet that the gateway translated is rewritten. Everything else stays, link layer and time to
 * live included: how many hops away the other side is nobody knows.
 *
 * Checksums follow what changes, those of tunnels around the packet too, whether or not all that they cover was captured:
 * right ones stay right, and wrong ones wrong. Only what a host had left to its network card is replaced by the checksum
 * that went out: 0 in the header of IPv4; in TCP and UDP the sum of the pseudo header alone, with or without its length, if all of the packet was
 * captured, and else it stays that sum.
 *
 * @see RFC 3022 §4, RFC 1624, RFC 5508 REQ-4 and REQ-5
 */
export class PublicSide {
  #bytes: Uint8Array = new Uint8Array();
  #mapping: NatMapping = { protocol: 0, priIp: null, priPort: null, natIp: 0, natEip: 0, natPort: 0 };
  /** Of the sum of all words of the packet. */
  #change = 0;

  /** Rewrites a frame of the mapping's session in its place. */
  translate({ bytes, ipAt, wireBytes, tunnelSums }: Frame, mapping: NatMapping): PublicResult {
    this.#bytes = bytes;
    this.#mapping = mapping;
    this.#change = 0;
    const packet = this.#packetAt(ipAt, bytes.length, wireBytes);
    const isLater = (packet.fragment & FRAGMENT_OFFSET) !== 0;
    const isError = packet.protocol === PROTOCOL.icmp && !isLater && TRANSLATED_ERRORS.includes(bytes[packet.l4] ?? 0);
    const result = isError ? this.#translateError(packet) : this.#translatePacket(packet, isLater);
    if (this.#change !== 0) this.#followTunnels(tunnelSums, ipAt);
    return result;
  }

  /** @param frameEnd, frameWireEnd where the frame ends, or the packet around it */
  #packetAt(at: number, frameEnd: number, frameWireEnd: number): Packet {
    const bytes = this.#bytes;
    // Without a length, as of segmentation offload, it is all that follows.
    const totalBytes = this.#word(at + TOTAL_LENGTH) || frameWireEnd - at;
    return {
      at,
      l4: at + ((bytes[at]! & 0x0f) << 2),
      end: Math.min(frameEnd, at + totalBytes),
      wireEnd: Math.min(frameWireEnd, at + totalBytes),
      protocol: bytes[at + PROTOCOL_NUMBER]!,
      fragment: this.#word(at + FRAGMENT),
    };
  }

  #translatePacket(packet: Packet, isLater: boolean): PublicResult {
    const { at } = packet;
    const isOut = this.#isNear(at + SOURCE);
    if (!isOut && !this.#isNear(at + DESTINATION)) return PUBLIC_RESULT.asCaptured;
    const offload = isLater ? PUBLIC_RESULT.translated : this.#offloadOf(packet);
    const ofHeader = this.#completeHeader(packet);
    const ofAddress = this.#translateAddress(at, isOut ? SOURCE : DESTINATION);
    if (isLater) return ofHeader;
    const portsBefore = this.#long(packet.l4);
    const ofPort = this.#translatePort(packet, isOut);
    if (packet.protocol === PROTOCOL.sctp) return this.#followSctp(packet, portsBefore) ?? ofHeader;
    const checksumAt = checksumOf(packet);
    if (checksumAt === 0 || checksumAt + 2 > packet.end) return ofHeader;
    if (offload === PUBLIC_RESULT.completed) this.#completeChecksum(packet, checksumAt);
    // What was left to the card is a sum, not its complement, and of the pseudo header alone.
    else if (offload === PUBLIC_RESULT.unfinished) this.#put(checksumAt, foldSum(this.#word(checksumAt) + ofAddress));
    else this.#followChecksum(packet, checksumAt, ofAddress, ofPort);
    return offload === PUBLIC_RESULT.translated ? ofHeader : offload;
  }

  /**
   * Brings the checksum of SCTP up to date, which has no pseudo header. That of fragments stays: it covers more than there is.
   *
   * @returns null where nothing was left to the network card, which leaves 0
   */
  #followSctp({ l4, end, wireEnd, fragment }: Packet, portsBefore: number): PublicResult | null {
    const at = l4 + SCTP_CHECKSUM;
    if (at + 4 > end || (fragment & MORE_FRAGMENTS) !== 0) return null;
    const checksum = this.#long(at);
    const isLeft = checksum === 0;
    if (isLeft && end < wireEnd) return PUBLIC_RESULT.unfinished;
    const change = crc32cChange(portsBefore ^ this.#long(l4), wireEnd - l4);
    this.#putLong(at, isLeft ? reversed(crc32c(this.#bytes, l4, end)) : checksum ^ reversed(change));
    return isLeft ? PUBLIC_RESULT.completed : null;
  }

  /** Network cards compute the checksum of the header, too. */
  #completeHeader({ at, l4 }: Packet): PublicResult {
    const sum = sumOfWords(this.#bytes, at, l4);
    if (this.#word(at + HEADER_CHECKSUM) !== 0 || foldSum(sum) === 0xffff) return PUBLIC_RESULT.translated;
    this.#put(at + HEADER_CHECKSUM, ~foldSum(sum) & 0xffff);
    return PUBLIC_RESULT.completed;
  }

  /** What an error quotes went the other way. */
  #translateError(packet: Packet): PublicResult {
    const quotedAt = packet.l4 + ICMP_ERROR_HEADER_BYTES;
    if (quotedAt + IPV4_HEADER_BYTES > packet.end) return PUBLIC_RESULT.asCaptured;
    const quoted = this.#packetAt(quotedAt, packet.end, packet.wireEnd);
    const isQuotedOut = this.#isNear(quotedAt + SOURCE);
    if (!isQuotedOut && !this.#isNear(quotedAt + DESTINATION)) return PUBLIC_RESULT.asCaptured;
    // Whoever sends it, host or router, has the address of the gateway.
    this.#translateAddress(packet.at, isQuotedOut ? DESTINATION : SOURCE);
    const before = this.#change;
    const ofAddress = this.#translateAddress(quotedAt, isQuotedOut ? SOURCE : DESTINATION);
    const ofPort = (quoted.fragment & FRAGMENT_OFFSET) === 0 ? this.#translatePort(quoted, isQuotedOut) : 0;
    this.#followQuotedChecksum(quoted, ofAddress, ofPort);
    const ofBody = this.#change - before;
    const checksumAt = packet.l4 + ICMP_CHECKSUM;
    if (checksumAt + 2 <= packet.end) this.#put(checksumAt, changedChecksum(this.#word(checksumAt), ofBody));
    return PUBLIC_RESULT.translated;
  }

  #followQuotedChecksum(quoted: Packet, ofAddress: number, ofPort: number): void {
    const checksumAt = checksumOf(quoted);
    if (checksumAt === 0 || checksumAt + 2 > quoted.wireEnd || (quoted.fragment & FRAGMENT_OFFSET) !== 0) return;
    if (checksumAt + 2 <= quoted.end) {
      this.#followChecksum(quoted, checksumAt, ofAddress, ofPort);
      return;
    }
    // It was quoted, and the capture has cut it off: it changes by the opposite, which the error's own checksum covers.
    const covered = quoted.protocol === PROTOCOL.icmp ? ofPort : ofAddress + ofPort;
    this.#change += 0xffff - foldSum(covered);
  }

  /** Whether the address is of the private side of the session, or the one that an EIP is bound to. */
  #isNear(at: number): boolean {
    const address = this.#long(at);
    const { priIp, natIp, natEip } = this.#mapping;
    return address === priIp || (address === natIp && natIp !== natEip);
  }

  /** @returns the change that it makes, with the header's checksum brought up to date */
  #translateAddress(headerAt: number, offset: number): number {
    const { natEip } = this.#mapping;
    const at = headerAt + offset;
    const change = longChange(this.#long(at), natEip);
    this.#putLong(at, natEip);
    const checksumAt = headerAt + HEADER_CHECKSUM;
    this.#put(checksumAt, changedChecksum(this.#word(checksumAt), change));
    return change;
  }

  /** @returns the change that it makes: none where the port is not there, or is not that of the private side */
  #translatePort({ l4, end, protocol }: Packet, isOut: boolean): number {
    const { priPort, natPort } = this.#mapping;
    if (priPort === natPort) return 0;
    const at = l4 + (protocol === PROTOCOL.icmp ? ICMP_IDENTIFIER : isOut ? 0 : DESTINATION_PORT);
    if (at + 2 > end || this.#word(at) !== priPort) return 0;
    this.#put(at, natPort);
    return wordChange(priPort, natPort);
  }

  #followChecksum({ protocol }: Packet, at: number, ofAddress: number, ofPort: number): void {
    const checksum = this.#word(at);
    // ICMP has no pseudo header.
    if (protocol === PROTOCOL.icmp) this.#put(at, changedChecksum(checksum, ofPort));
    else if (protocol !== PROTOCOL.tcp) this.#put(at, changedUdpChecksum(checksum, ofAddress + ofPort));
    else this.#put(at, changedChecksum(checksum, ofAddress + ofPort));
  }

  /** Whether the checksum was left to the network card, and whether enough was captured to compute it. */
  #offloadOf(packet: Packet): PublicResult {
    const { l4, end, wireEnd, protocol, fragment } = packet;
    const isOfHost = protocol === PROTOCOL.icmp || protocol === PROTOCOL.udpLite;
    if (isOfHost || (fragment & MORE_FRAGMENTS) !== 0) return PUBLIC_RESULT.translated;
    const checksumAt = checksumOf(packet);
    if (checksumAt === 0 || checksumAt + 2 > end) return PUBLIC_RESULT.translated;
    const checksum = this.#word(checksumAt);
    const pseudo = this.#pseudoSum(packet);
    if (checksum === 0 || !this.#isLeft(packet, checksum, pseudo)) return PUBLIC_RESULT.translated;
    if (end < wireEnd) return PUBLIC_RESULT.unfinished;
    const isRight = foldSum(pseudo + sumOfWords(this.#bytes, l4, end)) === 0xffff;
    return isRight ? PUBLIC_RESULT.translated : PUBLIC_RESULT.completed;
  }

  /**
   * What is left to the card is the sum of the pseudo header; without the length where the card divides the packet, as each
   * part has its own. Of a packet that is not whole the latter is told only with the length that no divided one has.
   *
   * @see Windows "Offloading the Segmentation of Large TCP Packets": the length is not in the one's complement sum
   */
  #isLeft({ at, l4, end, wireEnd }: Packet, checksum: number, pseudo: number): boolean {
    if (checksum === foldSum(pseudo)) return true;
    if (end < wireEnd && this.#word(at + TOTAL_LENGTH) !== 0) return false;
    return checksum === foldSum(pseudo - (wireEnd - l4));
  }

  #completeChecksum(packet: Packet, at: number): void {
    const rest = this.#pseudoSum(packet) + sumOfWords(this.#bytes, packet.l4, packet.end) - this.#word(at);
    const checksum = ~foldSum(rest) & 0xffff;
    this.#put(at, packet.protocol === PROTOCOL.udp ? checksum || 0xffff : checksum);
  }

  /** @see RFC 9293 §3.1 "Checksum" */
  #pseudoSum({ at, l4, wireEnd, protocol }: Packet): number {
    return sumOfWords(this.#bytes, at + SOURCE, at + SOURCE + 8) + protocol + (wireEnd - l4);
  }

  /** From the innermost tunnel outwards, as each covers the checksum of those within. */
  #followTunnels(sums: readonly number[], ipAt: number): void {
    let change = atParity(ipAt, foldSum(this.#change));
    for (const at of sums.toReversed()) {
      const before = this.#word(at);
      // 0 would be none, and means the same.
      const after = changedChecksum(before, atParity(at, change)) || 0xffff;
      this.#put(at, after);
      change = foldSum(change + atParity(at, wordChange(before, after)));
    }
  }

  #word(at: number): number {
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  #long(at: number): number {
    return ((this.#word(at) << 16) | this.#word(at + 2)) >>> 0;
  }

  #putLong(at: number, long: number): void {
    this.#put(at, long >>> 16);
    this.#put(at + 2, long & 0xffff);
  }

  #put(at: number, word: number): void {
    this.#change += wordChange(this.#word(at), word);
    this.#bytes[at] = word >>> 8;
    this.#bytes[at + 1] = word & 0xff;
  }
}

/** @returns where the checksum of the transport is; 0 for a transport that is not translated */
function checksumOf({ protocol, l4 }: Packet): number {
  switch (protocol) {
    case PROTOCOL.tcp:
      return l4 + TCP_CHECKSUM;
    // Of UDP-Lite it may cover less, but always what is translated. @see RFC 3828 §3.1
    case PROTOCOL.udp:
    case PROTOCOL.udpLite:
      return l4 + UDP_CHECKSUM;
    case PROTOCOL.icmp:
      return l4 + ICMP_CHECKSUM;
    default:
      return 0;
  }
}

/** A number of 32 bits with its octets the other way round. */
function reversed(long: number): number {
  return ((long << 24) | ((long & 0xff00) << 8) | ((long >>> 8) & 0xff00) | (long >>> 24)) >>> 0;
}

/** Words at odd places have their octets in each other's: so one sum can be of words at both. @see RFC 1071 §2 (B) */
function atParity(at: number, sum: number): number {
  const folded = foldSum(sum);
  return at % 2 === 0 ? folded : ((folded & 0xff) << 8) | (folded >>> 8);
}
