/**
 * What a page of ours is allowed, the same in the desktop app and in a browser: its own files, and nothing else.
 */

/** Stands in the built page where each answer puts its own nonce, so that no two pages share one. */
export const NONCE_PLACEHOLDER = 'natscope-nonce-of-this-answer';

/**
 * @param nonce of this answer alone; styles that scripts make need it
 * @param sockets origin of WebSockets, which some browsers do not count as `'self'`; null where there are none
 */
export function contentSecurityPolicy(nonce: string, sockets: string | null): string {
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self'`,
    `font-src 'self'`,
    `connect-src 'self'${sockets === null ? '' : ` ${sockets}`}`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
    `form-action 'none'`,
  ].join('; ');
}

/** Of every answer, whatever it holds. */
export const HARDENING_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};
