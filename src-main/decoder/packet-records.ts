import { decodeFrame } from './link-layer';
import { left, word } from './octets';
import {
  LAYOUT_BIG_ENDIAN,
  LAYOUT_MAYBE_SWAPPED,
  LAYOUT_NANOSECONDS,
  LAYOUT_PCAP,
  LAYOUT_SNOOP,
  LAYOUT_SWAPPED,
  NO_SECOND,
  RECORD_CUT,
  headerBytesOf,
  headerCaptured,
  headerRecordBytes,
  headerWire,
  isNear,
  kindOf,
  unitsPerSecOf,
} from './record-header';
import { MAX_RECORD_BYTES, READ_FULL, READ_NEEDS_BYTES, damaged, finish } from './records';
import { judgeRecord, judgedSec, recordState } from './resync';
import { beginRows, ipBytesOf, setTime } from './rows';

/** Time of the last record that was not odd, by which later ones are judged; `NO_SECOND` without any. */
export let lastSoundSec: f64 = NO_SECOND;

/**
 * Decodes records of pcap, modified pcap or snoop.
 *
 * @param packetNo   of the first record
 * @param layout     of `record-header.ts`
 * @param soundSec   what `lastSoundSec` was after the stretch before
 * @param isAtEnd    the file ends at `end`
 * @param isTrusted  the first record is to be taken, however odd it is
 * @returns a state of `records.ts`
 */
export function readPacketRecords(
  start: usize,
  end: usize,
  maxRows: u32,
  packetNo: f64,
  layout: u32,
  linkType: u32,
  soundSec: f64,
  isAtEnd: bool,
  isTrusted: bool,
): u32 {
  return (layout & ~(LAYOUT_BIG_ENDIAN | LAYOUT_NANOSECONDS | LAYOUT_MAYBE_SWAPPED)) == LAYOUT_PCAP
    ? readAs<Plain>(start, end, maxRows, packetNo, layout, linkType, soundSec, isAtEnd, isTrusted)
    : readAs<Unusual>(start, end, maxRows, packetNo, layout, linkType, soundSec, isAtEnd, isTrusted);
}

/*
 * What the loop is compiled for, told apart by the size: once for the headers that nearly all captures have, with their
 * offsets as constants, which saves a fifth of its time, and once for all others.
 */
type Plain = u8;
type Unusual = u16;

function readAs<T>(
  start: usize,
  end: usize,
  maxRows: u32,
  packetNo: f64,
  layout: u32,
  linkType: u32,
  soundSec: f64,
  isAtEnd: bool,
  isTrusted: bool,
): u32 {
  const isPlain = sizeof<T>() == sizeof<Plain>();
  const isSnoop = !isPlain && kindOf(layout) == LAYOUT_SNOOP;
  const headerBytes: u32 = isPlain ? 16 : headerBytesOf(layout);
  const timeAt: usize = isSnoop ? 16 : 0;
  const capturedAt: usize = isPlain ? 8 : isSnoop ? 4 : (layout & LAYOUT_SWAPPED) != 0 ? 12 : 8;
  const wireAt: usize = isPlain ? 12 : isSnoop ? 0 : 20 - capturedAt;
  const isBigEndian = (layout & LAYOUT_BIG_ENDIAN) != 0;
  const unitsPerSec = unitsPerSecOf(layout);
  const nanosPerUnit: u32 = 1000000000 / unitsPerSec;
  let at = start;
  let row: u32 = 0;
  let capturedBytes: u64 = 0;
  let allWireBytes: u64 = 0;
  let ipBytes: u64 = 0;
  let noIpRows: u32 = 0;
  let state = READ_FULL;
  let hasSound = soundSec != NO_SECOND;
  let previousSec: u32 = 0;
  if (hasSound) previousSec = <u32>soundSec;
  else if (left(start, end) >= <i32>headerBytes) previousSec = word(start + timeAt, isBigEndian);
  beginRows();
  while (row < maxRows) {
    if (left(at, end) < <i32>headerBytes) {
      state = isAtEnd && at != end ? damaged(RECORD_CUT, 0, 0) : READ_NEEDS_BYTES;
      break;
    }
    const ownSec = word(at + timeAt, isBigEndian);
    let sec = <f64>ownSec;
    let fraction = word(at + timeAt + 4, isBigEndian);
    let captured = word(at + capturedAt, isBigEndian);
    let wireBytes = word(at + wireAt, isBigEndian);
    let recordBytes = isSnoop ? word(at + 8, isBigEndian) : captured + headerBytes;
    // No octets at all wrap to the largest number.
    if (
      captured - 1 >= wireBytes ||
      captured > MAX_RECORD_BYTES ||
      fraction >= unitsPerSec ||
      !isNear(ownSec, previousSec) ||
      (isSnoop && recordBytes - captured - 24 > 3)
    ) {
      const isFree = isTrusted && row == 0;
      const reference = hasSound ? <f64>previousSec : NO_SECOND;
      state = isFree ? recordState(at, end, isAtEnd, layout) : judgeRecord(at, end, isAtEnd, layout, reference);
      if (state != READ_FULL) break;
      if (!isFree && judgedSec != NO_SECOND) {
        hasSound = true;
        previousSec = <u32>judgedSec;
      }
      recordState(at, end, isAtEnd, layout);
      captured = headerCaptured;
      wireBytes = max(headerWire, captured);
      recordBytes = headerRecordBytes;
      sec += <f64>(fraction / unitsPerSec);
      fraction %= unitsPerSec;
      // Without a time to judge by, the next record is judged by its own, wherever the stretch before ended.
      const behind = at + recordBytes;
      if (!hasSound && left(behind, end) >= <i32>headerBytes) previousSec = word(behind + timeAt, isBigEndian);
    } else {
      hasSound = true;
      previousSec = ownSec;
    }
    const next = at + recordBytes;
    if (next > end) {
      state = isAtEnd ? damaged(RECORD_CUT, 0, 0) : READ_NEEDS_BYTES;
      break;
    }
    setTime(row, sec, fraction * nanosPerUnit, packetNo + <f64>row);
    const frame = at + headerBytes;
    decodeFrame(row, linkType, frame, frame + captured, wireBytes);
    const rowBytes = ipBytesOf(row);
    ipBytes += rowBytes;
    noIpRows += rowBytes == 0 ? 1 : 0;
    allWireBytes += wireBytes;
    capturedBytes += captured;
    at = next;
    row++;
  }
  lastSoundSec = hasSound ? <f64>previousSec : NO_SECOND;
  return finish(state, at, row, capturedBytes, allWireBytes, ipBytes, noIpRows);
}
