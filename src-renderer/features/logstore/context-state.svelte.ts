import { CONTEXT_NUMBER_COLUMN } from '../../../src-main/contract/entry-context';
import type { ErrorShape } from '../../../src-main/contract/errors';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { EntryId } from '../../../src-main/contract/log-entry';
import type { Notice, ResultBatch } from '../../../src-main/contract/result-batch';
import type { Engine } from '../../services/engine-connection.svelte';
import type { RowSource } from './row-source';
import { StatementRows } from './statement-rows';

/** Entries on either side at first, and as many more of one side each time that they are asked for. */
export const CONTEXT_STEP = 50;

/** The entries around one, oldest first. */
export interface EntrySurroundings {
  readonly rows: RowSource;
  /** Row of the entry itself. */
  readonly own: number;
  /** The answer's request, with its snapshot: these are entries of the same Logstore at the same time. */
  readonly pinned: QueryRequest;
  readonly notices: readonly Notice[];
  /** Whether there may be more on that side. */
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

/** The entry whose neighbours are looked at, whatever the query says. A newer one owns the state. */
export class ContextState {
  /** Null while none is looked at. */
  entry = $state.raw<EntryId | null>(null);
  /** Null before it has come. */
  around = $state.raw<EntrySurroundings | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  isReading = $state(false);
  readonly #engine: Engine;
  #pinned: QueryRequest | null = null;
  #back = 0;
  #forward = 0;
  #generation = 0;
  #cancel: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @param pinned request of the answer that the entry is of */
  open(pinned: QueryRequest, entry: EntryId): Promise<void> {
    this.#pinned = pinned;
    this.entry = entry;
    this.around = null;
    return this.#read(CONTEXT_STEP, CONTEXT_STEP);
  }

  /** @param onshift is told by how many rows those that are here have moved down, before anybody sees it */
  older(onshift: (rows: number) => void): Promise<void> {
    return this.#read(this.#back + CONTEXT_STEP, this.#forward, onshift);
  }

  newer(): Promise<void> {
    return this.#read(this.#back, this.#forward + CONTEXT_STEP);
  }

  close(): void {
    this.#generation++;
    this.#cancel();
    this.entry = null;
    this.around = null;
    this.error = null;
    this.isReading = false;
  }

  async #read(back: number, forward: number, onshift?: (rows: number) => void): Promise<void> {
    const { entry } = this;
    const pinned = this.#pinned;
    if (entry === null || pinned === null) return;
    const generation = ++this.#generation;
    this.#cancel();
    this.isReading = true;
    this.error = null;
    const batches: ResultBatch[] = [];
    const { project, logstore, snapshot } = pinned;
    const reading = this.#engine.call(
      'context:read',
      { project, logstore, snapshot, entry, same: 'log', back, forward, entryTime: true },
      { onBatch: (batch) => void batches.push(withoutNumber(batch)) },
    );
    this.#cancel = () => reading.cancel();
    const outcome = await reading.outcome;
    if (generation !== this.#generation) return;
    this.#cancel = () => undefined;
    this.isReading = false;
    if (!outcome.ok) {
      this.error = outcome.error;
      return;
    }
    const { before, after, columns, notices } = outcome.value;
    this.#back = back;
    this.#forward = forward;
    onshift?.(before - (this.around?.own ?? before));
    this.around = {
      rows: new StatementRows(batches, columns, Infinity),
      own: before,
      pinned,
      notices,
      hasOlder: before === back,
      hasNewer: after === forward,
    };
  }
}

/** Its place is known from its row, and is no field of the entry. */
function withoutNumber({ rowCount, columns }: ResultBatch): ResultBatch {
  return { rowCount, columns: columns.filter(({ name }) => name !== CONTEXT_NUMBER_COLUMN) };
}
