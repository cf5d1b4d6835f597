import type { Packing } from './unpacker';

/** Octets by which each is told from every other. */
const MAGICS: Readonly<Record<Packing, readonly number[]>> = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  lz4: [0x04, 0x22, 0x4d, 0x18],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
};
export const MAGIC_BYTES = 6;

/** @returns what the octets begin, or null */
export function packingOf(head: Uint8Array): Packing | null {
  const packings = Object.entries(MAGICS) as [Packing, readonly number[]][];
  const found = packings.find(([, magic]) => magic.every((octet, index) => head[index] === octet));
  return found === undefined ? null : found[0];
}

/** True for a frame that holds something else, which zstd and lz4 have alike: to be passed over. */
export function isSkippable(head: Uint8Array): boolean {
  return head.length >= 4 && (head[0]! & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
}
