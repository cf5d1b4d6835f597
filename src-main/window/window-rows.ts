import { END_REASON_CODE, NAT_SOURCE, type LogEntryBatch } from '../contract/log-entry';
import { SESSION_STATE, endReasonOf } from '../nat/session-state';
import { FLOAT, OWN_LAST, PROTOCOL_MASK, RECORD_WORDS, STATE_SHIFT, WORD } from '../nat/session-table';

/** Rows before the first growth. */
const INITIAL_ROWS = 1 << 12;

/** What sessions did in one window: a column for each fact, all of one capacity. */
class Columns {
  readonly capacity: number;
  priIp: Uint32Array;
  pubIp: Uint32Array;
  ports: Uint32Array;
  natAddress: Uint32Array;
  natPort: Uint32Array;
  sessionId: Uint32Array;
  protocol: Uint8Array;
  endReason: Uint8Array;
  flags: Uint16Array;
  pktsFromVpc: Uint32Array;
  pktsFromPub: Uint32Array;
  bytesFromVpc: Float64Array;
  bytesFromPub: Float64Array;
  firstSec: Float64Array;
  firstNsec: Uint32Array;
  lastSec: Float64Array;
  lastNsec: Uint32Array;
  firstPacket: Float64Array;
  lastPacket: Float64Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.priIp = new Uint32Array(capacity);
    this.pubIp = new Uint32Array(capacity);
    this.ports = new Uint32Array(capacity);
    this.natAddress = new Uint32Array(capacity);
    this.natPort = new Uint32Array(capacity);
    this.sessionId = new Uint32Array(capacity);
    this.protocol = new Uint8Array(capacity);
    this.endReason = new Uint8Array(capacity);
    this.flags = new Uint16Array(capacity);
    this.pktsFromVpc = new Uint32Array(capacity);
    this.pktsFromPub = new Uint32Array(capacity);
    this.bytesFromVpc = new Float64Array(capacity);
    this.bytesFromPub = new Float64Array(capacity);
    this.firstSec = new Float64Array(capacity);
    this.firstNsec = new Uint32Array(capacity);
    this.lastSec = new Float64Array(capacity);
    this.lastNsec = new Uint32Array(capacity);
    this.firstPacket = new Float64Array(capacity);
    this.lastPacket = new Float64Array(capacity);
  }

  /** Takes over the rows of a smaller set. */
  copyFrom(from: Columns): void {
    this.priIp.set(from.priIp);
    this.pubIp.set(from.pubIp);
    this.ports.set(from.ports);
    this.natAddress.set(from.natAddress);
    this.natPort.set(from.natPort);
    this.sessionId.set(from.sessionId);
    this.protocol.set(from.protocol);
    this.endReason.set(from.endReason);
    this.flags.set(from.flags);
    this.pktsFromVpc.set(from.pktsFromVpc);
    this.pktsFromPub.set(from.pktsFromPub);
    this.bytesFromVpc.set(from.bytesFromVpc);
    this.bytesFromPub.set(from.bytesFromPub);
    this.firstSec.set(from.firstSec);
    this.firstNsec.set(from.firstNsec);
    this.lastSec.set(from.lastSec);
    this.lastNsec.set(from.lastNsec);
    this.firstPacket.set(from.firstPacket);
    this.lastPacket.set(from.lastPacket);
  }
}

/**
 * What sessions did in the window that is open, taken from their records when a session dies or the window closes.
 *
 * So the table of sessions holds the living only, and stays small enough for the cache however many come and go within
 * a window. Rows are kept as columns, since they are sorted and handed on column by column: a column of a window mostly
 * fits the second-level cache, where its rows as a whole do not.
 */
export class WindowRows {
  length = 0;
  /** Ordinal of each row in the window, in order of the sessions' creation; set by `sort`. */
  ordinals: Uint32Array = new Uint32Array(INITIAL_ROWS);
  #order: Uint32Array = new Uint32Array(INITIAL_ROWS);
  columns = new Columns(INITIAL_ROWS);
  #scratch8: Uint8Array = new Uint8Array(INITIAL_ROWS);
  #scratch16: Uint16Array = new Uint16Array(INITIAL_ROWS);
  #scratch32: Uint32Array = new Uint32Array(INITIAL_ROWS);
  #scratch64: Float64Array = new Float64Array(INITIAL_ROWS);
  readonly #starts = new Uint32Array(0x10001);

