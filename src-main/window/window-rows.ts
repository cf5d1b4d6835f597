import { FLOAT, RECORD_WORDS, WORD } from '../nat/session-table';

/** Rows before the first growth. */
const INITIAL_ROWS = 1 << 12;

/**
 * What sessions did in the window that is open: copies of their records, taken when a session dies or the window closes.
 *
 * So the table of sessions holds the living only, and stays small enough for the cache however many come and go within
 * a window. Fields are at the offsets of the session table.
 */
export class WindowRows {
  length = 0;
  words = new Int32Array(INITIAL_ROWS * RECORD_WORDS);
  floats = new Float64Array(this.words.buffer);
  /** Rows in the order in which `sort` put them. */
  order = new Uint32Array(INITIAL_ROWS);
  /** Ordinal of each row in the window, in order of the sessions' creation; set by `sort`. */
  ordinals = new Uint32Array(INITIAL_ROWS);
  #keys = new Uint32Array(INITIAL_ROWS);
  #scratch = new Uint32Array(INITIAL_ROWS);
  readonly #starts = new Uint32Array(0x10001);

  /** Copies a record if it has packets in the window. Growth replaces `words` and `floats`. */
  take(words: Int32Array, record: number): void {
    const from = record * RECORD_WORDS;
    if ((words[from + WORD.pktsFromVpc]! | words[from + WORD.pktsFromPub]!) === 0) return;
    if ((this.length + 1) * RECORD_WORDS > this.words.length) this.#grow();
    const own = this.words;
    const to = this.length++ * RECORD_WORDS;
    for (let word = 0; word < RECORD_WORDS; word++) own[to + word] = words[from + word]!;
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
    const { length, order, ordinals } = this;
    for (let row = 0; row < length; row++) order[row] = row;
    this.#collect(WORD.sessionId);
    this.#pass(0);
    this.#pass(16);
    for (let position = 0; position < length; position++) ordinals[order[position]!] = position;
    this.#collect(WORD.natPort);
    this.#pass(0);
    if (addressCount === 1) return;
    this.#collect(WORD.natAddress);
    this.#pass(0);
  }

  #collect(word: number): void {
    for (let row = 0; row < this.length; row++) this.#keys[row] = this.words[row * RECORD_WORDS + word]!;
  }

  /** One stable pass over 16 bits of the keys. */
  #pass(shift: number): void {
    const { length, order } = this;
    const keys = this.#keys;
    const scratch = this.#scratch;
    const starts = this.#starts.fill(0);
    for (let row = 0; row < length; row++) starts[((keys[row]! >>> shift) & 0xffff) + 1]!++;
    for (let key = 0; key < 0x10000; key++) starts[key + 1]! += starts[key]!;
    for (let position = 0; position < length; position++) {
      const row = order[position]!;
      scratch[starts[(keys[row]! >>> shift) & 0xffff]!++] = row;
    }
    this.order = scratch;
    this.#scratch = order;
  }

  #grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.floats = new Float64Array(words.buffer);
    const rows = words.length / RECORD_WORDS;
    this.order = new Uint32Array(rows);
    this.ordinals = new Uint32Array(rows);
    this.#keys = new Uint32Array(rows);
    this.#scratch = new Uint32Array(rows);
  }
}

/** Makes a record ready for the next window. @param lastingFlags bits of `ENTRY_FLAG` that belong to the session */
export function beginWindow(words: Int32Array, floats: Float64Array, record: number, lastingFlags: number): void {
  const at = record * RECORD_WORDS;
  words[at + WORD.pktsFromVpc] = 0;
  words[at + WORD.pktsFromPub] = 0;
  words[at + WORD.flags]! &= lastingFlags;
  floats[(at >> 1) + FLOAT.bytesFromVpc] = 0;
  floats[(at >> 1) + FLOAT.bytesFromPub] = 0;
}
