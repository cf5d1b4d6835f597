/**
 * The session-log entry: the fifteen fields of the product, and the columns that Natscope keeps beside them.
 * @see the product page "NAT Gateway: session log"
 */

/** How a field is shown and queried; how it is stored is the database's concern. */
export type FieldType = 'text' | 'long' | 'double' | 'ipv4';

export interface LogField {
  readonly name: string;
  readonly type: FieldType;
  readonly meaning: string;
}

/** The fifteen fields in the product's order. Times are epoch seconds. */
export const SESSION_LOG_FIELDS = [
  { name: 'instance', type: 'text', meaning: 'ID of the NAT gateway' },
  { name: 'vpc_id', type: 'text', meaning: "ID of the gateway's VPC" },
  { name: 'protocol', type: 'long', meaning: 'IANA protocol number' },
  { name: 'pri_ip', type: 'ipv4', meaning: 'source address in the VPC' },
  { name: 'pri_port', type: 'long', meaning: 'source port; for ICMP the identifier' },
  { name: 'pub_ip', type: 'ipv4', meaning: 'destination address' },
  { name: 'pub_port', type: 'long', meaning: 'destination port; 0 for ICMP' },
  { name: 'nat_ip', type: 'ipv4', meaning: 'address after translation' },
  { name: 'nat_port', type: 'long', meaning: 'port after translation; for ICMP the translated identifier' },
  { name: 'bytes_from_pub', type: 'long', meaning: 'IP bytes from the Internet' },
  { name: 'pkts_from_pub', type: 'long', meaning: 'IP packets from the Internet' },
  { name: 'bytes_from_vpc', type: 'long', meaning: 'IP bytes from the VPC' },
  { name: 'pkts_from_vpc', type: 'long', meaning: 'IP packets from the VPC' },
  { name: 'start_time', type: 'long', meaning: 'first packet of the session in the window, epoch seconds' },
  { name: 'end_time', type: 'long', meaning: 'last packet of the session in the window, epoch seconds' },
] as const satisfies readonly LogField[];

/**
 * How fields are spelled in what is written out: as the product has them now, or as the page of its preview had them, which
 * may be what an older log has.
 *
 * @see nat-gateway reference §1.2 "Which spelling is on the wire?"
 */
export const FIELD_SPELLINGS = ['current', 'preview2024'] as const;
export type FieldSpelling = (typeof FIELD_SPELLINGS)[number];

const PREVIEW_SPELLING: Readonly<Record<string, string>> = { instance: 'intstance', protocol: 'portocol' };

/** @returns the name of a column as it is spelled; other names than those of the two fields stay */
export function spelledField(name: string, spelling: FieldSpelling): string {
  return spelling === 'current' ? name : (PREVIEW_SPELLING[name] ?? name);
}

/** Names a log entry for good, in all of a workspace. */
export interface EntryId {
  readonly run: number;
  /** Ordinal in its run, from 0. */
  readonly entryNo: number;
}

/** The column that has them beside the fields of a Logstore. */
export const ENTRY_ID_COLUMN = 'entry';

/** Imports are counted with 32 bits. */
export const LARGEST_RUN = 0xffff_ffff;

export function entryIdText({ run, entryNo }: EntryId): string {
  return `${run}-${entryNo}`;
}

/** @returns null for what is no identity of an entry */
export function parseEntryId(text: string): EntryId | null {
  const [, run, entryNo] = /^(\d{1,10})-(\d{1,16})$/.exec(text) ?? [];
  const id = { run: Number(run), entryNo: Number(entryNo) };
  return id.run <= LARGEST_RUN && Number.isSafeInteger(id.entryNo) ? id : null;
}

/**
 * Why a session ended, or that it had not when its window closed. One that was closed by both sides, or reset, has ended by that,
 * though its port is taken until its timer runs out. The packets of a window decide, and not what comes behind it: the last one
 * closes as if time went on until its end, so that a session whose time-out is up by then is `idle` though the capture ended
 * before, and `capture_end` is what would be `open` if it had gone on.
 *
 * @see nat-gateway reference §4.2 rules 8 and 9, §7 scenario 7
 */
export const END_REASONS = ['open', 'idle', 'fin', 'rst', 'reused', 'capture_end', 'forced_end'] as const;
export type EndReason = (typeof END_REASONS)[number];
export const END_REASON_CODE = Object.fromEntries(END_REASONS.map((reason, code) => [reason, code])) as Readonly<
  Record<EndReason, number>