  /** Takes a record if it has packets in the window. Growth replaces `columns`. */
  take(words: Int32Array, floats: Float64Array, record: number): void {
    const at = record * RECORD_WORDS;
    const pktsFromVpc = words[at + WORD.pktsFromVpc]!;
    const pktsFromPub = words[at + WORD.pktsFromPub]!;
    if ((pktsFromVpc | pktsFromPub) === 0) return;
    if (this.length === this.columns.capacity) this.#grow();
    const { columns } = this;
    const row = this.length++;
    const floatAt = at >> 1;
    const kind = words[at + WORD.kind]!;
    const flags = words[at + WORD.flags]!;
    columns.priIp[row] = words[at + WORD.priIp]!;
    columns.pubIp[row] = words[at + WORD.pubIp]!;
    columns.ports[row] = words[at + WORD.ports]!;
    columns.protocol[row] = kind & PROTOCOL_MASK;
    columns.flags[row] = flags;
    columns.pktsFromVpc[row] = pktsFromVpc;
    columns.pktsFromPub[row] = pktsFromPub;
    columns.bytesFromVpc[row] = floats[floatAt + FLOAT.bytesFromVpc]!;
    columns.bytesFromPub[row] = floats[floatAt + FLOAT.bytesFromPub]!;
    columns.lastPacket[row] = floats[floatAt + FLOAT.lastPacket]!;
    const hasOwnLast = (flags & OWN_LAST) !== 0;
    columns.lastSec[row] = floats[floatAt + (hasOwnLast ? FLOAT.ownLastSec : FLOAT.lastSec)]!;
    columns.lastNsec[row] = words[at + (hasOwnLast ? WORD.ownLastNsec : WORD.lastNsec)]!;
    columns.natAddress[row] = words[at + WORD.natAddress]!;
    columns.natPort[row] = words[at + WORD.natPort]!;
    columns.sessionId[row] = words[at + WORD.sessionId]!;
    columns.endReason[row] = endReasonAtClose(kind >>> STATE_SHIFT, words[at + WORD.endReason]!);
    columns.firstSec[row] = floats[floatAt + FLOAT.firstSec]!;
    columns.firstNsec[row] = words[at + WORD.firstNsec]!;
    columns.firstPacket[row] = floats[floatAt + FLOAT.firstPacket]!;
  }

  /** Takes the first `size` records and makes each ready for the next window. @param lastingFlags see `beginWindow` */
  takeAll(words: Int32Array, floats: Float64Array, size: number, lastingFlags: number): void {
    for (let record = 0; record < size; record++) {
      this.take(words, floats, record);
      beginWindow(words, floats, record, lastingFlags);
    }
  }

  clear(): void {
    this.length = 0;
  }

