import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { ImportReport } from '../../../src-main/contract/imports';
import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import type { Engine } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';
import { ImportJob } from './import-job.svelte';
import { DEFAULT_PLAN, type ImportPlan } from './import-plan';
import type { CaptureSource } from './source-job.svelte';

/** Captures of a job whose beginnings are looked at. */
const MAX_GLANCES = 20;

export type ReplayAction =
  { readonly action: 'pause' | 'resume' | 'stop' } | { readonly action: 'speed'; readonly speed: number };

export interface ImportListeners {
  /** Somebody asked for it, for the first time or again. */
  readonly onAsked?: (job: ImportJob) => void;
  readonly onDone: (job: ImportJob, report: ImportReport) => void;
  readonly onFailed: (job: ImportJob) => void;
}

/** Imports one after the other, in the order in which they were asked for. */
export class ImportQueue {
  jobs = $state.raw<readonly ImportJob[]>([]);
  readonly current = $derived.by(
    () => this.jobs.find(({ phase }) => phase === 'running' || phase === 'copying') ?? null,
  );
  readonly isBusy = $derived.by(() =>
    this.jobs.some(({ phase }) => phase === 'waiting' || phase === 'copying' || phase === 'running'),
  );
  /** What runs and what waits for it, in the order in which they run; then what has ended, the newest first. */
  readonly inOrder = $derived.by(() => [
    ...this.jobs.filter(({ isUnderWay }) => isUnderWay).reverse(),
    ...this.jobs.filter(({ isUnderWay }) => !isUnderWay),
  ]);
  readonly #engine: Engine;
  readonly #bridge: HostBridge;
  readonly #listeners: ImportListeners;
  #lastId = 0;
  #isWorking = false;

  constructor(engine: Engine, bridge: HostBridge, listeners: ImportListeners) {
    this.#engine = engine;
    this.#bridge = bridge;
    this.#listeners = listeners;
  }

  /**
   * Several files are one import: their packets are merged by time.
   *
   * @param paths of the sources at the engine, where they are there already
   */
  add(
    sources: readonly CaptureSource[],
    plan: ImportPlan = DEFAULT_PLAN,
    paths: readonly string[] = [],
  ): ImportJob | null {
    if (sources.length === 0) return null;
    const job = new ImportJob(++this.#lastId, sources, plan);
    job.paths = paths;
    this.jobs = [job, ...this.jobs];
    this.#listeners.onAsked?.(job);
    const given = paths.length > 0 ? paths : sources.filter((source) => typeof source === 'string');
    if (given.length === sources.length) void this.#glance(job, given);
    void this.#work();
    return job;
  }

  /** Tries a failed job again, by other rules where they are named. */
  retry(job: ImportJob, rules: { readonly again?: boolean } & Partial<ImportPlan> = {}): void {
    const { again, ...changes } = rules;
    job.again = again ?? job.again;
    job.plan = { ...job.plan, ...changes };
    job.error = null;
    job.progress = null;
    job.arrived = new Map();
    job.replay = null;
    job.phase = 'waiting';
    this.#isHalted = false;
    this.#listeners.onAsked?.(job);
    void this.#work();
  }

  cancel(job: ImportJob): void {
    if (job.phase === 'waiting') job.phase = 'cancelled';
    job.stop();
  }

  /** Pauses what is played, lets it go on, or has it go at another pace. It may have ended meanwhile. */
  async control(job: ImportJob, action: ReplayAction): Promise<void> {
    if (job.replay === null) return;
    const { run } = job.replay;
    const outcome = await this.#engine.call('replay:control', { run, ...action }).outcome;
    if (outcome.ok && job.isUnderWay) job.replay = outcome.value;
  }

  /**
   * The engine is back after it had gone: what an import had brought into its log by then is there, though nobody was told, and
   * those behind it go on.
   */
  settle(imports: readonly ImportFacts[]): void {
    this.#isHalted = false;
    for (const job of this.jobs) {
      if (job.error?.code !== 'ENGINE_GONE') continue;
      const there = imports.find(
        ({ isGoingOn, finishedMs, captures }) =>
          !isGoingOn && finishedMs >= job.begunMs && isSamePaths(captures, job.paths),
      );
      if (there === undefined) continue;
      const { run, project, logstore } = there;
      job.error = { ...job.error, code: 'CAPTURE_ALREADY_IMPORTED', detail: { run, project, logstore } };
    }
    void this.#work();
  }

  dismiss(job: ImportJob): void {
    this.jobs = this.jobs.filter((other) => other !== job);
  }

  /** Until the engine is there again. */
  #isHalted = false;

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      for (let job = this.#next(); job !== undefined && !this.#isHalted; job = this.#next()) await this.#run(job);
    } finally {
      this.#isWorking = false;
    }
  }

