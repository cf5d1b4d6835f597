/** UTF-16 position of a byte offset, which DuckDB gives for nodes. */
export function fromBytes(text: string, bytes: number): number {
  let rest = bytes;
  let position = 0;
  for (const character of text) {
    if (rest <= 0) break;
    const codePoint = character.codePointAt(0) ?? 0;
    rest -= codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    position += character.length;
  }
  return position;
}

/** UTF-16 position of a code point, which DuckDB gives for errors. */
export function fromCodePoints(text: string, count: number): number {
  return Array.from(text).slice(0, count).join('').length;
}

export function wordLength(text: string, position: number): number {
  return /^(?:"(?:[^"]|"")*"|[A-Za-z0-9_\u0080-\uffff]+|[<>=!]+|.)?/su.exec(text.slice(position))?.[0].length ?? 0;
}
