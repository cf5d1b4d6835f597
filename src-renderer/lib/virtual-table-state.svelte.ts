import { RowWindow } from './row-window';

/** One of the rows that are drawn. */
export interface DrawnRow {
  readonly index: number;
  /** The same for rows that use the same elements one after the other. */
  readonly slot: number;
  readonly offsetPx: number;
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
  readonly #window: RowWindow;
  readonly #headPx: number;
  #host: HTMLElement | null = null;
  #rowCount = 0;
  #columnCount = 0;

  constructor(rowPx: number, headPx: number) {
    this.#window = new RowWindow(rowPx);
    this.#headPx = headPx;
  }

  attach(host: HTMLElement): () => void {
    this.#host = host;
    const observer = new ResizeObserver(() => this.#measure());
    observer.observe(host);
    this.#measure();
    return () => {
      observer.disconnect();
      this.#host = null;
    };
  }

  /** @param fromStart whether these are other rows, so that the first one is shown */
  resize(rowCount: number, columnCount: number, fromStart: boolean): void {
    this.#rowCount = rowCount;
    this.#columnCount = columnCount;
    if (fromStart) {
      this.isChosen = false;
      this.activeRow = 0;
      this.#window.topPx = 0;
    }
    this.activeRow = Math.min(this.activeRow, Math.max(0, rowCount - 1));
    this.activeColumn = Math.min(this.activeColumn, Math.max(0, columnCount - 1));
    this.#measure();
  }

  onScroll(): void {
    if (this.#host === null) return;
    const wanted = this.#window.scrolled(this.#host.scrollTop);
    if (wanted !== null) this.#host.scrollTop = wanted;
    this.#draw();
  }

  onScrollEnd(): void {
    if (this.#host !== null) this.#host.scrollTop = this.#window.settle();
  }

  select(row: number, column: number): void {
    this.isChosen = true;
    this.activeRow = row;
    this.activeColumn = column;
  }

  /** @returns whether the key moved the active cell */
  onKey(key: string, withCtrl: boolean): boolean {
    const page = this.#window.pageRows - 1;
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
    const column = { ArrowLeft: this.activeColumn - 1, ArrowRight: this.activeColumn + 1 }[key];
    const row = withCtrl && key.length === 1 ? undefined : rows[key];
    if (row === undefined && column === undefined) return false;
    this.activeColumn = Math.max(0, Math.min(this.#columnCount - 1, column ?? this.activeColumn));
    this.goTo(row ?? this.activeRow);
    return true;
  }

  /** Chooses a row, or the one next to it at the ends of the table, and brings it into sight. */
  goTo(row: number): void {
    this.isChosen = true;
    this.activeRow = Math.max(0, Math.min(this.#rowCount - 1, row));
    if (this.#host !== null) this.#host.scrollTop = this.#window.reveal(this.activeRow);
    this.#draw();
  }

  #measure(): void {
    if (this.#host === null) return;
    const scrollTop = this.#window.resize(this.#rowCount, Math.max(0, this.#host.clientHeight - this.#headPx));
    this.#draw();
    this.spacerPx = this.#window.spacerPx;
    if (Math.abs(this.#host.scrollTop - scrollTop) > 1) this.#host.scrollTop = scrollTop;
  }

  #draw(): void {
    const { first, end } = this.#window.drawn;
    // More slots than rows can be drawn at any place, so that a slot is never taken twice.
    const slots = end - first + 2;
    const drawn: DrawnRow[] = [];
    for (let index = first; index < end; index++) {
      drawn.push({ index, slot: index % slots, offsetPx: index * this.#window.rowPx - this.#window.topPx });
    }
    this.drawn = drawn;
    const { seen } = this.#window;
    if (seen.first !== this.seen.first || seen.end !== this.seen.end) this.seen = seen;
  }
}
