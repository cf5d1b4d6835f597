import { AppError } from '../contract/errors';
import { digest, makeSecret } from './session';

/**
 * Lets a browser fetch an export by following a link, which can carry no key: the page asks for a ticket with its key,
 * and the ticket leads to that one file until all of it has gone out.
 */
export class DownloadTickets {
  /** Files by the digest of their ticket, so that the time of a look tells nothing of it. */
  readonly #files = new Map<string, string>();

  /**
   * @param file name within `<workspace>/tmp/exports`
   * @throws AppError REQUEST_INVALID for a name that no export has
   */
  issue(file: string): string {
    if (!/^[\w-][\w.-]*$/.test(file)) throw new AppError('REQUEST_INVALID', 'An export has no such name');
    const ticket = makeSecret();
    this.#files.set(place(ticket), file);
    return ticket;
  }

  /** @returns null when it was not given, or is spent */
  fileOf(ticket: string): string | null {
    return this.#files.get(place(ticket)) ?? null;
  }

  spend(ticket: string): void {
    this.#files.delete(place(ticket));
  }
}

const place = (ticket: string): string => digest(ticket).toString('base64url');
