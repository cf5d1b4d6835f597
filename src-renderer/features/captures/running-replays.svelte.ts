import type { ReplayFacts, RunningReplay } from '../../../src-main/contract/replay';
import type { Engine } from '../../services/engine-connection.svelte';
import type { ReplayAction } from './import-queue.svelte';

/** What the controls of one replay, or of several together, show. */
export interface Played {
  readonly count: number;
  /** Null where they differ. */
  readonly speed: number | null;
  /** All of them are. */
  readonly isPaused: boolean;
  /** Packet time of one alone, epoch seconds with a fraction; null before its first packet. */
  readonly atSec: number | null;
}

/** @param replays one at least */
export function together(replays: readonly ReplayFacts[]): Played {
  const [first] = replays;
  return {
    count: replays.length,
    speed: first !== undefined && replays.every(({ speed }) => speed === first.speed) ? first.speed : null,
    isPaused: replays.every(({ isPaused }) => isPaused),
    atSec: replays.length === 1 ? (first?.atSec ?? null) : null,
  };
}

/** What is played in the workspace, whoever has begun it: this window, another one or the command. */
export class RunningReplays {
  list = $state.raw<readonly RunningReplay[]>([]);
  readonly #engine: Engine;
  #generation = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async load(): Promise<void> {
    const generation = ++this.#generation;
    const outcome = await this.#engine.call('replay:list', {}).outcome;
    if (generation === this.#generation) this.list = outcome.ok ? outcome.value.replays : [];
  }

  /** @param run that of this window, which tells of itself; null without one */
  others(run: number | null): readonly RunningReplay[] {
    return this.list.filter((each) => each.run !== run);
  }

  /** Pauses it, lets it go on, has it go at another pace, or stops it. It may have ended meanwhile. */
  async control(run: number, action: ReplayAction): Promise<void> {
    const outcome = await this.#engine.call('replay:control', { run, ...action }).outcome;
    // What was asked before does not know of it.
    this.#generation += 1;
    if (outcome.ok && action.action !== 'stop')
      this.list = this.list.map((each) => (each.run === run ? { ...each, ...outcome.value } : each));
    else if (!outcome.ok) this.forget(run);
  }

  /** It is over. */
  forget(run: number): void {
    this.#generation += 1;
    this.list = this.list.filter((each) => each.run !== run);
  }
}