  /**
   * Orders the rows by translated address and port, and numbers them by creation of their sessions.
   *
   * Rows that lie together in the table are found together: the zone maps of a window then lead straight to an address
   * and port (an unbounded look-up takes 10 ms instead of 19 over ten million rows [measured]). Counting sorts, linear
   * in the rows.
   *
   * @param addressCount public addresses that occur
   */
  sort(addressCount: number): void {
    const { length, columns } = this;
    fillAscending(this.#order, length);
    this.#pass(columns.sessionId, 0);
    this.#pass(columns.sessionId, 16);
    invert(this.#order, length, this.ordinals);
    this.#pass(columns.natPort, 0);
    if (addressCount > 1) this.#pass(columns.natAddress, 0);
    this.#arrange();
  }

  /**
   * Fills `batch` with its length of rows, the first of them row `from`.
   *
   * @param natAddresses public addresses, host order, by the translator's index
   * @param firstEntryNo number of the entry that has ordinal 0 in its window
   * @param windowFlags bits of `ENTRY_FLAG` that all rows get
   */
  emit(
    batch: LogEntryBatch,
    from: number,
    natAddresses: Uint32Array,
    firstEntryNo: number,
    windowStartSec: number,
    windowFlags: number,
  ): void {
    const { columns } = this;
    const { length } = batch;
    const to = from + length;
    batch.protocol.set(columns.protocol.subarray(from, to));
    batch.priIp.set(columns.priIp.subarray(from, to));
    batch.pubIp.set(columns.pubIp.subarray(from, to));
    splitPorts(columns.ports, from, length, batch.priPort, batch.pubPort);
    lookUp(natAddresses, columns.natAddress, from, length, batch.natIp);
    batch.natEip.set(batch.natIp.subarray(0, length));
    batch.natPort.set(columns.natPort.subarray(from, to));
    batch.bytesFromPub.set(columns.bytesFromPub.subarray(from, to));
    batch.pktsFromPub.set(columns.pktsFromPub.subarray(from, to));
    batch.bytesFromVpc.set(columns.bytesFromVpc.subarray(from, to));
    batch.pktsFromVpc.set(columns.pktsFromVpc.subarray(from, to));
    addTo(firstEntryNo, this.ordinals, from, length, batch.entryNo);
    batch.sessionId.set(columns.sessionId.subarray(from, to));
    batch.windowStart.fill(windowStartSec, 0, length);
    batch.firstSec.set(columns.firstSec.subarray(from, to));
    batch.firstNsec.set(columns.firstNsec.subarray(from, to));
    batch.lastSec.set(columns.lastSec.subarray(from, to));
    batch.lastNsec.set(columns.lastNsec.subarray(from, to));
    batch.endReason.set(columns.endReason.subarray(from, to));
    batch.natSource.fill(NAT_SOURCE.emulated, 0, length);
    addFlags(windowFlags, columns.flags, from, length, batch.flags);
    batch.firstPacket.set(columns.firstPacket.subarray(from, to));
    batch.lastPacket.set(columns.lastPacket.subarray(from, to));
  }

  /** One stable pass over 16 bits of the keys. */
  #pass(keys: Uint32Array, shift: number): void {
    const { length } = this;
    const order = this.#order;
    const scratch = this.#scratch32;
    const starts = this.#starts.fill(0);
    countKeys(keys, length, shift, starts);
    sumUp(starts);
    scatter(order, length, keys, shift, starts, scratch);
    this.#order = scratch;
    this.#scratch32 = order;
  }

  /** Puts each column in order by itself. */
  #arrange(): void {
    const { columns } = this;
    columns.priIp = this.#arranged32(columns.priIp);
    columns.pubIp = this.#arranged32(columns.pubIp);
    columns.ports = this.#arranged32(columns.ports);
    columns.natAddress = this.#arranged32(columns.natAddress);
    columns.natPort = this.#arranged32(columns.natPort);
    columns.sessionId = this.#arranged32(columns.sessionId);
    columns.protocol = this.#arranged8(columns.protocol);
    columns.endReason = this.#arranged8(columns.endReason);
    columns.flags = this.#arranged16(columns.flags);
    columns.pktsFromVpc = this.#arranged32(columns.pktsFromVpc);
    columns.pktsFromPub = this.#arranged32(columns.pktsFromPub);
    columns.bytesFromVpc = this.#arranged64(columns.bytesFromVpc);
    columns.bytesFromPub = this.#arranged64(columns.bytesFromPub);
    columns.firstSec = this.#arranged64(columns.firstSec);
    columns.firstNsec = this.#arranged32(columns.firstNsec);
    columns.lastSec = this.#arranged64(columns.lastSec);
    columns.lastNsec = this.#arranged32(columns.lastNsec);
    columns.firstPacket = this.#arranged64(columns.firstPacket);
    columns.lastPacket = this.#arranged64(columns.lastPacket);
    this.ordinals = this.#arranged32(this.ordinals);
  }

  #arranged8(column: Uint8Array): Uint8Array {
    const target = this.#scratch8;
    gather8(column, this.#order, this.length, target);
    this.#scratch8 = column;
    return target;
  }

  #arranged16(column: Uint16Array): Uint16Array {
    const target = this.#scratch16;
    gather16(column, this.#order, this.length, target);
    this.#scratch16 = column;
    return target;
  }

  #arranged32(column: Uint32Array): Uint32Array {
    const target = this.#scratch32;
    gather32(column, this.#order, this.length, target);
    this.#scratch32 = column;
    return target;
  }

  #arranged64(column: Float64Array): Float64Array {
    const target = this.#scratch64;
    gather64(column, this.#order, this.length, target);
    this.#scratch64 = column;
    return target;
  }

