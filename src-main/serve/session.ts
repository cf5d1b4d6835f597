import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Of equal length whatever was sent, so that neither length nor time tells anything. */
const isSame = (text: string, expected: Buffer): boolean => timingSafeEqual(digest(text), expected);

/**
 * Who may use this host: the holder of the cookie, which is given once, to whoever brings the token of the printed
 * address first. The token is of no use after that, wherever it was left: in a history, a log, a list of processes.
 */
export class Session {
  /** To be printed once, and never kept. */
  readonly token = randomBytes(SECRET_BYTES).toString('base64url');
  readonly #token = digest(this.token);
  readonly #secret = randomBytes(SECRET_BYTES).toString('base64url');
  readonly #cookie = digest(this.#secret);
  readonly #cookieName: string;
  #isTokenSpent = false;

  /** @param port cookies of one address are shared by all its ports, so each host has a name of its own */
  constructor(port: number) {
    this.#cookieName = `natscope_${port}`;
  }

  /** @returns the value of `Set-Cookie`; null when the token is wrong or was used before */
  exchange(token: string): string | null {
    if (!isSame(token, this.#token) || this.#isTokenSpent) return null;
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
}
