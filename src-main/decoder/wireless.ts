import { decodeLlc, isIpInLlc } from './ether-type';
import { enteredHeaders, noPacket, returnToHeader, staysRow } from './layers';
import { left, u16At, u16LittleAt, u32At, u32LittleAt, u8At } from './octets';
import { ipBytesOf } from './rows';
import { noteAggregated } from './tally';

/* Frames of IEEE 802.11 in clear, and what capture programs put before them. */

const TYPE_DATA: u32 = 2;
const CONTROL_TO_DS: u32 = 0x0100;
const CONTROL_FROM_DS: u32 = 0x0200;
const CONTROL_PROTECTED: u32 = 0x4000;
const CONTROL_ORDER: u32 = 0x8000;
const SUBTYPE_NO_DATA: u32 = 0x40;
const SUBTYPE_QOS: u32 = 0x80;
/** Several frames in one. */
const QOS_AGGREGATE: u32 = 0x80;
/** Of the second octet, in frames that come from another station of a mesh: a header of the mesh follows. */
const QOS_MESH: u32 = 0x01;

/**
 * A data frame that is not encrypted; every other one holds no IP packet that could be read.
 *
 * @param isPadded whether the header was padded to a multiple of four octets by the adapter
 * @see IEEE 802.11-2020 §9.2.4, §9.3.2.1
 */
export function decodeWireless(row: u32, at: usize, end: usize, wireEnd: usize, isPadded: bool): bool {
  // Of control frames, some have ten octets in all; only data frames have these.
  if (left(at, end) < 24) return noPacket(row);
  const control = u16LittleAt(at);
  const isData = ((control >> 2) & 3) == TYPE_DATA && (control & SUBTYPE_NO_DATA) == 0;
  if (!isData || (control & CONTROL_PROTECTED) != 0) return noPacket(row);
  const isBetweenStations = (control & (CONTROL_TO_DS | CONTROL_FROM_DS)) == (CONTROL_TO_DS | CONTROL_FROM_DS);
  let headerBytes: usize = isBetweenStations ? 30 : 24;
  let isAggregate = false;
  let isMesh = false;
  if ((control & SUBTYPE_QOS) != 0) {
    if (left(at + headerBytes + 2, end) < 0) return noPacket(row);
    isAggregate = (u8At(at + headerBytes) & QOS_AGGREGATE) != 0;
    isMesh = (u8At(at + headerBytes + 1) & QOS_MESH) != 0 && (control & CONTROL_FROM_DS) != 0 && !isAggregate;
    headerBytes += 2;
    if ((control & CONTROL_ORDER) != 0) headerBytes += 4;
  }
  if (isPadded) headerBytes = (headerBytes + 3) & ~3;
  const body = at + headerBytes + (isMesh ? meshBytes(at + headerBytes, end) : 0);
  return isAggregate ? decodeAggregate(row, body, end, wireEnd) : decodeLlc(row, body, end, wireEnd);
}

/**
 * Flags, time to live and number, and none, one or two addresses more. Where there is no mesh, the bit that announces them is
 * used for other things, so that what begins as LLC is none.
 *
 * @see IEEE 802.11-2020 §9.2.4.8
 */
function meshBytes(at: usize, end: usize): usize {
  if (left(at, end) < 2 || u16At(at) == SNAP_SAPS) return 0;
  return 6 + (u8At(at) & 3) * 6;
}

const SNAP_SAPS: u32 = 0xaaaa;
/** Two addresses and the length of what follows. */
const SUBFRAME_HEADER_BYTES: usize = 14;

/**
 * Several frames in one, each padded to a multiple of four octets. A row is one packet: the first one is the outermost,
 * the last one the innermost, as other analysers have it, and the others are counted so that they can be told.
 *
 * @see IEEE 802.11-2020 §9.3.2.2
 */
function decodeAggregate(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const isOuterFrame = enteredHeaders() == 0;
  let next = at;
  let packets: u32 = 0;
  let firstHeader: u32 = 0;
  let firstBytes: u32 = 0;
  while (left(next, end) > <i32>SUBFRAME_HEADER_BYTES) {
    const body = next + SUBFRAME_HEADER_BYTES;
    const bodyEnd = body + u16At(body - 2);
    const bodyCaptured = min(end, bodyEnd);
    if (packets == 0) {
      if (decodeLlc(row, body, bodyCaptured, min(wireEnd, bodyEnd))) {
        packets = 1;
        firstHeader = enteredHeaders();
        firstBytes = ipBytesOf(row);
      }
    } else if (staysRow(row)) {
      if (isIpInLlc(body, bodyCaptured)) packets++;
    } else {
      returnToHeader(firstHeader);
      if (decodeLlc(row, body, bodyCaptured, min(wireEnd, bodyEnd))) packets++;
    }
    next = at + ((bodyEnd - at + 3) & ~3);
  }
  // Without any frame; else what was wrong with its packet has been said.
  if (packets == 0) return next == at ? noPacket(row) : false;
  if (packets > 1) noteAggregated(packets - 1, isOuterFrame ? <f64>firstBytes - <f64>ipBytesOf(row) : 0);
  return true;
}

const RADIOTAP_TSFT: u32 = 1;
const RADIOTAP_FLAGS: u32 = 2;
const RADIOTAP_MORE: u32 = 0x80000000;
const RADIOTAP_PADDED: u32 = 0x20;

/** @see https://www.radiotap.org: version, padding, length, and words of bits for the fields that follow */
export function decodeRadiotap(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const room = left(at, end);
  if (room < 8) return noPacket(row);
  const headerBytes = u16LittleAt(at + 2);
  if (headerBytes < 8) return noPacket(row);
  if (headerBytes > <u32>room) return noPacket(row);
  const next = at + headerBytes;
  const present = u32LittleAt(at + 4);
  let field = at + 8;
  let words = present;
  while ((words & RADIOTAP_MORE) != 0 && left(field, next) >= 4) {
    words = u32LittleAt(field);
    field += 4;
  }
  // The time is the only field before the flags: eight octets, in a place that is a multiple of eight.
  if ((present & RADIOTAP_TSFT) != 0) field = at + (((field - at + 7) & ~7) + 8);
  const hasFlags = (present & RADIOTAP_FLAGS) != 0 && left(field, next) >= 1;
  return decodeWireless(row, next, end, wireEnd, hasFlags && (u8At(field) & RADIOTAP_PADDED) != 0);
}

const AVS_MAGIC: u32 = 0x80211000;

/** The header of AVS, whose length is in its second word, or the older one of Prism. */
export function decodeAvs(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const room = left(at, end);
  if (room < 8) return noPacket(row);
  const isAvs = (u32At(at) & 0xfffff000) == AVS_MAGIC;
  const headerBytes = isAvs ? u32At(at + 4) : u32LittleAt(at + 4);
  if (headerBytes < 8) return noPacket(row);
  if (headerBytes > <u32>room) return noPacket(row);
  return decodeWireless(row, at + headerBytes, end, wireEnd, false);
}
