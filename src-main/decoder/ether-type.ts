import { PROTOCOL_TCP } from './codes';
import { decodeIp, decodeIpv4As, decodeIpv6 } from './ip';
import { enterEnvelope, noPacket } from './layers';
import { left, u16At, u32At, u8At } from './octets';
import { noteTag } from './rows';

/*
 * What may stand between a frame's own header and the IP packet: tags, labels and the encapsulations of LLC and PPP. All
 * of them are opened whichever layer of IP is wanted, as they have none themselves.
 */

/** Below it, the number in the place of an EtherType is the length of an LLC frame. @see IEEE 802.3 §3.2.6 */
const FIRST_ETHERTYPE: u32 = 1536;
const MAX_LLC_BYTES: u32 = 1500;
const ETHERNET_HEADER_BYTES: usize = 14;
/** Of IEEE 802.1Q and 802.1ad, and no others. */
const VLAN_TAG_BYTES: usize = 4;
const VLAN_ID: u32 = 0x0fff;

export const ETHERTYPE_IPV4: u32 = 0x0800;
export const ETHERTYPE_TRANSPARENT_BRIDGING: u32 = 0x6558;
const ETHERTYPE_VLAN: u32 = 0x8100;
export const ETHERTYPE_IPV6: u32 = 0x86dd;
/** TRILL: six octets without options, then a frame. @see RFC 6325 §3 */
const ETHERTYPE_TRILL: u32 = 0x22f3;
export const ETHERTYPE_PPP: u32 = 0x880b;
export const ETHERTYPE_MPLS: u32 = 0x8847;
export const ETHERTYPE_MPLS_UPSTREAM: u32 = 0x8848;
const ETHERTYPE_PPPOE_SESSION: u32 = 0x8864;
/** LLC in a frame that is longer than an IEEE 802.3 length can say. @see draft-ietf-isis-ext-eth */
const ETHERTYPE_JUMBO_LLC: u32 = 0x8870;
const ETHERTYPE_PROVIDER_VLAN: u32 = 0x88a8;
/** Service instance tag of IEEE 802.1ah: four octets, then a frame. */
const ETHERTYPE_BACKBONE: u32 = 0x88e7;
/** @see IEEE 802.1AE §9.3 */
const ETHERTYPE_MACSEC: u32 = 0x88e5;
/** Cisco FabricPath: two octets, then a frame. */
const ETHERTYPE_FABRIC_PATH: u32 = 0x8903;
const ETHERTYPE_CISCO_METADATA: u32 = 0x8909;
/** Cisco VN-Tag, which became the E-tag: a tag of four octets. */
const ETHERTYPE_VN_TAG: u32 = 0x8926;
/** High-availability seamless redundancy: a tag of four octets. @see IEC 62439-3 §5.7 */
const ETHERTYPE_HSR: u32 = 0x892f;
/** IEEE 802.1BR: a tag of six octets. */
const ETHERTYPE_E_TAG: u32 = 0x893f;
export const ETHERTYPE_NSH: u32 = 0x894f;
/** QinQ of before 802.1ad. */
const ETHERTYPE_OLD_QINQ: u32 = 0x9100;

export function decodeEthernet(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const next = at + ETHERNET_HEADER_BYTES;
  if (left(next, end) < 0) return noPacket(row);
  const type = u16At(next - 2);
  // Most frames: without the tags and labels, they are found the fastest here.
  if (type == ETHERTYPE_IPV4) return decodeIp(row, next, end, wireEnd);
  return type <= MAX_LLC_BYTES && isInterSwitch(at)
    ? decodeInterSwitch(row, at, end, wireEnd)
    : decodeEtherType(row, type, next, end, wireEnd);
}

const INTER_SWITCH_HEADER_BYTES: usize = 26;

/** Five octets of address by which Cisco's switches know frames that they tag as a whole for each other (ISL). */
function isInterSwitch(at: usize): bool {
  const upper = u32At(at);
  return (upper == 0x01000c00 || upper == 0x0c000c00) && u8At(at + 4) == 0;
}

