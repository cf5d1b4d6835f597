/**
 * How a page shows a browser host that it was let in. A cookie alone does not: a browser sends it to every port of this
 * computer, and so to every other program that the user visits here. The key stays with the page's own origin.
 */

/** Of requests that can carry a header. */
export const KEY_HEADER = 'x-natscope-key';

/** What a WebSocket speaks. The host agrees to this one, so that the key is not sent back. */
export const SOCKET_PROTOCOL = 'natscope';
const KEY_PROTOCOL = `${SOCKET_PROTOCOL}.key.`;

/** Where a page asks whether its key is one: a WebSocket that is refused does not say why. */
export const KEY_CHECK_PATH = '/key';

const FRAGMENT = '#key=';
/** 256 bits as base64url. */
const KEY = /^[\w-]{43}$/;

/** @returns the address of the page for who is let in; browsers send nothing of it, and name it to nobody */
export function pageAddress(key: string): string {
  return `/${FRAGMENT}${key}`;
}

/** @returns null where an address brings no key */
export function keyInFragment(fragment: string): string | null {
  return fragment.startsWith(FRAGMENT) ? asKey(fragment.slice(FRAGMENT.length)) : null;
}

/** @returns null for what cannot be a key */
export function asKey(text: string | null): string | null {
  return text !== null && KEY.test(text) ? text : null;
}

/** What a page offers when it opens a WebSocket, which can carry no other header. */
export function socketProtocols(key: string): string[] {
  return [SOCKET_PROTOCOL, `${KEY_PROTOCOL}${key}`];
}

/**
 * @param offered `Sec-WebSocket-Protocol` of a request
 * @returns the key in it, or null
 */
export function keyInProtocols(offered: string | undefined): string | null {
  const named = (offered ?? '').split(',').map((name) => name.trim());
  const own = named.find((name) => name.startsWith(KEY_PROTOCOL));
  return own === undefined ? null : own.slice(KEY_PROTOCOL.length);
}
