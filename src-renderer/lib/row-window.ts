/** Chromium lays out 33 million pixels, Firefox 17 million; what is taller is scrolled in proportion. */
const MAX_SPACER_PX = 8_000_000;
/** A longer way than this, in viewports, is a jump of the scroll bar and not a turn of the wheel. */
const JUMP_VIEWPORTS = 3;
/** Kept ready on either side of what is seen: six rows of a table. */
const OVERSCAN_PX = 156;
/** Rows whose heights are remembered; those that lie further back are as high as any other again. */
const MOST_MEASURED = 10_000;

/** An edge: the row that it goes through, and how many pixels of that row are above it. */
interface Edge {
  readonly row: number;
  readonly insidePx: number;
}

/**
 * Which of any number of rows are seen. All are of one height until they are measured. Where all of them would be too tall
 * for a browser, or not all heights are known, a short way of scrolling moves by exactly as many pixels, and a long one moves
 * in proportion.
 */
export class RowWindow {
  rowCount = 0;
  /** Of a row that was not measured. */
  readonly rowPx: number;
  /** Heights that are not `rowPx`. */
  readonly #heights = new Map<number, number>();
  /** By how much these are more than `rowPx`, all together. */
  #extraPx = 0;
  /** The upper edge of what is seen. */
  #top: Edge;
  #viewportPx = 0;
  #lastScrollTop = 0;

  /** @param row that is the first one seen */
  constructor(rowPx: number, row = 0) {
    this.rowPx = rowPx;
    this.#top = { row, insidePx: 0 };
  }

  get totalPx(): number {
    return this.rowCount * this.rowPx + this.#extraPx;
  }

  /** Height of what is scrolled. */
  get spacerPx(): number {
    return Math.min(this.totalPx, MAX_SPACER_PX);
  }

  /** The first row seen. */
  get topRow(): number {
    return this.#top.row;
  }

  /** Pixels of rows that are above the first one seen, if none of these is of another height. */
  get topPx(): number {
    return this.#top.row * this.rowPx + this.#top.insidePx;
  }