/** The type of the frame in it is behind the address: 0 is Ethernet. A checksum of four octets ends either frame. */
function decodeInterSwitch(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const next = at + INTER_SWITCH_HEADER_BYTES;
  if (left(next, end) < <i32>ETHERNET_HEADER_BYTES || u8At(at + 5) >> 4 != 0) return noPacket(row);
  // One in the other could be nested without end.
  return isInterSwitch(next) ? noPacket(row) : decodeEthernet(row, next, end, wireEnd);
}

/** @param at behind the EtherType, or behind the length of an LLC frame */
export function decodeEtherType(row: u32, firstType: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (!enterEnvelope()) return noPacket(row);
  let type = firstType;
  let next = at;
  let tagBytes = tagBytesOf(type);
  while (tagBytes > 0) {
    next += tagBytes;
    if (left(next, end) < 0) return noPacket(row);
    if (tagBytes == VLAN_TAG_BYTES) noteTag(u16At(next - 4) & VLAN_ID);
    type = u16At(next - 2);
    tagBytes = tagBytesOf(type);
  }
  if (type <= MAX_LLC_BYTES) return decodeLlc(row, next, min(end, next + type), min(wireEnd, next + type));
  switch (type) {
    case ETHERTYPE_IPV4:
      return decodeIp(row, next, end, wireEnd);
    case ETHERTYPE_IPV6:
      return decodeIpv6(row, next, end, wireEnd);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_UPSTREAM:
      return decodeMpls(row, next, end, wireEnd);
    case ETHERTYPE_PPPOE_SESSION:
      return decodePppoe(row, next, end, wireEnd);
    case ETHERTYPE_TRANSPARENT_BRIDGING:
      return decodeEthernet(row, next, end, wireEnd);
    case ETHERTYPE_BACKBONE:
      return decodeEthernet(row, next + 4, end, wireEnd);
    case ETHERTYPE_NSH:
      return decodeNsh(row, next, end, wireEnd);
    case ETHERTYPE_MACSEC:
      return decodeMacsec(row, next, end, wireEnd);
    case ETHERTYPE_JUMBO_LLC:
      return decodeLlc(row, next, end, wireEnd);
    case ETHERTYPE_TRILL:
      return decodeTrill(row, next, end, wireEnd);
    case ETHERTYPE_FABRIC_PATH:
      return decodeEthernet(row, next + 2, end, wireEnd);
    default:
      return noPacket(row);
  }
}

const MACSEC_CHANGED: u32 = 0x0c;
const MACSEC_HAS_CHANNEL: u32 = 0x20;

/** Authenticated and not encrypted: six octets, eight more with a channel's identifier, and what they are a tag of. */
function decodeMacsec(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 6) return noPacket(row);
  const control = u8At(at);
  if ((control & MACSEC_CHANGED) != 0) return noPacket(row);
  const next = at + ((control & MACSEC_HAS_CHANNEL) != 0 ? 14 : 6);
  if (left(next, end) < 2) return noPacket(row);
  const type = u16At(next);
  // One in another could be nested without end.
  return type == ETHERTYPE_MACSEC ? noPacket(row) : decodeEtherType(row, type, next + 2, end, wireEnd);
}

/** Options, in words of four octets, are counted by five bits across the first two octets. @see RFC 6325 §3.5 */
function decodeTrill(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 6) return noPacket(row);
  const optionWords = (u16At(at) >> 6) & 0x1f;
  return decodeEthernet(row, at + 6 + (optionWords << 2), end, wireEnd);
}

/** @returns octets of a tag from behind its EtherType to behind the next one; 0 for no tag */
function tagBytesOf(type: u32): usize {
  switch (type) {
    case ETHERTYPE_VLAN:
    case ETHERTYPE_PROVIDER_VLAN:
    case ETHERTYPE_OLD_QINQ:
      return VLAN_TAG_BYTES;
    case ETHERTYPE_VN_TAG:
    case ETHERTYPE_HSR:
      return 6;
    case ETHERTYPE_E_TAG:
    case ETHERTYPE_CISCO_METADATA:
      return 8;
    default:
      return 0;
  }
}

const SAP_SNAP: u32 = 0xaa;
const SAP_IP: u32 = 0x06;
/** Of the control field: clear in numbered information of type 2, whose control field has two octets. */
const NOT_INFORMATION: u32 = 0x01;
/** Unnumbered information, of the control field without its poll bit. */
const UNNUMBERED: u32 = 0x03;
const NO_POLL: u32 = 0xef;
const OUI_ETHERNET: u32 = 0x000000;
/** Bridge-tunnel encapsulation. @see IEEE 802.1H */
const OUI_BRIDGE_TUNNEL: u32 = 0x0000f8;
const OUI_BRIDGED: u32 = 0x0080c2;

