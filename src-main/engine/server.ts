import { setTimeout as delay } from 'node:timers/promises';
import { AppError, toErrorShape, type ErrorCode, type Outcome } from '../contract/errors';
import type { Frame } from '../contract/frame-codec';
import type { FrameTransport } from '../contract/frame-transport';
import {
  CALLS,
  PROTOCOL_VERSION,
  type CallEventName,
  type CallEvents,
  type CallName,
  type Calls,
} from '../contract/ipc';
import type { ResultBatch } from '../contract/result-batch';
import { splitBatch } from './protocol/split-batch';

/** The events that belong to a call: those with its noun. */
type EventOf<K extends CallName> = K extends `${infer Noun}:${string}`
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
}

/** One per call; a missing one does not compile. */
export type CallHandlers = {
  readonly [K in CallName]: (request: Calls[K]['request'], context: CallContext<K>) => Promise<Calls[K]['reply']>;
};

/** One per call: returns the request, or throws AppError REQUEST_INVALID. */
export type CallParsers = { readonly [K in CallName]: (input: unknown) => Calls[K]['request'] };

/** What an engine can do, ready to be served. */
export interface EngineCalls {
  readonly handlers: CallHandlers;
  readonly parsers: CallParsers;
}

/** What a cancelled call is answered with when its handler takes too long to say so itself. */
const CANCEL_CODE: Readonly<Record<CallName, ErrorCode>> = {
  'import:run': 'IMPORT_CANCELLED',
  'query:run': 'QUERY_CANCELLED',
  'histogram:run': 'QUERY_CANCELLED',
  'export:run': 'QUERY_CANCELLED',
  'upload:discard': 'QUERY_CANCELLED',
  'workspace:read': 'QUERY_CANCELLED',
  'import:read': 'QUERY_CANCELLED',
};
/** Of the 100 ms within which the caller of a cancel has its answer, what the handler gets to give one. */
const CANCEL_GRACE_MS = 75;
/** A client that has connected may take so long until its first call, or between two. */
const QUIET_MS = 300;
const LOOK_AGAIN_MS = 20;
/** Batches under way to a caller that has not taken them yet. */
const MAX_UNACKNOWLEDGED = 4;
/** Characters of an unknown call's name that its refusal repeats. */
const MAX_NAME_TEXT = 64;

function cancelError(name: CallName): AppError {
  return new AppError(CANCEL_CODE[name], `${name} was cancelled`);
}

/** One call that is being handled. */
class ServedCall<K extends CallName = CallName> implements CallContext<K> {
  readonly #id: number;
  readonly #name: K;
  readonly #transport: FrameTransport;
  readonly #abort = new AbortController();
  readonly #wakers: (() => void)[] = [];
  #unacknowledged = 0;
  #graceTimer: NodeJS.Timeout | undefined;
  #answered = false;
  #isPastReturn = false;

