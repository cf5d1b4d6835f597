/** Where a window keeps what was chosen in it; null where nothing can be kept. */
export type SettingsStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * Keeps a value, or with null no value any more. A storage that is full or forbidden throws, and what was asked for goes
 * on without it.
 *
 * @param store null where nothing can be kept
 * @returns false where the store refused it
 */
export function keepItem(
  store: Pick<Storage, 'setItem' | 'removeItem'> | null,
  key: string,
  value: string | null,
): boolean {
  try {
    if (value === null) store?.removeItem(key);
    else store?.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

/** As long as browsers keep a cookie at most. */
const KEPT_SEC = 400 * 86_400;

/**
 * Settings of a browser as cookies. A browser host has another port at each start, and with it another `localStorage`;
 * cookies are of the address alone. Other programs of this computer get them too, so they are for what nobody would
 * hide: never for queries.
 */
export class CookieSettings implements SettingsStore {
  readonly #document: Pick<Document, 'cookie'>;

  constructor(document: Pick<Document, 'cookie'>) {
    this.#document = document;
  }

  getItem(key: string): string | null {
    const start = `${key}=`;
    const pair = this.#document.cookie.split('; ').find((text) => text.startsWith(start));
    if (pair === undefined) return null;
    try {
      return decodeURIComponent(pair.slice(start.length));
    } catch {
      // Written by somebody else.
      return null;
    }
  }

  setItem(key: string, value: string): void {
    this.#write(key, value, KEPT_SEC);
  }

  removeItem(key: string): void {
    this.#write(key, '', 0);
  }

  #write(key: string, value: string, keptSec: number): void {
    this.#document.cookie = `${key}=${encodeURIComponent(value)}; Path=/; Max-Age=${keptSec}; SameSite=Strict`;
  }
}
