import { AppError, toErrorShape, type ErrorCode, type Outcome } from '../contract/errors';
import type { FrameTransport } from '../contract/frame-transport';
import type { CallEvents, CallName } from '../contract/ipc';
import type { ResultBatch } from '../contract/result-batch';
import type { CallContext, EventOf } from './engine-calls';
import { splitBatch } from './protocol/split-batch';

/**
 * What a cancelled call is answered with when its handler takes too long to say so itself, or was never begun; others are
 * questions, and QUERY_CANCELLED.
 */
const CANCEL_CODE: Partial<Readonly<Record<CallName, ErrorCode>>> = {
  'import:run': 'IMPORT_CANCELLED',
  'load:run': 'LOAD_CANCELLED',
};
/** Of the 100 ms within which the caller of a cancel has its answer, what the handler gets to give one. */
const CANCEL_GRACE_MS = 40;
/** Batches under way to a caller that has not taken them yet. */
const MAX_UNACKNOWLEDGED = 4;

function cancelError(name: CallName): AppError {
  return new AppError(CANCEL_CODE[name] ?? 'QUERY_CANCELLED', `${name} was cancelled`);
}

/** One call that is being handled, or waits for it. */
export class ServedCall<K extends CallName = CallName> implements CallContext<K> {
  /** When nothing of it runs any more, which may be after its answer. */
  readonly over: Promise<void>;
  readonly #id: number;
  readonly #name: K;
  readonly #transport: FrameTransport;
  readonly #abort = new AbortController();
  readonly #wakers: (() => void)[] = [];
  #unacknowledged = 0;
  #graceTimer: NodeJS.Timeout | undefined;
  #answered = false;
  #isPastReturn = false;
  #endsWell = false;
  #settleOver: () => void = () => undefined;

  constructor(id: number, name: K, transport: FrameTransport) {
    this.#id = id;
    this.#name = name;
    this.#transport = transport;
    this.over = new Promise((resolve) => {
      this.#settleOver = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether somebody waits for what it does: not once it was cancelled, or its caller is gone. */
  get isWanted(): boolean {
    return !this.signal.aborted;
  }

  readonly emit = <E extends EventOf<K>>(name: E, payload: CallEvents[E]): void => {
    if (!this.#answered) void this.#transport.send({ kind: 'event', id: this.#id, name, payload });
  };

  readonly sendBatch = async (batch: ResultBatch): Promise<void> => {
    for (const piece of splitBatch(batch)) {
      while (this.#unacknowledged >= MAX_UNACKNOWLEDGED && !this.signal.aborted) {
        await new Promise<void>((resolve) => this.#wakers.push(resolve));
      }
      if (this.signal.aborted || this.#answered) throw cancelError(this.#name);
      this.#unacknowledged += 1;
      await this.#transport.send({ kind: 'batch', id: this.#id, batch: piece });
    }
  };

  readonly passNoReturn = (): void => {
    this.#isPastReturn = true;
  };

  readonly endOnCancel = (): void => {
    this.#endsWell = true;
  };

  acknowledge(): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - 1);
    this.#wake();
  }

  /** Asks the handler to end, and answers for it if it does not soon. */
  cancel(): void {
    if (this.signal.aborted || this.#answered || this.#isPastReturn) return;
    if (!this.#endsWell) this.#graceTimer = setTimeout(() => this.#answerCancelled(), CANCEL_GRACE_MS);
    this.#stop();
  }

  /** Of a call that was never begun: there is no handler to wait for. */
  cancelUnbegun(): void {
    this.#stop();
    this.#answerCancelled();
    this.#settleOver();
  }

  /** The caller is gone: nothing is said any more. */
  drop(): void {
    this.#answered = true;
    clearTimeout(this.#graceTimer);
    this.#stop();
  }

  /** Its handler has ended. */
  end(outcome: Outcome<unknown>): void {
    this.answer(outcome);
    this.#settleOver();
  }

  answer(outcome: Outcome<unknown>): void {
    clearTimeout(this.#graceTimer);
    if (this.#answered) return;
    this.#answered = true;
    this.#transport.send({ kind: 'reply', id: this.#id, outcome }).catch((cause: unknown) => {
      void this.#transport.send({ kind: 'reply', id: this.#id, outcome: { ok: false, error: toErrorShape(cause) } });
    });
  }

  #answerCancelled(): void {
    this.answer({ ok: false, error: toErrorShape(cancelError(this.#name)) });
  }

  #stop(): void {
    this.#abort.abort(cancelError(this.#name));
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#wakers.splice(0)) resolve();
  }
}
