import { open, readFile, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PAGE, pageFileAt, type PageFile } from '../contract/page-files';
import { contentSecurityPolicy, HARDENING_HEADERS, NONCE_PLACEHOLDER } from '../contract/page-policy';
import { makeNonce, NOT_FOUND, sendRefusal, sendText } from './http-reply';
import { messages } from './messages';

const NO_PAGE = { status: 404, ...messages.noPage } as const;

/**
 * Answers with a file of the built page.
 *
 * @param folder of the built page
 * @param urlPath as in the address, without query
 * @param sockets origin of this host's WebSockets: `ws://127.0.0.1:4242`
 */
export async function answerWithPage(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  urlPath: string,
  sockets: string,
): Promise<void> {
  const file = pageFileAt(urlPath);
  if (file === null) sendRefusal(response, NOT_FOUND);
  else if (file.path === PAGE) await answerWithIndex(response, join(folder, PAGE), sockets);
  else await answerWithAsset(request, response, join(folder, file.path), file);
}

async function answerWithIndex(response: ServerResponse, path: string, sockets: string): Promise<void> {
  const html = await readFile(path, 'utf8').catch(() => null);
  if (html === null) {
    sendRefusal(response, NO_PAGE);
    return;
  }
  const nonce = makeNonce();
  sendText(response, 200, html.replaceAll(NONCE_PLACEHOLDER, nonce), {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': contentSecurityPolicy(nonce, sockets),
    'Cache-Control': 'no-store',
  });
}

async function answerWithAsset(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { mediaType, isImmutable }: PageFile,
): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  try {
    const stats = await handle?.stat();
    if (handle === null || stats?.isFile() !== true) {
      sendRefusal(response, NOT_FOUND);
      return;
    }
    const etag = `"${stats.size.toString(36)}-${stats.mtimeMs.toString(36)}"`;
    const headers = {
      ...HARDENING_HEADERS,
      ETag: etag,
      'Cache-Control': isImmutable ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Type': mediaType, 'Content-Length': stats.size });
    await sendBody(request, response, handle);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** The headers have promised the length, so a failure from here on can only end the connection. */
async function sendBody(request: IncomingMessage, response: ServerResponse, handle: FileHandle): Promise<void> {
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(handle.createReadStream({ autoClose: false }), response).catch(() => response.destroy());
}
