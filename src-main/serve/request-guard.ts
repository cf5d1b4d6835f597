import type { IncomingMessage } from 'node:http';
import type { Session } from './session';

export interface Refusal {
  readonly status: 403 | 413 | 421;
  readonly title: string;
  /** What to do about it. */
  readonly remedy: string;
}

const MISDIRECTED: Refusal = {
  status: 421,
  title: 'This is not the address of Natscope',
  remedy: 'Open the address that Natscope printed when it started. Other names of this computer are refused.',
};

const FOREIGN: Refusal = {
  status: 403,
  title: 'Another page asked for this',
  remedy: 'Natscope answers its own page only. Open the address that it printed when it started.',
};

const WITH_BODY: Refusal = {
  status: 413,
  title: 'This request carries data that nobody asked for',
  remedy: 'Only captures are sent to Natscope, by its own page.',
};

/** Without a valid cookie, and with a token that is wrong or was used before. */
export const UNKNOWN_VISITOR: Refusal = {
  status: 403,
  title: 'Natscope does not know this browser',
  remedy:
    'The address that Natscope printed lets in one browser, once. If that was another one, or its cookies are gone, stop Natscope, start it again, and open the new address.',
};

/** What the guard looks at of a request. */
export type GuardedRequest = Pick<IncomingMessage, 'method' | 'headers'>;

/**
 * A browser sends requests to this host for any page that asks. Three things tell ours from theirs: the host's name,
 * which a rebound DNS name is not; where the page comes from; and the cookie.
 *
 * @param origin of this host: `http://127.0.0.1:4242`
 * @returns null when the request comes from our page, from a typed address, or from no browser
 */
export function foreignRefusal({ method, headers }: GuardedRequest, origin: string): Refusal | null {
  if (`http://${headers.host ?? ''}` !== origin) return MISDIRECTED;
  if (headers.origin !== undefined && headers.origin !== origin) return FOREIGN;
  if (method !== 'POST') {
    // Requests whose answer can only be shown, as a link's, bear no origin.
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    return hasBody ? WITH_BODY : null;
  }
  return headers.origin === undefined ? FOREIGN : null;
}

/** Pages of other programs on this address count as our site, and get our cookie sent along: they are told apart here. */
function comesFromNeighbour(headers: GuardedRequest['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** @returns null for the holder of the cookie, on our own page */
export function visitorRefusal({ headers }: GuardedRequest, session: Session): Refusal | null {
  if (!session.holdsCookie(headers.cookie)) return UNKNOWN_VISITOR;
  return comesFromNeighbour(headers) ? FOREIGN : null;
}

/** @returns null for a WebSocket of our own page; programs that name no origin are none */
export function socketRefusal(request: GuardedRequest, origin: string, session: Session): Refusal | null {
  const refusal = foreignRefusal(request, origin) ?? visitorRefusal(request, session);
  return refusal ?? (request.headers.origin === undefined ? FOREIGN : null);
}
