/** Addresses or networks that are written by commas, spaces or lines. */
export function writtenList(text: string): readonly string[] {
  return text.split(/[\s,;]+/u).filter((part) => part !== '');
}
