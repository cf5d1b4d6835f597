import { AppError } from '../../contract/errors';
import type { ComplaintRemarkKind } from '../../contract/attribution';
import { resolveInstant, type InstantRequest, type LogExtent } from '../../query/time-range';
import { findTimes } from './complaint-time';

export interface AskedTime {
  /** Nanoseconds since 1970; null in a log without entries, for a time relative to them. */
  readonly atNs: bigint | null;
  /** As `resolveInstant` takes it. */
  readonly text: string;
}

/** What may stand around a time that is copied out of a complaint. */
const AROUND = /^[\s[\](){}"'<>.,;]*$/u;
/** None: of a time without a year, which one is meant would be a guess. */
const NO_YEAR = 0;

/** Why a time is none although its shape is known. */
const UNCLEAR: Partial<Readonly<Record<ComplaintRemarkKind, (subject: string) => string>>> = {
  day_unclear: () => 'which number is the day and which the month is not told; write it as 2026-01-31 09:00:00',
  zone_unclear: (zone) => `${zone} is the name of several zones; write the offset, such as +08:00`,
  twice: () => 'clocks of its zone show it twice; write the offset, such as +08:00',
};

/**
 * The time of one question: what `resolveInstant` takes, and what else would be a time in a complaint, from where it is
 * copied, such as `10/Mar/2026:14:03:21 +0000`.
 *
 * @param log null for a log without entries
 * @throws AppError TIME_INVALID as `resolveInstant`, and for a time of which the day or the zone may be several
 */
export function askedTime({ text, zone }: InstantRequest, log: LogExtent | null): AskedTime {
  try {
    return { atNs: resolveInstant({ text, zone }, log), text };
  } catch (cause) {
    const read = copiedTime(text, zone);
    if (read === null) throw cause;
    return { atNs: resolveInstant({ text: read, zone }, log), text: read };
  }
}

/** @returns null for what is no time, or more than one */
function copiedTime(text: string, zone: string): string | null {
  const [time, another] = findTimes(text, { year: NO_YEAR, zone }).times;
  if (time === undefined || another !== undefined) return null;
  if (!AROUND.test(text.slice(0, time.start)) || !AROUND.test(text.slice(time.end))) return null;
  if (time.at !== null) return time.at;
  const { kind, subject } = time.remark ?? { kind: 'day_unclear', subject: '' };
  const why = UNCLEAR[kind]?.(subject);
  if (why === undefined) return null;
  throw new AppError('TIME_INVALID', `"${text}" is no time: ${why}.`, { text });
}
