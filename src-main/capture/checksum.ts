/*
 * The checksum of IPv4, TCP, UDP and ICMP: the complement of the sum of all words of 16 bits, in ones' complement.
 * @see RFC 1071 §1
 */

/** @returns the sum as 16 bits, its carries added to it */
export function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/** @returns the sum of the words from `at` up to `end`, not folded; an odd octet at the end is the upper one of its word */
export function sumOfWords(bytes: Uint8Array, at: number, end: number): number {
  let sum = 0;
  let next = at;
  for (; next + 1 < end; next += 2) sum += (bytes[next]! << 8) | bytes[next + 1]!;
  return next < end ? sum + (bytes[next]! << 8) : sum;
}

/** @returns what the sum of words grows by when one of them changes; 0xffff is nothing, as 0 is */
export function wordChange(before: number, after: number): number {
  return before === after ? 0 : (~before & 0xffff) + after;
}

/** @returns the same for a number of 32 bits, which is two words */
export function longChange(before: number, after: number): number {
  return foldSum(wordChange(before >>> 16, after >>> 16) + wordChange(before & 0xffff, after & 0xffff));
}

/**
 * A checksum after what it covers has changed: right if and only if it was right before.
 *
 * @param change of the sum of words
 * @see RFC 1624 §3, equation 3
 */
export function changedChecksum(checksum: number, change: number): number {
  return change === 0 ? checksum : ~foldSum((~checksum & 0xffff) + change) & 0xffff;
}

/** The same for UDP, where 0 says that there is none: one that comes out as 0 is sent as its complement. @see RFC 768 */
export function changedUdpChecksum(checksum: number, change: number): number {
  return checksum === 0 ? 0 : changedChecksum(checksum, change) || 0xffff;
}
