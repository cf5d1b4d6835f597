import { setTimeout as delay } from 'node:timers/promises';
import { AppError, toErrorShape, type Outcome } from '../contract/errors';
import type { Frame } from '../contract/frame-codec';
import type { FrameTransport } from '../contract/frame-transport';
import { CALLS, type CallName, type Calls } from '../contract/ipc';
import { PROTOCOL_VERSION } from '../contract/wire';
import { CallQueue, type Turn } from './call-queue';
import type { EngineCalls } from './engine-calls';
import { ServedCall } from './served-call';

/** A client that has connected may take so long until its first call, or between two. */
const QUIET_MS = 300;
/** And one that makes one call after the other is served no longer than that, or there would be no end. */
const MAX_QUIET_WAIT_MS = 2000;
const LOOK_AGAIN_MS = 20;
/** Characters of an unknown call's name that its refusal repeats. */
const MAX_NAME_TEXT = 64;

type AnyServedCall = Pick<ServedCall, 'acknowledge' | 'cancel' | 'cancelUnbegun' | 'drop' | 'isWanted' | 'over'>;

interface ClientCall {
  readonly call: AnyServedCall;
  readonly turn: Turn;
}

/** One connection, and its calls by their id. */
interface Client {
  readonly transport: FrameTransport;
  readonly queue: CallQueue;
  readonly calls: Map<number, ClientCall>;
}

function isCallName(name: unknown): name is CallName {
  return CALLS.some((known) => known === name);
}

function closingError(): AppError {
  return new AppError('ENGINE_GONE', 'the engine is about to end, and begins nothing more: open the workspace again');
}

/** Serves calls to any number of clients, and is the only place where exceptions become data. */
export class EngineServer {
  readonly #calls: EngineCalls;
  readonly #clients = new Map<FrameTransport, Client>();
  /** Calls that run or wait for their turn, of all clients. */
  readonly #accepted = new Set<AnyServedCall>();
  /** When a client last came or a call last ended, in milliseconds of a steady clock. */
  #lastActiveMs = 0;
  #isClosing = false;

  constructor(calls: EngineCalls) {
    this.#calls = calls;
  }

  get hasClients(): boolean {
    return this.#clients.size > 0;
  }

  /** Whether a call runs, or waits, whose caller is there and has not cancelled it. */
  get isWanted(): boolean {
    return [...this.#accepted].some((call) => call.isWanted);
  }

  /** Serves one client until its connection ends, which cancels its calls. */
  accept(transport: FrameTransport): void {
    const client: Client = { transport, queue: new CallQueue(), calls: new Map() };
    this.#clients.set(transport, client);
    this.#lastActiveMs = performance.now();
    transport.listen({
      onFrame: (frame) => this.#receive(frame, client),
      onClose: () => {
        this.#clients.delete(transport);
        this.#dropCalls(client);
      },
    });
    void transport.send({ kind: 'hello', id: 0, protocol: PROTOCOL_VERSION });
    if (this.#isClosing) this.#dismiss(client);
  }

  /** Waits for the calls that are there now, and serves all clients meanwhile, those that come too. */
  async settle(): Promise<void> {
    await Promise.all([...this.#accepted].map(({ over }) => over));
  }

  /**
   * Begins no more calls, and waits for those that are there. A client that has just come has its first call served. One
   * that has no call is told that the engine ends, and its connection is ended; so is each other after its last answer.
   */
  async drain(): Promise<void> {
    const endMs = performance.now() + MAX_QUIET_WAIT_MS;
    const isBusy = (): boolean => performance.now() - this.#lastActiveMs < QUIET_MS && performance.now() < endMs;
    while (this.#clients.size > 0 && isBusy()) await delay(LOOK_AGAIN_MS);
    this.#isClosing = true;
    for (const client of this.#clients.values()) if (client.calls.size === 0) this.#dismiss(client);
    await this.settle();
  }

  /** Cancels all calls, ends all connections and waits for the handlers. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const client of this.#clients.values()) {
      this.#dropCalls(client);
      this.#dismiss(client);
    }
    await this.settle();
  }

  #dismiss({ transport }: Client): void {
    void transport.send({ kind: 'goodbye', id: 0, error: toErrorShape(closingError()) });
    transport.close();
  }

  #dropCalls({ calls, queue }: Client): void {
    for (const [id, { call, turn }] of calls) {
      call.drop();
      if (!queue.leave(turn)) continue;
      call.cancelUnbegun();
      calls.delete(id);
      this.#accepted.delete(call);
    }
  }

  #receive(frame: Frame, client: Client): void {
    switch (frame.kind) {
      case 'call':
        this.#enter(frame.id, frame.name, frame.request, client);
        return;
      case 'cancel':
        this.#cancel(frame.id, client);
        return;
      case 'ack':
        client.calls.get(frame.id)?.call.acknowledge();
        return;
      case 'hello':
      case 'batch':
      case 'event':
      case 'reply':
      case 'goodbye':
        // Only an engine sends these; who takes itself for one is no client.
        client.transport.close();
    }
  }

  #cancel(id: number, client: Client): void {
    const found = client.calls.get(id);
    if (found === undefined) return;
    if (!client.queue.leave(found.turn)) {
      found.call.cancel();
      return;
    }
    found.call.cancelUnbegun();
    this.#forget(id, client, found.call);
  }

  #enter(id: number, name: unknown, input: unknown, client: Client): void {
    const refuse = (error: AppError): void => {
      // A client that does not take it has lost the connection, which is told by its close.
      const outcome: Outcome<never> = { ok: false, error: toErrorShape(error) };
      client.transport.send({ kind: 'reply', id, outcome }).catch(() => undefined);
    };
    if (!isCallName(name) || client.calls.has(id)) {
      const reason = isCallName(name) ? `there is a call ${id} already` : `there is no call ${nameText(name)}`;
      refuse(new AppError('REQUEST_INVALID', reason));
      return;
    }
    if (this.#isClosing) {
      refuse(closingError());
      return;
    }
    const call = new ServedCall(id, name, client.transport);
    const begin = async (): Promise<void> => {
      const outcome = await this.#handle(name, input, call);
      call.end(outcome);
      this.#forget(id, client, call);
    };
    const turn: Turn = { name, request: input, begin };
    this.#accepted.add(call);
    client.calls.set(id, { call, turn });
    if (client.queue.enter(turn)) return;
    client.calls.delete(id);
    this.#accepted.delete(call);
    refuse(new AppError('ENGINE_BUSY', 'too many calls of this client wait for their turn already'));
  }

  #forget(id: number, client: Client, call: AnyServedCall): void {
    client.calls.delete(id);
    this.#accepted.delete(call);
    this.#lastActiveMs = performance.now();
    if (this.#isClosing && client.calls.size === 0) this.#dismiss(client);
  }

  async #handle<K extends CallName>(name: K, input: unknown, call: ServedCall<K>): Promise<Outcome<Calls[K]['reply']>> {
    try {
      const request = this.#calls.parseRequest(name, input);
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
