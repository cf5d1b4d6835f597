/** @returns `text` as an SQL string literal, for statements that take no parameters (settings) */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
