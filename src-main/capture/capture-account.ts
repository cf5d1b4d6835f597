import type { UnreadableRange } from '../contract/ledger';

/** Most octets that one record may claim. @see libpcap MAXIMUM_SNAPLEN and Wireshark WTAP_MAX_PACKET_SIZE_STANDARD */
export const MAX_RECORD_BYTES = 262_144;

/** Where each octet of one capture went, kept while it is read: the capture's side of the ledger's equations. */
export class CaptureAccount {
  /** File, section and record headers, options, padding and blocks that hold no packet. */
  containerBytes = 0;
  /** Captured octets of records. */
  capturedBytes = 0;
  /** Sum of IP lengths of all records with an IP header. */
  ipBytes = 0;
  records = 0;
  /** First and last time in file order, of records that have one; null before the first. */
  firstSec: number | null = null;
  firstNsec = 0;
  lastSec = 0;
  lastNsec = 0;
  /** Records whose time is before 1970 or beyond 64 bits of nanoseconds; they were given their predecessor's. */
  impossibleTimes = 0;
  readonly linkTypes = new Set<number>();
  readonly unreadable: UnreadableRange[] = [];
  /** Set when nothing more can be read; what is left of the file is unreadable from here. */
  damage: { readonly offset: number; readonly cause: string } | null = null;
}
