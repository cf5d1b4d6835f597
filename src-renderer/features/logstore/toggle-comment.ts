import { splitQuery } from '../../../src-main/query/split-query';

/** What stands between two places is replaced. */
export interface TextEdit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** First characters of the lines between two places that lie in the statement; of its first line, behind the `|`. */
function lineStarts(text: string, from: number, to: number): number[] {
  const { sql, sqlOffset } = splitQuery(text);
  if (sql === null) return [];
  const starts: number[] = [];
  for (let at = text.lastIndexOf('\n', from - 1) + 1; at <= to;) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const start = Math.max(at, sqlOffset);
    const written = text.slice(start, end).search(/\S/u);
    if (start <= end && written >= 0) starts.push(start + written);
    at = end + 1;
  }
  return starts;
}

/**
 * Makes comments of the lines between two places, or takes the marks away where all of them are comments.
 *
 * @returns in their order; none in the search part, whose language has no comments
 */
export function toggleComment(text: string, from: number, to: number): readonly TextEdit[] {
  const starts = lineStarts(text, from, to);
  const isCommented = starts.every((start) => text.startsWith('--', start));
  return starts.map((start) => {
    if (!isCommented) return { from: start, to: start, insert: '-- ' };
    return { from: start, to: start + (text[start + 2] === ' ' ? 3 : 2), insert: '' };
  });
}
