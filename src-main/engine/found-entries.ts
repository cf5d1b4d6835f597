import type { SqlParam } from '../query/log-relation';
import type { Database } from '../duckdb/database';
import type { StoredEntry } from '../duckdb/entry-origin';
import { readStream } from '../duckdb/read-stream';
import type { NatMapping } from '../nat/public-side';
import type { DescribedEntry } from './entry-text';

/** What of an entry matters to whoever looks for its packets. */
export interface FoundEntry extends DescribedEntry, Pick<StoredEntry, 'natEip' | 'sessionId' | 'packets' | 'ipBytes'> {
  readonly entryNo: number;
}

/** Columns of a session log's table, in the order of `rowOf`. */
export const FOUND_ENTRY_COLUMNS: readonly string[] = [
  ...['entry_no', 'protocol', 'pri_ip', 'pri_port', 'pub_ip', 'pub_port', 'nat_ip', 'nat_eip', 'nat_port'],
  ...['session_id', 'window_start', 'pkts_from_vpc + entry.pkts_from_pub', 'bytes_from_vpc + entry.bytes_from_pub'],
].map((column) => `CAST(entry.${column} AS DOUBLE)`);

/** Bits of what is known of an entry. */
const HAS_PRIVATE = 1;
const HAS_PUBLIC = 2;

/**
 * Entries of one import whose packets are looked for, by session and window, each with what was found of it so far: some
 * hundred octets an entry, so that there may be millions.
 */
export class FoundEntries {
  /** Packets that were found so far, and their IP octets. */
  packets = 0;
  ipBytes = 0;
  #length = 0;
  /** Entries that count more packets than were found. */
  #incomplete = 0;
  readonly #known: Uint8Array;
  readonly #protocol: Uint8Array;
  readonly #priIp: Uint32Array;
  readonly #priPort: Uint16Array;
  readonly #pubIp: Uint32Array;
  readonly #pubPort: Uint16Array;
  readonly #natIp: Uint32Array;
  readonly #natEip: Uint32Array;
  readonly #natPort: Uint16Array;
  readonly #entryNo: Float64Array;
  readonly #sessionId: Float64Array;
  readonly #windowStart: Float64Array;
  readonly #packets: Float64Array;
  readonly #ipBytes: Float64Array;
  readonly #foundPackets: Float64Array;
  readonly #foundBytes: Float64Array;
  /** The first entry of each session. */
  readonly #first = new Map<number, number>();

  /** @param capacity entries at most */
  constructor(capacity: number) {
    this.#known = new Uint8Array(capacity);
    this.#protocol = new Uint8Array(capacity);
    this.#priIp = new Uint32Array(capacity);
    this.#priPort = new Uint16Array(capacity);
    this.#pubIp = new Uint32Array(capacity);
    this.#pubPort = new Uint16Array(capacity);
    this.#natIp = new Uint32Array(capacity);
    this.#natEip = new Uint32Array(capacity);
    this.#natPort = new Uint16Array(capacity);
    this.#entryNo = new Float64Array(capacity);
    this.#sessionId = new Float64Array(capacity);
    this.#windowStart = new Float64Array(capacity);
    this.#packets = new Float64Array(capacity);
    this.#ipBytes = new Float64Array(capacity);
    this.#foundPackets = new Float64Array(capacity);
    this.#foundBytes = new Float64Array(capacity);
  }

  static of(entries: readonly FoundEntry[]): FoundEntries {
    const found = new FoundEntries(entries.length);
    for (const entry of entries) found.add(entry);
    return found;
  }

  get length(): number {
    return this.#length;
  }

  /** Whether as many packets of every entry were found as it counts: there are no more. */
  get isComplete(): boolean {
    return this.#incomplete === 0;
  }

