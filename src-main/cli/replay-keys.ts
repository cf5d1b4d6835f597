import { LEAST_REPLAY_SPEED, MOST_REPLAY_SPEED, type ReplayControl, type ReplayFacts } from '../contract/replay';
import type { Context } from './context';
import type { EngineSession } from './engine-session';

export const REPLAY_KEYS = 'Space pauses and goes on, + and - double and halve the speed, Ctrl-C ends.';

/** Where a replay is that keys control, as it was told last or is to be soon. */
export class KnownReplay {
  /** Null as long as that is not known. */
  facts: ReplayFacts | null = null;
  /** What was asked for and is not answered. */
  #awaited = 0;

  /** What was told before an answer may be older than what was asked for. */
  tell(facts: ReplayFacts | null): void {
    if (this.#awaited === 0) this.facts = facts;
  }

  /** @param answer fails when the replay is over */
  ask(facts: ReplayFacts, control: ReplayControl, answer: Promise<ReplayFacts>): void {
    // The next key may be pressed before there is an answer.
    this.facts =
      control.action === 'speed'
        ? { ...facts, speed: control.speed }
        : { ...facts, isPaused: control.action === 'pause' };
    this.#awaited++;
    const answered = (now: ReplayFacts | null): void => {
      this.#awaited--;
      this.tell(now ?? this.facts);
    };
    answer.then(answered, () => answered(null));
  }
}

/**
 * Controls a replay by the keys of the terminal.
 *
 * @param known what the replay has told last, which keys rest on and change
 * @returns stops listening
 */
export function controlByKeys({ io }: Context, engine: EngineSession, known: KnownReplay): () => void {
  return io.onKey((key) => {
    const { facts } = known;
    const control = facts === null ? null : controlOf(key, facts);
    if (facts !== null && control !== null) known.ask(facts, control, engine.run('replay:control', control));
  });
}

function controlOf(key: string, { run, speed, isPaused }: ReplayFacts): ReplayControl | null {
  switch (key) {
    case ' ':
      return { run, action: isPaused ? 'resume' : 'pause' };
    case '+':
    case '=':
      return { run, action: 'speed', speed: Math.min(MOST_REPLAY_SPEED, speed * 2) };
    case '-':
      return { run, action: 'speed', speed: Math.max(LEAST_REPLAY_SPEED, speed / 2) };
    default:
      return null;
  }
}
