import { AppError, toErrorShape, type ErrorShape, type Outcome } from '../../src-main/contract/errors';
import {
  HOST_EVENTS,
  MAX_PIECE_BYTES,
  type EnginePipe,
  type EnginePipeListener,
  type HostCallName,
  type HostCalls,
  type HostEventName,
  type HostEvents,
} from '../../src-main/contract/host-bridge';
import { KEY_CHECK_PATH, KEY_HEADER, socketProtocols } from '../../src-main/contract/host-key';
import type { HostBridge } from './host-bridge';
import { t } from './messages/catalogue';
import { uploadFile } from './upload-file';

/** Waits before the attempts to reach the host again; the last one stays. */
const RETRY_MS = [250, 500, 1000, 2000, 5000] as const;

type Listener = (payload: never) => void;

export interface BrowserBridgeOptions {
  /** Where the page comes from, without a path: `http://127.0.0.1:4242`. */
  readonly origin: string;
  /** Of this tab; null when it has none, and so nothing to do with the host. */
  readonly key: string | null;
  /** `WebSocket` of the browser; tests give their own. */
  readonly openSocket?: (url: string, protocols: string[]) => WebSocket;
  /** `fetch` of the browser; tests give their own. */
  readonly fetchStatus?: (url: string, headers: Readonly<Record<string, string>>) => Promise<number>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function sendInPieces(socket: WebSocket, bytes: Uint8Array<ArrayBuffer>): void {
  for (let from = 0; from < bytes.length; from += MAX_PIECE_BYTES) {
    socket.send(bytes.subarray(from, from + MAX_PIECE_BYTES));
  }
}

function lostError(): ErrorShape {
  return toErrorShape(new AppError('ENGINE_GONE', t.engine.lostTitle, { host: 'lost' }));
}

function refusedError(hasKey: boolean): ErrorShape {
  const message = hasKey ? t.engine.refusedTitle : t.engine.keylessTitle;
  return toErrorShape(new AppError('HOST_REFUSED', message, { hasKey }));
}

const FORBIDDEN = 403;

async function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const { status } = await fetch(url, { headers, cache: 'no-store' });
  return status;
}

/** The host behind a browser tab, over a WebSocket that is opened again when it goes. */
export class BrowserBridge implements HostBridge {
  readonly kind = 'browser';
  readonly #origin: string;
  readonly #key: string;
  readonly #openSocket: (url: string, protocols: string[]) => WebSocket;
  readonly #fetchStatus: NonNullable<BrowserBridgeOptions['fetchStatus']>;
  readonly #pending = new Map<number, (outcome: Outcome<unknown>) => void>();
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Requests made while there is no connection. */
  #waiting: string[] = [];
  #socket: WebSocket | null = null;
  /** Why the host has nothing to do with this tab; nothing is tried after that. */
  #refusal: ErrorShape | null = null;
  #isAsking = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;
  #failures = 0;

  constructor({
    origin,
    key,
    openSocket = (url, protocols) => new WebSocket(url, protocols),
    fetchStatus = statusOf,
  }: BrowserBridgeOptions) {
    this.#origin = origin;
    this.#key = key ?? '';
    this.#openSocket = openSocket;
    this.#fetchStatus = fetchStatus;
    if (key === null) this.#refusal = refusedError(false);
    else this.#open();
  }

  call<K extends HostCallName>(name: K, request: HostCalls[K]['request']): Promise<Outcome<HostCalls[K]['reply']>> {
    if (this.#refusal !== null) return Promise.resolve({ ok: false, error: this.#refusal });
    const id = ++this.#lastId;
    const text = JSON.stringify({ id, name, request });
    const outcome = new Promise<Outcome<unknown>>((resolve) => {
      this.#pending.set(id, resolve);
    });
    if (this.#socket?.readyState === 1) this.#socket.send(text);
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
    const refusal = this.#refusal;
    if (refusal !== null) {
      queueMicrotask(() => {
        listener.onClose();
        this.#emit('engine:state', { kind: 'down', error: refusal });
      });
      return { send: () => undefined, close: () => undefined };
    }
    const socket = this.#openSocketAt('/engine');
    socket.binaryType = 'arraybuffer';
    const early: Uint8Array<ArrayBuffer>[] = [];
    socket.onopen = () => {
      for (const bytes of early.splice(0)) sendInPieces(socket, bytes);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) listener.onBytes(new Uint8Array(data));
    };
    socket.onclose = () => listener.onClose();
    return {
      send: (bytes) => {
        if (socket.readyState === 0) early.push(bytes);
        else if (socket.readyState === 1) sendInPieces(socket, bytes);
      },
      close: () => socket.close(),
    };
  }

  pathOf(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<Outcome<string>> {
    if (this.#refusal !== null) return Promise.resolve({ ok: false, error: this.#refusal });
    const url = `${this.#origin}/upload?name=${encodeURIComponent(file.name)}`;
    return uploadFile(url, this.#key, file, onProgress, signal);
  }

  async downloadUrl(file: string, name: string): Promise<Outcome<string>> {
    const outcome = await this.call('export:fetch', { file });
    if (!outcome.ok) return outcome;
    const value = `${this.#origin}/download/${outcome.value.ticket}?name=${encodeURIComponent(name)}`;
    return { ok: true, value };
  }

  #openSocketAt(path: string): WebSocket {
    return this.#openSocket(`${this.#origin.replace(/^http/, 'ws')}${path}`, socketProtocols(this.#key));
  }

  #open(): void {
    const socket = this.#openSocketAt('/bridge');
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      const wasLost = this.#failures > 0;
      this.#failures = 0;
      for (const text of this.#waiting.splice(0)) socket.send(text);
      if (wasLost) this.#emit('engine:state', { kind: 'ready' });
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') this.#receive(data);
    };
    socket.onclose = () => {
      if (this.#refusal !== null) return;
      this.#lose();
      if (!wasOpen) void this.#askWhy();
    };
    this.#socket = socket;
  }

  #lose(): void {
    const delayMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#retryTimer = setTimeout(() => this.#open(), delayMs);
    this.#fail(lostError());
  }

  /** A socket that does not open says nothing of the reason: a host that is down, or one that does not want this tab. */
  async #askWhy(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const url = `${this.#origin}${KEY_CHECK_PATH}`;
    const status = await this.#fetchStatus(url, { [KEY_HEADER]: this.#key }).catch(() => null);
    this.#isAsking = false;
    if (status !== FORBIDDEN) return;
    clearTimeout(this.#retryTimer);
    this.#refusal = refusedError(true);
    this.#socket?.close();
    this.#fail(this.#refusal);
  }

  #fail(error: ErrorShape): void {
    // What waits to be sent would be sent into another session of the host, whose state nobody knows.
    this.#waiting = [];
    for (const settle of this.#pending.values()) settle({ ok: false, error });
    this.#pending.clear();
    this.#emit('engine:state', { kind: 'down', error });
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
