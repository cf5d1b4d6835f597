import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Outcome } from '../contract/errors';
import { HARDENING_HEADERS } from '../contract/page-policy';
import { messages, type RefusalText } from './messages';
import type { Entrance } from './request-guard';

export const makeNonce = (): string => randomBytes(16).toString('base64');

/** A text of ours, whole. */
export function sendText(response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders): void {
  const body = Buffer.from(text);
  response.writeHead(status, { ...HARDENING_HEADERS, 'Content-Length': body.byteLength, ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendOutcome(response: ServerResponse, status: number, outcome: Outcome<unknown>): void {
  sendText(response, status, JSON.stringify(outcome), {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  });
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;color-scheme:light dark}
h1{font-size:1.25rem;line-height:1.3}`;

interface PlainPage {
  readonly title: string;
  /** HTML of ours, with nothing of the request in it. */
  readonly body: string;
  readonly head?: string;
}

/** A page without scripts, pictures or any other file. */
function sendPlainPage(
  response: ServerResponse,
  status: number,
  { title, body, head = '' }: PlainPage,
  headers: OutgoingHttpHeaders,
): void {
  const nonce = makeNonce();
  const html = `<!doctype html>
<html lang="${messages.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${head}
<title>${messages.product}</title><style nonce="${nonce}">${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${body}</p></main></body></html>
`;
  sendText(response, status, html, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'`,
    'Cache-Control': 'no-store',
    ...headers,
  });
}

/** A page that says why there is none, and what to do. The words are ours, with nothing of the request in them. */
export function sendRefusal(
  response: ServerResponse,
  { status, title, remedy }: RefusalText & { readonly status: number },
  headers: OutgoingHttpHeaders = {},
): void {
  sendPlainPage(response, status, { title, body: remedy }, headers);
}

/** Leads on, from where the cookie is sent along. */
export function sendEntrance(response: ServerResponse, { cookie, next, isFromElsewhere }: Entrance): void {
  const headers = cookie === null ? {} : { 'Set-Cookie': cookie };
  if (!isFromElsewhere) {
    sendText(response, 303, '', { Location: next, 'Cache-Control': 'no-store', ...headers });
    return;
  }
  const { title, link } = messages.entering;
  // By itself, and as a step from a page of ours, which a redirect is not.
  const head = `<meta http-equiv="refresh" content="0;url=${next}">`;
  sendPlainPage(response, 200, { title, body: `<a href="${next}">${link}</a>`, head }, headers);
}

export const NOT_FOUND = { status: 404, ...messages.notFound } as const;

/** @param methods that this address takes, as `Allow` lists them */
export function sendWrongMethod(response: ServerResponse, methods: string): void {
  sendRefusal(response, { status: 405, ...messages.wrongMethod(methods) }, { Allow: methods });
}