  /** To be added by session, and those of a session by window. */
  add(entry: FoundEntry): void {
    const at = this.#length++;
    this.#known[at] = (entry.priIp === null ? 0 : HAS_PRIVATE) | (entry.pubIp === null ? 0 : HAS_PUBLIC);
    this.#protocol[at] = entry.protocol;
    this.#priIp[at] = entry.priIp ?? 0;
    this.#priPort[at] = entry.priPort ?? 0;
    this.#pubIp[at] = entry.pubIp ?? 0;
    this.#pubPort[at] = entry.pubPort ?? 0;
    this.#natIp[at] = entry.natIp;
    this.#natEip[at] = entry.natEip;
    this.#natPort[at] = entry.natPort;
    this.#entryNo[at] = entry.entryNo;
    this.#sessionId[at] = entry.sessionId;
    this.#windowStart[at] = entry.windowStart;
    this.#packets[at] = entry.packets;
    this.#ipBytes[at] = entry.ipBytes;
    if (entry.packets > 0) this.#incomplete++;
    if (!this.#first.has(entry.sessionId)) this.#first.set(entry.sessionId, at);
  }

  /** @returns the entry of a session in a window; -1 for none */
  find(sessionId: number, windowStart: number): number {
    let at = this.#first.get(sessionId) ?? -1;
    if (at < 0) return -1;
    while (this.#sessionId[at] === sessionId && this.#windowStart[at]! < windowStart) at++;
    return this.#sessionId[at] === sessionId && this.#windowStart[at] === windowStart ? at : -1;
  }

  /** @returns the entry of a session in a window that holds a second; -1 for none */
  findAt(sessionId: number, sec: number, windowSec: number): number {
    let at = this.#first.get(sessionId) ?? -1;
    if (at < 0) return -1;
    while (this.#sessionId[at] === sessionId && this.#windowStart[at]! <= sec - windowSec) at++;
    return this.#sessionId[at] === sessionId && this.#windowStart[at]! <= sec ? at : -1;
  }

  /** A packet of the entry was found. @returns whether it is the first */
  count(at: number, ipBytes: number): boolean {
    this.packets++;
    this.ipBytes += ipBytes;
    this.#foundBytes[at]! += ipBytes;
    const found = ++this.#foundPackets[at]!;
    if (found === this.#packets[at]) this.#incomplete--;
    return found === 1;
  }

  /** What the entries count, and how many of them count something else than was found. */
  sums(): { readonly packets: number; readonly ipBytes: number; readonly different: number } {
    let [packets, ipBytes, different] = [0, 0, 0];
    for (let at = 0; at < this.#length; at++) {
      packets += this.#packets[at]!;
      ipBytes += this.#ipBytes[at]!;
      const isSame = this.#packets[at] === this.#foundPackets[at] && this.#ipBytes[at] === this.#foundBytes[at];
      if (!isSame) different++;
    }
    return { packets, ipBytes, different };
  }

  entryNo(at: number): number {
    return this.#entryNo[at]!;
  }

  describe(at: number): DescribedEntry & NatMapping {
    const known = this.#known[at]!;
    const hasPrivate = (known & HAS_PRIVATE) !== 0;
    const hasPublic = (known & HAS_PUBLIC) !== 0;
    return {
      protocol: this.#protocol[at]!,
      priIp: hasPrivate ? this.#priIp[at]! : null,
      priPort: hasPrivate ? this.#priPort[at]! : null,
      pubIp: hasPublic ? this.#pubIp[at]! : null,
      pubPort: hasPublic ? this.#pubPort[at]! : null,
      natIp: this.#natIp[at]!,
      natEip: this.#natEip[at]!,
      natPort: this.#natPort[at]!,
      windowStart: this.#windowStart[at]!,
    };
  }

  /**
   * Addresses of which every packet of the entries has one. The public one is the same on both sides of the gateway; where it
   * was not recorded, it is one of the other end.
   */
  addresses(): ReadonlySet<number> {
    const all = new Set<number>();
    for (let at = 0; at < this.#length; at++) {
      const known = this.#known[at]!;
      if ((known & HAS_PUBLIC) !== 0) {
        all.add(this.#pubIp[at]!);
        continue;
      }
      if ((known & HAS_PRIVATE) !== 0) all.add(this.#priIp[at]!);
      all.add(this.#natIp[at]!).add(this.#natEip[at]!);
    }
    return all;
  }
}

/**
 * @param capacity entries at most
 * @param sql gives `FOUND_ENTRY_COLUMNS`, by session and window
 * @throws AppError QUERY_CANCELLED, QUERY_FAILED, WORKSPACE_*
 */
export async function readFoundEntries(
  database: Database,
  capacity: number,
  { sql, params }: { readonly sql: string; readonly params: readonly SqlParam[] },
  signal: AbortSignal,
): Promise<FoundEntries> {
  const found = new FoundEntries(capacity);
  for await (const { rowCount, columns } of readStream(database, sql, params, { signal })) {
    const cell = (column: number, row: number): number | null => {
      const { data, validity } = columns[column]!;
      return validity?.[row] === 0 ? null : Number(data[row]);
    };
    for (let row = 0; row < rowCount; row++) found.add(rowOf((column) => cell(column, row)));
  }
  return found;
}

function rowOf(cell: (column: number) => number | null): FoundEntry {
  const number = (column: number): number => cell(column) ?? 0;
  return {
    entryNo: number(0),
    protocol: number(1),
    ...{ priIp: cell(2), priPort: cell(3), pubIp: cell(4), pubPort: cell(5) },
    ...{ natIp: number(6), natEip: number(7), natPort: number(8) },
    ...{ sessionId: number(9), windowStart: number(10), packets: number(11), ipBytes: number(12) },
  };
}