/** Whether a frame behind LLC says of itself that it holds an IP packet. */
export function isIpInLlc(at: usize, end: usize): bool {
  if (left(at, end) < 9 || u8At(at) != SAP_SNAP) return false;
  const type = u16At(at + 6);
  return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6;
}

/** LLC, and SNAP behind it. @see IEEE 802.2, RFC 1042 */
export function decodeLlc(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 3) return noPacket(row);
  const sap = u8At(at);
  const control = u8At(at + 2);
  const isNumbered = (control & NOT_INFORMATION) == 0;
  if (!isNumbered && (control & NO_POLL) != UNNUMBERED) return noPacket(row);
  const next = at + (isNumbered ? 4 : 3);
  if (sap == SAP_IP) return decodeIp(row, next, end, wireEnd);
  return sap == SAP_SNAP && u8At(at + 1) == SAP_SNAP ? decodeSnap(row, next, 2, end, wireEnd) : noPacket(row);
}

/**
 * Organisation and protocol.
 *
 * @param paddingBytes before a bridged frame: two behind LLC, by RFC 2684 §5.2, none in frame relay, by RFC 2427 §4.2
 */
export function decodeSnap(row: u32, at: usize, paddingBytes: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 5) return noPacket(row);
  const organisation = (u8At(at) << 16) | u16At(at + 1);
  const type = u16At(at + 3);
  const next = at + 5;
  if (organisation == OUI_ETHERNET || organisation == OUI_BRIDGE_TUNNEL) {
    return type < FIRST_ETHERTYPE ? noPacket(row) : decodeEtherType(row, type, next, end, wireEnd);
  }
  // Ethernet with its checksum and without.
  const isBridged = organisation == OUI_BRIDGED && (type == 1 || type == 7);
  return isBridged ? decodeEthernet(row, next + paddingBytes, end, wireEnd) : noPacket(row);
}

/** All stations; control follows. */
const PPP_ADDRESS: u32 = 0xff;
const PPP_IPV4: u32 = 0x0021;
const PPP_IPV6: u32 = 0x0057;
/** A packet of TCP whose header is whole, and whose protocol is a number by which later ones refer to it. */
const PPP_UNCOMPRESSED_TCP: u32 = 0x002f;
const PPP_BRIDGED: u32 = 0x0031;
const BRIDGED_ETHERNET: u32 = 1;
const BRIDGED_HAS_NETWORK: u32 = 0x40;
/** Pieces of packets over several links; one with both marks is a whole packet. @see RFC 1990 §3 */
const PPP_MULTILINK: u32 = 0x003d;
const PPP_WHOLE: u32 = 0xc0;
const PPP_MPLS: u32 = 0x0281;
const PPP_MPLS_UPSTREAM: u32 = 0x0283;

/** Address and control, and the first octet of the protocol, may have been compressed away. @see RFC 1661 §2, §6.5 */
export function decodePpp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  let next = at;
  if (left(next, end) >= 2 && u8At(next) == PPP_ADDRESS) next += 2;
  next = readPppProtocol(next, end);
  if (pppProtocol == PPP_MULTILINK) {
    if (left(next, end) < 4 || (u8At(next) & PPP_WHOLE) != PPP_WHOLE) return noPacket(row);
    next = readPppProtocol(next + 4, end);
  }
  switch (pppProtocol) {
    case PPP_IPV4:
      return decodeIp(row, next, end, wireEnd);
    case PPP_IPV6:
      return decodeIpv6(row, next, end, wireEnd);
    case PPP_UNCOMPRESSED_TCP: // RFC 1144 §3.2.3
      return decodeIpv4As(row, next, end, wireEnd, PROTOCOL_TCP);
    case PPP_BRIDGED:
      return decodeBridged(row, next, end, wireEnd);
    case PPP_MPLS:
    case PPP_MPLS_UPSTREAM:
      return decodeMpls(row, next, end, wireEnd);
    default:
      return noPacket(row);
  }
}

let pppProtocol: u32 = 0;

