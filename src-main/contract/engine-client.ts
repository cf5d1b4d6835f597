import { AppError, toErrorShape, type ErrorShape, type Outcome } from './errors';
import type { Frame } from './frame-codec';
import type { CallEventName, CallEvents, CallName, Calls } from './ipc';
import type { CallListeners, EngineClient, RunningCall } from './wire';
import type { ResultBatch } from './result-batch';
import type { FrameTransport } from './frame-transport';

interface PendingCall {
  readonly listeners: CallListeners;
  readonly settle: (outcome: Outcome<unknown>) => void;
  /** Ends when the batches that have come are taken; a reply waits for it. */
  taken: Promise<void>;
  /** The listener's own error, which then is the outcome. */
  failure: Outcome<never> | null;
}

function goneOutcome(lastWord: ErrorShape | null): Outcome<never> {
  if (lastWord !== null) return { ok: false, error: lastWord };
  const error = new AppError('ENGINE_GONE', 'the engine ended before it answered; open the workspace again');
  return { ok: false, error: toErrorShape(error) };
}

export interface GreetedClient extends EngineClient {
  /** The protocol that the engine speaks, when it has said so; null when the connection ended before. */
  readonly greeting: Promise<number | null>;
}

/** The engine at the other end of a connection. */
class TransportClient implements GreetedClient {
  readonly #transport: FrameTransport;
  readonly #pending = new Map<number, PendingCall>();
  readonly #closed: Promise<void>;
  /** Why the engine ends the connection. */
  #lastWord: ErrorShape | null = null;
  #isClosed = false;
  #lastId = 0;
  #greet: (protocol: number | null) => void = () => undefined;
  readonly greeting = new Promise<number | null>((resolve) => {
    this.#greet = resolve;
  });

  constructor(transport: FrameTransport) {
    this.#transport = transport;
    this.#closed = new Promise((resolve) => {
      transport.listen({
        onFrame: (frame) => this.#receive(frame),
        onClose: () => {
          this.#isClosed = true;
          this.#greet(null);
          for (const id of [...this.#pending.keys()]) this.#settle(id, goneOutcome(this.#lastWord));
          resolve();
        },
      });
    });
  }

  call<K extends CallName>(name: K, request: Calls[K]['request'], listeners: CallListeners = {}): RunningCall<K> {
    const id = ++this.#lastId;
    const outcome = new Promise<Outcome<unknown>>((resolve) => {
      this.#pending.set(id, { listeners, settle: resolve, taken: Promise.resolve(), failure: null });
    });
    if (this.#isClosed) this.#settle(id, goneOutcome(this.#lastWord));
    else {
      this.#transport.send({ kind: 'call', id, name, request }).catch((cause: unknown) => {
        this.#settle(id, { ok: false, error: toErrorShape(cause) });
      });
    }
    return {
      // What comes back under this id is the reply of this call, as `CallHandlers` has it at the other end.
      outcome: outcome as Promise<Outcome<Calls[K]['reply']>>,
      cancel: () => {
        if (this.#pending.has(id)) void this.#transport.send({ kind: 'cancel', id });
      },
    };
  }

  async close(): Promise<void> {
    this.#transport.close();
    await this.#closed;
  }

  #receive(frame: Frame): void {
    if (frame.kind === 'hello') {
      this.#greet(frame.protocol);
      return;
    }
    if (frame.kind === 'goodbye') {
      this.#lastWord = frame.error;
      return;
    }
    const pending = this.#pending.get(frame.id);
    if (pending === undefined) return;
    switch (frame.kind) {
      case 'batch':
        pending.taken = pending.taken.then(() => this.#take(frame.id, pending, frame.batch));
        return;
      case 'event':
        pending.listeners.onEvent?.(frame.name, frame.payload as CallEvents[CallEventName]);
        return;
      case 'reply':
        if (!frame.outcome.ok) {
          // A failed call has no more use for its batches, and whoever cancelled it waits.
          pending.failure ??= { ok: false, error: frame.outcome.error };
          this.#settle(frame.id, pending.failure);
        } else void pending.taken.then(() => this.#settle(frame.id, pending.failure ?? frame.outcome));
        return;
      case 'call':
      case 'cancel':
      case 'ack':
        this.#transport.close();
    }
  }

  async #take(id: number, pending: PendingCall, batch: ResultBatch): Promise<void> {
    if (pending.failure !== null) return;
    try {
      await pending.listeners.onBatch?.(batch);
      void this.#transport.send({ kind: 'ack', id });
    } catch (cause) {
      pending.failure = { ok: false, error: toErrorShape(cause) };
      void this.#transport.send({ kind: 'cancel', id });
    }
  }

  #settle(id: number, outcome: Outcome<unknown>): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.settle(outcome);
  }
}

/**
 * Takes over `transport`. Batches of a call are handed to `onBatch` one after the other; its outcome, when it is a
 * success, comes after the last has been taken. An exception of `onBatch` cancels the call and is its outcome. Outcomes
 * never reject: a lost connection is ENGINE_GONE, or what the engine said as it ended it.
 */
export function createClient(transport: FrameTransport): GreetedClient {
  return new TransportClient(transport);
}
