/** Writes a character in UTF-8. @returns where the next goes: 1 to 4 octets on */
export function writeUtf8(code: number, into: Uint8Array, at: number): number {
  if (code < 0x80) {
    into[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    into[at] = 0xc0 | (code >> 6);
    into[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x1_0000) {
    into[at] = 0xe0 | (code >> 12);
    into[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    into[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  into[at] = 0xf0 | (code >> 18);
  into[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  into[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  into[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}

/** The octets of a text that has no halves of characters. */
export function utf8Octets(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 3);
  let end = 0;
  for (const character of text) end = writeUtf8(character.codePointAt(0) ?? 0, octets, end);
  return octets.slice(0, end);
}
