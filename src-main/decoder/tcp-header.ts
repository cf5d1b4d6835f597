import { TCP_WINDOW_UNKNOWN } from './codes';
import { u16At, u32At, u8At } from './octets';
import { setTcp, setTransport } from './rows';

/** TCP flags of a segment whose flags octet the capture cut off: taken for one in mid-stream. */
const TCP_ACK: u32 = 0x10;
const TCP_SYN: u32 = 0x02;
const TCP_HEADER_BYTES: i32 = 20;
const TCP_OPTION_END: u32 = 0;
const TCP_OPTION_PAD: u32 = 1;
const TCP_OPTION_SCALE: u32 = 3;
const TCP_MAX_SCALE: u32 = 14;

/** @see RFC 9293 §3.1 */
export function decodeTcp(row: u32, at: usize, room: i32): void {
  const flags = room >= 14 ? u8At(at + 13) : TCP_ACK;
  setTransport(row, u32At(at), flags);
  if (room < 16) {
    setTcp(row, 0, 0, TCP_WINDOW_UNKNOWN);
    return;
  }
  const window = u16At(at + 14) | ((flags & TCP_SYN) == 0 ? 0 : scaleOption(at, room) << 16);
  setTcp(row, u32At(at + 4), u32At(at + 8), window);
}

/** @returns one more than the shift count of the window scale option; 0 without one. @see RFC 7323 §2.2 */
function scaleOption(at: usize, room: i32): u32 {
  const options = min(room, <i32>((u8At(at + 12) >> 4) << 2));
  let offset: i32 = TCP_HEADER_BYTES;
  while (offset < options) {
    const kind = u8At(at + offset);
    if (kind == TCP_OPTION_END) return 0;
    if (kind == TCP_OPTION_PAD) {
      offset++;
      continue;
    }
    if (offset + 2 > options) return 0;
    const length = <i32>u8At(at + offset + 1);
    if (kind == TCP_OPTION_SCALE && length == 3 && offset + 3 <= options) {
      return min(u8At(at + offset + 2), TCP_MAX_SCALE) + 1;
    }
    offset += max(length, 2);
  }
  return 0;
}
