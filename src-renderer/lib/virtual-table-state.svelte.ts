import { tick } from 'svelte';
import { columnsToDraw, scrollToColumn, type ColumnSpan } from './column-window';
import { RowWindow } from './row-window';
import type { TableLayout } from './table-column';

/** One of the rows that are drawn. */
export interface DrawnRow {
  readonly index: number;
  /** The same for rows that use the same elements one after the other. */
  readonly slot: number;
  readonly offsetPx: number;
}

/** How the rows of a table are laid out. */
export interface TableShape {
  /** Of the row of heads; 0 without one. */
  readonly headPx: number;
  /** Of a row, or what one is likely to have. */
  readonly rowPx: number;
  /** Whether each row is as high as what is in it. */
  readonly isMeasured: boolean;
  /** Whether the cells of a row lie under each other, each a line of its own. */
  readonly hasLines: boolean;
}

/** Of a row of a table whose values each take one line, and of its heads. */
export const TABLE_ROW_PX = 26;

/** What elements are off by where they are as they should be. */
const LEAST_PX = 1;

/** @returns what a row of so many lines is high, each of which is a cell */
export function linesPx(lines: number): number {
  return lines * 18 + 12;
}

/** @param rowPx that a row of lines, or one that wraps, is likely to be high */
export function tableShape(layout: TableLayout, wraps: boolean, rowPx: number): TableShape {
  const hasLines = layout === 'lines';
  return { headPx: hasLines ? 0 : TABLE_ROW_PX, rowPx, isMeasured: hasLines || wraps, hasLines };
}

/** Scrolling and the active cell of a table of any length. */
export class VirtualTableState {
  drawn = $state.raw<readonly DrawnRow[]>([]);
  spacerPx = $state(0);
  activeRow = $state(0);
  activeColumn = $state(0);
  /** Whether somebody chose the active cell; before, it is only where the keyboard begins. */
  isChosen = $state(false);
  /** Rows `[first, end)` that are seen now. */
  seen = $state.raw<{ readonly first: number; readonly end: number }>({ first: 0, end: 0 });
  /** Columns that are drawn: all of those of rows that are as high as what is in them. */
  drawnColumns = $state.raw<ColumnSpan>({ first: 0, end: 0 });
  #shape: TableShape;
  #window: RowWindow;
  /** As `columnsToDraw` wants them. */
  #edgesPx: readonly number[] = [];
  #host: HTMLElement | null = null;
  #rowCount = 0;
  #columnCount = 0;
  /** A row was brought into sight, and its height may not be known yet. */
  #isRevealing = false;
  /** Where the element was scrolled to from here, and not by the user. */
  #ownScrollTop = 0;

  constructor(shape: TableShape) {
    this.#shape = shape;
    this.#window = new RowWindow(shape.rowPx);
  }

