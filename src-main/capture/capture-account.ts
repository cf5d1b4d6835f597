import type { UnreadableRange } from '../contract/ledger';
import type { Stretch } from './decoder';
import type { PacketBatch } from './packet-batch';

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

  /** Books complete records: what of them is no packet belongs to the container. */
  book({ rows, takenBytes, capturedBytes, ipBytes }: Stretch): void {
    this.records += rows;
    this.capturedBytes += capturedBytes;
    this.containerBytes += takenBytes - capturedBytes;
    this.ipBytes += ipBytes;
  }

  /** Notes the times of rows `first` to `last`, which have their own. */
  bookTimes({ tsSec, tsNsec }: PacketBatch, first: number, last: number): void {
    if (this.firstSec === null) {
      this.firstSec = tsSec[first]!;
      this.firstNsec = tsNsec[first]!;
    }
    this.lastSec = tsSec[last]!;
    this.lastNsec = tsNsec[last]!;
  }
}
