/**
 * A text in quotes, which the search language reads back, unless it ends with a backslash: only `"` can be escaped.
 * @see sls-logstore.md §1.3
 */
export function quotedSearchText(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}
