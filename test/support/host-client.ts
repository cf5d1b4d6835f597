import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import { KEY_HEADER, keyInFragment, socketProtocols } from '../../src-main/contract/host-key';

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

/** A browser that was let in: what its page sends along with every request, with the key where it can. */
export async function letIn(url: string): Promise<{ readonly port: number; readonly headers: Record<string, string> }> {
  const { port, origin, pathname, search } = new URL(url);
  const { headers } = await ask(Number(port), pathname + search);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const key = keyInFragment(new URL(headers.location ?? '', origin).hash) ?? '';
  return { port: Number(port), headers: { cookie, origin, [KEY_HEADER]: key } };
}

/** @returns the path of an address from which the browser fetches an export, as its page asks for it */
export async function downloadPath(visitor: Awaited<ReturnType<typeof letIn>>, file: string): Promise<string> {
  const talk = await new Talk(visitor.port, '/bridge', visitor.headers).opened();
  await talk.next();
  talk.ws.send(JSON.stringify({ id: 1, name: 'export:fetch', request: { file } }));
  const { outcome } = (await talk.next()) as { outcome: { ok: boolean; value?: { ticket: string } } };
  talk.ws.terminate();
  return `/download/${outcome.value?.ticket ?? ''}`;
}

/** A WebSocket whose messages can be waited for one by one. */
export class Talk {
  readonly ws: WebSocket;
  readonly #messages: unknown[] = [];
  #refusal: number | null = null;
  #wake: () => void = () => undefined;

  /** @param headers of which the key goes as a protocol, as from a page; an empty one does not go at all */
  constructor(port: number, path: string, headers: Readonly<Record<string, string>>) {
    const { [KEY_HEADER]: key = '', ...others } = headers;
    const protocols = key === '' ? [] : socketProtocols(key);
    this.ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers: others });
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
