/** Playing a recorded capture by the times of its packets: a live import whose `speed` is given. */
export interface ReplayCalls {
  /** Of a replay that goes on, whoever has begun it. Fails with REPLAY_NOT_RUNNING otherwise. */
  'replay:control': { request: ReplayControl; reply: ReplayFacts };
  /** All that go on in the workspace, whoever has begun them, the first one first. */
  'replay:list': { request: Record<string, never>; reply: { readonly replays: readonly RunningReplay[] } };
}

export const REPLAY_CALLS = ['replay:control', 'replay:list'] as const satisfies readonly (keyof ReplayCalls)[];

/**
 * Paused, a replay stands still in packet time, and seals nothing; whether it is paused does not follow from its speed. One that
 * is stopped ends as its captures would end there: what was read stays.
 */
export type ReplayControl =
  | { readonly run: number; readonly action: 'pause' | 'resume' | 'stop' }
  | { readonly run: number; readonly action: 'speed'; readonly speed: number };

/** Where a replay is. */
export interface ReplayFacts {
  readonly run: number;
  /** So many times as fast as it was recorded, when it is not paused. */
  readonly speed: number;
  readonly isPaused: boolean;
  /** Packet time, epoch seconds with a fraction; null before the first packet. */
  readonly atSec: number | null;
}

export interface RunningReplay extends ReplayFacts {
  /** Paths of what is played, as its import has named them. */
  readonly captures: readonly string[];
}

/** Beyond any use: a day is over before it can be seen. */
export const MOST_REPLAY_SPEED = 1_000_000;
/** Slower by so much, a second of packet time takes a quarter of an hour. */
export const LEAST_REPLAY_SPEED = 0.001;
