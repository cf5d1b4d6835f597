import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A client that sends what it is told: no cookies, no redirects, and the path as it is written. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A browser that was let in: what its page sends along with every request. */
export async function letIn(url: string): Promise<{ readonly port: number; readonly headers: Record<string, string> }> {
  const { port, origin, pathname, search } = new URL(url);
  const { headers } = await ask(Number(port), pathname + search);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return { port: Number(port), headers: { cookie, origin } };
}

/** A WebSocket whose messages can be waited for one by one. */
export class Talk {
  readonly ws: WebSocket;
  readonly #messages: unknown[] = [];
  #refusal: number | null = null;
  #wake: () => void = () => undefined;

  constructor(port: number, path: string, headers: Readonly<Record<string, string>>) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    this.ws.on('error', () => undefined);
    this.ws.on('unexpected-response', (sent, { statusCode }) => {
      this.#refusal = statusCode ?? null;
      sent.destroy();
      this.ws.close();
    });
    this.ws.on('message', (data: Buffer, isBinary) => {
      this.#messages.push(isBinary ? data : JSON.parse(data.toString()));
      this.#wake();
    });
  }

  async opened(): Promise<this> {
    if (this.ws.readyState !== WebSocket.OPEN) await once(this.ws, 'open');
    return this;
  }

  async next(): Promise<unknown> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift();
  }

  /** Whoever listens gets what came before as well: a host may greet in the packet that opens the way. */
  onBytes(listener: (bytes: Buffer) => void): void {
    for (const message of this.#messages.splice(0)) listener(message as Buffer);
    this.ws.on('message', listener);
  }

  /** @returns the code with which it was closed; of one that was not opened, the status that answered it */
  closed(): Promise<number> {
    return new Promise((resolve) => {
      this.ws.on('close', (code) => resolve(this.#refusal ?? code));
    });
  }
}
