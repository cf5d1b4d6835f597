import { AppError } from '../contract/errors';
import type { ReplayControl, ReplayFacts, RunningReplay } from '../contract/replay';
import type { ReplayClock } from './replay-clock';

/** The replays of an engine that go on, by their runs. */
export class Replays {
  readonly #running = new Map<number, { readonly clock: ReplayClock; readonly captures: readonly string[] }>();

  /**
   * @param captures paths of what is played
   * @returns to be called when it is over
   */
  begin(run: number, clock: ReplayClock, captures: readonly string[]): () => void {
    this.#running.set(run, { clock, captures });
    return () => {
      this.#running.delete(run);
    };
  }

  list(): readonly RunningReplay[] {
    return [...this.#running].map(([run, { clock, captures }]) => ({ ...replayFacts(run, clock), captures }));
  }

  /** @throws AppError REPLAY_NOT_RUNNING */
  control(control: ReplayControl): ReplayFacts {
    const { run } = control;
    const clock = this.#running.get(run)?.clock;
    if (clock === undefined) {
      const message = `import ${run} is not a replay that goes on: it is over, or was not begun as one`;
      throw new AppError('REPLAY_NOT_RUNNING', message, { run });
    }
    if (control.action === 'speed') clock.speed = control.speed;
    else clock.isPaused = control.action === 'pause';
    return replayFacts(run, clock);
  }
}

export function replayFacts(run: number, { speed, isPaused, atSec }: ReplayClock): ReplayFacts {
  return { run, speed, isPaused, atSec };
}
