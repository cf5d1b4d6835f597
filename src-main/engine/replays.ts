import { AppError } from '../contract/errors';
import type { ReplayControl, ReplayFacts } from '../contract/replay';
import type { ReplayClock } from './replay-clock';

/** The replays of an engine that go on, by their runs. */
export class Replays {
  readonly #clocks = new Map<number, ReplayClock>();

  /** @returns to be called when it is over */
  begin(run: number, clock: ReplayClock): () => void {
    this.#clocks.set(run, clock);
    return () => {
      this.#clocks.delete(run);
    };
  }

  /** @throws AppError REPLAY_NOT_RUNNING */
  control(control: ReplayControl): ReplayFacts {
    const { run } = control;
    const clock = this.#clocks.get(run);
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
