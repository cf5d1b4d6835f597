import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { headersReceived, isCancelled } from './session.mjs';
import { lifecycle } from './lifecycle.mjs';
import { privilegesOf } from './scheme-urls.mjs';
import { strictObject } from './strict.mjs';

/** @typedef {(request: Request) => Response | Promise<Response>} ProtocolHandler */

/** @type {Map<string, ProtocolHandler>} */
const handlers = new Map();

export const protocol = strictObject('protocol', {
  /** @param {{ scheme: string, privileges?: import('./scheme-urls.mjs').Privileges }[]} schemes */
  registerSchemesAsPrivileged(schemes) {
    if (lifecycle.isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme, privileges = {} } of schemes) privilegesOf.set(scheme, privileges);
  },
  /** @param {string} scheme @param {ProtocolHandler} handler */
  handle(scheme, handler) {
    lifecycle.requireReady('protocol');
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    if (!privilegesOf.has(scheme)) privilegesOf.set(scheme, {});
    handlers.set(scheme, handler);
  },
  /** @param {string} scheme */
  unhandle(scheme) {
    if (!handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
  },
  /** @param {string} scheme */
  isProtocolHandled: (scheme) => handlers.has(scheme),
});

/** @param {Request} request under a scheme of the app @returns {Promise<Response>} an error response when nobody answers it */
export async function respond(request) {
  const handler = handlers.get(new URL(request.url).protocol.slice(0, -1));
  if (handler === undefined || (await isCancelled(request))) return Response.error();
  const response = await handler(request);
  if (!(response instanceof Response)) throw new TypeError('a protocol handler must return a Response');
  return headersReceived(request, response);
}

const TYPES = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
  svg: 'image/svg+xml',
};

export const net = strictObject('net', {
  /** @param {string | Request} input @param {RequestInit} [init] */
  async fetch(input, init) {
    const url = typeof input === 'string' ? input : input.url;
    if (!url.startsWith('file:')) return fetch(input, init);
    const path = fileURLToPath(url);
    const extension = /** @type {keyof typeof TYPES} */ (path.split('.').at(-1));
    try {
      return new Response(await readFile(path), { headers: { 'content-type': TYPES[extension] ?? '' } });
    } catch {
      throw new Error('net::ERR_FILE_NOT_FOUND');
    }
  },
  isOnline: () => true,
});
