import type { ErrorCode, ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { HistogramReport, LogSnapshot, QueryReport, QueryRequest } from '../../../src-main/contract/query';
import type { RunningCall } from '../../../src-main/contract/wire';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import type { AppliedQuery } from '../../../src-main/query/query-variables';
import { splitQuery } from '../../../src-main/query/split-query';
import type { Engine } from '../../services/engine-connection.svelte';
import { exportSubject, type ExportSubject } from '../exports/export-subject';
import { SavedSearches } from '../saved-searches/saved-searches.svelte';
import { VariableInputs } from '../saved-searches/variable-inputs.svelte';
import { EntryPages, PAGE_ROWS } from './entry-pages.svelte';
import { fittedRange } from './fitted-range';
import { QueryHistory } from './query-history';
import { isInAnyZone } from './time-range';
import type { RowSource } from './row-source';
import { withFilter, type ValueFilter } from './search-filter';
import { StatementRows } from './statement-rows';
import { isSameRange } from './time-range';

/** Rows of a statement that are held here at most; the page says so, and an export has all of them. */
export const MAX_STATEMENT_ROWS = 1_000_000;

/** As the user wrote it; null for the whole log. */
export interface WrittenRange {
  readonly from: string | null;
  readonly to: string | null;
}

export const WHOLE_LOG: WrittenRange = { from: null, to: null };

/** The answer to the last query that ran to its end. */
export interface Answer {
  readonly kind: 'entries' | 'statement';
  /** As it was written. */
  readonly request: QueryRequest;
  /** The same with the range and the snapshot that were searched, so that it means the same entries later. */
  readonly pinned: QueryRequest;
  readonly histogram: HistogramReport;
  readonly report: QueryReport;
  readonly rows: RowSource;
  /** Whether a statement has more rows than are held. */
  readonly isCut: boolean;
  readonly elapsedMs: number;
}

export interface LogstorePlace {
  readonly project: string;
  readonly logstore: string;
}

/** With what tells them from each other, and when they were: logs with fields of their own may have no other time. */
const WHOLE_ENTRIES = { entryIds: true, entryTime: true } as const;

/** Each makes bins a quarter as wide, or less: from centuries to minutes. */
const FITS_AT_MOST = 10;

const NOTHING_TO_QUERY: ReadonlySet<ErrorCode> = new Set(['PROJECT_NOT_FOUND', 'LOGSTORE_NOT_FOUND', 'INDEX_MISSING']);

export type LogTab = 'raw' | 'graph' | 'explain';

type Phase = 'idle' | 'running' | 'cancelled';

/** One Logstore's query, and what came of it. A newer run owns the state. */
export class LogstoreState {
  readonly place: LogstorePlace;
  text = $state('');
  range = $state.raw<WrittenRange>(WHOLE_LOG);
  isNewestFirst = $state(true);
  phase = $state<Phase>('idle');
  tab = $state<LogTab>('raw');
  startedMs = $state(0);
  answer = $state.raw<Answer | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  /** The text that `error` is about: its positions count in it. */
  errorText = $state('');
  /** Ranges before each zoom, the latest at the end. */
  zooms = $state.raw<readonly WrittenRange[]>([]);
  /** Entries that came since the answer: how many more there are, or null where the range has moved on; null for none. */
  newer = $state.raw<{ readonly entries: number | null } | null>(null);
  /** Whether the log has grown while it was looked at. */
  hasGrown = $state(false);
  /** Whether newer entries are shown without being asked for, as long as nothing is being read. */
  isFollowing = $state(false);
  /** Whether the first row is out of sight. */
  isAway = false;
  /** Whether a row has been chosen. */
  hasChosen = false;
  readonly history: QueryHistory;
  readonly variables = new VariableInputs();
  readonly saved: SavedSearches;
  /** The error, where it is not the query's fault but there is nothing to be queried. */
  readonly placeError = $derived.by(() =>
    this.error !== null && NOTHING_TO_QUERY.has(this.error.code) ? this.error : null,
  );
  /** Whether the text or the range is another one than that of the answer, and was not tried. */
  readonly isEdited = $derived.by(() => {
    if (this.answer === null || this.phase === 'running') return false;
    if (this.error !== null && this.text === this.errorText) return false;
    const { text, from, to, zone } = this.answer.request;
    const applied = this.variables.apply(this.text);
    if (!applied.ok || applied.value.text !== text) return true;
    if (this.range.from !== from || this.range.to !== to) return true;
    return this.#zone() !== zone && isOfZone(this.answer);
  });
  /** Whether what is shown is no answer to what is written. */
  readonly isStale = $derived.by(() => this.phase !== 'idle' || this.error !== null || this.isEdited);
  readonly #engine: Engine;
  readonly #zone: () => string;
  #generation = 0;
  #cancel: () => void = () => undefined;
  #isRefreshing = false;
  /** Counts what was asked about newer entries. */
  #counted = 0;

  /** @param zone of local times, when a query runs */
  constructor(engine: Engine, place: LogstorePlace, zone: () => string, history: QueryHistory) {
    this.#engine = engine;
    this.place = place;
    this.#zone = zone;
    this.history = history;
    this.saved = new SavedSearches(engine, this);
  }

  /** What an export is of: the answer that is shown, whatever was written since. Null without one. */
  get exportSubject(): ExportSubject | null {
    if (this.answer === null) return null;
    const { pinned } = this.answer;
    // Times are written as they are shown.
    const zone = isOfZone(this.answer) ? pinned.zone : this.#zone();
    return exportSubject({ ...this.answer, pinned: { ...pinned, zone } }, MAX_STATEMENT_ROWS);
  }

  #request(text: string): QueryRequest {
    return {
      ...this.place,
      text,
      ...this.range,
      zone: this.#zone(),
      limit: null,
      offset: 0,
      reverse: this.isNewestFirst,
      snapshot: null,
    };
  }

  /** Searches for everything; the query goes into the history. */
  searchAll(): void {
    this.history.add(this.text);
    this.text = '';
    void this.run();
  }

  async run(): Promise<void> {
    const generation = ++this.#generation;
    this.#cancel();
    const written = this.text;
    this.history.add(written);
    const applied = this.variables.apply(written);
    if (!applied.ok) {
      this.phase = 'idle';
      this.#fail(applied.error, written);
      return;
    }
    const request = this.#request(applied.value.text);
    this.phase = 'running';
    this.error = null;
    this.startedMs = performance.now();
    const outcome = await this.#ask(request, () => generation === this.#generation);
    if (generation !== this.#generation) return;
    this.#cancel = () => undefined;
    this.phase = 'idle';
    if (outcome.ok) this.#take(outcome.value);
    else if (outcome.error.code === 'QUERY_CANCELLED') this.phase = 'cancelled';
    else this.#fail(placedAsWritten(outcome.error, applied.value), written);
  }

  /** Asks once more what was asked, where something else is being written, which is not asked before its writer says so. */
  async askAgain(): Promise<void> {
    if (this.answer !== null && this.isEdited) await this.#refresh(this.answer);
    else await this.run();
  }

  /**
   * The log has grown: what came is shown where nothing is being read, and else offered.
   *
   * @param isBusy whether something of the answer is looked at besides its rows
   */
  async grow(isBusy: boolean): Promise<void> {
    if (this.placeError !== null && this.phase === 'idle') await this.run();
    const { answer } = this;
    if (answer === null || this.isStale) return;
    const isReading = isBusy || this.#isReadingRows;
    if (answer.histogram.entries === 0 || (this.isFollowing && !isReading)) await this.#refresh(answer);
    else await this.#countNewer(answer);
  }

  get #isReadingRows(): boolean {
    return this.tab === 'raw' && (this.isAway || this.hasChosen);
  }

  async #countNewer({ request, histogram }: Answer): Promise<void> {
    const generation = this.#generation;
    const asked = ++this.#counted;
    const counted = await this.#count(request).outcome;
    if (generation === this.#generation && asked === this.#counted && counted.ok) this.#offer(histogram, counted.value);
  }

  /** What is told late, as of an import that the answer has already, is no growth. */
  #compare(before: HistogramReport, { entries, scanned, range }: HistogramReport): { more: number; hasMoved: boolean } {
    const more = entries - before.entries;
    const hasMoved = range?.fromSec !== before.range?.fromSec || range?.toSec !== before.range?.toSec;
    if (more !== 0 || hasMoved || scanned !== before.scanned) this.hasGrown = true;
    return { more, hasMoved };
  }

  #offer(before: HistogramReport, after: HistogramReport): void {
    const { more, hasMoved } = this.#compare(before, after);
    this.newer = more > 0 ? { entries: more } : hasMoved ? { entries: null } : null;
  }

  /** Asks once more, and leaves what is shown as it is until the answer is there. */
  async #refresh({ request, histogram }: Answer): Promise<void> {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const generation = ++this.#generation;
    const outcome = await this.#ask(request, () => generation === this.#generation);
    this.#isRefreshing = false;
    if (generation !== this.#generation) return;
    this.#cancel = () => undefined;
    if (!outcome.ok) return;
    // Reading may have begun meanwhile.
    if (histogram.entries > 0 && this.#isReadingRows) {
      outcome.value.rows.drop();
      this.#offer(histogram, outcome.value.histogram);
    } else {
      this.#compare(histogram, outcome.value.histogram);
      this.#take(outcome.value);
    }
  }

  #take(answer: Answer): void {
    this.answer?.rows.drop();
    this.answer = answer;
    this.newer = null;
    this.isAway = false;
    this.hasChosen = false;
  }

  #fail(error: ErrorShape, written: string): void {
    this.error = error;
    this.errorText = written;
    if (!NOTHING_TO_QUERY.has(error.code)) return;
    this.answer?.rows.drop();
    this.answer = null;
  }

  setVariable(name: string, value: string): void {
    this.variables.type(name, value);
    // It was about another value.
    if (this.error?.code.startsWith('QUERY_') === true) this.error = null;
  }

  cancel(): void {
    this.#cancel();
  }

  /** Nothing of it is looked at any more. */
  leave(): void {
    this.#generation += 1;
    this.#cancel();
    this.answer?.rows.drop();
  }

  setRange(range: WrittenRange): void {
    this.range = range;
    this.zooms = [];
    void this.run();
  }

  /** @param fromSec first second of the new range, epoch seconds; `toSec` is behind the last one */
  zoom(fromSec: number, toSec: number): void {
    this.zooms = [...this.zooms, this.range];
    this.range = { from: String(fromSec), to: String(toSec) };
    void this.run();
  }

  undoZoom(): void {
    const before = this.zooms.at(-1);
    if (before === undefined) return;
    this.zooms = this.zooms.slice(0, -1);
    this.range = before;
    void this.run();
  }

  /** In the whole log, whatever was looked at before; then in the part of it that has what is found, where that is small. */
  async search(text: string): Promise<void> {
    this.saved.close();
    this.text = text;
    this.range = WHOLE_LOG;
    this.zooms = [];
    await this.run();
    for (let step = 0; step < FITS_AT_MOST; step++) {
      const { answer, range } = this;
      const isThis = answer?.request.text === text && isSameRange(answer.request, range) && !this.isStale;
      const fitted = isThis ? fittedRange(answer.histogram) : null;
      if (fitted === null) return;
      this.zooms = [WHOLE_LOG];
      this.range = { from: String(fitted.fromSec), to: String(fitted.toSec) };
      await this.run();
    }
  }

  filter(filter: ValueFilter): void {
    this.text = withFilter(this.text, filter);
    void this.run();
  }

  reverse(isNewestFirst: boolean): void {
    this.isNewestFirst = isNewestFirst;
    void this.run();
  }

  async #ask(request: QueryRequest, isWanted: () => boolean): Promise<Outcome<Answer>> {
    const started = performance.now();
    const isStatement = splitQuery(request.text).sql !== null;
    const batches: ResultBatch[] = [];
    let counting = this.#count(request);
    const reading = this.#engine.call(
      'query:run',
      isStatement ? { ...request, limit: MAX_STATEMENT_ROWS + 1 } : { ...request, limit: PAGE_ROWS, ...WHOLE_ENTRIES },
      {
        onBatch: (batch) => {
          if (isWanted()) batches.push(batch);
        },
      },
    );
    this.#cancel = () => {
      counting.cancel();
      reading.cancel();
    };
    const read = await reading.outcome;
    // What one of the two is refused for, the other one is as well.
    if (!read.ok) counting.cancel();
    let counted = await counting.outcome;
    if (!read.ok) return read;
    const report = read.value;
    const pinned = pinnedTo(request, report);
    if (counted.ok && !isSameSnapshot(counted.value.snapshot, report.snapshot)) {
      // An import ended between the two.
      counting = this.#count(pinned);
      counted = await counting.outcome;
    }
    if (!counted.ok) return counted;
    const histogram = counted.value;
    const rows = isStatement
      ? new StatementRows(batches, report.columns, MAX_STATEMENT_ROWS, report.meanings)
      : new EntryPages(this.#engine, { ...pinned, ...WHOLE_ENTRIES }, histogram.entries, report.columns, batches);
    const isCut = isStatement && report.rowCount > MAX_STATEMENT_ROWS;
    const elapsedMs = performance.now() - started;
    const kind = isStatement ? 'statement' : 'entries';
    return { ok: true, value: { kind, request, pinned, histogram, report, rows, isCut, elapsedMs } };
  }

  #count({ text, project, logstore, from, to, zone, snapshot }: QueryRequest): RunningCall<'histogram:run'> {
    const searched = { text, project, logstore, from, to, zone, snapshot };
    return this.#engine.call('histogram:run', { ...searched, withScanned: true });
  }
}

/** Whether another zone would have another answer: entries are those of instants, which the page shows in any zone. */
function isOfZone({ kind, request: { from, to } }: Answer): boolean {
  return kind === 'statement' || [from, to].some((end) => end !== null && !isInAnyZone(end));
}

/** The request with what was searched, so that later pages count from the same entry. */
function pinnedTo(request: QueryRequest, { range, snapshot }: QueryReport): QueryRequest {
  if (range === null) return { ...request, snapshot };
  return { ...request, from: String(range.fromSec), to: String(range.toSec), snapshot };
}

function isSameSnapshot(one: LogSnapshot, other: LogSnapshot): boolean {
  if (one.maxRun !== other.maxRun || one.startedMs !== other.startedMs || one.runs !== other.runs) return false;
  return one.hidden.length === other.hidden.length && one.hidden.every((run, index) => run === other.hidden[index]);
}

/** The error of a query with values in the place of its variables, at its place in what the user wrote. */
function placedAsWritten(error: ErrorShape, { writtenPlace }: AppliedQuery): ErrorShape {
  const { position, length } = error.detail;
  if (typeof position !== 'number') return error;
  return { ...error, detail: { ...error.detail, ...writtenPlace(position, typeof length === 'number' ? length : 1) } };
}
