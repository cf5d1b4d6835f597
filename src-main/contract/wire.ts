import type { ErrorShape, Outcome } from './errors';
import type { CallEventName, CallEvents, CallName, Calls } from './ipc';
import type { ResultBatch } from './result-batch';

/** One running call, as its caller sees it. */
export interface RunningCall<K extends CallName> {
  readonly outcome: Promise<Outcome<Calls[K]['reply']>>;
  cancel(): void;
}

export interface CallListeners {
  /** Awaited before the next batch is asked for, so a slow reader holds the writer back. */
  readonly onBatch?: (batch: ResultBatch) => void | Promise<void>;
  readonly onEvent?: <E extends CallEventName>(name: E, payload: CallEvents[E]) => void;
}

/** The engine as every host, window and command sees it. */
export interface EngineClient {
  call<K extends CallName>(name: K, request: Calls[K]['request'], listeners?: CallListeners): RunningCall<K>;
  close(): Promise<void>;
}

/** Goes up with every change that older programs would misread. */
export const PROTOCOL_VERSION = 2;

/** Frames of the wire; `id` is the caller's number of the call. */
export type ClientFrame =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly request: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  /** The caller has taken one batch. */
  | { readonly kind: 'ack'; readonly id: number };
export type EngineFrame =
  /** The first frame of every connection, so that a client knows that somebody is there who speaks as it does. */
  | { readonly kind: 'hello'; readonly id: 0; readonly protocol: number }
  | { readonly kind: 'batch'; readonly id: number; readonly batch: ResultBatch }
  | { readonly kind: 'event'; readonly id: number; readonly name: CallEventName; readonly payload: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly outcome: Outcome<unknown> }
  /** Why the engine ends the connection, right before it does. */
  | { readonly kind: 'goodbye'; readonly id: 0; readonly error: ErrorShape };