>;

/**
 * `flowEndReason` of IPFIX (information element 136): 1 idle timeout, 2 active timeout, which is what the edge of a window is
 * to a session that goes on, 3 end of flow detected, 4 forced end, 5 lack of resources. A refused session has no entry; see
 * `LACK_OF_RESOURCES`.
 *
 * @see RFC 5102 §5.11.3; nat-gateway reference §4.2 rule 8
 */
export const FLOW_END_REASON: Readonly<Record<EndReason, 1 | 2 | 3 | 4>> = {
  open: 2,
  idle: 1,
  fin: 3,
  rst: 3,
  reused: 3,
  capture_end: 4,
  forced_end: 4,
};
export const LACK_OF_RESOURCES = 5;

/** Why the session of an entry ended: as one of `END_REASONS`, and as `FLOW_END_REASON` has it. NULL in entries that were loaded. */
export const END_REASON_FIELD = '__end_reason__';
export const FLOW_END_REASON_FIELD = '__flow_end_reason__';

/** Bits of a log entry's `flags` column. */
export const ENTRY_FLAG = {
  /** The session was under way when the capture saw it first. */
  midstream: 1,
  /** The capture does not cover the whole window. */
  partialWindow: 2,
  /** A length was inferred from the frame because the IP header gave 0 (segmentation offload). */
  lengthInferred: 4,
  /** Counts a packet that came too late for its own window. */
  lateCarried: 8,
  /** The host was given another address than its own, as that was full (`softAffinity`). */
  affinityBroken: 16,
  /** Packets of it were seen on the public side only. */
  legMissing: 32,
  /** A packet had no time that can be; it counts at the time of the one before. */
  timeFixed: 64,
  /** Packets of more than one VLAN have its addresses and ports. */
  realmConflict: 128,
  /** The counters were corrected after the window had closed. */
  revised: 256,
  /** A fragment of it brought octets that another one of the same packet had brought. */
  fragOverlap: 512,
  /** The IP header of a packet says that it is longer than its frame was; it counts with that length. */
  shortFrame: 1024,
} as const;

/** Where the translated endpoint comes from. */
export const NAT_SOURCE = { emulated: 0, observed: 1 } as const;

/**
 * What entries have beyond the product's fields where the gateway says so: octets on the wire with the link layer, and octets
 * behind the headers of IP and of TCP, UDP or ICMP, which have eight.
 *
 * @see nat-gateway reference §5 item 7
 */
export const EXTRA_BYTE_FIELDS = [
  'frame_bytes_from_pub',
  'frame_bytes_from_vpc',
  'payload_bytes_from_pub',
  'payload_bytes_from_vpc',
] as const;

/** Of the rows of a `LogEntryBatch`, in the order of `EXTRA_BYTE_FIELDS`; exact below 2^53. */
export type ExtraBytes = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** Rows of one `LogEntryBatch` at most: two of DuckDB's vectors, so that a batch stays in cache until it is appended. */
export const ENTRY_BATCH_ROWS = 4096;

const TWO_32 = 4_294_967_296;

/** Whole numbers of 64 bits as the database stores them, so that what the gateway counted is copied and never converted. */
export class Int64Column {
  readonly values = new BigInt64Array(ENTRY_BATCH_ROWS);
  /** Of each value the lower half, then the upper one. */
  readonly #halves = new Uint32Array(this.values.buffer);

