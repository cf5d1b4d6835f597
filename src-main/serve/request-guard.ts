import type { IncomingMessage } from 'node:http';
import { KEY_HEADER, keyInProtocols, pageAddress } from '../contract/host-key';
import { messages, type RefusalText } from './messages';
import type { Session } from './session';

export interface Refusal extends RefusalText {
  readonly status: 403 | 413 | 421;
}

const MISDIRECTED: Refusal = { status: 421, ...messages.misdirected };
const FOREIGN: Refusal = { status: 403, ...messages.foreign };
const WITH_BODY: Refusal = { status: 413, ...messages.withBody };
/** Without a valid cookie, and with a token that is wrong or was used before. */
const UNKNOWN_VISITOR: Refusal = { status: 403, ...messages.unknownVisitor };
/** With a valid cookie, which other programs of this computer get as well. */
const WITHOUT_KEY: Refusal = { status: 403, ...messages.withoutKey };

/** What the guard looks at of a request. */
export type GuardedRequest = Pick<IncomingMessage, 'method' | 'headers'>;

/**
 * A browser sends requests to this host for any page that asks. Three things tell ours from theirs: the host's name,
 * which a rebound DNS name is not; where the page comes from; and the cookie. No browser at all is kept to the truth by
 * the first two, and can have been sent the third: against those stands the key.
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

/** Of other pages. Those of other programs on this address count as our site, and get our cookie sent along. */
function comesFromElsewhere(headers: GuardedRequest['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** How somebody comes to the printed address. */
export interface Entrance {
  /** To be set; null for who has it, or is not let in by this step. */
  readonly cookie: string | null;
  /** Where to go on, on this host. */
  readonly next: string;
  /** Whether the way there is a step of its own. */
  readonly isFromElsewhere: boolean;
}

/**
 * Looks at a request of the printed address. Who has the cookie and brings the token gets the key again: programs that
 * were only sent the cookie do not know the token.
 *
 * Who follows the address from another site goes on from a page of ours: a browser sends our cookie along with no
 * redirect that began elsewhere. Neither does it with this request, so whether it was let in before shows only then, at
 * the same address.
 *
 * @param token from the address; it is used up only by who is let in
 */
export function entranceOf({ headers }: GuardedRequest, token: string, session: Session): Entrance | Refusal {
  const isFromElsewhere = comesFromElsewhere(headers);
  // An image or a script of another page, say, which must not use the token up.
  if (isFromElsewhere && headers['sec-fetch-dest'] !== 'document') return FOREIGN;
  const isKnown = session.holdsCookie(headers.cookie);
  const cookie = isKnown ? null : session.exchange(token);
  const isLetIn = isKnown || cookie !== null;
  if (!isLetIn && !isFromElsewhere) return UNKNOWN_VISITOR;
  if (!session.isToken(token)) return { cookie, next: '/', isFromElsewhere };
  const next = isFromElsewhere ? tokenAddress(session.token) : pageAddress(session.key);
  return { cookie, next, isFromElsewhere };
}

/** @returns the printed address, without its origin */
export function tokenAddress(token: string): string {
  return `/open?t=${token}`;
}

/** @returns null for the holder of the cookie, on our own page */
export function visitorRefusal({ headers }: GuardedRequest, session: Session): Refusal | null {
  if (!session.holdsCookie(headers.cookie)) return UNKNOWN_VISITOR;
  return comesFromElsewhere(headers) ? FOREIGN : null;
}

/** @returns null for a request with the key, which no other program of this computer is sent */
export function keyRefusal({ headers }: GuardedRequest, session: Session): Refusal | null {
  const key = headers[KEY_HEADER];
  return session.isKey(typeof key === 'string' ? key : null) ? null : WITHOUT_KEY;
}

/** @returns null for a WebSocket of our own page; programs that name no origin are none */
export function socketRefusal(request: GuardedRequest, origin: string, session: Session): Refusal | null {
  const refusal = foreignRefusal(request, origin) ?? visitorRefusal(request, session);
  if (refusal !== null) return refusal;
  if (request.headers.origin === undefined) return FOREIGN;
  return session.isKey(keyInProtocols(request.headers['sec-websocket-protocol'])) ? null : WITHOUT_KEY;
}
