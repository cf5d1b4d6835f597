import { AppError } from '../contract/errors';
import type { ReplayControl, ReplayFacts, RunningReplay } from '../contract/replay';
import type { ReplayClock } from './replay-clock';

interface OwnReplay {
  readonly clock: ReplayClock;
  /** Paths of what is played. */
  readonly captures: readonly string[];
  /** Ends it, and keeps what was read. */
  readonly stop: () => void;
}

/** The replays of an engine that go on, by their runs. */
export class Replays {
  readonly #running = new Map<number, OwnReplay>();

  /** @returns to be called when it is over */
  begin(run: number, replay: OwnReplay): () => void {
    this.#running.set(run, replay);
    return () => {
      this.#running.delete(run);
    };
  }

  /** Those that share a clock are one replay, by the first of its runs. */
  list(): readonly RunningReplay[] {
    const clocks = new Set<ReplayClock>();
    return [...this.#running].flatMap(([run, { clock, captures }]) => {
      if (clocks.has(clock)) return [];
      clocks.add(clock);
      return [{ ...replayFacts(run, clock), captures }];
    });
  }

  /** @throws AppError REPLAY_NOT_RUNNING */
  control(control: ReplayControl): ReplayFacts {
    const { run } = control;
    const replay = this.#running.get(run);
    if (replay === undefined) {
      const message = `import ${run} is not a replay that goes on: it is over, or was not begun as one`;
      throw new AppError('REPLAY_NOT_RUNNING', message, { run });
    }
    const { clock, stop } = replay;
    if (control.action === 'speed') clock.speed = control.speed;
    else if (control.action === 'stop') stop();
    else clock.isPaused = control.action === 'pause';
    return replayFacts(run, clock);
  }
}

export function replayFacts(run: number, { speed, isPaused, atSec }: ReplayClock): ReplayFacts {
  return { run, speed, isPaused, atSec };
}
