import type { RawData, WebSocket } from 'ws';
import type { HostEventName, HostEvents } from '../contract/host-bridge';
import { answerHostCall, type HostCallHandlers } from '../engine/host-requests';
import { browserHostCalls, type HostCallContext } from './host-call-handlers';
import type { HostEngine } from './host-engine';

/** WebSocket's own code for a message that breaks the rules. */
const POLICY_VIOLATION = 1008;
/** A page that does not take its events is stuck or gone. */
const MAX_UNREAD_BYTES = 8 << 20;

interface CallMessage {
  readonly id: number;
  readonly name: unknown;
  readonly request: unknown;
}

/** @returns null for what is no call, to which nobody could be answered */
function readCall(data: RawData, isBinary: boolean): CallMessage | null {
  if (isBinary) return null;
  try {
    // `ws` gives Buffers unless asked for something else.
    const message: unknown = JSON.parse((data as Buffer).toString('utf8'));
    if (typeof message !== 'object' || message === null || !('id' in message)) return null;
    const { id, name, request } = message as Partial<Record<keyof CallMessage, unknown>>;
    return typeof id === 'number' && Number.isSafeInteger(id) ? { id, name, request } : null;
  } catch {
    return null;
  }
}

/** The pages that are open in browsers, each over a WebSocket of its own. */
export class WindowBridge {
  readonly #engine: HostEngine;
  readonly #calls: HostCallHandlers;
  readonly #pages = new Set<WebSocket>();

  constructor(context: HostCallContext) {
    this.#engine = context.engine;
    this.#calls = browserHostCalls(context);
  }

  /** Answers the calls of a page, tells it first how the engine is, and then every event until it goes. */
  accept(ws: WebSocket): void {
    this.#pages.add(ws);
    ws.on('close', () => this.#pages.delete(ws));
    ws.on('error', () => ws.terminate());
    ws.on('message', (data: RawData, isBinary: boolean) => {
      const call = readCall(data, isBinary);
      if (call === null) ws.close(POLICY_VIOLATION, 'not a call of the host');
      else void this.#answer(ws, call);
    });
    send(ws, { event: 'engine:state', payload: this.#engine.state });
  }

  emit<K extends HostEventName>(event: K, payload: HostEvents[K]): void {
    for (const ws of this.#pages) send(ws, { event, payload });
  }

  async #answer(ws: WebSocket, { id, name, request }: CallMessage): Promise<void> {
    send(ws, { id, outcome: await answerHostCall(this.#calls, name, request) });
  }
}

function send(ws: WebSocket, message: unknown): void {
  if (ws.bufferedAmount > MAX_UNREAD_BYTES) ws.terminate();
  else if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(message));
}
