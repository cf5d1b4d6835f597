import { AppError } from '../contract/errors';

const SECONDS_PER_DAY = 86_400;
/** @see sls-logstore.md §4: 3650 stands for ever */
export const LONGEST_TTL_DAYS = 3650;

/**
 * @returns the days, or null where entries are kept for good: `off`, and 3650 as the vendor has it
 * @throws AppError OPTION_INVALID
 */
export function readTtl(text: string): number | null {
  if (text === 'off') return null;
  const days = Number(text);
  if (!/^\d+$/u.test(text) || days < 1 || days > LONGEST_TTL_DAYS) {
    const message = `"${text}" is no retention: write off, or days from 1 to ${LONGEST_TTL_DAYS} (which keeps entries for ever)`;
    throw new AppError('OPTION_INVALID', message, { ttl: text });
  }
  return days === LONGEST_TTL_DAYS ? null : days;
}

/**
 * Entries before this second are past the retention of a Logstore. It is counted in the time of the entries, back from the
 * newest of them, and not from today: a capture of last year is not older than itself, and its entries do not vanish
 * because nobody looked at them for a week.
 *
 * @param newestSec `__time__` of the newest entry
 */
export function expiryOf(newestSec: number, ttlDays: number): number {
  return newestSec - ttlDays * SECONDS_PER_DAY;
}
