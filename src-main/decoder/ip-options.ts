import { left, u32At, u8At } from './octets';

/* What options of IPv4 say of where a packet goes. */

const IPV4_HEADER_BYTES: u32 = 20;
const OPTION_END: u32 = 0;
const OPTION_NO_OPERATION: u32 = 1;
const OPTION_LOOSE_ROUTE: u32 = 0x83;
const OPTION_STRICT_ROUTE: u32 = 0x89;

/** Set by `findDestination`. */
export let foundDestination: u32 = 0;

/**
 * The host to which a packet goes in the end, and from which its answers come: of one with a source route that is not used
 * up, the last address of the route, as that of the header is the next router on it.
 *
 * @param end  after the last octet of the header that was captured, or behind
 * @returns false when options that were cut off could have a route
 * @see RFC 791 §3.1
 */
export function findDestination(at: usize, headerBytes: u32, end: usize): bool {
  foundDestination = u32At(at + 16);
  const headerEnd = at + headerBytes;
  let option = at + IPV4_HEADER_BYTES;
  while (option < headerEnd) {
    if (left(option, end) < 1) return false;
    const kind = u8At(option);
    if (kind == OPTION_END || (kind != OPTION_NO_OPERATION && option + 1 == headerEnd)) return true;
    if (kind == OPTION_NO_OPERATION) {
      option++;
      continue;
    }
    if (left(option, end) < 2) return false;
    const bytes = u8At(option + 1);
    if (bytes < 2 || option + bytes > headerEnd) return true;
    if (kind == OPTION_LOOSE_ROUTE || kind == OPTION_STRICT_ROUTE) return followRoute(option, bytes, end);
    option += bytes;
  }
  return true;
}

/** The pointer counts from one, and stands behind the route when there is no router left. */
function followRoute(option: usize, bytes: u32, end: usize): bool {
  if (bytes < 3) return true;
  if (left(option, end) < 3) return false;
  const pointer = u8At(option + 2);
  const addresses = (bytes - 3) >> 2;
  if (pointer < 4 || (pointer & 3) != 0 || pointer > bytes || addresses == 0) return true;
  const last: usize = option + 3 + ((addresses - 1) << 2);
  if (left(last, end) < 4) return false;
  foundDestination = u32At(last);
  return true;
}
