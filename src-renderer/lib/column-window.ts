/** Columns `[first, end)`. */
export interface ColumnSpan {
  readonly first: number;
  readonly end: number;
}

/** Drawn while it is not known where they lie, so that a thousand of them are never drawn at once. */
const UNKNOWN_COLUMNS = 40;

/**
 * The columns that are to be drawn: those that are seen, and as many beside them as are an eighth as wide as the table, so that
 * not each step of a scroll draws some. Each costs as many cells as there are rows, at each turn of the wheel.
 *
 * @param edgesPx where each column begins and the last one ends, from the left of all; empty before that is known
 * @param seen what is in sight, in pixels from there
 * @param drawn those that are drawn now, which stay while they are enough, and not twice as many beside what is seen
 */
export function columnsToDraw(
  count: number,
  edgesPx: readonly number[],
  seen: { readonly fromPx: number; readonly toPx: number },
  drawn: ColumnSpan,
): ColumnSpan {
  if (edgesPx.length !== count + 1) return { first: 0, end: Math.min(count, UNKNOWN_COLUMNS) };
  const { fromPx, toPx } = seen;
  const inSight = spanOf(edgesPx, fromPx, toPx);
  const beside = (toPx - fromPx) / 8;
  const most = spanOf(edgesPx, fromPx - 2 * beside, toPx + 2 * beside);
  return isWithin(inSight, drawn) && isWithin(drawn, most) ? drawn : spanOf(edgesPx, fromPx - beside, toPx + beside);
}

function isWithin(inner: ColumnSpan, outer: ColumnSpan): boolean {
  return outer.first <= inner.first && inner.end <= outer.end;
}

function spanOf(edgesPx: readonly number[], fromPx: number, toPx: number): ColumnSpan {
  const count = edgesPx.length - 1;
  let first = 0;
  while (first < count - 1 && (edgesPx[first + 1] ?? 0) <= fromPx) first++;
  let end = Math.min(count, first + 1);
  while (end < count && (edgesPx[end] ?? 0) < toPx) end++;
  return { first, end };
}

/** Where to scroll to, so that a column is in sight: its beginning, where it is wider than what is seen. */
export function scrollToColumn(edgesPx: readonly number[], column: number, scrollPx: number, widthPx: number): number {
  // What stands in front of the first column belongs to it.
  const from = column === 0 ? 0 : (edgesPx[column] ?? scrollPx);
  const to = edgesPx[column + 1] ?? from;
  if (from < scrollPx) return from;
  return to > scrollPx + widthPx ? Math.min(from, to - widthPx) : scrollPx;
}
