import type { CallEventName, CallEvents, CallName, Calls } from '../contract/ipc';
import type { ResultBatch } from '../contract/result-batch';

/** The events that belong to a call: those with its noun. */
export type EventOf<K extends CallName> = K extends `${infer Noun}:${string}`
  ? Extract<CallEventName, `${Noun}:${string}`>
  : never;

/** What a handler has of its caller. The functions may be taken out of it. */
export interface CallContext<K extends CallName> {
  /** Aborted by a cancel, and when the caller is gone. */
  readonly signal: AbortSignal;
  /** Tells the caller; without effect once the call has been answered. */
  readonly emit: <E extends EventOf<K>>(name: E, payload: CallEvents[E]) => void;
  /**
   * @returns when the caller may be sent more; the batch's arrays may be reused then
   * @throws AppError of the call's cancellation when it was cancelled, or its caller is gone
   */
  readonly sendBatch: (batch: ResultBatch) => Promise<void>;
  /** There is no way back from here: a cancel that comes later is not answered as one, since it would not be true. */
  readonly passNoReturn: () => void;
  /** From here on a cancel is a wish to end well: it aborts the signal, and is not answered but by the reply. */
  readonly endOnCancel: () => void;
}

/** One per call; a missing one does not compile. */
export type CallHandlers = {
  readonly [K in CallName]: (request: Calls[K]['request'], context: CallContext<K>) => Promise<Calls[K]['reply']>;
};

/** @returns the request of a call. @throws AppError REQUEST_INVALID */
export type RequestParser = <K extends CallName>(call: K, input: unknown) => Calls[K]['request'];

/** What an engine can do, ready to be served. */
export interface EngineCalls {
  readonly handlers: CallHandlers;
  readonly parseRequest: RequestParser;
}