  /** Rows `[first, end)` to be drawn. */
  get drawn(): { readonly first: number; readonly end: number } {
    return { first: this.#walk(this.#top, -OVERSCAN_PX).row, end: this.#endAt(this.#viewportPx + OVERSCAN_PX) };
  }

  /** Rows `[first, end)` of which some part is seen. */
  get seen(): { readonly first: number; readonly end: number } {
    return { first: this.#top.row, end: this.#endAt(this.#viewportPx) };
  }

  /** Whole rows that fit. */
  get pageRows(): number {
    const { row } = this.#top;
    return Math.max(1, this.#walk({ row, insidePx: 0 }, this.#viewportPx).row - row);
  }

  /** @returns how far the upper edge of a row, near those that are seen, is below that of what is seen; pixels */
  offsetPx(row: number): number {
    const { row: top, insidePx } = this.#top;
    if (this.#heights.size === 0) return (row - top) * this.rowPx - insidePx;
    let offset = 0 - insidePx;
    for (let each = top; each < row; each++) offset += this.#heightOf(each);
    for (let each = row; each < top; each++) offset -= this.#heightOf(each);
    return offset;
  }

  /** @returns the place at which the scrolled element must be */
  resize(rowCount: number, viewportPx: number): number {
    this.rowCount = rowCount;
    this.#viewportPx = viewportPx;
    return this.#moveTo(this.#top);
  }

  /** The first row is the first one seen again, and no height is known. */
  restart(): void {
    this.forget();
    this.#top = { row: 0, insidePx: 0 };
  }

  /** No height is known any more. */
  forget(): void {
    this.#heights.clear();
    this.#extraPx = 0;
    this.#top = { row: this.#top.row, insidePx: Math.min(this.#top.insidePx, this.rowPx - 1) };
  }

  /** So many rows were put in front of the others. */
  shift(rows: number): void {
    const heights = [...this.#heights];
    this.#heights.clear();
    for (const [row, px] of heights) this.#heights.set(row + rows, px);
    this.#top = { row: this.#top.row + rows, insidePx: this.#top.insidePx };
  }

  /** Takes the height of a row, pixels. @returns whether it was another one */
  measure(row: number, px: number): boolean {
    const before = this.#heightOf(row);
    if (before === px) return false;
    this.#extraPx += px - before;
    this.#heights.delete(row);
    if (px !== this.rowPx) this.#heights.set(row, px);
    const [oldest] = this.#heights;
    if (this.#heights.size > MOST_MEASURED && oldest !== undefined) {
      this.#heights.delete(oldest[0]);
      this.#extraPx -= oldest[1] - this.rowPx;
    }
    return true;
  }

  /** The element was scrolled to `scrollTop`. @returns where it must be instead, or null when it is right as it is */
  scrolled(scrollTop: number): number | null {
    const way = scrollTop - this.#lastScrollTop;
    if (way === 0) return null;
    this.#lastScrollTop = scrollTop;
    if (this.#isExact) {
      this.#top = this.#walk({ row: 0, insidePx: 0 }, scrollTop);
      return null;
    }
    const isJump = Math.abs(way) > this.#viewportPx * JUMP_VIEWPORTS;
    this.#top = this.#clamp(isJump ? this.#inProportion(scrollTop) : this.#walk(this.#top, way));
    // At an end of the scroll bar that is no end of the rows, one could not go on.
    const isStuck =
      (scrollTop <= 0 && isBefore({ row: 0, insidePx: 0 }, this.#top)) ||
      (scrollTop >= this.#lastScroll && isBefore(this.#top, this.#lastTop));
    return isStuck ? this.settle() : null;
  }

  /** Scrolling has ended. @returns where the element must be so that the scroll bar shows the place among all rows */
  settle(): number {
    return this.#moveTo(this.#top);
  }

  /** Scrolls by some pixels. @returns the place at which the element must be */
  moveBy(px: number): number {
    return this.#moveTo(this.#walk(this.#top, px));
  }

  /**
   * Scrolls as little as needed for all of `row` to be seen, or its beginning where it is higher than what is seen.
   *
   * @returns the place at which the element must be
   */
  reveal(row: number): number {
    const start = { row, insidePx: 0 };
    if (isBefore(start, this.#top) || this.#heightOf(row) > this.#viewportPx) return this.#moveTo(start);
    const least = this.#walk({ row: row + 1, insidePx: 0 }, -this.#viewportPx);
    return this.#moveTo(isBefore(this.#top, least) ? least : this.#top);
  }

  /** Scrolls until a row is in the middle, or its beginning seen. @returns the place at which the element must be */
  center(row: number): number {
    const abovePx = Math.max(0, (this.#viewportPx - this.#heightOf(row)) / 2);
    return this.#moveTo(this.#walk({ row, insidePx: 0 }, -Math.floor(abovePx)));
  }

  /** Whether the place of the element says how many pixels are above. */
  get #isExact(): boolean {
    return this.#heights.size === 0 && this.totalPx <= MAX_SPACER_PX;
  }

  get #lastTop(): Edge {
    return this.#walk({ row: this.rowCount, insidePx: 0 }, -this.#viewportPx);
  }

  get #lastScroll(): number {
    return Math.max(0, this.spacerPx - this.#viewportPx);
  }

  #heightOf(row: number): number {
    return this.#heights.get(row) ?? this.rowPx;
  }

  /** @returns the edge so many pixels below another one, within the rows */
  #walk({ row, insidePx }: Edge, px: number): Edge {
    if (this.#heights.size === 0) {
      const below = Math.min(this.totalPx, Math.max(0, row * this.rowPx + insidePx + px));
      const reached = Math.floor(below / this.rowPx);
      return { row: reached, insidePx: below - reached * this.rowPx };
    }
    let reached = row;
    let inside = insidePx + px;
    while (inside < 0 && reached > 0) inside += this.#heightOf(--reached);
    while (reached < this.rowCount && inside >= this.#heightOf(reached)) inside -= this.#heightOf(reached++);
    return { row: reached, insidePx: reached >= this.rowCount ? 0 : Math.max(0, inside) };
  }

  /** @returns the row behind the last one of which some part is so many pixels below the upper edge of what is seen, or less */
  #endAt(px: number): number {
    const { row, insidePx } = this.#walk(this.#top, px);
    return Math.min(this.rowCount, insidePx > 0 ? row + 1 : row);
  }

  #clamp(edge: Edge): Edge {
    const last = this.#lastTop;
    return isBefore(last, edge) ? last : edge;
  }

  /** Rows above an edge, with a part of one. */
  #rowsAbove({ row, insidePx }: Edge): number {
    return row + insidePx / this.#heightOf(row);
  }

  #inProportion(scrollTop: number): Edge {
    const rows = this.#lastScroll === 0 ? 0 : (scrollTop / this.#lastScroll) * this.#rowsAbove(this.#lastTop);
    const row = Math.floor(rows);
    return { row, insidePx: Math.floor((rows - row) * this.#heightOf(row)) };
  }

  #moveTo(edge: Edge): number {
    this.#top = this.#clamp(edge);
    const most = this.#rowsAbove(this.#lastTop);
    const inProportion = most === 0 ? 0 : Math.round((this.#rowsAbove(this.#top) / most) * this.#lastScroll);
    this.#lastScrollTop = this.#isExact ? this.topPx : inProportion;
    return this.#lastScrollTop;
  }
}

function isBefore(one: Edge, other: Edge): boolean {
  return one.row < other.row || (one.row === other.row && one.insidePx < other.insidePx);
}
