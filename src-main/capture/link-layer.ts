import { REASON_CODE } from '../contract/ledger';
import { decodeIpv4, decodeIpv6, decodeNone } from './ip';
import type { PacketBatch } from './packet-batch';

const { malformed, non_ip: nonIp, l4_truncated: l4Truncated, unknown_link_type: unknownLinkType } = REASON_CODE;

/**
 * Decodes one frame into `row` of the batch. A bad frame is data, not an exception: it gets a reason.
 *
 * @param start      offset of the first octet of the frame
 * @param end        offset after its last captured octet
 * @param wireBytes  octets of the frame on the wire
 */
export type LinkDecoder = (
  view: DataView,
  start: number,
  end: number,
  wireBytes: number,
  batch: PacketBatch,
  row: number,
) => void;

export const LINK_TYPE = { ethernet: 1, raw: 101, linuxSll: 113 } as const;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** @see https://www.tcpdump.org/linktypes.html */
export function linkDecoderFor(linkType: number): LinkDecoder {
  switch (linkType) {
    case LINK_TYPE.ethernet:
      return decodeEthernet;
    // LINKTYPE_RAW, and the values of DLT_RAW that some systems wrote into files.
    case LINK_TYPE.raw:
    case 12:
    case 14:
      return decodeRaw;
    case LINK_TYPE.linuxSll:
      return decodeLinuxSll;
    default:
      return decodeUnknown;
  }
}

const decodeUnknown: LinkDecoder = (_view, _start, _end, _wireBytes, batch, row) => {
  decodeNone(batch, row, unknownLinkType);
};

/** @see IEEE 802.3 §3.2.6 */
const decodeEthernet: LinkDecoder = (view, start, end, wireBytes, batch, row) => {
  if (end - start < 14) return decodeNone(batch, row, end - start < wireBytes ? l4Truncated : malformed);
  decodeEtherType(view, start + 12, start, end, wireBytes, batch, row);
};

/** Linux cooked capture v1: the protocol is in the last two of 16 octets. */
const decodeLinuxSll: LinkDecoder = (view, start, end, wireBytes, batch, row) => {
  if (end - start < 16) return decodeNone(batch, row, end - start < wireBytes ? l4Truncated : malformed);
  decodeEtherType(view, start + 14, start, end, wireBytes, batch, row);
};

/** The IP packet without a link layer: the version nibble tells which. */
const decodeRaw: LinkDecoder = (view, start, end, wireBytes, batch, row) => {
  if (end === start) return decodeNone(batch, row, wireBytes > 0 ? l4Truncated : malformed);
  const version = view.getUint8(start) >>> 4;
  if (version === 4) decodeIpv4(view, start, end, wireBytes, batch, row);
  else if (version === 6) decodeIpv6(view, start, end, batch, row);
  else decodeNone(batch, row, malformed);
};

/** Skips 802.1Q and 802.1ad tags, then decodes what the EtherType at `at` announces. */
function decodeEtherType(
  view: DataView,
  at: number,
  start: number,
  end: number,
  wireBytes: number,
  batch: PacketBatch,
  row: number,
): void {
  let typeAt = at;
  let etherType = view.getUint16(typeAt);
  while (etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100) {
    typeAt += 4;
    if (end - typeAt < 2) return decodeNone(batch, row, end - start < wireBytes ? l4Truncated : malformed);
    etherType = view.getUint16(typeAt);
  }
  const ip = typeAt + 2;
  if (etherType === ETHERTYPE_IPV4) decodeIpv4(view, ip, end, wireBytes - (ip - start), batch, row);
  else if (etherType === ETHERTYPE_IPV6) decodeIpv6(view, ip, end, batch, row);
  else decodeNone(batch, row, nonIp);
}
