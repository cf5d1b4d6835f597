/*
 * Numbers in network order. Nothing here looks where a packet ends, and memory goes on behind it: whoever reads has
 * asked `left` before.
 */

/** Octets from `at` to `end`; negative when a length led past the end. */
export function left(at: usize, end: usize): i32 {
  return <i32>(end - at);
}

export function u8At(at: usize): u32 {
  return load<u8>(at);
}

export function u16At(at: usize): u32 {
  return bswap<u16>(load<u16>(at));
}

export function u32At(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** In little-endian order, as link types of one family of machines have it. */
export function u16LittleAt(at: usize): u32 {
  return load<u16>(at);
}

export function u32LittleAt(at: usize): u32 {
  return load<u32>(at);
}

/** A number of the container, whose byte order is the writer's. */
export function word(at: usize, isBigEndian: bool): u32 {
  return isBigEndian ? bswap<u32>(load<u32>(at)) : load<u32>(at);
}

/** One's complement sum of 16-bit words, 0xffff over what has a right checksum; an odd octet is the upper half of one. @see RFC 1071 §1 */
export function sumOf(at: usize, end: usize): u32 {
  let sum: u32 = 0;
  let next = at;
  for (; next + 1 < end; next += 2) sum += u16At(next);
  if (next < end) sum += u8At(next) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}
