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
