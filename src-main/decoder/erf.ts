import { REASON_NON_IP } from './codes';
import { noPacket } from './layers';
import { decodeFrame, decodeLink } from './link-layer';
import { forgetUnknownLinks, noteLinkType } from './unknown-links';
import { left, u8At } from './octets';
import {
  LAYOUT_ERF,
  NO_SECOND,
  RECORD_CUT,
  RECORD_LENGTH,
  headerCaptured,
  headerFraction,
  headerRecordBytes,
  headerSec,
  headerWire,
  isNearTime,
} from './record-header';
import { READ_FULL, READ_NEEDS_BYTES, damaged, finish } from './records';
import { judgeRecord, judgedSec, recordState } from './resync';
import { beginRows, ipBytesOf, setReason, setTime } from './rows';

const HEADER_BYTES: u32 = 16;
const EXTENSION_BYTES: u32 = 8;
/** Extension headers and padding of a record; with more octets than these and its packet's, it is an odd one. */
const MAX_PADDING_BYTES: u32 = 64;
/** No record has more. @see Wireshark wiretap/wtap.h MAX_ERF_EHDR */
const MAX_EXTENSIONS: u32 = 16;
/** Of the type, and of an extension header's first octet: an extension header follows. */
const HAS_EXTENSION: u32 = 0x80;

/** Records that hold no frame: counters and padding. */
const IP_COUNTER: u32 = 13;
const TCP_FLOW_COUNTER: u32 = 14;
const PADDING: u32 = 48;
/** What the card says of itself: a record as any other, without a packet, as other analysers count it. */
const META: u32 = 27;

const NSEC_PER_SEC: u64 = 1000000000;

/** What the decoder calls the link types of ERF that have no LINKTYPE number: this plus the record's type. */
const ERF_LINK_BASE: u32 = 0x20000000;
const LINK_ETHERNET: u32 = 1;
const LINK_PPP_HDLC: u32 = 50;
const LINK_ATM_RFC1483: u32 = 100;
const LINK_CISCO_HDLC: u32 = 104;
const LINK_IPV4: u32 = 228;
const LINK_IPV6: u32 = 229;
const LINK_INFINIBAND: u32 = 247;

/** Time of the last record, by which later ones are judged; `NO_SECOND` without any. */
export let lastErfSec: f64 = NO_SECOND;
/** Of the record that was looked at last: its link type, and the octets between its extension headers and the frame. */
let erfLink: u32 = 0;
let skippedBytes: u32 = 0;

/** Decodes records of ERF; the parameters and what it returns are those of `readPacketRecords`. */
export function readErf(
  start: usize,
  end: usize,
  maxRows: u32,
  packetNo: f64,
  soundSec: f64,
  isAtEnd: bool,
  isTrusted: bool,
): u32 {
  let at = start;
  let row: u32 = 0;
  let capturedBytes: u64 = 0;
  let allWireBytes: u64 = 0;
  let ipBytes: u64 = 0;
  let noIpRows: u32 = 0;
  let state = READ_FULL;
  lastErfSec = soundSec;
  beginRows();
  forgetUnknownLinks();
  while (row < maxRows) {
    if (left(at, end) < <i32>HEADER_BYTES) {
      state = isAtEnd && at != end ? damaged(RECORD_CUT, 0, 0) : READ_NEEDS_BYTES;
      break;
    }
    state = recordState(at, end, isAtEnd, LAYOUT_ERF);
    if (state != READ_FULL) break;
    const isNearLast = isNearTime(<f64>headerSec, lastErfSec);
    const isOdd = !isNearLast || headerCaptured > headerWire + MAX_PADDING_BYTES;
    if (isOdd && !(isTrusted && at == start)) {
      state = judgeRecord(at, end, isAtEnd, LAYOUT_ERF, lastErfSec);
      if (state != READ_FULL) break;
      lastErfSec = judgedSec;
      recordState(at, end, isAtEnd, LAYOUT_ERF);
    } else if (isNearLast) {
      lastErfSec = <f64>headerSec;
    }
    const recordBytes = headerRecordBytes;
    const type = u8At(at + 8) & 0x7f;
    if (type == IP_COUNTER || type == TCP_FLOW_COUNTER || type == PADDING) {
      at += recordBytes;
      continue;
    }
    const frameAt = findFrame(at, recordBytes, type);
    if (frameAt > recordBytes) {
      state = damaged(RECORD_LENGTH, recordBytes, 0);
      break;
    }
    const captured = min(recordBytes - frameAt, headerWire);
    setErfTime(row, packetNo);
    const linkType = erfLink;
    decodeFrame(row, linkType, at + frameAt, at + frameAt + captured, headerWire);
    if (type == META) setReason(row, REASON_NON_IP);
    noteLinkType(row, linkType);
    const rowBytes = ipBytesOf(row);
    ipBytes += rowBytes;
    noIpRows += rowBytes == 0 ? 1 : 0;
    allWireBytes += headerWire;
    capturedBytes += captured;
    at += recordBytes;
    row++;
  }
  return finish(state, at, row, capturedBytes, allWireBytes, ipBytes, noIpRows);
}