  #next(): ImportJob | undefined {
    return this.jobs.findLast(({ phase }) => phase === 'waiting');
  }

  async #run(job: ImportJob): Promise<void> {
    job.begunMs = Date.now();
    const copied = await this.#copy(job);
    const outcome = copied.ok ? await this.#import(job, copied.value) : copied;
    job.stop = () => undefined;
    // Copies that were not imported are gone with the import, unless the engine went first.
    if (!outcome.ok && outcome.error.code !== 'ENGINE_GONE') job.paths = [];
    if (outcome.ok) {
      job.report = outcome.value;
      job.phase = 'done';
      this.#listeners.onDone(job, outcome.value);
    } else if (outcome.error.code === 'IMPORT_CANCELLED') {
      job.phase = 'cancelled';
    } else {
      job.error = named(outcome.error, job);
      job.phase = 'failed';
      // Others would fail like it, one after the other.
      this.#isHalted = outcome.error.code === 'ENGINE_GONE';
      this.#listeners.onFailed(job);
    }
  }

  /** Beside the import, which says what is wrong with a capture. */
  async #glance(job: ImportJob, captures: readonly string[]): Promise<void> {
    const outcome = await this.#engine.call('capture:info', { captures: captures.slice(0, MAX_GLANCES) }).outcome;
    if (outcome.ok) job.glances = outcome.value.captures;
  }

  /** @returns paths at the engine; what was copied before is not copied twice */
  async #copy(job: ImportJob): Promise<Outcome<readonly string[]>> {
    if (job.isCopied) return { ok: true, value: job.paths };
    job.phase = 'copying';
    const copied = await job.copy({ engine: this.#engine, bridge: this.#bridge });
    if (!copied.ok) return copied;
    if (job.copyBytes > 0) void this.#glance(job, job.paths);
    return copied;
  }

  async #import(job: ImportJob, captures: readonly string[]): Promise<Outcome<ImportReport>> {
    job.phase = 'running';
    const running = this.#engine.call(
      'import:run',
      {
        captures,
        ...job.plan,
        // From the page of a gateway, where an index is made by hand, as in the product.
        createIndex: !Array.isArray(job.plan.sessionLogs),
        again: job.again,
        layer: 'auto',
      },
      {
        onEvent: (name, payload) => {
          if (name !== 'import:progress' || !('packets' in payload)) return;
          job.take(payload);
          if ('replay' in payload) job.replay = payload.replay ?? null;
        },
      },
    );
    job.stop = () => running.cancel();
    return running.outcome;
  }
}

/** An error about the import as a whole names no file, and is then about those of the job. */
function named(error: ErrorShape, { names }: ImportJob): ErrorShape {
  const [file] = names;
  if (file === undefined || 'file' in error.detail || error.code !== 'CAPTURE_ALREADY_IMPORTED') return error;
  return { ...error, detail: { ...error.detail, file, files: names.length } };
}

function isSamePaths(captures: readonly { readonly path: string }[], paths: readonly string[]): boolean {
  return captures.length === paths.length && captures.every(({ path }, index) => path === paths[index]);
}
