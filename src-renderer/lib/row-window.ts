/** Chromium lays out 33 million pixels, Firefox 17 million; what is taller is scrolled in proportion. */
const MAX_SPACER_PX = 8_000_000;
/** A longer way than this, in viewports, is a jump of the scroll bar and not a turn of the wheel. */
const JUMP_VIEWPORTS = 3;
/** Rows kept ready on either side of what is seen. */
const OVERSCAN = 6;

/**
 * Which of any number of rows of one height are seen. Where all of them would be too tall for a browser, a short way of
 * scrolling moves by exactly as many pixels, and a long one moves in proportion.
 */
export class RowWindow {
  rowCount = 0;
  /** Pixels of rows that are above the first one seen. */
  topPx = 0;
  readonly rowPx: number;
  #viewportPx = 0;
  #lastScrollTop = 0;

  constructor(rowPx: number) {
    this.rowPx = rowPx;
  }

  get totalPx(): number {
    return this.rowCount * this.rowPx;
  }

  /** Height of what is scrolled. */
  get spacerPx(): number {
    return Math.min(this.totalPx, MAX_SPACER_PX);
  }

  /** Rows `[first, end)` to be drawn. */
  get drawn(): { readonly first: number; readonly end: number } {
    const first = Math.max(0, Math.floor(this.topPx / this.rowPx) - OVERSCAN);
    const end = Math.min(this.rowCount, Math.ceil((this.topPx + this.#viewportPx) / this.rowPx) + OVERSCAN);
    return { first, end };
  }

  /** Rows `[first, end)` of which some part is seen. */
  get seen(): { readonly first: number; readonly end: number } {
    const first = Math.floor(this.topPx / this.rowPx);
    return { first, end: Math.min(this.rowCount, Math.ceil((this.topPx + this.#viewportPx) / this.rowPx)) };
  }

  /** Whole rows that fit. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.#viewportPx / this.rowPx));
  }

  /** @returns the place at which the scrolled element must be */
  resize(rowCount: number, viewportPx: number): number {
    this.rowCount = rowCount;
    this.#viewportPx = viewportPx;
    return this.#moveTo(this.topPx);
  }

  /** The element was scrolled to `scrollTop`. @returns where it must be instead, or null when it is right as it is */
  scrolled(scrollTop: number): number | null {
    const way = scrollTop - this.#lastScrollTop;
    if (way === 0) return null;
    this.#lastScrollTop = scrollTop;
    if (this.totalPx <= MAX_SPACER_PX) {
      this.topPx = scrollTop;
      return null;
    }
    const isJump = Math.abs(way) > this.#viewportPx * JUMP_VIEWPORTS;
    this.topPx = this.#clamp(isJump ? this.#inProportion(scrollTop) : this.topPx + way);
    // At an end of the scroll bar that is no end of the rows, one could not go on.
    const isStuck = (scrollTop <= 0 && this.topPx > 0) || (scrollTop >= this.#lastScroll && this.topPx < this.#lastTop);
    return isStuck ? this.settle() : null;
  }

  /** Scrolling has ended. @returns where the element must be so that the scroll bar shows the place among all rows */
  settle(): number {
    return this.#moveTo(this.topPx);
  }

  /** Scrolls as little as needed for all of `row` to be seen. @returns the place at which the element must be */
  reveal(row: number): number {
    const rowTop = row * this.rowPx;
    if (rowTop < this.topPx) return this.#moveTo(rowTop);
    return this.#moveTo(Math.max(this.topPx, rowTop + this.rowPx - this.#viewportPx));
  }

  get #lastTop(): number {
    return Math.max(0, this.totalPx - this.#viewportPx);
  }

  get #lastScroll(): number {
    return Math.max(0, this.spacerPx - this.#viewportPx);
  }

  #clamp(topPx: number): number {
    return Math.min(this.#lastTop, Math.max(0, topPx));
  }

  #inProportion(scrollTop: number): number {
    return this.#lastScroll === 0 ? 0 : Math.round((scrollTop / this.#lastScroll) * this.#lastTop);
  }

  #moveTo(topPx: number): number {
    this.topPx = this.#clamp(topPx);
    const isWhole = this.totalPx <= MAX_SPACER_PX || this.#lastTop === 0;
    this.#lastScrollTop = isWhole ? this.topPx : Math.round((this.topPx / this.#lastTop) * this.#lastScroll);
    return this.#lastScrollTop;
  }
}
