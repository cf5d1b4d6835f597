/** Kinds of chance, so that one does not follow from another. */
export const CHANCE = { delay: 1, tail: 2, late: 3, loss: 4, duplicate: 5 } as const;
export type Chance = (typeof CHANCE)[keyof typeof CHANCE];

const GOLDEN = 0x9e37_79b9;
const UINT32 = 0x1_0000_0000;

function mixed(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0_aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a_2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

/**
 * A number from 0 up to 1 that follows from the seed, what it decides, and about which item; the same for ever, whatever
 * else is decided.
 *
 * @param item a whole number below 2^53
 */
export function chance(seed: number, kind: Chance, item: number): number {
  const high = Math.floor(item / UINT32);
  return mixed(mixed(mixed(seed + Math.imul(kind, GOLDEN)) ^ (item >>> 0)) + high) / UINT32;
}
