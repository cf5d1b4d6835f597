import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

/** 256 bits that nobody guesses, fit for an address, a header and a cookie. */
export const makeSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

export const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Of equal length whatever was sent, so that neither length nor time tells anything. */
const isSame = (text: string, expected: Buffer): boolean => timingSafeEqual(digest(text), expected);

/**
 * Who may use this host: the holder of two secrets, which are given once, to whoever brings the token of the printed
 * address first. The cookie asks nothing of the page, but reaches the programs on all other ports of this computer as
 * well; the key is kept by the page for its own origin. To who has neither, the token is of no use after that, wherever
 * it was left: in a history, a log, a list of processes.
 */
export class Session {
  /** To be printed once, and never kept. */
  readonly token = makeSecret();
  /** For the page of who brings the token; never for who has the cookie alone. */
  readonly key = makeSecret();
  readonly #token = digest(this.token);
  readonly #key = digest(this.key);
  readonly #secret = makeSecret();
  readonly #cookie = digest(this.#secret);
  readonly #cookieName: string;
  #isTokenSpent = false;

  /** @param port cookies of one address are shared by all its ports, so each host has a name of its own */
  constructor(port: number) {
    this.#cookieName = `natscope_${port}`;
  }

  /** @returns whether it is the token, used or not */
  isToken(text: string): boolean {
    return isSame(text, this.#token);
  }

  /** @returns the value of `Set-Cookie`; null when the token is wrong or was used before */
  exchange(token: string): string | null {
    if (!this.isToken(token) || this.#isTokenSpent) return null;
    this.#isTokenSpent = true;
    return `${this.#cookieName}=${this.#secret}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** @param header `Cookie` of a request, with whatever other programs of this address have set */
  holdsCookie(header: string | undefined): boolean {
    return (header ?? '').split(';').some((pair) => {
      const [name, value = ''] = pair.split('=', 2);
      return name?.trim() === this.#cookieName && isSame(value.trim(), this.#cookie);
    });
  }

  /** @param text as a page sent it; null when it sent none */
  isKey(text: string | null): boolean {
    return isSame(text ?? '', this.#key);
  }
}
