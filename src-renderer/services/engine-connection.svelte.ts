import { createClient, type GreetedClient } from '../../src-main/contract/engine-client';
import { AppError, toErrorShape, type ErrorDetail, type ErrorShape } from '../../src-main/contract/errors';
import type { EngineState } from '../../src-main/contract/host-bridge';
import type { CallName, Calls } from '../../src-main/contract/ipc';
import { PROTOCOL_VERSION, type CallListeners, type RunningCall } from '../../src-main/contract/wire';
import { EngineTransport } from './engine-transport';
import type { HostBridge } from './host-bridge';
import { t } from './messages/catalogue';

/** What a feature has of the engine. */
export interface Engine {
  call<K extends CallName>(name: K, request: Calls[K]['request'], listeners?: CallListeners): RunningCall<K>;
}

/** A connection may end a moment before the host says why, or before its engine listens. */
const RETRY_MS = [100, 400, 1500] as const;

function gone(message: string, detail: ErrorDetail = {}): ErrorShape {
  return toErrorShape(new AppError('ENGINE_GONE', message, detail));
}

/** The window's connection to its engine, made again whenever the host says that there is one. */
export class EngineConnection implements Engine {
  state = $state.raw<EngineState>({ kind: 'starting' });
  readonly #bridge: HostBridge;
  #client: GreetedClient | null = null;
  /** Of the newest attempt to connect; an older one has no say any more. */
  #generation = 0;
  /** Calls that wait for the engine to start. */
  #waiting: (() => void)[] = [];
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(bridge: HostBridge) {
    this.#bridge = bridge;
  }

  /** @returns a function that lets go of the engine */
  start(): () => void {
    const stopListening = this.#bridge.on('engine:state', (state) => this.#hear(state));
    void this.#connect(0);
    return () => {
      stopListening();
      this.#drop();
    };
  }

  /** Waits for an engine that starts; without one the outcome is ENGINE_GONE at once. */
  call<K extends CallName>(name: K, request: Calls[K]['request'], listeners: CallListeners = {}): RunningCall<K> {
    if (this.#client !== null) return this.#client.call(name, request, listeners);
    if (this.state.kind === 'down') {
      return { outcome: Promise.resolve({ ok: false, error: this.state.error }), cancel: () => undefined };
    }
    let running: RunningCall<K> | null = null;
    let isCancelled = false;
    const outcome = new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => {
      running = this.call(name, request, listeners);
      if (isCancelled) running.cancel();
      return running.outcome;
    });
    return {
      outcome,
      cancel: () => {
        isCancelled = true;
        running?.cancel();
      },
    };
  }

  async restart(): Promise<void> {
    this.#drop();
    this.state = { kind: 'starting' };
    const outcome = await this.#bridge.call('engine:restart', {});
    if (!outcome.ok) this.#settle({ kind: 'down', error: outcome.error });
    else if (this.#client === null) await this.#connect(0);
  }

  #hear(state: EngineState): void {
    switch (state.kind) {
      case 'starting':
        if (this.#client === null) this.state = state;
        return;
      case 'ready':
        if (this.#client === null) void this.#connect(0);
        return;
      case 'down':
        this.#drop();
        this.#settle(state);
    }
  }

  /** The engine is there, or will not be: who waits for it goes on. */
  #settle(state: EngineState): void {
    this.state = state;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #drop(): void {
    this.#generation += 1;
    clearTimeout(this.#retryTimer);
    const client = this.#client;
    this.#client = null;
    void client?.close();
  }

  async #connect(attempt: number): Promise<void> {
    clearTimeout(this.#retryTimer);
    const generation = ++this.#generation;
    const client = createClient(
      new EngineTransport((listener) =>
        this.#bridge.connectEngine({
          onBytes: (bytes) => listener.onBytes(bytes),
          onClose: () => {
            listener.onClose();
            if (generation === this.#generation) this.#lose(attempt);
          },
        }),
      ),
    );
    const protocol = await client.greeting;
    if (generation !== this.#generation) {
      if (protocol !== null) void client.close();
      return;
    }
    if (protocol === null) return;
    if (protocol !== PROTOCOL_VERSION) {
      this.#generation += 1;
      void client.close();
      this.#settle({
        kind: 'down',
        error: gone(t.engine.otherVersion, { protocol }),
      });
      return;
    }
    this.#client = client;
    this.#settle({ kind: 'ready' });
  }

  #lose(attempt: number): void {
    const wasReady = this.#client !== null;
    this.#client = null;
    this.#generation += 1;
    const next = wasReady ? 0 : attempt + 1;
    const delayMs = RETRY_MS[next];
    if (delayMs === undefined) {
      this.#settle({ kind: 'down', error: gone(t.engine.unreachable) });
      return;
    }
    this.state = { kind: 'starting' };
    this.#retryTimer = setTimeout(() => void this.#connect(next), delayMs);
  }
}
