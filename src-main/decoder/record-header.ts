import { word } from './octets';
import { MAX_RECORD_BYTES } from './records';

/*
 * Headers of packet records, of the formats that have nothing but records behind their file header. A layout is one
 * number: the kind and the bits below. What `readHeader` finds is in the variables here until its next call.
 */

/** Time, captured and original length: 16 octets. @see draft-ietf-opsawg-pcap §5 */
export const LAYOUT_PCAP: u32 = 0;
/** The same and 8 octets more, by the patches of A. Kuznetzov. @see libpcap pcap_sf_patched_pkthdr */
export const LAYOUT_MODIFIED_PCAP: u32 = 1;
/** @see RFC 1761 */
export const LAYOUT_SNOOP: u32 = 2;
/** Endace extensible record format. @see Wireshark wiretap/erf.h */
export const LAYOUT_ERF: u32 = 3;
const LAYOUT_KIND: u32 = 3;
export const LAYOUT_BIG_ENDIAN: u32 = 4;
export const LAYOUT_NANOSECONDS: u32 = 8;
/** The original length stands before the captured one, as in pcap before 2.3. @see libpcap sf-pcap.c SWAPPED */
export const LAYOUT_SWAPPED: u32 = 16;
/** They may be swapped, as in pcap 2.3: the captured one is never the longer. @see libpcap sf-pcap.c MAYBE_SWAPPED */
export const LAYOUT_MAYBE_SWAPPED: u32 = 32;

/** Octets behind a snoop record's packet are padding; more of them than this are no record. */
const MAX_PADDING_BYTES: u32 = 1024;

/** Stands for no time: every time is near to it. */
export const NO_SECOND: f64 = -1;

/** Types of ERF records. */
const ERF_LAST_TYPE: u32 = 29;
const ERF_PADDING: u32 = 48;
const ERF_UNUSED_TYPE: u32 = 26;

/* What can be wrong with a record; `damageValue` and `damageLimit` are numbers of the sentence. */
export const RECORD_TOO_LONG: u32 = 0;
export const RECORD_CUT: u32 = 1;
/** It could be one, but what is odd about it and what follows speak against it; `damageValue` is its length. */
export const RECORD_SUSPECT: u32 = 2;
export const RECORD_ALL_ZERO: u32 = 3;
export const RECORD_LENGTH: u32 = 4;
export const RECORD_TYPE: u32 = 5;
/** Nothing is wrong. */
export const RECORD_POSSIBLE: u32 = 255;

/**
 * How far the time of a record may be before and after that of the last one to be taken for its successor. Captures
 * that were sent over the wire, and so are the payload of packets, are older than these.
 */
const MAX_SECONDS_BACK: u32 = 60;
const MAX_SECONDS_AHEAD: u32 = 7 * 86400;

export let headerSec: u32 = 0;
/** Below `unitsPerSec` in a sound record. */
export let headerFraction: u32 = 0;
export let headerCaptured: u32 = 0;
export let headerWire: u32 = 0;
/** Octets of the record; only to be trusted when it is possible. */
export let headerRecordBytes: u32 = 0;
let headerType: u32 = 0;

export function kindOf(layout: u32): u32 {
  return layout & LAYOUT_KIND;
}

export function headerBytesOf(layout: u32): u32 {
  const kind = layout & LAYOUT_KIND;
  return kind == LAYOUT_PCAP || kind == LAYOUT_ERF ? 16 : 24;
}

export function unitsPerSecOf(layout: u32): u32 {
  return (layout & LAYOUT_NANOSECONDS) != 0 ? 1000000000 : 1000000;
}

export function readHeader(at: usize, layout: u32): void {
  const kind = layout & LAYOUT_KIND;
  if (kind == LAYOUT_SNOOP) readSnoopHeader(at);
  else if (kind == LAYOUT_ERF) readErfHeader(at);
  else readPcapHeader(at, layout);
}

