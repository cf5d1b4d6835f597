import { AppError, toErrorShape, type ErrorShape, type Outcome } from '../../src-main/contract/errors';
import {
  HOST_EVENTS,
  type EnginePipe,
  type EnginePipeListener,
  type HostCallName,
  type HostCalls,
  type HostEventName,
  type HostEvents,
} from '../../src-main/contract/host-bridge';
import type { HostBridge } from './host-bridge';
import { t } from './messages/catalogue';
import { uploadFile } from './upload-file';

/** Waits before the attempts to reach the host again; the last one stays. */
const RETRY_MS = [250, 500, 1000, 2000, 5000] as const;

type Listener = (payload: never) => void;

export interface BrowserBridgeOptions {
  /** Where the page comes from, without a path: `http://127.0.0.1:4242`. */
  readonly origin: string;
  /** `WebSocket` of the browser; tests give their own. */
  readonly openSocket?: (url: string) => WebSocket;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function lostError(): ErrorShape {
  return toErrorShape(new AppError('ENGINE_GONE', t.engine.lostTitle, { host: 'lost' }));
}

/** The host behind a browser tab, over a WebSocket that is opened again when it goes. */
export class BrowserBridge implements HostBridge {
  readonly kind = 'browser';
  readonly #origin: string;
  readonly #openSocket: (url: string) => WebSocket;
  readonly #pending = new Map<number, (outcome: Outcome<unknown>) => void>();
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Requests made while there is no connection. */
  #waiting: string[] = [];
  #socket: WebSocket;
  #lastId = 0;
  #failures = 0;

  constructor({ origin, openSocket = (url) => new WebSocket(url) }: BrowserBridgeOptions) {
    this.#origin = origin;
    this.#openSocket = openSocket;
    this.#socket = this.#open();
  }

  call<K extends HostCallName>(name: K, request: HostCalls[K]['request']): Promise<Outcome<HostCalls[K]['reply']>> {
    const id = ++this.#lastId;
    const text = JSON.stringify({ id, name, request });
    const outcome = new Promise<Outcome<unknown>>((resolve) => {
      this.#pending.set(id, resolve);
    });
    if (this.#socket.readyState === 1) this.#socket.send(text);
    else this.#waiting.push(text);
    // What comes back under this id is the reply of this call.
    return outcome as Promise<Outcome<HostCalls[K]['reply']>>;
  }

  on<K extends HostEventName>(name: K, listener: (payload: HostEvents[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  connectEngine(listener: EnginePipeListener): EnginePipe {
    const socket = this.#openSocket(this.#socketUrl('/engine'));
    socket.binaryType = 'arraybuffer';
    const early: Uint8Array<ArrayBuffer>[] = [];
    socket.onopen = () => {
      for (const bytes of early.splice(0)) socket.send(bytes);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) listener.onBytes(new Uint8Array(data));
    };
    socket.onclose = () => listener.onClose();
    return {
      send: (bytes) => {
        if (socket.readyState === 0) early.push(bytes);
        else if (socket.readyState === 1) socket.send(bytes);
      },
      close: () => socket.close(),
    };
  }

  pathOf(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<Outcome<string>> {
    return uploadFile(`${this.#origin}/upload?name=${encodeURIComponent(file.name)}`, file, onProgress, signal);
  }

  downloadUrl(file: string, name: string): string {
    return `${this.#origin}/download/${encodeURIComponent(file)}?name=${encodeURIComponent(name)}`;
  }

  #socketUrl(path: string): string {
    return `${this.#origin.replace(/^http/, 'ws')}${path}`;
  }

  #open(): WebSocket {
    const socket = this.#openSocket(this.#socketUrl('/bridge'));
    socket.onopen = () => {
      const wasLost = this.#failures > 0;
      this.#failures = 0;
      for (const text of this.#waiting.splice(0)) socket.send(text);
      if (wasLost) this.#emit('engine:state', { kind: 'ready' });
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') this.#receive(data);
    };
    socket.onclose = () => this.#lose();
    return socket;
  }

  #lose(): void {
    const error = lostError();
    // What waits to be sent would be sent into another session of the host, whose state nobody knows.
    this.#waiting = [];
    for (const settle of this.#pending.values()) settle({ ok: false, error });
    this.#pending.clear();
    const delayMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#emit('engine:state', { kind: 'down', error });
    setTimeout(() => {
      this.#socket = this.#open();
    }, delayMs);
  }

  #receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (!isRecord(message)) return;
    const { id, outcome, event, payload } = message;
    if (typeof id === 'number') {
      this.#pending.get(id)?.(outcome as Outcome<unknown>);
      this.#pending.delete(id);
    } else {
      const name = HOST_EVENTS.find((known) => known === event);
      // The host is of the same build, and its messages come over our own origin.
      if (name !== undefined) this.#emit(name, payload as HostEvents[typeof name]);
    }
  }

  #emit<K extends HostEventName>(name: K, payload: HostEvents[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(payload as never);
  }
}
