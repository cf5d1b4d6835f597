import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { DigestProgress } from '../../../src-main/contract/imports';
import type { Calls } from '../../../src-main/contract/ipc';
import type { Engine } from '../../services/engine-connection.svelte';

/** What is known of the digest of one capture of an import. */
export type DigestStatus =
  | { readonly kind: 'known'; readonly sha256: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'waiting' }
  /** `part` is of all captures of the import, 0 to 1; null before the first word of it. */
  | { readonly kind: 'computing'; readonly part: number | null }
  | { readonly kind: 'failed'; readonly error: ErrorShape };

/** Digests of captures, which are computed when they have been imported: of one import after the other. */
export class DigestState {
  /** The import whose captures are read now. */
  run = $state<number | null>(null);
  waiting = $state.raw<readonly number[]>([]);
  progress = $state.raw<DigestProgress | null>(null);
  #outcomes = $state.raw<ReadonlyMap<number, Outcome<Calls['digest:run']['reply']>>>(new Map());
  readonly #engine: Engine;
  #stop: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * @param place of the capture in its import
   * @param kept the digest that the import was told with; null where there was none
   */
  statusOf(run: number, place: number, kept: string | null): DigestStatus {
    if (kept !== null) return { kind: 'known', sha256: kept };
    if (run === this.run) return { kind: 'computing', part: this.#part };
    if (this.waiting.includes(run)) return { kind: 'waiting' };
    const outcome = this.#outcomes.get(run);
    if (outcome?.ok === false) return { kind: 'failed', error: outcome.error };
    const digest = outcome?.value.digests[place];
    if (digest === undefined) return { kind: 'none' };
    return digest.error === null ? { kind: 'known', sha256: digest.sha256 } : { kind: 'failed', error: digest.error };
  }

  compute(run: number): void {
    if (run === this.run || this.waiting.includes(run)) return;
    this.waiting = [...this.waiting, run];
    if (this.run === null) void this.#work();
  }

  /** Whether it runs or waits. What was computed of its other captures is kept. */
  stop(run: number): void {
    this.waiting = this.waiting.filter((each) => each !== run);
    if (run === this.run) this.#stop();
  }

  get #part(): number | null {
    if (this.progress === null || this.progress.totalBytes === 0) return null;
    return this.progress.readBytes / this.progress.totalBytes;
  }

  async #work(): Promise<void> {
    for (let [run] = this.waiting; run !== undefined; [run] = this.waiting) {
      this.waiting = this.waiting.slice(1);
      this.run = run;
      this.progress = null;
      const running = this.#engine.call(
        'digest:run',
        { run },
        {
          onEvent: (name, payload) => {
            if (name === 'digest:progress' && 'totalBytes' in payload && !('packets' in payload))
              this.progress = payload;
          },
        },
      );
      this.#stop = () => running.cancel();
      this.#keep(run, await running.outcome);
    }
    this.run = null;
  }

  #keep(run: number, outcome: Outcome<Calls['digest:run']['reply']>): void {
    const outcomes = new Map(this.#outcomes);
    if (!outcome.ok && outcome.error.code === 'QUERY_CANCELLED') outcomes.delete(run);
    else outcomes.set(run, outcome);
    this.#outcomes = outcomes;
  }
}