function readPcapHeader(at: usize, layout: u32): void {
  const isBigEndian = (layout & LAYOUT_BIG_ENDIAN) != 0;
  headerSec = word(at, isBigEndian);
  headerFraction = word(at + 4, isBigEndian);
  const first = word(at + 8, isBigEndian);
  const second = word(at + 12, isBigEndian);
  const isSwapped = (layout & LAYOUT_SWAPPED) != 0 || ((layout & LAYOUT_MAYBE_SWAPPED) != 0 && first > second);
  headerCaptured = isSwapped ? second : first;
  headerWire = isSwapped ? first : second;
  headerRecordBytes = headerBytesOf(layout) + headerCaptured;
}

function readSnoopHeader(at: usize): void {
  headerWire = word(at, true);
  headerCaptured = word(at + 4, true);
  headerRecordBytes = word(at + 8, true);
  headerSec = word(at + 16, true);
  headerFraction = word(at + 20, true);
}

/** Captured octets are those of all behind the header, extension headers and padding included. */
function readErfHeader(at: usize): void {
  headerFraction = load<u32>(at);
  headerSec = load<u32>(at + 4);
  headerType = (<u32>load<u8>(at + 8)) & 0x7f;
  headerRecordBytes = bswap<u16>(load<u16>(at + 10));
  headerWire = bswap<u16>(load<u16>(at + 14));
  headerCaptured = headerRecordBytes >= 16 ? headerRecordBytes - 16 : 0;
}

/** @returns what rules out that the header is one, or `RECORD_POSSIBLE` */
export function headerProblem(layout: u32): u32 {
  const kind = layout & LAYOUT_KIND;
  if (kind == LAYOUT_ERF) {
    if (headerType == 0 || (headerType > ERF_LAST_TYPE && headerType != ERF_PADDING)) return RECORD_TYPE;
    if (headerType == ERF_UNUSED_TYPE) return RECORD_TYPE;
    return headerRecordBytes < 16 ? RECORD_LENGTH : RECORD_POSSIBLE;
  }
  if (headerCaptured > MAX_RECORD_BYTES) return RECORD_TOO_LONG;
  // No program writes a packet of 1970 without a single octet; unwritten parts of a file are like that.
  if ((headerSec | headerFraction | headerCaptured | headerWire) == 0) return RECORD_ALL_ZERO;
  if (kind == LAYOUT_SNOOP && headerRecordBytes - 24 - headerCaptured > MAX_PADDING_BYTES) return RECORD_LENGTH;
  return RECORD_POSSIBLE;
}

/** @returns the number that the sentence about a problem names */
export function problemValue(problem: u32): u32 {
  if (problem == RECORD_TOO_LONG) return headerCaptured;
  return problem == RECORD_TYPE ? headerType : headerRecordBytes;
}

/** @returns true for a header as capture programs write it: nothing about it is even odd */
export function isSoundHeader(layout: u32): bool {
  if (headerProblem(layout) != RECORD_POSSIBLE) return false;
  if ((layout & LAYOUT_KIND) == LAYOUT_ERF) return headerWire > 0 || headerType == ERF_PADDING;
  return headerCaptured - 1 < headerWire && headerFraction < unitsPerSecOf(layout);
}

/** @returns true when `sec` can be the time of the record behind one of `previousSec` */
export function isNear(sec: u32, previousSec: u32): bool {
  return sec - previousSec + MAX_SECONDS_BACK <= MAX_SECONDS_BACK + MAX_SECONDS_AHEAD;
}

/** The same for times of any length. */
export function isCloseTime(sec: f64, previousSec: f64): bool {
  const ahead = sec - previousSec;
  return ahead >= -(<f64>MAX_SECONDS_BACK) && ahead <= <f64>MAX_SECONDS_AHEAD;
}

/** The same where there may be no time before: every time is near to none. */
export function isNearTime(sec: f64, previousSec: f64): bool {
  return previousSec == NO_SECOND || isCloseTime(sec, previousSec);
}