  /** @returns the value of a row, of magnitude below 2^53; in loops, a bigint for each takes many times as long */
  at(row: number): number {
    return (this.#halves[2 * row + 1]! | 0) * TWO_32 + this.#halves[2 * row]!;
  }
}

/**
 * Closed log entries as columns; one instance is reused, so a consumer that keeps values must copy them.
 *
 * Every column has `ENTRY_BATCH_ROWS` elements, of which `[0, length)` are valid. Addresses are IPv4 in host order. Whole
 * numbers that may pass 2^32 are below 2^53, but for nanoseconds.
 */
export class LogEntryBatch {
  length = 0;
  readonly protocol = new Uint8Array(ENTRY_BATCH_ROWS);
  readonly priIp = new Uint32Array(ENTRY_BATCH_ROWS);
  readonly priPort = new Uint16Array(ENTRY_BATCH_ROWS);
  readonly pubIp = new Uint32Array(ENTRY_BATCH_ROWS);
  readonly pubPort = new Uint16Array(ENTRY_BATCH_ROWS);
  /** 1 when destinations are not recorded: `pubIp` and `pubPort` are 0. */
  readonly isRedacted = new Uint8Array(ENTRY_BATCH_ROWS);
  readonly natIp = new Uint32Array(ENTRY_BATCH_ROWS);
  readonly natPort = new Uint16Array(ENTRY_BATCH_ROWS);
  readonly bytesFromPub = new Int64Column();
  readonly pktsFromPub = new Int64Column();
  readonly bytesFromVpc = new Int64Column();
  readonly pktsFromVpc = new Int64Column();
  /** Ordinal of the entry in its run, from 0, by window, session start and session id. */
  readonly entryNo = new Int64Column();
  /** Ordinal of the session in its run, from 1. */
  readonly sessionId = new Int64Column();
  /** Times that the capture's clock had been set back before; the same for all rows that one window closed. */
  readonly captureEpoch = new Uint16Array(ENTRY_BATCH_ROWS);
  /** 1 for what late packets add to an entry of a window that is closed, 0 for an entry. */
  readonly revision = new Uint16Array(ENTRY_BATCH_ROWS);
  /** Start of the window, epoch seconds. */
  readonly windowStart = new Int64Column();
  /**
   * First and last counted packet: whole epoch seconds, and epoch nanoseconds, which end in the year 2262 and stay there. In the
   * time model `aliflow`, the last is the end of the window where the session was alive then; never of what late packets add.
   */
  readonly firstSec = new Int64Column();
  readonly firstNs = new Int64Column();
  readonly lastSec = new Int64Column();
  readonly lastNs = new Int64Column();
  /** `END_REASON_CODE`. */
  readonly endReason = new Uint8Array(ENTRY_BATCH_ROWS);
  /** The public address behind `natIp`; the two differ in bind mode NAT. */
  readonly natEip = new Uint32Array(ENTRY_BATCH_ROWS);
  /** 1 when only the public side was seen: `priIp` and `priPort` are not known, and 0. */
  readonly isPublicOnly = new Uint8Array(ENTRY_BATCH_ROWS);
  /** When the session ended, or would without another packet: as `lastNs`. Its port may be held back from then on. */
  readonly mappingEndNs = new Int64Column();
  /**
   * What the gateway's clock showed when it counted the entry's first packet, which came late then: as `lastNs`. Its session
   * need not have been open before. Stale where `isInOrder` is 1, as nearly everywhere: it is the entry's first time there.
   */
  readonly seenNs = new Int64Column();
  readonly isInOrder = new Uint8Array(ENTRY_BATCH_ROWS);
  /** Network of the private side: the last two IEEE 802.1Q tags of its packets, as in `PacketBatch`. */
  readonly realm = new Uint32Array(ENTRY_BATCH_ROWS);
  /** 1 when the gateway takes VLANs for one network: `realm` tells nothing. */
  readonly isOneRealm = new Uint8Array(ENTRY_BATCH_ROWS);
  /** `NAT_SOURCE`. */
  readonly natSource = new Uint8Array(ENTRY_BATCH_ROWS);
  /** Bits of `ENTRY_FLAG`. */
  readonly flags = new Uint16Array(ENTRY_BATCH_ROWS);
  /** First and last counted packet: place of the capture in the run (from 0) times 2^40, plus its ordinal (from 1). */
  readonly firstPacket = new Int64Column();
  readonly lastPacket = new Int64Column();
  /** Characters of all recorded values as text but those that every entry of the gateway has, and those of the destination. */
  readonly valueBytes = new Uint16Array(ENTRY_BATCH_ROWS);
  /** Characters of `pubIp` and `pubPort` as text; 0 when they are not recorded. */
  readonly destinationBytes = new Uint8Array(ENTRY_BATCH_ROWS);
  /** Null where the gateway records none. */
  readonly extraBytes: ExtraBytes | null;

  constructor(hasExtraBytes = false) {
    const column = (): Float64Array => new Float64Array(ENTRY_BATCH_ROWS);
    this.extraBytes = hasExtraBytes ? [column(), column(), column(), column()] : null;
  }
}
