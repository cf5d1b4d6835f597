const ESCAPES: readonly (readonly [escaped: string, character: string])[] = [
  ['\\n', '\n'],
  ['\\t', '\t'],
  ['\\r', '\r'],
  ['\\\\', '\\'],
];
const ESCAPED = new Map(ESCAPES.map(([escaped, character]) => [character, escaped]));
const CHARACTERS = new Map(ESCAPES);

/** @returns delimiters in one line, as they can be typed: `\n`, `\t`, `\r` and `\\` stand for what cannot be seen */
export function delimiterText(delimiters: readonly string[]): string {
  return delimiters.map((each) => ESCAPED.get(each) ?? each).join('');
}

/** @returns each of them once, in the order in which they were typed */
export function readDelimiters(text: string): readonly string[] {
  const written = text.match(/\\[ntr\\]|./gsu) ?? [];
  return [...new Set(written.map((each) => CHARACTERS.get(each) ?? each))];
}
