import { decodeEthernet, isFrame } from './ether-type';
import { decodeIp } from './ip';
import { left, u16At, u8At } from './octets';

const GTP_TPDU: u32 = 255;

/** @see 3GPP TS 29.281 §5.1 (version 1), TS 09.60 §6 (version 0) */
export function openGtp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 8) return false;
  const flags = u8At(at);
  if ((flags & 0x10) == 0 || u8At(at + 1) != GTP_TPDU) return false;
  const version = flags >> 5;
  if (version > 1) return false;
  // Its length is that of what follows the fields that every message of the version has.
  const fields: usize = version == 0 ? 20 : 8;
  const ownEnd = at + fields + u16At(at + 2);
  const messageEnd = min(end, ownEnd);
  const messageWireEnd = min(wireEnd, ownEnd);
  if (version == 0) return decodeTpdu(row, at + fields, messageEnd, messageWireEnd);
  let next = at + 8;
  if ((flags & 0x07) != 0) {
    next += 4;
    if (left(next, messageEnd) < 0) return false;
    let extension = (flags & 0x04) != 0 ? u8At(next - 1) : 0;
    while (extension != 0) {
      if (left(next, messageEnd) < 4) return false;
      const extensionBytes = u8At(next) << 2;
      if (extensionBytes == 0 || left(next, messageEnd) < <i32>extensionBytes) return false;
      next += extensionBytes;
      extension = u8At(next - 1);
    }
  }
  return decodeTpdu(row, next, messageEnd, messageWireEnd);
}

/**
 * What a subscriber sent: IP, or a frame. Nothing in the message says which; PPP, which there once was, is told from other
 * octets by nothing.
 *
 * @see 3GPP TS 23.501 §5.6.10.2 for frames
 */
function decodeTpdu(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 1) return false;
  const first = u8At(at);
  const isIp = (first >> 4 == 4 && (first & 0x0f) >= 5) || first >> 4 == 6;
  if (isIp) return decodeIp(row, at, end, wireEnd);
  return isFrame(at, end) && decodeEthernet(row, at, end, wireEnd);
}