  #grow(): void {
    const capacity = this.columns.capacity * 2;
    const columns = new Columns(capacity);
    columns.copyFrom(this.columns);
    this.columns = columns;
    this.ordinals = new Uint32Array(capacity);
    this.#order = new Uint32Array(capacity);
    this.#scratch8 = new Uint8Array(capacity);
    this.#scratch16 = new Uint16Array(capacity);
    this.#scratch32 = new Uint32Array(capacity);
    this.#scratch64 = new Float64Array(capacity);
  }
}

/** A session that only waits for its port to be freed has ended for whoever reads the log. */
function endReasonAtClose(state: number, endReason: number): number {
  if (state === SESSION_STATE.dead) return endReason;
  const own = endReasonOf(state);
  return own === END_REASON_CODE.idle ? END_REASON_CODE.open : own;
}

/** Makes a record ready for the next window. @param lastingFlags bits of `ENTRY_FLAG` that belong to the session */
function beginWindow(words: Int32Array, floats: Float64Array, record: number, lastingFlags: number): void {
  const at = record * RECORD_WORDS;
  words[at + WORD.pktsFromVpc] = 0;
  words[at + WORD.pktsFromPub] = 0;
  words[at + WORD.flags]! &= lastingFlags;
  floats[(at >> 1) + FLOAT.bytesFromVpc] = 0;
  floats[(at >> 1) + FLOAT.bytesFromPub] = 0;
}

/*
 * Each loop is a function of its own, and sees one class of array in each place: V8 optimises a function while its first
 * loop runs, knows nothing of the others yet, and would throw the code away at the next one.
 */

function fillAscending(order: Uint32Array, length: number): void {
  for (let row = 0; row < length; row++) order[row] = row;
}

function countKeys(keys: Uint32Array, length: number, shift: number, starts: Uint32Array): void {
  for (let row = 0; row < length; row++) starts[((keys[row]! >>> shift) & 0xffff) + 1]!++;
}

function sumUp(starts: Uint32Array): void {
  for (let key = 1; key < starts.length; key++) starts[key]! += starts[key - 1]!;
}

function scatter(
  order: Uint32Array,
  length: number,
  keys: Uint32Array,
  shift: number,
  starts: Uint32Array,
  target: Uint32Array,
): void {
  for (let position = 0; position < length; position++) {
    const row = order[position]!;
    target[starts[(keys[row]! >>> shift) & 0xffff]!++] = row;
  }
}

function invert(order: Uint32Array, length: number, ordinals: Uint32Array): void {
  for (let position = 0; position < length; position++) ordinals[order[position]!] = position;
}

function gather8(column: Uint8Array, order: Uint32Array, length: number, target: Uint8Array): void {
  for (let row = 0; row < length; row++) target[row] = column[order[row]!]!;
}

function gather16(column: Uint16Array, order: Uint32Array, length: number, target: Uint16Array): void {
  for (let row = 0; row < length; row++) target[row] = column[order[row]!]!;
}

function gather32(column: Uint32Array, order: Uint32Array, length: number, target: Uint32Array): void {
  for (let row = 0; row < length; row++) target[row] = column[order[row]!]!;
}

function gather64(column: Float64Array, order: Uint32Array, length: number, target: Float64Array): void {
  for (let row = 0; row < length; row++) target[row] = column[order[row]!]!;
}

function splitPorts(ports: Uint32Array, from: number, length: number, upper: Uint16Array, lower: Uint16Array): void {
  for (let row = 0; row < length; row++) {
    const pair = ports[from + row]!;
    upper[row] = pair >>> 16;
    lower[row] = pair;
  }
}

function lookUp(values: Uint32Array, indexes: Uint32Array, from: number, length: number, target: Uint32Array): void {
  for (let row = 0; row < length; row++) target[row] = values[indexes[from + row]!]!;
}

function addTo(base: number, ordinals: Uint32Array, from: number, length: number, target: Float64Array): void {
  for (let row = 0; row < length; row++) target[row] = base + ordinals[from + row]!;
}

function addFlags(more: number, flags: Uint16Array, from: number, length: number, target: Uint16Array): void {
  for (let row = 0; row < length; row++) target[row] = flags[from + row]! | more;
}
