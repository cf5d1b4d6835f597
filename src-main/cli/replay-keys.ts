import { LEAST_REPLAY_SPEED, MOST_REPLAY_SPEED, type ReplayControl, type ReplayFacts } from '../contract/replay';
import type { Context } from './context';
import type { EngineSession } from './engine-session';

export const REPLAY_KEYS = 'Space pauses and goes on, + and - double and halve the speed, Ctrl-C ends.';

/** Where a replay is that keys control; null as long as that is not known. */
export interface KnownReplay {
  facts: ReplayFacts | null;
}

/**
 * Controls a replay by the keys of the terminal.
 *
 * @param known what the replay has told last, which keys rest on and change
 * @returns stops listening
 */
export function controlByKeys({ io }: Context, engine: EngineSession, known: KnownReplay): () => void {
  return io.onKey((key) => {
    const control = known.facts === null ? null : controlOf(key, known.facts);
    if (control === null) return;
    // It may be over by then.
    engine.run('replay:control', control).then(
      (facts) => (known.facts = facts),
      () => undefined,
    );
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
