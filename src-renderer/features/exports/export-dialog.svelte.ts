import type { ErrorShape } from '../../../src-main/contract/errors';
import {
  hasUntypedCells,
  META_SUFFIX,
  MOST_PARTITION_FIELDS,
  type ExportFormat,
  type ExportReport,
  type ExportRequest,
} from '../../../src-main/contract/export';
import type { HostKind } from '../../../src-main/contract/host-bridge';
import { spelledField, type FieldSpelling } from '../../../src-main/contract/log-entry';
import type { ExportState } from './export-state.svelte';
import type { ExportSubject } from './export-subject';

export interface ExportChoice {
  readonly format: ExportFormat;
  readonly gzip: boolean;
  readonly neutralise: boolean;
  readonly spelling: FieldSpelling;
  readonly isPartitioned: boolean;
}

/** What is told where the dialog was left while it wrote. */
export interface BackgroundListeners {
  readonly onDone: (done: ExportDone) => void;
  readonly onFailed: (error: ErrorShape) => void;
}

export interface ExportDone {
  readonly report: ExportReport;
  readonly name: string;
  /** Null when the browser has fetched it. */
  readonly path: string | null;
}

type Phase =
  | { readonly kind: 'choosing'; readonly wasCancelled: boolean }
  | { readonly kind: 'running' }
  | ({ readonly kind: 'done' } & ExportDone)
  | { readonly kind: 'failed'; readonly error: ErrorShape };

const BEFORE: Phase = { kind: 'choosing', wasCancelled: false };

/** What the user says about an export, and how far that is. An export goes on when its dialog is left. */
export class ExportDialogState implements ExportChoice {
  /** Null while the dialog is closed. */
  subject = $state.raw<ExportSubject | null>(null);
  phase = $state.raw<Phase>(BEFORE);
  format = $state<ExportFormat>('csv');
  gzip = $state(false);
  neutralise = $state(false);
  spelling = $state<FieldSpelling>('current');
  isPartitioned = $state(false);
  /** Columns of the subject, in the order in which their folders lie in each other. */
  partitionBy = $state.raw<readonly string[]>([]);
  /** Whether the browser has fetched the description of what is done, which it can once. */
  isDescribed = $state(false);
  /** Why it could not. */
  fetchError = $state.raw<ErrorShape | null>(null);
  readonly exporting: ExportState;
  readonly #host: HostKind;
  readonly #listeners: BackgroundListeners;

  constructor(exporting: ExportState, host: HostKind, listeners: BackgroundListeners) {
    this.exporting = exporting;
    this.#host = host;
    this.#listeners = listeners;
  }

  get hasGzip(): boolean {
    return this.format !== 'parquet' && this.format !== 'xlsx';
  }

  get hasFormulas(): boolean {
    return hasUntypedCells(this.format);
  }

  /** A browser fetches files, and no folders. */
  get hasPartitions(): boolean {
    return this.format === 'parquet' && this.#host === 'desktop';
  }

  get writesFolder(): boolean {
    return this.hasPartitions && this.isPartitioned;
  }

  /** Whether what is said makes an export: a folder has a column that it is divided by, and another one that is left. */
  get isComplete(): boolean {
    const { length } = this.partitionBy;
    const columns = this.subject?.columns.length ?? 0;
    return !this.writesFolder || (length > 0 && length <= MOST_PARTITION_FIELDS && length < columns);
  }

  get fileName(): string {
    const name = this.subject?.query.logstore ?? '';
    if (this.writesFolder) return `${name}-partitions`;
    return `${name}.${this.format}${this.hasGzip && this.gzip ? '.gz' : ''}`;
  }

  /** While one runs it is shown again. @returns whether there is anything to be shown */
  open(subject: ExportSubject | null): boolean {
    if (this.phase.kind === 'running') {
      this.subject = this.#running;
      return true;
    }
    if (subject === null || this.exporting.isRunning) return false;
    this.phase = BEFORE;
    this.partitionBy = this.partitionBy.filter((name) => subject.columns.includes(name));
    this.subject = subject;
    return true;
  }
  #running: ExportSubject | null = null;

  close(): void {
    this.subject = null;
  }

  /** Goes back from the end of an export to what was said. */
  reset(): void {
    this.phase = BEFORE;
  }

  /** A column that is chosen last is the innermost folder. */
  togglePartition(name: string): void {
    const others = this.partitionBy.filter((each) => each !== name);
    this.partitionBy = others.length === this.partitionBy.length ? [...others, name] : others;
  }

  async start(): Promise<void> {
    const { subject, fileName: name } = this;
    if (subject === null || !this.isComplete || this.phase.kind === 'running') return;
    this.#running = subject;
    this.fetchError = null;
    this.isDescribed = false;
    this.phase = { kind: 'running' };
    const saved = await this.exporting.run(this.#request(subject), name);
    const isLeft = this.subject === null;
    if (saved.kind === 'saved') {
      const done = { report: saved.report, path: saved.path, name };
      this.phase = isLeft ? BEFORE : { kind: 'done', ...done };
      if (isLeft) this.#listeners.onDone(done);
    } else if (saved.kind === 'failed') {
      this.phase = isLeft ? BEFORE : { kind: 'failed', error: saved.error };
      if (isLeft) this.#listeners.onFailed(saved.error);
    } else this.phase = { kind: 'choosing', wasCancelled: saved.kind === 'cancelled' };
  }

  /** Has a browser fetch what describes the file that it has fetched. */
  async fetchDescription({ report, name }: ExportDone): Promise<void> {
    if (this.isDescribed) return;
    this.isDescribed = true;
    this.fetchError = await this.exporting.fetch(`${report.file}${META_SUFFIX}`, `${name}${META_SUFFIX}`);
    this.isDescribed = this.fetchError === null;
  }

  #request({ query }: ExportSubject): ExportRequest {
    const { format, spelling } = this;
    return {
      query,
      format,
      spelling,
      ...(this.hasGzip ? { gzip: this.gzip } : {}),
      ...(this.hasFormulas ? { neutraliseFormulas: this.neutralise } : {}),
      ...(this.writesFolder ? { partitionBy: this.partitionBy.map((name) => spelledField(name, spelling)) } : {}),
    };
  }
}
