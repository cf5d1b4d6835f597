import { ContainerFacts } from './container-facts';
import { LAYOUT } from './decoder-exports';
import type { RecordsHeader } from './packet-record-reader';

const HEADER_BYTES = 16;
/** Records that are looked at; Wireshark looks at 20, and takes damage among them for another format. */
const CHECKED_RECORDS = 5;
/** Fewer records than these must be the whole file. */
const ENOUGH_RECORDS = 3;
/** Octets that the check may look at: so many of the longest records as it takes. */
export const ERF_SAMPLE_BYTES = 4 << 16;
const LAST_TYPE = 29;
const UNUSED_TYPE = 26;
const PADDING_TYPE = 48;
/** Of these the record states the length of its frame: HDLC, Ethernet and their coloured kinds, IPv4, IPv6. */
const FRAME_TYPES: ReadonlySet<number> = new Set([1, 2, 10, 11, 15, 16, 19, 20, 22, 23]);
/** Most octets of a record beside its header and its frame: 16 extension headers and some padding. */
const MAX_OTHER_BYTES = 16 * 8 + 64;
/** Reassembled records may be out of order by this much; and what comes a week later, Wireshark takes for no successor. */
const MAX_SECONDS_BACK = 1;
const MAX_SECONDS_AHEAD = 7 * 86400;

/**
 * ERF has no file header: it is recognised by a chain of records that are plausible each and in order of time. Padding
 * may be among them and proves nothing, since its type is the digit 0 of a text.
 *
 * @param end        after the last octet that there is
 * @param isAtEnd    the file ends there
 */
export function isErf(view: DataView, start: number, end: number, isAtEnd: boolean): boolean {
  let previousSec: number | null = null;
  let at = start;
  for (let count = 0; count < CHECKED_RECORDS;) {
    if (at === end && isAtEnd) return count > 0;
    if (end - at < HEADER_BYTES) return count >= ENOUGH_RECORDS;
    const recordBytes = view.getUint16(at + 10);
    if (recordBytes < HEADER_BYTES) return false;
    if (typeAt(view, at) !== PADDING_TYPE) {
      if (!isPlausible(view, at) || !isNext(view.getUint32(at + 4, true), previousSec)) return false;
      previousSec = view.getUint32(at + 4, true);
      count++;
    }
    at += recordBytes;
    if (at > end) return count >= ENOUGH_RECORDS;
  }
  return true;
}

function isPlausible(view: DataView, at: number): boolean {
  const type = typeAt(view, at);
  if (type === 0 || type > LAST_TYPE || type === UNUSED_TYPE) return false;
  const sec = view.getUint32(at + 4, true);
  // Octets that repeat, as blank lines do, would be as many seconds as parts of one.
  if (sec === 0 || sec === view.getUint32(at, true)) return false;
  const capturedBytes = view.getUint16(at + 10) - HEADER_BYTES;
  return !FRAME_TYPES.has(type) || capturedBytes <= view.getUint16(at + 14) + MAX_OTHER_BYTES;
}

function isNext(sec: number, previousSec: number | null): boolean {
  return previousSec === null || (sec >= previousSec - MAX_SECONDS_BACK && sec <= previousSec + MAX_SECONDS_AHEAD);
}

function typeAt(view: DataView, at: number): number {
  return view.getUint8(at + 8) & 0x7f;
}

/** What every ERF file has in common: its records say the rest. */
export function erfHeader(): RecordsHeader {
  return {
    container: new ContainerFacts('erf', 'little', null),
    bytes: 0,
    layout: LAYOUT.erf,
    linkType: null,
    interface: null,
  };
}
