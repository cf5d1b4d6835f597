/* How many characters values have as text, which is what the vendor counts of an entry. */

/** Where numbers get another digit: 10^0 to 10^19. */
const powers: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);

/** @returns decimal digits of a number */
export function digitsOf(value: u64): u32 {
  // Zero has one as well, and no power of ten but the first is odd.
  const odd = value | 1;
  // Of so many bits: 1233 / 4096 is the logarithm of 2.
  const atLeast = ((64 - <u32>clz(odd)) * 1233) >> 12;
  return atLeast + (odd >= load<u64>(powers + ((<usize>atLeast) << 3)) ? 1 : 0);
}

/** @returns characters of epoch seconds, which are negative before 1970 */
export function timeLength(sec: i64): u32 {
  // Of captures from 2001 to 2286.
  if (sec >= 1000000000 && sec < 10000000000) return 10;
  return sec < 0 ? 1 + digitsOf(<u64>-sec) : digitsOf(<u64>sec);
}

/** @returns characters of an IPv4 address */
export function addressLength(address: u32): u32 {
  return (
    octetLength(address >> 24) +
    octetLength((address >> 16) & 0xff) +
    octetLength((address >> 8) & 0xff) +
    octetLength(address & 0xff) +
    3
  );
}

function octetLength(octet: u32): u32 {
  return 1 + (octet >= 10 ? 1 : 0) + (octet >= 100 ? 1 : 0);
}
