import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** Octets of a text in a vector: its length, then all of it or its first four octets and where it is. */
const TEXT_BYTES = 16;
const TEXT_WORDS = 4;
/** Longer texts are elsewhere. */
const MOST_INLINE_BYTES = 12;
/** Texts of a vector whose codes are remembered, a power of two. */
const REMEMBERED = 256;

/** Gives each different text of a batch one number, in order of appearance. */
export class TextCodes {
  readonly dictionary: string[] = [];
  readonly #codes = new Map<string, number>();

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.dictionary.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }
}

/**
 * Codes the texts of a vector of VARCHAR; a NULL leaves its slot as it is. A text that is written like one shortly before it
 * is not made again.
 *
 * @param codes by row, from `at` on
 */
export function readTexts(
  chunk: DuckDBDataChunk,
  index: number,
  at: number,
  codes: Uint32Array,
  texts: TextCodes,
): void {
  const { rowCount } = chunk;
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, index);
  const octets = duckdb.vector_get_data(vector, rowCount * TEXT_BYTES);
  const words = new Uint32Array(octets.buffer, octets.byteOffset, rowCount * TEXT_WORDS);
  // The binding's type leaves out the null that it gives for a vector without NULLs.
  const validity = duckdb.vector_get_validity(vector, Math.ceil(rowCount / 64) * 8) as Uint8Array | null;
  // Rows by what their texts hash to, plus one. Of this vector alone: memory of another may be at the same place.
  const remembered = new Uint16Array(REMEMBERED);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && ((validity[row >>> 3]! >>> (row & 7)) & 1) === 0) continue;
    const slot = hashOf(words, row) & (REMEMBERED - 1);
    const same = remembered[slot]! - 1;
    if (same >= 0 && isSame(words, row, same)) {
      codes[at + row] = codes[at + same]!;
      continue;
    }
    codes[at + row] = texts.codeOf(textAt(octets, words, row));
    remembered[slot] = row + 1;
  }
}

function hashOf(words: Uint32Array, row: number): number {
  const at = row * TEXT_WORDS;
  const mixed = words[at]! ^ Math.imul(words[at + 1]!, 0x9e3779b1) ^ Math.imul(words[at + 2]!, 0x85ebca6b);
  const hash = mixed ^ Math.imul(words[at + 3]!, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}

function isSame(words: Uint32Array, row: number, other: number): boolean {
  const [at, from] = [row * TEXT_WORDS, other * TEXT_WORDS];
  return (
    words[at] === words[from] &&
    words[at + 1] === words[from + 1] &&
    words[at + 2] === words[from + 2] &&
    words[at + 3] === words[from + 3]
  );
}

function textAt(octets: Uint8Array, words: Uint32Array, row: number): string {
  const bytes = words[row * TEXT_WORDS]!;
  const { buffer } = octets;
  const at = octets.byteOffset + row * TEXT_BYTES;
  if (bytes <= MOST_INLINE_BYTES) return Buffer.from(buffer, at + 4, bytes).toString();
  const text = duckdb.get_data_from_pointer(buffer as ArrayBuffer, at + 8, bytes);
  return Buffer.from(text.buffer, text.byteOffset, bytes).toString();
}
