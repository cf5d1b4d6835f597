import { ContainerFacts } from './container-facts';
import { LAYOUT } from './decoder';
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
/** Reassembled records may be out of order by this much; and captures do not pause for longer than that. */
const MAX_SECONDS_BACK = 1;
const MAX_SECONDS_AHEAD = 365 * 86400;

/**
 * ERF has no file header: it is recognised by a chain of records that are plausible each and in order of time.
 *
 * @param end        after the last octet that there is
 * @param isAtEnd    the file ends there
 */
export function isErf(view: DataView, start: number, end: number, isAtEnd: boolean): boolean {
  let previousSec: number | null = null;
  let at = start;
  for (let count = 0; count < CHECKED_RECORDS; count++) {
    if (at === end && isAtEnd) return count > 0;
    if (end - at < HEADER_BYTES) return count >= ENOUGH_RECORDS;
    const sec = view.getUint32(at + 4, true);
    const recordBytes = view.getUint16(at + 10);
    if (!isType(view.getUint8(at + 8) & 0x7f) || recordBytes < HEADER_BYTES || sec === 0) return false;
    if (previousSec !== null && (sec < previousSec - MAX_SECONDS_BACK || sec > previousSec + MAX_SECONDS_AHEAD)) {
      return false;
    }
    previousSec = sec;
    at += recordBytes;
    if (at > end) return count + 1 >= ENOUGH_RECORDS;
  }
  return true;
}

function isType(type: number): boolean {
  return (type > 0 && type <= LAST_TYPE && type !== UNUSED_TYPE) || type === PADDING_TYPE;
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
