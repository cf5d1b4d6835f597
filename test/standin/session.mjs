import { EVENTS, StrictEmitter, strictObject } from './strict.mjs';

/** @typedef {import('./web-contents.mjs').WebContents} WebContents */
/** @typedef {(contents: WebContents, permission: string, callback: (granted: boolean) => void, details: object) => void} RequestHandler */
/** @typedef {(contents: WebContents, permission: string, origin: string, details: object) => boolean} CheckHandler */
/** @typedef {(details: any, callback: (response: any) => void) => void} RequestListener */

/** Electron's permissions that Chromium's protocol can set, with its names for them. */
const PERMISSIONS = {
  notifications: ['notifications'],
  geolocation: ['geolocation'],
  media: ['microphone', 'camera'],
  midi: ['midi'],
  'clipboard-read': ['clipboard-read'],
  'clipboard-sanitized-write': ['clipboard-write'],
  'idle-detection': ['idle-detection'],
  'window-management': ['window-management'],
};

/** @type {RequestHandler | null} */
let requestHandler = null;
/** @type {CheckHandler | null} */
let checkHandler = null;
/** @type {RequestListener | null} */
let beforeRequest = null;
/** @type {RequestListener | null} */
let onHeaders = null;

/** @param {unknown[]} args a filter, which may be left out, and the listener */
const listenerOf = (args) => /** @type {RequestListener | null} */ (args.at(-1) ?? null);

class Session extends StrictEmitter {
  static [EVENTS] = ['will-download'];
  #webRequest = strictObject('session.webRequest', {
    /** @param {unknown[]} args */
    onBeforeRequest(...args) {
      beforeRequest = listenerOf(args);
    },
    /** @param {unknown[]} args */
    onHeadersReceived(...args) {
      onHeaders = listenerOf(args);
    },
  });

  get webRequest() {
    return this.#webRequest;
  }

  /** @param {RequestHandler | null} handler */
  setPermissionRequestHandler(handler) {
    requestHandler = handler;
  }

  /** @param {CheckHandler | null} handler */
  setPermissionCheckHandler(handler) {
    checkHandler = handler;
  }

  /** @param {((details: object) => boolean) | null} _handler devices are never offered */
  setDevicePermissionHandler(_handler) {}

  /** @param {boolean} _enable */
  setSpellCheckerEnabled(_enable) {}

  async clearStorageData() {}

  async clearCache() {}
}

export const defaultSession = new Session();
export const session = strictObject('session', { defaultSession });

/**
 * Chromium takes its permissions beforehand, so the handlers are asked about each when a page is loaded. As in
 * Electron, what no handler decides is granted.
 *
 * @param {WebContents} contents
 * @param {string} url
 * @returns {{ permission: { name: string }, setting: 'granted' | 'denied' }[]}
 */
export function permissionsFor(contents, url) {
  const origin = new URL(url).origin === 'null' ? url.replace(/^([^:]+:\/\/[^/]*).*$/, '$1') : new URL(url).origin;
  return Object.entries(PERMISSIONS).flatMap(([electronName, names]) => {
    const isChecked = checkHandler?.(contents, electronName, origin, { requestingUrl: url, isMainFrame: true }) ?? true;
    let isGranted = isChecked;
    if (requestHandler) {
      isGranted = false;
      const callback = (/** @type {boolean} */ granted) => (isGranted = isChecked && granted);
      requestHandler(contents, electronName, callback, { requestingUrl: url, isMainFrame: true });
    }
    const setting = /** @type {'granted' | 'denied'} */ (isGranted ? 'granted' : 'denied');
    return names.map((name) => ({ permission: { name: String(name) }, setting }));
  });
}

/** @param {Request} request @returns {Promise<boolean>} whether `onBeforeRequest` cancels it */
export function isCancelled(request) {
  if (!beforeRequest) return Promise.resolve(false);
  const { url, method } = request;
  return new Promise((resolve) => beforeRequest?.({ url, method }, (response) => resolve(response?.cancel === true)));
}

/** @param {Request} request @param {Response} response @returns {Promise<Response>} with the headers of `onHeadersReceived` */
export function headersReceived(request, response) {
  if (!onHeaders) return Promise.resolve(response);
  const responseHeaders = Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]]));
  const details = { url: request.url, method: request.method, statusCode: response.status, responseHeaders };
  return new Promise((resolve) =>
    onHeaders?.(details, ({ cancel, responseHeaders: changed = responseHeaders }) => {
      if (cancel) return resolve(Response.error());
      const headers = new Headers();
      for (const [name, values] of Object.entries(changed)) {
        for (const value of [values].flat()) headers.append(name, value);
      }
      resolve(new Response(response.body, { status: response.status, headers }));
    }),
  );
}
