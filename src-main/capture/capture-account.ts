import type { UnreadableRange } from '../contract/ledger';
import { TUNNEL_KINDS } from '../contract/capture-details';
import { REASON_CODE } from '../contract/ledger';
import type { ContainerFacts, InterfaceFacts } from './container-facts';
import type { Decoder, Stretch } from './decoder';
import type { PacketBatch } from './packet-batch';

/** Unreadable ranges of one capture that are told one by one; a hostile file may have millions. */
export const MAX_UNREADABLE_RANGES = 100;

/** Where each octet of one capture went, kept while it is read: the capture's side of the ledger's equations. */
export class CaptureAccount {
  /** Path of the capture, which unreadable ranges name. */
  readonly file: string;
  readonly container: ContainerFacts;
  /** File, section and record headers, options, padding and blocks that hold no packet. */
  containerBytes = 0;
  /** Captured octets of records. */
  capturedBytes = 0;
  /** Octets that the records had on the wire. */
  wireBytes = 0;
  /** Sum of IP lengths of all records with an IP header. */
  ipBytes = 0;
  records = 0;
  /** Records without a readable IP header. */
  noIpRecords = 0;
  /** By the outermost header of each: records of IPv6, and their IP octets; what is left is IPv4. */
  outerIpv6Records = 0;
  outerIpv6Bytes = 0;
  /** Those of IPv6 to or from an address of NAT64. */
  nat64Records = 0;
  /** Packets beside the one of a record in aggregated frames of IEEE 802.11: they count nowhere else. */
  aggregatedPackets = 0;
  /** What the outermost packets have more IP octets than those in them that `ipBytes` counts. */
  tunnelOverheadBytes = 0;
  /** Records with a packet in a packet that could be read, and those by the places of `TUNNEL_KINDS`. */
  tunnelRecords = 0;
  readonly tunnelsByKind = new Float64Array(TUNNEL_KINDS.length);
  /** Records with an IP header that belongs to a fragment. */
  fragments = 0;
  /** Records whose format has no time for them, or that have an impossible one. */
  untimedRecords = 0;
  /** First and last time in file order, of records that have one; null before the first. */
  firstSec: number | null = null;
  firstNsec = 0;
  lastSec = 0;
  lastNsec = 0;
  /** Records whose time is before 1970 or beyond 64 bits of nanoseconds; they were given their predecessor's. */
  impossibleTimes = 0;
  /** Packets whose time is zero, or years from those around them, so that they were given that of the one before. */
  repairedTimes = 0;
  readonly linkTypes = new Set<number>();
  /** Records by link type. */
  readonly recordsByLinkType = new Map<number, number>();
  /** Records by link type, of those that could not be decoded. */
  readonly unknownLinkTypes = new Map<number, number>();
  /** In order of their offset, and never adjacent. Beyond `MAX_UNREADABLE_RANGES`, the last one stands for all others. */
  readonly unreadable: UnreadableRange[] = [];
  #summarised = 0;
  #summarisedCause = '';

  constructor(file: string, container: ContainerFacts) {
    this.file = file;
    this.container = container;
  }

  /** Books complete records: what of them is no packet belongs to the container. */
  book({ rows, takenBytes, capturedBytes, wireBytes, ipBytes, noIpRows }: Stretch, { module }: Decoder): void {
    this.records += rows;
    this.capturedBytes += capturedBytes;
    this.containerBytes += takenBytes - capturedBytes;
    this.wireBytes += wireBytes;
    this.ipBytes += ipBytes;
    this.noIpRecords += noIpRows;
    this.outerIpv6Records += module.outerIpv6Rows.value;
    this.outerIpv6Bytes += module.outerIpv6Bytes.value;
    this.nat64Records += module.nat64Rows.value;
    this.fragments += module.fragmentRows.value;
    this.aggregatedPackets += module.aggregatedPackets.value;
    this.tunnelOverheadBytes += module.tunnelOverheadBytes.value;
    const tunnelRows = module.tunnelRows.value;
    if (tunnelRows === 0) return;
    this.tunnelRecords += tunnelRows;
    const counts = new Uint32Array(module.memory.buffer, module.tunnelCounts.value, TUNNEL_KINDS.length);
    counts.forEach((count, kind) => {
      this.tunnelsByKind[kind]! += count;
    });
  }

  /** Counts records of a link type. @param described what the capture says of their interface, if it is kept */
  bookLinkType(linkType: number, records: number, described: InterfaceFacts | null): void {
    if (records === 0) return;
    this.recordsByLinkType.set(linkType, (this.recordsByLinkType.get(linkType) ?? 0) + records);
    if (described !== null) described.packets += records;
  }

  /** Counts the records of the last stretch by link type, each of which has its own there. */
  bookLinkTypes({ module }: Decoder, records: number): void {
    for (const linkType of new Uint32Array(module.memory.buffer, module.rowLinkType.value, records)) {
      this.bookLinkType(linkType, 1, null);
    }
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

  /** Notes octets that are no part of any record that could be read. */
  bookUnreadable(offset: number, bytes: number, cause: string): void {
    if (bytes === 0) return;
    const { file, unreadable } = this;
    const index = unreadable.length - 1;
    const last = unreadable[index];
    if (last === undefined || (last.offset + last.bytes !== offset && index + 1 < MAX_UNREADABLE_RANGES)) {
      unreadable.push({ file, offset, bytes, cause });
      return;
    }
    const isAdjacent = this.#summarised === 0 && last.offset + last.bytes === offset;
    if (!isAdjacent && this.#summarised++ === 0) this.#summarisedCause = last.cause;
    const places = `${this.#summarised + 1} places from here on, the first of them: ${this.#summarisedCause}`;
    unreadable[index] = { ...last, bytes: last.bytes + bytes, cause: isAdjacent ? last.cause : places };
  }

  /** Notes that the octets ended before their time, of which nobody knows how many are missing. */
  bookFault(offset: number, cause: string): void {
    const { file, unreadable } = this;
    const last = unreadable.at(-1);
    // A record that lacks its end lacks it for that reason.
    if (last !== undefined && last.offset + last.bytes === offset) {
      unreadable[unreadable.length - 1] = { ...last, cause: `${last.cause}: ${cause}` };
    } else unreadable.push({ file, offset, bytes: 0, cause });
  }

  /** Counts the rows from `first` on whose link type is unknown, when all have the same. */
  bookUnknownLink({ reason, length }: PacketBatch, first: number, linkType: number): void {
    if (first === length || reason[first] !== REASON_CODE.unknown_link_type) return;
    let count = 0;
    for (let row = first; row < length; row++) if (reason[row] === REASON_CODE.unknown_link_type) count++;
    this.#addUnknown(linkType, count);
  }

  /** Counts those of the last stretch that the decoder read, each of which has its own. */
  bookUnknownLinks({ module }: Decoder, batch: PacketBatch, first: number): void {
    if (module.unknownLinkRows.value === 0) return;
    const types = new Uint32Array(module.memory.buffer, module.rowLinkType.value, batch.length - first);
    types.forEach((linkType, row) => {
      if (batch.reason[first + row] === REASON_CODE.unknown_link_type) this.#addUnknown(linkType, 1);
    });
  }

  #addUnknown(linkType: number, count: number): void {
    this.unknownLinkTypes.set(linkType, (this.unknownLinkTypes.get(linkType) ?? 0) + count);
  }
}