/** A record in the place of a frame, as of a capture that was converted; its time is that of the frame. */
export function decodeErfRecord(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const room = left(at, end);
  const type = room < <i32>HEADER_BYTES ? PADDING : u8At(at + 8) & 0x7f;
  if (type == META || type == PADDING) return noPacket(row);
  const frameAt = findFrame(at, room, type);
  return frameAt > <u32>room ? noPacket(row) : decodeLink(row, erfLink, at + frameAt, end, wireEnd);
}

/** A fraction of 2^32 ticks a second, to the nearest nanosecond, as other analysers have it. */
function setErfTime(row: u32, packetNo: f64): void {
  const nsec = <u32>((<u64>headerFraction * NSEC_PER_SEC + 0x80000000) >> 32);
  const carry: u32 = nsec == <u32>NSEC_PER_SEC ? 1 : 0;
  setTime(row, <f64>headerSec + <f64>carry, carry == 1 ? 0 : nsec, packetNo + <f64>row);
}

/** @returns where in the record its frame begins, which may be behind its end; sets the link type */
function findFrame(at: usize, recordBytes: u32, type: u32): u32 {
  let frameAt = HEADER_BYTES;
  let hasExtension = (u8At(at + 8) & HAS_EXTENSION) != 0;
  const extensionsEnd = min(recordBytes, HEADER_BYTES + MAX_EXTENSIONS * EXTENSION_BYTES);
  while (hasExtension && frameAt + EXTENSION_BYTES <= extensionsEnd) {
    hasExtension = (u8At(at + frameAt) & HAS_EXTENSION) != 0;
    frameAt += EXTENSION_BYTES;
  }
  if (hasExtension) return recordBytes + 1;
  chooseLink(type);
  frameAt += skippedBytes;
  // HDLC in PPP and by Cisco are told apart by their address octet, as PPP's is always 0xff.
  if (erfLink == LINK_PPP_HDLC && frameAt < recordBytes) {
    const address = u8At(at + frameAt);
    if (address == 0x0f || address == 0x8f) erfLink = LINK_CISCO_HDLC;
  }
  return frameAt;
}

function chooseLink(type: u32): void {
  skippedBytes = 0;
  erfLink = ERF_LINK_BASE + type;
  if (type == 2 || type == 11 || type == 16 || type == 20) {
    // ETH, COLOR_ETH, DSM_COLOR_ETH, COLOR_HASH_ETH: an offset and a padding octet stand before the frame.
    erfLink = LINK_ETHERNET;
    skippedBytes = 2;
  } else if (type == 1 || type == 10 || type == 15 || type == 19) {
    erfLink = LINK_PPP_HDLC;
  } else if (type == 5 || type == 17) {
    // MC_HDLC and COLOR_MC_HDLC_POS: the channel's header is before the frame.
    erfLink = LINK_PPP_HDLC;
    skippedBytes = 4;
  } else if (type == 4 || type == 9) {
    // AAL5 and MC_AAL5: the cell's header is before the frame, and the channel's before that.
    erfLink = LINK_ATM_RFC1483;
    skippedBytes = type == 4 ? 4 : 8;
  } else if (type == 21) {
    erfLink = LINK_INFINIBAND;
  } else if (type == 22) {
    erfLink = LINK_IPV4;
  } else if (type == 23) {
    erfLink = LINK_IPV6;
  }
}
