/** Shortest match; its length is stored less this. */
const MIN_MATCH = 4;
/** A length of 15 goes on in the octets that follow, as long as they are 255. */
const LONG_LENGTH = 15;

/**
 * Decompresses one block behind the octets that it may refer to.
 *
 * @param block  compressed
 * @param output where the decompressed octets go, from `start` on; those before it are the window
 * @param limit  how far they may go at most
 * @returns where they end; -1 when the block is damaged
 * @see lz4_Block_format.md
 */
export function unpackLz4Block(block: Uint8Array, output: Uint8Array, start: number, limit: number): number {
  const blockEnd = block.length;
  let from = 0;
  let to = start;
  while (from < blockEnd) {
    const token = block[from++]!;
    let literals = token >>> 4;
    if (literals === LONG_LENGTH) {
      let more = 255;
      while (more === 255) {
        if (from >= blockEnd) return -1;
        more = block[from++]!;
        literals += more;
      }
    }
    if (literals > blockEnd - from || literals > limit - to) return -1;
    // A call costs as much as copying this many octets one by one.
    if (literals > 32) output.set(block.subarray(from, from + literals), to);
    else for (let i = 0; i < literals; i++) output[to + i] = block[from + i]!;
    from += literals;
    to += literals;
    // The last sequence has no match.
    if (from === blockEnd) return to;

    if (blockEnd - from < 2) return -1;
    const distance = block[from]! | (block[from + 1]! << 8);
    from += 2;
    if (distance === 0 || distance > to) return -1;
    let length = token & 15;
    if (length === LONG_LENGTH) {
      let more = 255;
      while (more === 255) {
        if (from >= blockEnd) return -1;
        more = block[from++]!;
        length += more;
      }
    }
    length += MIN_MATCH;
    if (length > limit - to) return -1;
    if (distance >= length && length > 32) output.copyWithin(to, to - distance, to - distance + length);
    // Octet by octet: a match may overlap what it makes.
    else for (let i = 0; i < length; i++) output[to + i] = output[to - distance + i]!;
    to += length;
  }
  return -1;
}
