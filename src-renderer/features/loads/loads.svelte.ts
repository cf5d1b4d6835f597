import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { LoadPreview, LoadReport } from '../../../src-main/contract/logstore';
import type { Engine } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';
import type { CaptureSource } from '../captures/source-job.svelte';
import type { LoadChoice } from './load-choice.svelte';
import { LoadJob, raisedExpansion } from './load-job.svelte';

export interface LoadListeners {
  /** The user said that it is to be loaded. */
  readonly onAsked?: (job: LoadJob) => void;
  readonly onDone: (job: LoadJob, report: LoadReport) => void;
  readonly onFailed: (job: LoadJob) => void;
}

/** Files of log entries: each load is asked about in a dialog, and then goes on by itself. */
export class Loads {
  /** The newest first. */
  jobs = $state.raw<readonly LoadJob[]>([]);
  /** The one that is asked about; others wait for it. */
  readonly asking = $derived.by(() => this.jobs.findLast(({ isAsking }) => isAsking) ?? null);
  readonly shown = $derived.by(() => this.jobs.filter(({ isAsking }) => !isAsking));
  readonly current = $derived.by(() => this.jobs.findLast(({ isUnderWay }) => isUnderWay) ?? null);
  readonly #engine: Engine;
  readonly #bridge: HostBridge;
  readonly #listeners: LoadListeners;
  #lastId = 0;

  constructor(engine: Engine, bridge: HostBridge, listeners: LoadListeners) {
    this.#engine = engine;
    this.#bridge = bridge;
    this.#listeners = listeners;
  }

  /** Several files are one load. */
  add(sources: readonly CaptureSource[]): void {
    const job = new LoadJob(++this.#lastId, sources);
    this.jobs = [job, ...this.jobs];
    void this.#prepare(job);
  }

  /** Asks about one that has failed, or was cancelled, once more. */
  change(job: LoadJob): void {
    job.error = null;
    job.isAsking = true;
    if (job.choice === null) void this.#prepare(job);
    else job.phase = 'choosing';
  }

  /** Takes the files for another format, and looks at them once more. */
  async setFormat(job: LoadJob, format: LoadJob['format']): Promise<void> {
    job.format = format;
    job.formatError = null;
    job.isLookingAgain = true;
    job.stop();
    const look = ++job.looks;
    if (!job.isCopied) {
      const copied = await this.#copy(job);
      if (look !== job.looks) return;
      if (!copied.ok) job.formatError = copied.error;
    }
    const preview = job.isCopied ? await this.#preview(job) : null;
    // They are looked at once more, perhaps as the same.
    if (look !== job.looks) return;
    job.stop = () => undefined;
    job.isLookingAgain = false;
    if (preview?.ok === true) job.look(preview.value);
    else if (preview !== null) job.formatError = preview.error;
  }

  /** Tries once more, with ten times as much of what is unpacked as was allowed. */
  allowExpansion(job: LoadJob): void {
    const { refusedExpansion } = job;
    if (refusedExpansion === null) return;
    job.maxExpansion = raisedExpansion(refusedExpansion);
    if (job.choice === null) this.change(job);
    else void this.start(job, job.again);
  }

  /** Gives up one that is asked about: nothing of it stays. */
  leave(job: LoadJob): void {
    job.stop();
    this.dismiss(job);
  }

  /** @param again load files that are in the Logstore already */
  async start(job: LoadJob, again = false): Promise<void> {
    const { choice } = job;
    if (choice?.problem !== null || !job.canStart) return;
    job.isAsking = false;
    job.error = null;
    job.progress = null;
    job.again = again;
    this.#listeners.onAsked?.(job);
    if (!job.isCopied) job.phase = 'copying';
    const copied = await this.#copy(job);
    const outcome = copied.ok ? await this.#load(job, choice, copied.value) : copied;
    job.stop = () => undefined;
    // Copies are gone with the load, unless the engine went first.
    if (outcome.ok || outcome.error.code !== 'ENGINE_GONE') job.paths = [];
    if (!outcome.ok) {
      this.#fail(job, outcome.error);
      return;
    }
    job.report = outcome.value;
    job.phase = 'done';
    this.#listeners.onDone(job, outcome.value);
  }

  cancel(job: LoadJob): void {
    job.stop();
  }

  /** Takes it off the page, with what was copied for it and not loaded. */
  dismiss(job: LoadJob): void {
    this.jobs = this.jobs.filter((other) => other !== job);
    if (job.paths.length > 0) void this.#engine.call('upload:discard', { captures: job.paths });
    job.paths = [];
  }

  /** Looks at the files, to propose what they are. */
  async #prepare(job: LoadJob): Promise<void> {
    if (!job.isCopied) job.phase = 'copying';
    const copied = await this.#copy(job);
    if (!copied.ok) {
      this.#fail(job, copied.error);
      return;
    }
    if (!this.jobs.includes(job)) return;
    job.phase = 'looking';
    const [preview, projects, logstores] = await Promise.all([
      this.#preview(job),
      this.#engine.call('project:list', {}).outcome,
      this.#engine.call('logstore:list', { project: null }).outcome,
    ]);
    job.stop = () => undefined;
    for (const outcome of [preview, projects, logstores]) {
      if (outcome.ok) continue;
      this.#fail(job, outcome.error);
      return;
    }
    if (!preview.ok || !projects.ok || !logstores.ok) return;
    job.places = { projects: projects.value.projects, logstores: logstores.value.logstores };
    job.look(preview.value);
    job.phase = 'choosing';
  }

  /** Of files that are copied. */
  #preview(job: LoadJob): Promise<Outcome<LoadPreview>> {
    const looking = this.#engine.call('load:preview', { files: job.paths, ...job.reading });
    job.stop = () => looking.cancel();
    return looking.outcome;
  }

  async #copy(job: LoadJob): Promise<Outcome<readonly string[]>> {
    if (job.isCopied) return { ok: true, value: job.paths };
    const copied = await job.copy({ engine: this.#engine, bridge: this.#bridge });
    if (!copied.ok) return copied;
    // Its dialog may have been left at the last moment.
    if (!this.jobs.includes(job)) this.dismiss(job);
    return copied;
  }

  #load(job: LoadJob, choice: LoadChoice, files: readonly string[]): Promise<Outcome<LoadReport>> {
    job.phase = 'running';
    const running = this.#engine.call(
      'load:run',
      { ...choice.request(files, job.again), ...job.reading },
      {
        onEvent: (name, payload) => {
          if (name === 'load:progress' && 'pass' in payload) job.progress = payload;
        },
      },
    );
    job.stop = () => running.cancel();
    return running.outcome;
  }

  #fail(job: LoadJob, error: ErrorShape): void {
    job.isAsking = false;
    if (error.code.endsWith('_CANCELLED')) {
      job.phase = 'cancelled';
      return;
    }
    job.error = error;
    job.phase = 'failed';
    // Whoever has left its dialog is told nothing.
    if (this.jobs.includes(job)) this.#listeners.onFailed(job);
  }
}