  constructor(id: number, name: K, transport: FrameTransport) {
    this.#id = id;
    this.#name = name;
    this.#transport = transport;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
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

  acknowledge(): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - 1);
    this.#wake();
  }

  /** Asks the handler to end, and answers for it if it does not soon. */
  cancel(): void {
    if (this.signal.aborted || this.#answered || this.#isPastReturn) return;
    this.#graceTimer = setTimeout(() => {
      this.answer({ ok: false, error: toErrorShape(cancelError(this.#name)) });
    }, CANCEL_GRACE_MS);
    this.#stop();
  }

  /** The caller is gone: nothing is said any more. */
  drop(): void {
    this.#answered = true;
    clearTimeout(this.#graceTimer);
    this.#stop();
  }

  answer(outcome: Outcome<unknown>): void {
    clearTimeout(this.#graceTimer);
    if (this.#answered) return;
    this.#answered = true;
    this.#transport.send({ kind: 'reply', id: this.#id, outcome }).catch((cause: unknown) => {
      void this.#transport.send({ kind: 'reply', id: this.#id, outcome: { ok: false, error: toErrorShape(cause) } });
    });
  }

  #stop(): void {
    this.#abort.abort(cancelError(this.#name));
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#wakers.splice(0)) resolve();
  }
}

/** The calls of one client by their id, as far as serving them goes: whichever call each is. */
type ServedCalls = Map<number, Pick<ServedCall, 'acknowledge' | 'cancel' | 'drop'>>;

function isCallName(name: unknown): name is CallName {
  return CALLS.some((known) => known === name);
}

/** Serves calls to any number of clients, and is the only place where exceptions become data. */
export class EngineServer {
  readonly #calls: EngineCalls;
  readonly #clients = new Map<FrameTransport, ServedCalls>();
  readonly #running = new Set<Promise<void>>();
  /** When a client last came or a call last ended, in milliseconds of a steady clock. */
  #lastActiveMs = 0;

  constructor(calls: EngineCalls) {
    this.#calls = calls;
  }

  /** Serves one client until its connection ends, which cancels its calls. */
  accept(transport: FrameTransport): void {
    const served: ServedCalls = new Map();
    this.#clients.set(transport, served);
    this.#lastActiveMs = performance.now();
    transport.listen({
      onFrame: (frame) => this.#receive(frame, served, transport),
      onClose: () => {
        this.#clients.delete(transport);
        for (const call of served.values()) call.drop();
      },
    });
    void transport.send({ kind: 'hello', id: 0, protocol: PROTOCOL_VERSION });
  }

  /** Waits until the clients that are connected have gone, or have nothing running and say nothing for a while. */
  async drain(): Promise<void> {
    const isBusy = (): boolean => this.#running.size > 0 || performance.now() - this.#lastActiveMs < QUIET_MS;
    while (this.#clients.size > 0 && isBusy()) await delay(LOOK_AGAIN_MS);
  }

  /** Cancels all calls, ends all connections and waits for the handlers. */
  async close(): Promise<void> {
    for (const [transport, served] of this.#clients) {
      for (const call of served.values()) call.drop();
      transport.close();
    }
    await Promise.all(this.#running);
  }

  #receive(frame: Frame, served: ServedCalls, transport: FrameTransport): void {
    switch (frame.kind) {
      case 'call':
        this.#begin(frame.id, frame.name, frame.request, served, transport);
        return;
      case 'cancel':
        served.get(frame.id)?.cancel();
        return;
      case 'ack':
        served.get(frame.id)?.acknowledge();
        return;
      case 'hello':
      case 'batch':
      case 'event':
      case 'reply':
        // Only an engine sends these; who takes itself for one is no client.
        transport.close();
    }
  }

  #begin(id: number, name: unknown, input: unknown, served: ServedCalls, transport: FrameTransport): void {
    if (!isCallName(name) || served.has(id)) {
      const reason = isCallName(name) ? `there is a call ${id} already` : `there is no call ${nameText(name)}`;
      const error = toErrorShape(new AppError('REQUEST_INVALID', reason));
      // A client that does not take it has lost the connection, which is told by its close.
      transport.send({ kind: 'reply', id, outcome: { ok: false, error } }).catch(() => undefined);
      return;
    }
    const call = new ServedCall(id, name, transport);
    served.set(id, call);
    const running = this.#handle(name, input, call).then((outcome) => {
      served.delete(id);
      this.#running.delete(running);
      this.#lastActiveMs = performance.now();
      call.answer(outcome);
    });
    this.#running.add(running);
  }

  async #handle<K extends CallName>(name: K, input: unknown, call: ServedCall<K>): Promise<Outcome<Calls[K]['reply']>> {
    try {
      const request = this.#calls.parsers[name](input);
      return { ok: true, value: await this.#calls.handlers[name](request, call) };
    } catch (cause) {
      return { ok: false, error: toErrorShape(cause) };
    }
  }
}

/** Of whatever a client sent, as much as helps to find the mistake. */
function nameText(name: unknown): string {
  return typeof name === 'string' ? `"${name.slice(0, MAX_NAME_TEXT)}"` : `of the type ${typeof name}`;
}
