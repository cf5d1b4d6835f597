import {
  LINK_ETHERNET,
  LINK_LINUX_SLL,
  LINK_RAW,
  REASON_L4_TRUNCATED,
  REASON_MALFORMED,
  REASON_NON_IP,
  REASON_UNKNOWN_LINK_TYPE,
} from './codes';
import { decodeIpv4, decodeIpv6 } from './ip';
import { left, u16At, u8At } from './octets';
import { setNone } from './rows';

/** Values of DLT_RAW that some systems wrote into files. */
const LINK_RAW_BSD: u32 = 12;
const LINK_RAW_OPENBSD: u32 = 14;

const ETHERTYPE_IPV4: u32 = 0x0800;
const ETHERTYPE_IPV6: u32 = 0x86dd;
const ETHERTYPE_VLAN: u32 = 0x8100;
const ETHERTYPE_PROVIDER_VLAN: u32 = 0x88a8;
/** QinQ of before 802.1ad. */
const ETHERTYPE_OLD_QINQ: u32 = 0x9100;

/**
 * Decodes one frame into a row. A bad frame is data, not an exception: it gets a reason.
 *
 * @param start      the first octet of the frame
 * @param end        after its last captured octet
 * @param wireBytes  octets of the frame on the wire, at least as many as were captured
 * @see https://www.tcpdump.org/linktypes.html
 */
export function decodeFrame(row: u32, linkType: u32, start: usize, end: usize, wireBytes: u32): void {
  switch (linkType) {
    case LINK_ETHERNET: // IEEE 802.3 §3.2.6
      return decodeTyped(row, start, 12, end, wireBytes);
    case LINK_LINUX_SLL: // v1: the protocol is in the last two of 16 octets
      return decodeTyped(row, start, 14, end, wireBytes);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
      return decodeRaw(row, start, end, wireBytes);
    default:
      return setNone(row, REASON_UNKNOWN_LINK_TYPE);
  }
}

/** The IP packet without a link layer: the version nibble tells which. */
function decodeRaw(row: u32, start: usize, end: usize, wireBytes: u32): void {
  if (start == end) return setNone(row, wireBytes > 0 ? REASON_L4_TRUNCATED : REASON_MALFORMED);
  const version = u8At(start) >> 4;
  if (version == 4) decodeIpv4(row, start, end, wireBytes);
  else if (version == 6) decodeIpv6(row, start, end);
  else setNone(row, REASON_MALFORMED);
}

/** Skips 802.1Q and 802.1ad tags, then decodes what the EtherType announces that is `typeAt` octets into the frame. */
function decodeTyped(row: u32, start: usize, typeAt: u32, end: usize, wireBytes: u32): void {
  const captured = <u32>left(start, end);
  let next = typeAt + 2;
  while (captured >= next) {
    const type = u16At(start + next - 2);
    if (type == ETHERTYPE_IPV4) return decodeIpv4(row, start + next, end, wireBytes - next);
    if (type == ETHERTYPE_IPV6) return decodeIpv6(row, start + next, end);
    if (type != ETHERTYPE_VLAN && type != ETHERTYPE_PROVIDER_VLAN && type != ETHERTYPE_OLD_QINQ) {
      return setNone(row, REASON_NON_IP);
    }
    next += 4;
  }
  setNone(row, captured < wireBytes ? REASON_L4_TRUNCATED : REASON_MALFORMED);
}
