/** What stands for octets that are no text, and for control characters, which a terminal would obey. */
const REPLACEMENT = '\ufffd';

/**
 * Text of a capture, in which anything may stand.
 *
 * @param length octets of it
 * @param maxCharacters of the result, which ends with '…' where more was there
 */
export function utf8Text(view: DataView, at: number, length: number, maxCharacters: number): string {
  let text = '';
  let count = 0;
  const end = at + length;
  while (at < end) {
    if (count++ === maxCharacters) return `${text}…`;
    const first = view.getUint8(at);
    const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    const code = size === 0 || at + size > end ? null : codePoint(view, at, first, size);
    text += code === null || isControl(code) ? REPLACEMENT : String.fromCodePoint(code);
    at += code === null ? 1 : size;
  }
  return text;
}

/** @returns null when the octets are no encoding of a character, or a longer one than needed */
function codePoint(view: DataView, at: number, first: number, size: number): number | null {
  if (size === 1) return first;
  let code = first & (0xff >> (size + 1));
  for (let next = 1; next < size; next++) {
    const octet = view.getUint8(at + next);
    if (octet >> 6 !== 2) return null;
    code = (code << 6) | (octet & 0x3f);
  }
  const least = size === 2 ? 0x80 : size === 3 ? 0x800 : 0x10000;
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least || code > 0x10ffff || isSurrogate ? null : code;
}

/** C0, DEL, C1, and the marks that turn the direction of text. */
function isControl(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}
