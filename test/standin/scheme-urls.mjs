/**
 * Chromium knows no schemes of an app's own, so `app://host/path` is `https://host.app.standin.invalid/path` to it.
 * The top-level domain is reserved and never resolved (RFC 6761, section 6.4).
 */
const SUFFIX = '.standin.invalid';
export const SCHEME_PATTERN = `*://*${SUFFIX}/*`;

/** @typedef {{ standard?: boolean, secure?: boolean, supportFetchAPI?: boolean, [privilege: string]: boolean | undefined }} Privileges */

/** @type {Map<string, Privileges>} */
export const privilegesOf = new Map();

/**
 * @param {string} url
 * @returns {string} what Chromium is asked for
 */
export function toChromium(url) {
  const [, scheme = '', host = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  const privileges = privilegesOf.get(scheme);
  if (privileges === undefined) return url;
  if (!privileges.standard) throw new Error(`stand-in electron: scheme "${scheme}" is not registered as standard`);
  return `${privileges.secure ? 'https' : 'http'}://${host || 'x'}.${scheme}${SUFFIX}${rest || '/'}`;
}

/** @param {string} url @returns {string} what the app calls it */
export function fromChromium(url) {
  const [, host, scheme, rest] = /^https?:\/\/(.+)\.([a-z0-9+-]+)\.standin\.invalid(.*)$/.exec(url) ?? [];
  return scheme === undefined ? url : `${scheme}://${host}${rest}`;
}
