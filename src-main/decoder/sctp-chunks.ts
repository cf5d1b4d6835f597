import { left, u16At, u8At } from './octets';

/* Types of chunks. @see RFC 9260 §3.2 */
const INIT: u32 = 1;
const INIT_ACK: u32 = 2;
const ABORT: u32 = 6;
const SHUTDOWN: u32 = 7;
const SHUTDOWN_ACK: u32 = 8;
const COOKIE_ECHO: u32 = 10;
const COOKIE_ACK: u32 = 11;
const SHUTDOWN_COMPLETE: u32 = 14;
/** Type, flags and length, which includes them. */
const CHUNK_HEADER_BYTES: i32 = 4;

/**
 * Several chunks may be in one packet: acknowledgements come before what ends an association. @see RFC 9260 §6.10
 *
 * @returns the type of the first chunk that begins an association or ends it; where there is none, that of the first; 0 of none
 */
export function decisiveChunk(first: usize, end: usize): u32 {
  for (let at = first; left(at, end) > 0;) {
    const type = u8At(at);
    if (isDecisive(type)) return type;
    if (left(at, end) < CHUNK_HEADER_BYTES) break;
    const bytes = u16At(at + 2);
    if (bytes < <u32>CHUNK_HEADER_BYTES) break;
    at += (bytes + 3) & ~3;
  }
  return left(first, end) > 0 ? u8At(first) : 0;
}

function isDecisive(type: u32): bool {
  switch (type) {
    case INIT:
    case INIT_ACK:
    case ABORT:
    case SHUTDOWN:
    case SHUTDOWN_ACK:
    case COOKIE_ECHO:
    case COOKIE_ACK:
    case SHUTDOWN_COMPLETE:
      return true;
    default:
      return false;
  }
}
