import { decodeFrame } from './link-layer';
import { left, word } from './octets';
import { MAX_RECORD_BYTES, READ_FULL, READ_NEEDS_BYTES, damaged, finish } from './records';
import { beginRows, ipBytesOf, setTime } from './rows';

const RECORD_HEADER_BYTES: i32 = 16;

/** `damageValue` octets are more than a record can have. */
export const PCAP_RECORD_TOO_LONG: u32 = 0;

/**
 * Decodes records of classic pcap.
 *
 * @param unitsPerSec  of the fraction in each header: 1e6 or 1e9
 * @param packetNo     of the first record
 * @returns a state of `records.ts`
 * @see draft-ietf-opsawg-pcap §5
 */
export function readPcap(
  start: usize,
  end: usize,
  maxRows: u32,
  packetNo: f64,
  isBigEndian: bool,
  unitsPerSec: u32,
  linkType: u32,
): u32 {
  const nanosPerUnit: u32 = 1000000000 / unitsPerSec;
  let at = start;
  let row: u32 = 0;
  let capturedBytes: u64 = 0;
  let ipBytes: u64 = 0;
  let state = READ_FULL;
  beginRows();
  while (row < maxRows) {
    if (left(at, end) < RECORD_HEADER_BYTES) {
      state = READ_NEEDS_BYTES;
      break;
    }
    const captured = word(at + 8, isBigEndian);
    if (captured > MAX_RECORD_BYTES) {
      state = damaged(PCAP_RECORD_TOO_LONG, captured, MAX_RECORD_BYTES);
      break;
    }
    const frame = at + RECORD_HEADER_BYTES;
    const next = frame + captured;
    if (next > end) {
      state = READ_NEEDS_BYTES;
      break;
    }
    let sec = <f64>word(at, isBigEndian);
    let fraction = word(at + 4, isBigEndian);
    if (fraction >= unitsPerSec) {
      sec += <f64>(fraction / unitsPerSec);
      fraction %= unitsPerSec;
    }
    setTime(row, sec, fraction * nanosPerUnit, packetNo + <f64>row);
    decodeFrame(row, linkType, frame, next, max(word(at + 12, isBigEndian), captured));
    ipBytes += ipBytesOf(row);
    capturedBytes += captured;
    at = next;
    row++;
  }
  return finish(state, at, row, capturedBytes, ipBytes);
}
