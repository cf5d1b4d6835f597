import { createSubscriber } from 'svelte/reactivity';
import type { ErrorShape } from '../../../src-main/contract/errors';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { RunningCall } from '../../../src-main/contract/wire';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import type { Engine } from '../../services/engine-connection.svelte';
import { placeIn, type ColumnName, type RowPlace, type RowSource } from './row-source';

export const PAGE_ROWS = 500;
/** Twenty thousand rows: what lies further from the ones seen is fetched again. */
const KEPT_PAGES = 40;
/** A page that flies past while the scroll bar is dragged is not worth a query. */
const SETTLE_MS = 60;

interface Page {
  readonly batches: readonly ResultBatch[];
  /** Whether its rows are in the opposite order, as those fetched from the end of the log are. */
  readonly isReversed: boolean;
  readonly rowCount: number;
}

/** Log entries, any number of them, fetched page by page as they are looked at. */
export class EntryPages implements RowSource {
  readonly rowCount: number;
  readonly columns: readonly ColumnName[];
  /** Why a page could not be had. */
  error = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;
  readonly #request: QueryRequest;
  /** In the order in which they were last wanted. */
  readonly #pages = new Map<number, Page>();
  /** Without those that were cancelled: such a page may be wanted again before its end is told. */
  readonly #running = new Map<number, RunningCall<'query:run'>>();
  #tellArrival: () => void = () => undefined;
  readonly #subscribe = createSubscriber((update) => {
    this.#tellArrival = update;
    return () => {
      this.#tellArrival = () => undefined;
    };
  });
  #settleTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param request of the first page, with its range in epoch seconds and its snapshot, so that a later page is of the same entries
   * @param first the rows of that page
   */
  constructor(
    engine: Engine,
    request: QueryRequest,
    rowCount: number,
    columns: readonly ColumnName[],
    first: readonly ResultBatch[],
  ) {
    this.#engine = engine;
    this.#request = request;
    this.rowCount = rowCount;
    this.columns = columns;
    this.#keep(0, first, false);
  }

  rowAt(index: number): RowPlace | null {
    this.#subscribe();
    const page = this.#pages.get(Math.floor(index / PAGE_ROWS));
    if (page === undefined) return null;
    const row = index % PAGE_ROWS;
    return placeIn(page.batches, page.isReversed ? page.rowCount - 1 - row : row);
  }

  want(first: number, end: number): void {
    clearTimeout(this.#settleTimer);
    if (end <= first) return;
    const wanted = new Set<number>();
    for (let page = Math.floor(first / PAGE_ROWS); page <= Math.floor((end - 1) / PAGE_ROWS); page++) wanted.add(page);
    for (const page of this.#running.keys()) if (!wanted.has(page)) this.#cancel(page);
    for (const page of wanted) {
      const kept = this.#pages.get(page);
      if (kept === undefined) continue;
      this.#pages.delete(page);
      this.#pages.set(page, kept);
    }
    const missing = [...wanted].filter((page) => !this.#pages.has(page) && !this.#running.has(page));
    if (missing.length === 0) return;
    this.#settleTimer = setTimeout(() => {
      for (const page of missing) void this.#fetch(page);
    }, SETTLE_MS);
  }

  drop(): void {
    clearTimeout(this.#settleTimer);
    for (const page of this.#running.keys()) this.#cancel(page);
  }

  #cancel(page: number): void {
    this.#running.get(page)?.cancel();
    this.#running.delete(page);
  }

  async #fetch(page: number): Promise<void> {
    const offset = page * PAGE_ROWS;
    const limit = Math.min(PAGE_ROWS, this.rowCount - offset);
    // Passing over rows costs as much as reading them, so the second half is read from the other end.
    const isReversed = offset > this.rowCount / 2;
    const batches: ResultBatch[] = [];
    const running = this.#engine.call(
      'query:run',
      {
        ...this.#request,
        limit,
        offset: isReversed ? this.rowCount - offset - limit : offset,
        reverse: isReversed ? !this.#request.reverse : this.#request.reverse,
      },
      { onBatch: (batch) => void batches.push(batch) },
    );
    this.#running.set(page, running);
    const outcome = await running.outcome;
    if (this.#running.get(page) === running) this.#running.delete(page);
    if (outcome.ok) {
      this.error = null;
      this.#keep(page, batches, isReversed);
    } else if (outcome.error.code !== 'QUERY_CANCELLED') this.error = outcome.error;
  }

  #keep(page: number, batches: readonly ResultBatch[], isReversed: boolean): void {
    const rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0);
    this.#pages.set(page, { batches, isReversed, rowCount });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= KEPT_PAGES) break;
      this.#pages.delete(oldest);
    }
    this.#tellArrival();
  }
}
