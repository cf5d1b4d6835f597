import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AppError } from '../contract/errors';
import { MAX_PIECE_BYTES } from '../contract/host-bridge';
import { KEY_CHECK_PATH, SOCKET_PROTOCOL } from '../contract/host-key';
import { answerDownload } from './download-answers';
import { DownloadTickets } from './download-tickets';
import { relayEngine } from './engine-relay';
import type { HostEngine } from './host-engine';
import { sendEntrance, sendOutcome, sendRefusal, sendText, sendWrongMethod } from './http-reply';
import { messages } from './messages';
import { answerWithPage } from './page-answers';
import { entranceOf, foreignRefusal, keyRefusal, socketRefusal, tokenAddress, visitorRefusal } from './request-guard';
import { Session } from './session';
import { answerUpload } from './upload-answers';
import { WindowBridge } from './window-bridge';

/** The one address that only this computer reaches, and by which the page is known. */
const LOOPBACK = '127.0.0.1';
const MAX_HEADER_BYTES = 16_384;
const HEADERS_MS = 10_000;
/** An upload may take as long as it likes, but not be silent for longer. */
const SILENCE_MS = 60_000;
/** Tabs have two connections each, and a few for what they load. */
const MAX_CONNECTIONS = 512;
const MAX_CALL_BYTES = 1 << 20;

export interface BrowserHostOptions {
  readonly engine: HostEngine;
  /** Real path, for what is sent and fetched. */
  readonly workspace: string;
  /** Folder of the built page. */
  readonly pageFolder: string;
  readonly samplePath: string;
  /** Absolute paths, for the first page that asks. */
  readonly captures: readonly string[];
  /** 0 for any that is free. */
  readonly port: number;
  /** Until a connection must have asked for something; default 10 s. */
  readonly headersMs?: number;
}

export interface BrowserHost {
  readonly port: number;
  /** Lets in one browser, once. */
  readonly url: string;
  /** Ends all connections; the engine is its owner's to end. */
  close(): Promise<void>;
}

/**
 * Serves the page and its engine to browsers of this computer.
 *
 * @throws AppError OPTION_INVALID when the port cannot be had
 */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: options.headersMs ?? HEADERS_MS,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(2_000, options.headersMs ?? HEADERS_MS),
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = SILENCE_MS;
  const port = await listen(server, options.port);
  const host = new Host(server, port, options);
  return { port, url: host.url, close: () => host.close() };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(portError(cause, port)));
    server.listen(port, LOOPBACK, resolve);
  });
  server.removeAllListeners('error');
  // An accept that fails for want of file handles concerns that visitor alone.
  server.on('error', () => undefined);
  return (server.address() as AddressInfo).port;
}

/** It agrees to the protocol of our page, and never to the one that bears the key. */
function socketServer(maxPayload: number): WebSocketServer {
  return new WebSocketServer({ noServer: true, maxPayload, handleProtocols: () => SOCKET_PROTOCOL });
}

function portError(cause: NodeJS.ErrnoException, port: number): AppError {
  const why = { EADDRINUSE: 'another program has it', EACCES: 'it is reserved' }[cause.code ?? ''] ?? cause.message;
  const message = `port ${port} of ${LOOPBACK} cannot be used (${why}): name another with --port, or leave it out for a free one`;
  return new AppError('OPTION_INVALID', message, { port }, { cause });
}

class Host {
  readonly #server: Server;
  readonly #options: BrowserHostOptions;
  readonly #authority: string;
  readonly #session: Session;
  readonly #bridge: WindowBridge;
  readonly #tickets = new DownloadTickets();
  readonly #bridgeSockets = socketServer(MAX_CALL_BYTES);
  readonly #engineSockets = socketServer(MAX_PIECE_BYTES);
  readonly #stopWatching: () => void;
  #handed: readonly string[];

