import type { RunningWork } from '../../src-main/contract/host-bridge';
import { importRate } from '../features/captures/import-rate';
import type { ImportQueue } from '../features/captures/import-queue.svelte';
import type { ExportState } from '../features/exports/export-state.svelte';
import type { Loads } from '../features/loads/loads.svelte';
import type { HostBridge } from '../services/host-bridge';

interface WorkSources {
  readonly queue: Pick<ImportQueue, 'current' | 'isBusy'>;
  readonly loads: Pick<Loads, 'current'>;
  readonly exporting: Pick<ExportState, 'isRunning'>;
}

/** What runs in this window and would end with its page, and what the desktop is told of it. */
export class RunningWorkState {
  readonly #bridge: Pick<HostBridge, 'kind' | 'call'>;
  readonly #sources: WorkSources;
  readonly #now: () => number;
  readonly #startedMs = new WeakMap<object, number>();
  #told = 'null';

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    bridge: Pick<HostBridge, 'kind' | 'call'>,
    sources: WorkSources,
    now: () => number = () => performance.now(),
  ) {
    this.#bridge = bridge;
    this.#sources = sources;
    this.#now = now;
  }

  /** Null for nothing; parts are whole hundredths. */
  get current(): RunningWork | null {
    const { queue, loads, exporting } = this.#sources;
    if (queue.isBusy) return { kind: 'import', part: importPart(queue.current) };
    if (loads.current !== null) return { kind: 'load', part: loadPart(loads.current) };
    return exporting.isRunning ? { kind: 'export', part: null } : null;
  }

  /** Tells the desktop what runs, if that is something else than before. */
  tell(): void {
    const { current } = this;
    const text = JSON.stringify(current);
    if (this.#bridge.kind !== 'desktop' || text === this.#told) return;
    this.#told = text;
    void this.#bridge.call('work:running', { running: current });
  }

  begin(job: object): void {
    this.#startedMs.set(job, this.#now());
  }

  /** @param title says how it ended, as the page does */
  end(job: object, title: string, hasFailed: boolean): void {
    if (this.#bridge.kind !== 'desktop') return;
    const nowMs = this.#now();
    const tookMs = Math.max(0, nowMs - (this.#startedMs.get(job) ?? nowMs));
    // Whoever hears of the end knows that it does not run any more.
    this.tell();
    void this.#bridge.call('work:ended', { title: title.slice(0, 1000), tookMs, hasFailed });
  }
}

function hundredths(part: number | null): number | null {
  return part === null ? null : Math.floor(Math.max(0, Math.min(part, 1)) * 100) / 100;
}

function importPart(job: ImportQueue['current']): number | null {
  // How much has been read tells nothing of what is played at its own pace.
  const progress = job === null || job.plan.live === true ? null : job.progress;
  return progress === null ? null : hundredths(importRate(progress).part);
}

/** Of both passes over the files. */
function loadPart({ progress }: NonNullable<Loads['current']>): number | null {
  if (progress === null || progress.totalBytes === 0) return null;
  return hundredths((progress.pass - 1 + progress.readBytes / progress.totalBytes) / 2);
}
