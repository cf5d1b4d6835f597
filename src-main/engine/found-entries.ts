import { AppError } from '../contract/errors';
import type { ResultBatch } from '../contract/result-batch';
import type { SqlParam } from '../query/log-relation';
import type { Database } from '../duckdb/database';
import type { StoredEntry } from '../duckdb/entry-origin';
import { readStream } from '../duckdb/read-stream';
import type { NatMapping } from '../nat/public-side';
import type { DescribedEntry } from './entry-text';
import { withLittleMemory } from './little-memory';

/** What of an entry matters to whoever looks for its packets. */
export interface FoundEntry extends DescribedEntry, Pick<StoredEntry, 'natEip' | 'sessionId' | 'packets' | 'ipBytes'> {
  readonly entryNo: number;
}

/** Columns of a session log's table, in the order in which `addRows` takes them. */
export const FOUND_ENTRY_COLUMNS: readonly string[] = [
  ...['entry_no', 'protocol', 'pri_ip', 'pri_port', 'pub_ip', 'pub_port', 'nat_ip', 'nat_eip', 'nat_port'],
  ...['session_id', 'window_start', 'pkts_from_vpc + entry.pkts_from_pub', 'bytes_from_vpc + entry.bytes_from_pub'],
].map((column) => `CAST(entry.${column} AS DOUBLE)`);

/** Bits of what is known of an entry. */
const HAS_PRIVATE = 1;
const HAS_PUBLIC = 2;

/**
 * Entries of one import whose packets are looked for, found by session and window, each with what was found of it so far: some
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
  /** By hash of the session, its last entry plus one; and the one before each, likewise. */
  readonly #bySession: Uint32Array;
  readonly #before: Uint32Array;

  /** @param capacity entries at most */
  constructor(capacity: number) {
    // A power of two, at most half of it taken.
    this.#bySession = new Uint32Array(2 ** Math.ceil(Math.log2(capacity + 1) + 1));
    this.#before = new Uint32Array(capacity);
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

  add(entry: FoundEntry): void {
    const at = this.#length;
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
    this.#enter();
  }

  /** Adds rows of `FOUND_ENTRY_COLUMNS`. */
  addRows({ rowCount, columns }: ResultBatch): void {
    const numbers = (column: number): Float64Array => columns[column]!.data as Float64Array;
    const [entryNo, protocol] = [numbers(0), numbers(1)];
    const [priIp, priPort, pubIp, pubPort] = [numbers(2), numbers(3), numbers(4), numbers(5)];
    const [natIp, natEip, natPort] = [numbers(6), numbers(7), numbers(8)];
    const [sessionId, windowStart, packets, ipBytes] = [numbers(9), numbers(10), numbers(11), numbers(12)];
    const [hasPrivate, hasPublic] = [columns[2]!.validity, columns[4]!.validity];
    for (let row = 0; row < rowCount; row++) {
      const at = this.#length;
      this.#known[at] = (hasPrivate?.[row] === 0 ? 0 : HAS_PRIVATE) | (hasPublic?.[row] === 0 ? 0 : HAS_PUBLIC);
      this.#entryNo[at] = entryNo[row]!;
      this.#protocol[at] = protocol[row]!;
      this.#priIp[at] = priIp[row]!;
      this.#priPort[at] = priPort[row]!;
      this.#pubIp[at] = pubIp[row]!;
      this.#pubPort[at] = pubPort[row]!;
      this.#natIp[at] = natIp[row]!;
      this.#natEip[at] = natEip[row]!;
      this.#natPort[at] = natPort[row]!;
      this.#sessionId[at] = sessionId[row]!;
      this.#windowStart[at] = windowStart[row]!;
      this.#packets[at] = packets[row]!;
      this.#ipBytes[at] = ipBytes[row]!;
      this.#enter();
    }
  }

  /** The entry behind the last one has its values. */
  #enter(): void {
    const at = this.#length++;
    if (this.#packets[at]! > 0) this.#incomplete++;
    const slot = this.#slotOf(this.#sessionId[at]!);
    this.#before[at] = this.#bySession[slot]!;
    this.#bySession[slot] = at + 1;
  }

  #slotOf(sessionId: number): number {
    const mask = this.#bySession.length - 1;
    let slot = (Math.imul(sessionId, 0x9e3779b1) >>> 7) & mask;
    for (;;) {
      const last = this.#bySession[slot]!;
      if (last === 0 || this.#sessionId[last - 1] === sessionId) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** @returns the entry of a session in a window; -1 for none */
  find(sessionId: number, windowStart: number): number {
    let at = this.#bySession[this.#slotOf(sessionId)]! - 1;
    while (at >= 0 && this.#windowStart[at] !== windowStart) at = this.#before[at]! - 1;
    return at;
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

/** Some 110 octets each, beside what the import that is done again needs. */
const MOST_ENTRIES = 4_000_000;

/**
 * @param capacity entries at most
 * @param sql gives `FOUND_ENTRY_COLUMNS`
 * @throws AppError OPTION_INVALID for more than are held at once; QUERY_CANCELLED, QUERY_FAILED, WORKSPACE_*
 */
export async function readFoundEntries(
  database: Database,
  capacity: number,
  { sql, params }: { readonly sql: string; readonly params: readonly SqlParam[] },
  signal: AbortSignal,
  mostEntries = MOST_ENTRIES,
): Promise<FoundEntries> {
  if (capacity > mostEntries) throw tooManyEntries(capacity, mostEntries);
  return withLittleMemory(async (need) => {
    const found = new FoundEntries(capacity);
    for await (const batch of readStream(database, sql, params, { signal, need })) found.addRows(batch);
    return found;
  });
}

function tooManyEntries(entries: number, most: number): AppError {
  const message =
    `${entries} log entries of one import are found, and packets of ${most} at most can be looked for at once, ` +
    'since each entry is held in memory: search for fewer, or in a shorter range';
  return new AppError('OPTION_INVALID', message, { entries, most });
}