  constructor(server: Server, port: number, options: BrowserHostOptions) {
    this.#server = server;
    this.#options = options;
    this.#authority = `${LOOPBACK}:${port}`;
    this.#session = new Session(port);
    this.#handed = options.captures;
    const { engine, samplePath } = options;
    this.#bridge = new WindowBridge({
      engine,
      samplePath,
      takeHanded: () => this.#takeHanded(),
      tickets: this.#tickets,
    });
    this.#stopWatching = engine.onState(() => this.#bridge.emit('engine:state', engine.state));
    server.on('request', (request, response) => void this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (_fault, socket) => {
      // Browsers connect ahead of what they will ask: an answer to nothing would be taken for that of the next request.
      const hasAsked = 'bytesRead' in socket && socket.bytesRead !== 0;
      if (hasAsked && socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
  }

  get url(): string {
    return `${this.#origin}${tokenAddress(this.#session.token)}`;
  }

  get #origin(): string {
    return `http://${this.#authority}`;
  }

  async close(): Promise<void> {
    this.#stopWatching();
    for (const sockets of [this.#bridgeSockets, this.#engineSockets]) {
      for (const ws of sockets.clients) ws.terminate();
    }
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #takeHanded(): readonly string[] {
    const handed = this.#handed;
    this.#handed = [];
    return handed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch {
      // Nothing of a fault goes out; what was begun is ended, so that nobody waits for its rest.
      if (response.headersSent) response.destroy();
      else sendText(response, 500, `${messages.fault}\n`, { 'Content-Type': 'text/plain' });
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const foreign = foreignRefusal(request, this.#origin);
    if (foreign !== null) {
      sendRefusal(response, foreign, { Connection: 'close' });
      return;
    }
    // Kept as it was sent: `new URL` would resolve dots, and what is checked must be what is opened.
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const parameters = new URLSearchParams(query);
    if (path === '/open') {
      this.#open(request, response, parameters.get('t') ?? '');
      return;
    }
    const unknown = visitorRefusal(request, this.#session);
    if (unknown !== null) {
      sendRefusal(response, unknown, { Connection: 'close' });
      return;
    }
    if (path === '/upload') {
      if (request.method !== 'POST') sendWrongMethod(response, 'POST');
      else await this.#takeUpload(request, response, parameters.get('name'));
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendWrongMethod(response, 'GET, HEAD');
      return;
    }
    if (path === KEY_CHECK_PATH) {
      const keyless = keyRefusal(request, this.#session);
      if (keyless === null) sendOutcome(response, 200, { ok: true, value: null });
      else sendRefusal(response, keyless);
      return;
    }
    const download = /^\/download\/(.*)$/s.exec(path)?.[1];
    if (download !== undefined) {
      const { workspace } = this.#options;
      await answerDownload(request, response, workspace, this.#tickets, download, parameters.get('name'));
      return;
    }
    await answerWithPage(request, response, this.#options.pageFolder, path, `ws://${this.#authority}`);
  }

  #takeUpload(request: IncomingMessage, response: ServerResponse, name: string | null): Promise<void> {
    return answerUpload(request, response, this.#options.workspace, name, keyRefusal(request, this.#session));
  }

  #open(request: IncomingMessage, response: ServerResponse, token: string): void {
    if (request.method !== 'GET') {
      // Programs that look at links before a user does ask with HEAD, and must not use the token up.
      sendWrongMethod(response, 'GET');
      return;
    }
    const entrance = entranceOf(request, token, this.#session);
    if ('status' in entrance) sendRefusal(response, entrance);
    else sendEntrance(response, entrance);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until `ws` listens, an error of the socket would end the process.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    const refusal = socketRefusal(request, this.#origin, this.#session);
    const status = refusal?.status ?? (this.#socketsAt(request.url) === null ? 404 : null);
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const { engine } = this.#options;
    this.#socketsAt(request.url)?.handleUpgrade(request, socket, head, (ws) => {
      socket.off('error', ignore);
      if (request.url === '/bridge') this.#bridge.accept(ws);
      else void relayEngine(ws, () => engine.connect());
    });
  }

  #socketsAt(url: string | undefined): WebSocketServer | null {
    if (url === '/bridge') return this.#bridgeSockets;
    return url === '/engine' ? this.#engineSockets : null;
  }
}