/** @returns what is behind the protocol, which is 0 where none was captured */
function readPppProtocol(at: usize, end: usize): usize {
  const isCompressed = left(at, end) >= 1 && (u8At(at) & 1) != 0;
  if (isCompressed) {
    pppProtocol = u8At(at);
    return at + 1;
  }
  pppProtocol = left(at, end) < 2 ? 0 : u16At(at);
  return at + 2;
}

/** Flags, kind of frame, and a number of the network where the flags say so. @see RFC 3518 §4.2 */
function decodeBridged(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 2 || u8At(at + 1) != BRIDGED_ETHERNET) return noPacket(row);
  return decodeEthernet(row, at + ((u8At(at) & BRIDGED_HAS_NETWORK) != 0 ? 6 : 2), end, wireEnd);
}

/** A session's frame: six octets, then PPP, which never has address and control here. @see RFC 2516 §4 */
export function decodePppoe(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 6) return noPacket(row);
  const next = at + 6;
  if (left(next, end) < 2 || u8At(next) == PPP_ADDRESS) return noPacket(row);
  return decodePpp(row, next, end, wireEnd);
}

/** First nibble of what the ends of a pseudowire tell each other. @see RFC 4385 §5 */
const ASSOCIATED_CHANNEL: u32 = 1;
/** The same without a pseudowire. @see RFC 5586 §4 */
const LABEL_ASSOCIATED_CHANNEL: u32 = 13;

/**
 * Labels down to the bottom of the stack, then IP or, behind a control word or without one, a frame.
 *
 * @see RFC 3032 §2.1, RFC 4385 §3 for the first nibble, RFC 4448 §4.6
 */
export function decodeMpls(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  let next = at;
  let entry: u32 = 0;
  while ((entry & 0x100) == 0) {
    if (left(next, end) < 4) return noPacket(row);
    entry = u32At(next);
    next += 4;
  }
  if (left(next, end) < 1) return noPacket(row);
  const nibble = u8At(next) >> 4;
  if (nibble == ASSOCIATED_CHANNEL) return decodeChannel(row, next, end, wireEnd);
  if (entry >> 12 == LABEL_ASSOCIATED_CHANNEL) return noPacket(row);
  if (nibble == 4 || nibble == 6) return decodeIp(row, next, end, wireEnd);
  const hasControlWord = nibble == 0 && (isFrame(next + 4, end) || !isFrame(next, end));
  return decodeEthernet(row, hasControlWord ? next + 4 : next, end, wireEnd);
}

/** What the ends tell each other may be in IP, as reachability tests are. The type has the numbers of PPP. @see RFC 4385 §5, RFC 5885 §3.1 */
function decodeChannel(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 4) return noPacket(row);
  const type = u16At(at + 2);
  if (type == PPP_IPV4) return decodeIp(row, at + 4, end, wireEnd);
  return type == PPP_IPV6 ? decodeIpv6(row, at + 4, end, wireEnd) : noPacket(row);
}

/** Whether there could be a frame with an IP packet, as nothing before it says so. */
export function isFrame(at: usize, end: usize): bool {
  if (left(at, end) < <i32>ETHERNET_HEADER_BYTES + 1) return false;
  const type = u16At(at + 12);
  const version = u8At(at + 14) >> 4;
  switch (type) {
    case ETHERTYPE_IPV4:
      return version == 4;
    case ETHERTYPE_IPV6:
      return version == 6;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_PPPOE_SESSION:
    case ETHERTYPE_BACKBONE:
      return true;
    default:
      return tagBytesOf(type) > 0 || (type <= MAX_LLC_BYTES && u8At(at + 14) == SAP_SNAP);
  }
}

/** Network service header. @see RFC 8300 §2.2 */
export function decodeNsh(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 4) return noPacket(row);
  // Context headers of type 1 are four words, so that the length says nothing new.
  const words = u8At(at + 2) == 1 ? 6 : u8At(at + 1) & 0x3f;
  const next = at + (words << 2);
  switch (u8At(at + 3)) {
    case 1:
    case 2:
      return decodeIp(row, next, end, wireEnd);
    case 3:
      return decodeEthernet(row, next, end, wireEnd);
    case 5:
      return decodeMpls(row, next, end, wireEnd);
    default:
      return noPacket(row);
  }
}