  attach(host: HTMLElement): () => void {
    this.#host = host;
    const observer = new ResizeObserver(() => this.#measureHost());
    observer.observe(host);
    this.#measureHost();
    return () => {
      observer.disconnect();
      this.#host = null;
    };
  }

  /** Lays the rows out in another way; the one that is chosen stays in sight, or else the first one seen. */
  reshape(shape: TableShape): void {
    this.#shape = shape;
    this.#window = new RowWindow(shape.rowPx, this.#window.topRow);
    this.#measureHost();
    if (this.isChosen) this.goTo(this.activeRow);
  }

  /** @param fromStart whether these are other rows, so that the first one is shown */
  resize(rowCount: number, columnCount: number, fromStart: boolean): void {
    this.#rowCount = rowCount;
    this.#columnCount = columnCount;
    if (fromStart) {
      this.isChosen = false;
      this.activeRow = 0;
      this.#window.restart();
    }
    this.activeRow = Math.min(this.activeRow, Math.max(0, rowCount - 1));
    this.activeColumn = Math.min(this.activeColumn, Math.max(0, columnCount - 1));
    this.#measureHost();
  }

  /** @param edgesPx where each column begins, and the last one ends */
  placeColumns(edgesPx: readonly number[]): void {
    this.#edgesPx = edgesPx;
    this.#drawColumns();
  }

  /** So many rows are to be put in front of the others; what is seen and chosen stays. */
  shift(rows: number): void {
    this.#window.shift(rows);
    this.activeRow += rows;
  }

  /** Takes the heights of the rows that are drawn. @param rows their elements, in their order */
  measureRows(rows: Iterable<Element>): void {
    if (!this.#shape.isMeasured || this.#host === null) return;
    let hasChanged = false;
    const { drawn } = this;
    for (const [place, element] of [...rows].entries()) {
      const row = drawn[place];
      const { height } = element.getBoundingClientRect();
      if (row !== undefined && height > 0) hasChanged = this.#window.measure(row.index, height) || hasChanged;
    }
    if (!hasChanged) return;
    this.#measureHost();
    if (this.#isRevealing) this.#scrollTo(this.#window.reveal(this.activeRow));
  }

  /** Brings a line of the active row into sight, where the row is higher than what is seen; of one that is higher itself, its beginning. */
  revealLine(line: Element | null): void {
    if (!this.#isRevealing || this.#host === null || line === null) return;
    const box = this.#host.getBoundingClientRect();
    const { top, bottom, height } = line.getBoundingClientRect();
    const above = box.top + this.#shape.headPx - top;
    const below = bottom - (box.top + this.#host.clientHeight);
    const isHigher = height > this.#host.clientHeight - this.#shape.headPx;
    // Where it cannot be as a whole, both would be wanted, one after the other and without an end.
    if (above > LEAST_PX || (isHigher && above < -LEAST_PX)) this.#scrollTo(this.#window.moveBy(-above));
    else if (!isHigher && below > LEAST_PX) this.#scrollTo(this.#window.moveBy(below));
  }

  /** Widths have changed, and with them heights. */
  forgetHeights(): void {
    if (!this.#shape.isMeasured) return;
    this.#window.forget();
    this.#measureHost();
  }

  onScroll(): void {
    if (this.#host === null) return;
    if (Math.abs(this.#host.scrollTop - this.#ownScrollTop) > 1) this.#isRevealing = false;
    const wanted = this.#window.scrolled(this.#host.scrollTop);
    if (wanted !== null) this.#setScrollTop(wanted);
    this.#draw();
    this.#drawColumns();
  }

  onScrollEnd(): void {
    this.#setScrollTop(this.#window.settle());
  }

  select(row: number, column: number): void {
    this.isChosen = true;
    this.activeRow = row;
    this.activeColumn = column;
  }

  /** @returns whether the key moved the active cell */
  onKey(key: string, withCtrl: boolean): boolean {
    if (withCtrl && key.length === 1) return false;
    if (this.#shape.hasLines && (key === 'ArrowDown' || key === 'ArrowUp')) {
      this.#goToLine(key === 'ArrowDown' ? 1 : -1);
      return true;
    }
    const page = Math.max(1, this.#window.pageRows - 1);
    const rows: Readonly<Record<string, number>> = {
      ArrowDown: this.activeRow + 1,
      j: this.activeRow + 1,
      ArrowUp: this.activeRow - 1,
      k: this.activeRow - 1,
      PageDown: this.activeRow + page,
      PageUp: this.activeRow - page,
      Home: 0,
      End: this.#rowCount - 1,
    };
    const columns: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
    const [row, step] = [rows[key], this.#shape.hasLines ? undefined : columns[key]];
    if (row === undefined && step === undefined) return false;
    this.activeColumn = Math.max(0, Math.min(this.#columnCount - 1, this.activeColumn + (step ?? 0)));
    this.goTo(row ?? this.activeRow);
    if (step !== undefined) this.#revealColumn();
    return true;
  }

  /** Chooses a row, or the one next to it at the ends of the table, and brings it into sight. */
  goTo(row: number): void {
    this.isChosen = true;
    this.activeRow = Math.max(0, Math.min(this.#rowCount - 1, row));
    this.#isRevealing = this.#shape.isMeasured;
    this.#scrollTo(this.#window.reveal(this.activeRow));
  }

  /** The same, with the row in the middle of what is seen. */
  goToMiddle(row: number): void {
    this.goTo(row);
    this.#scrollTo(this.#window.center(this.activeRow));
  }

  /** From the last line of a row to the first one of the next, and back. */
  #goToLine(step: 1 | -1): void {
    const line = this.activeColumn + step;
    const row = this.activeRow + (line < 0 ? -1 : line >= this.#columnCount ? 1 : 0);
    if (row < 0 || row >= this.#rowCount) return;
    this.activeColumn = (line + this.#columnCount) % Math.max(1, this.#columnCount);
    this.goTo(row);
  }

  #scrollTo(scrollTop: number): void {
    this.#setScrollTop(scrollTop);
    this.#draw();
  }

  #setScrollTop(scrollTop: number): void {
    if (this.#host === null) return;
    this.#ownScrollTop = scrollTop;
    this.#host.scrollTop = scrollTop;
  }

  #measureHost(): void {
    if (this.#host === null) return;
    const viewportPx = Math.max(0, this.#host.clientHeight - this.#shape.headPx);
    const scrollTop = this.#window.resize(this.#rowCount, viewportPx);
    this.#draw();
    this.#drawColumns();
    this.spacerPx = this.#window.spacerPx;
    // What is to be scrolled has its new height a moment later.
    if (Math.abs(this.#host.scrollTop - scrollTop) > 1) void tick().then(() => this.onScrollEnd());
  }

  #revealColumn(): void {
    if (this.#host === null || this.#edgesPx.length !== this.#columnCount + 1) return;
    const { scrollLeft, clientWidth } = this.#host;
    this.#host.scrollLeft = scrollToColumn(this.#edgesPx, this.activeColumn, scrollLeft, clientWidth);
    this.#drawColumns();
  }

  #drawColumns(): void {
    const count = this.#columnCount;
    const isWhole = this.#shape.isMeasured || this.#host === null;
    const { scrollLeft = 0, clientWidth = 0 } = this.#host ?? {};
    const seen = { fromPx: scrollLeft, toPx: scrollLeft + clientWidth };
    const { first, end } = isWhole
      ? { first: 0, end: count }
      : columnsToDraw(count, this.#edgesPx, seen, this.drawnColumns);
    if (first !== this.drawnColumns.first || end !== this.drawnColumns.end) this.drawnColumns = { first, end };
  }

  #draw(): void {
    const { first, end } = this.#window.drawn;
    // More slots than rows can be drawn at any place, so that a slot is never taken twice.
    const slots = end - first + 2;
    const drawn: DrawnRow[] = [];
    for (let index = first; index < end; index++) {
      drawn.push({ index, slot: index % slots, offsetPx: this.#window.offsetPx(index) });
    }
    this.drawn = drawn;
    const { seen } = this.#window;
    if (seen.first !== this.seen.first || seen.end !== this.seen.end) this.seen = seen;
  }
}
