/** Block types and options. @see draft-ietf-opsawg-pcapng §4 */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_END = 0;
const OPTION_COMMENT = 1;
const OPTION_SECTION_APPLICATION = 4;
const OPTION_INTERFACE_NAME = 2;
const OPTION_INTERFACE_RESOLUTION = 9;

const NANOSECONDS = Uint8Array.of(9);
const NANOS_PER_SEC = 1e9;
const WORD = 2 ** 32;
/** Longest text of an option; its length has sixteen bits, and padding. */
const MAX_OPTION_BYTES = 0xfffc;

/** UTF-8 octets that a UTF-16 unit takes at most. */
const MAX_CHARACTER_BYTES = 3;

/** Writes a text as UTF-8, as far as whole characters fit. @returns octets that were written */
export type EncodeInto = (text: string, into: Uint8Array) => number;

export interface WrittenInterface {
  readonly linkType: number;
  /** Octets kept of a packet at most; 0 for no limit. */
  readonly snapBytes: number;
  readonly name: string | null;
}

/**
 * Writes one section of pcapng, little-endian and in nanoseconds, into memory that is reused: whoever has it takes the
 * octets away from time to time.
 */
export class PcapngWriter {
  readonly #encodeInto: EncodeInto;
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #interfaces = 0;
  #blockStart = 0;

  /**
   * @param encodeInto writes UTF-8
   * @param application that writes the section, and `comment` on all of it
   */
  constructor(encodeInto: EncodeInto, application: string, comment: string | null = null) {
    this.#encodeInto = encodeInto;
    this.#begin(SECTION_HEADER);
    this.#word(BYTE_ORDER_MAGIC);
    this.#word(0x0000_0001); // Version 1.0.
    this.#word(0xffff_ffff); // Its length is not known beforehand.
    this.#word(0xffff_ffff);
    if (comment !== null) this.#textOption(OPTION_COMMENT, comment);
    this.#textOption(OPTION_SECTION_APPLICATION, application);
    this.#option(OPTION_END, new Uint8Array());
    this.#end();
  }

  /** Octets that were not taken yet. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** @returns the octets since the last call; valid until the next `add…` */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** @returns the number by which packets name it */
  addInterface({ linkType, snapBytes, name }: WrittenInterface): number {
    this.#begin(INTERFACE_DESCRIPTION);
    this.#word(linkType & 0xffff);
    this.#word(snapBytes);
    if (name !== null) this.#textOption(OPTION_INTERFACE_NAME, name);
    this.#option(OPTION_INTERFACE_RESOLUTION, NANOSECONDS);
    this.#option(OPTION_END, new Uint8Array());
    this.#end();
    return this.#interfaces++;
  }

  /**
   * @param sec, nsec  since 1970; not before
   * @param frame      the octets that were captured, of `wireBytes`
   */
  addPacket(
    interfaceNo: number,
    sec: number,
    nsec: number,
    frame: Uint8Array,
    wireBytes: number,
    comment: string | null,
  ): void {
    this.#begin(ENHANCED_PACKET);
    this.#word(interfaceNo);
    this.#ticks(sec, nsec);
    this.#word(frame.length);
    this.#word(wireBytes);
    this.#padded(frame);
    if (comment !== null) {
      this.#textOption(OPTION_COMMENT, comment);
      this.#option(OPTION_END, new Uint8Array());
    }
    this.#end();
  }

  /** Nanoseconds since 1970 as two words. No double holds them, and a bigint for each packet takes long. */
  #ticks(sec: number, nsec: number): void {
    // Each half of the seconds by itself: both products are exact.
    const upper = Math.floor(sec / 0x10000) * NANOS_PER_SEC;
    const lower = (upper % 0x10000) * 0x10000 + (sec % 0x10000) * NANOS_PER_SEC + nsec;
    this.#word(Math.floor(upper / 0x10000) + Math.floor(lower / WORD));
    this.#word(lower % WORD);
  }

  #begin(type: number): void {
    this.#blockStart = this.#length;
    this.#word(type);
    this.#word(0);
  }

  /** The length of the block, before its body and behind it. */
  #end(): void {
    const blockBytes = this.#length + 4 - this.#blockStart;
    this.#word(blockBytes);
    this.#view.setUint32(this.#blockStart + 4, blockBytes, true);
  }

  #textOption(code: number, text: string): void {
    const mostBytes = Math.min(text.length * MAX_CHARACTER_BYTES, MAX_OPTION_BYTES);
    this.#word(code);
    this.#makeRoom(mostBytes + 3);
    const at = this.#length;
    const count = this.#encodeInto(text, this.#bytes.subarray(at, at + mostBytes));
    this.#view.setUint16(at - 2, count, true);
    this.#length += (count + 3) & ~3;
    this.#bytes.fill(0, at + count, this.#length);
  }

  #option(code: number, value: Uint8Array): void {
    this.#word(((value.length << 16) | code) >>> 0);
    this.#padded(value);
  }

  #word(value: number): void {
    this.#makeRoom(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  #padded(bytes: Uint8Array): void {
    const room = (bytes.length + 3) & ~3;
    this.#makeRoom(room);
    this.#bytes.set(bytes, this.#length);
    this.#bytes.fill(0, this.#length + bytes.length, this.#length + room);
    this.#length += room;
  }

  #makeRoom(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
