import { REASON_L4_TRUNCATED, REASON_MALFORMED, REASON_NON_IP } from './codes';
import { decodeLlc } from './ether-type';
import { refuse } from './layers';
import { left, u16LittleAt, u32At, u32LittleAt, u8At } from './octets';

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

function refuseCut(row: u32, end: usize, wireEnd: usize): bool {
  return refuse(row, end < wireEnd ? REASON_L4_TRUNCATED : REASON_MALFORMED);
}

/**
 * A data frame that is not encrypted; every other one holds no IP packet that could be read.
 *
 * @param isPadded whether the header was padded to a multiple of four octets by the adapter
 * @see IEEE 802.11-2020 §9.2.4, §9.3.2.1
 */
export function decodeWireless(row: u32, at: usize, end: usize, wireEnd: usize, isPadded: bool): bool {
  if (left(at, end) < 24) return refuseCut(row, end, wireEnd);
  const control = u16LittleAt(at);
  const isData = ((control >> 2) & 3) == TYPE_DATA && (control & SUBTYPE_NO_DATA) == 0;
  if (!isData || (control & CONTROL_PROTECTED) != 0) return refuse(row, REASON_NON_IP);
  const isBetweenStations = (control & (CONTROL_TO_DS | CONTROL_FROM_DS)) == (CONTROL_TO_DS | CONTROL_FROM_DS);
  let headerBytes: usize = isBetweenStations ? 30 : 24;
  let isAggregate = false;
  if ((control & SUBTYPE_QOS) != 0) {
    if (left(at + headerBytes + 2, end) < 0) return refuseCut(row, end, wireEnd);
    isAggregate = (u8At(at + headerBytes) & QOS_AGGREGATE) != 0;
    headerBytes += 2;
    if ((control & CONTROL_ORDER) != 0) headerBytes += 4;
  }
  if (isPadded) headerBytes = (headerBytes + 3) & ~3;
  // Of an aggregate, the first one: addresses and length before it.
  if (isAggregate) headerBytes += 14;
  return decodeLlc(row, at + headerBytes, end, wireEnd);
}

const RADIOTAP_TSFT: u32 = 1;
const RADIOTAP_FLAGS: u32 = 2;
const RADIOTAP_MORE: u32 = 0x80000000;
const RADIOTAP_PADDED: u32 = 0x20;

/** @see https://www.radiotap.org: version, padding, length, and words of bits for the fields that follow */
export function decodeRadiotap(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const room = left(at, end);
  if (room < 8) return refuseCut(row, end, wireEnd);
  const headerBytes = u16LittleAt(at + 2);
  if (headerBytes < 8) return refuse(row, REASON_MALFORMED);
  if (headerBytes > <u32>room) return refuseCut(row, end, wireEnd);
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
  if (room < 8) return refuseCut(row, end, wireEnd);
  const isAvs = (u32At(at) & 0xfffff000) == AVS_MAGIC;
  const headerBytes = isAvs ? u32At(at + 4) : u32LittleAt(at + 4);
  if (headerBytes < 8) return refuse(row, REASON_MALFORMED);
  if (headerBytes > <u32>room) return refuseCut(row, end, wireEnd);
  return decodeWireless(row, at + headerBytes, end, wireEnd, false);
}
