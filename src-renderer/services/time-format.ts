import { t } from './messages/catalogue';
import { BETWEEN } from './number-format';

interface LocalFields {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

/** Beyond these, `Date` and four digits of a year end. */
const FIRST_SEC = -62_135_596_800;
const LAST_SEC = 253_402_300_799;

/** Texts of instants (epoch seconds) in one zone. */
export class ZoneClock {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;

  /** @param zone IANA name or `UTC`. @throws RangeError for another one */
  constructor(zone: string) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** `2026-11-20 15:17:42`, as data has it; the number itself where no calendar reaches. */
  dateTime(epochSec: number): string {
    const fields = this.#fields(epochSec);
    if (fields === null) return String(epochSec);
    return `${fields.year}-${fields.month}-${fields.day} ${fields.hour}:${fields.minute}:${fields.second}`;
  }

  /** `20 Nov 2026 15:17`, as prose has it; the number itself where no calendar reaches. */
  prose(epochSec: number): string {
    if (this.#fields(epochSec) === null) return String(epochSec);
    return `${this.date(epochSec)} ${this.time(epochSec)}`;
  }

  /** `15:17` or, with seconds, `15:17:42`. */
  time(epochSec: number, withSeconds = false): string {
    const fields = this.#fields(epochSec);
    if (fields === null) return String(epochSec);
    return `${fields.hour}:${fields.minute}${withSeconds ? `:${fields.second}` : ''}`;
  }

  /** `20 Nov`. */
  day(epochSec: number): string {
    const fields = this.#fields(epochSec);
    return fields === null ? String(epochSec) : t.times.day(Number(fields.day), Number(fields.month));
  }

  /** `20 Nov 2026`. */
  date(epochSec: number): string {
    const fields = this.#fields(epochSec);
    return fields === null ? String(epochSec) : t.times.date(this.day(epochSec), fields.year);
  }

  /** A half-open range: `20 Nov 2026 13:58:12 – 16:02:48` within a day, `20 Nov 2026 13:58 – 21 Nov 2026 16:02` over several. */
  range(fromSec: number, toSec: number): string {
    const isOneDay = this.date(fromSec) === this.date(toSec);
    if (!isOneDay) return `${this.prose(fromSec)} – ${this.prose(toSec)}`;
    return `${this.date(fromSec)} ${this.time(fromSec, true)} – ${this.time(toSec, true)}`;
  }

  /** What a clock in the zone shows at an instant, as if it were UTC; the instant itself where no calendar reaches. */
  localSec(epochSec: number): number {
    const fields = this.#fields(epochSec);
    if (fields === null) return epochSec;
    const { year, month, day, hour, minute, second } = fields;
    return Date.UTC(+year, +month - 1, +day, +hour, +minute, +second) / 1000;
  }

  #fields(epochSec: number): LocalFields | null {
    if (!(epochSec >= FIRST_SEC && epochSec <= LAST_SEC)) return null;
    const fields: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(epochSec * 1000)) fields[type] = value;
    const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = fields;
    return { year: year.padStart(4, '0'), month, day, hour, minute, second };
  }
}

/** Epoch seconds with nanosecond digits, as text, to whole seconds; null stays null. */
export function wholeSeconds(epochText: string | null): number | null {
  return epochText === null ? null : Math.floor(Number(epochText));
}

const amount = (count: number | string, unit: string): string => `${count}${BETWEEN}${unit}`;

/** `38 ms`, `1.2 s`, `38 s`, `24 min 21 s`, `2 h 04 min`. */
export function durationText(ms: number): string {
  const { units } = t;
  if (ms < 999.5) return amount(Math.round(ms), units.ms);
  if (ms < 9950) return amount((ms / 1000).toFixed(1), units.sec);
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return amount(seconds, units.sec);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3600) return `${amount(Math.floor(seconds / 60), units.min)} ${amount(two(seconds % 60), units.sec)}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${amount(Math.floor(minutes / 60), units.hour)} ${amount(two(minutes % 60), units.min)}`;
  const hours = Math.round(minutes / 60);
  return `${amount(Math.floor(hours / 24), units.day)} ${amount(two(hours % 24), units.hour)}`;
}

/** A guess, in whole seconds and never none: `1 s`, `24 min 21 s`. */
export function aboutText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 60 ? amount(seconds, t.units.sec) : durationText(seconds * 1000);
}

/** A width of bins: `1 min`, `10 s`, `2 h`, `1 d`. */
export function widthText(seconds: number): string {
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3600],
    ['min', 60],
  ] as const) {
    if (seconds % size === 0) return amount(seconds / size, t.units[unit]);
  }
  return amount(seconds, t.units.sec);
}

/** `2026-11-20 15:17:42.106`, in the zone. */
export function exactTime(epochText: string, clock: ZoneClock): string {
  const [seconds = '0', fraction = ''] = epochText.split('.');
  return `${clock.dateTime(Number(seconds))}.${fraction.padEnd(3, '0').slice(0, 3)}`;
}

const UTC = new ZoneClock('UTC');

/** Epoch seconds with digits behind them, as text, to the second: `2026-11-20 15:17:42 UTC`. */
export function secondUtc(epochText: string): string {
  return `${UTC.dateTime(Number(epochText.split('.')[0]))} UTC`;
}

/** Epoch seconds with nanosecond digits, as text: `2026-11-20 15:17:42.000000001 UTC`. */
export function exactUtc(epochText: string): string {
  const [seconds = '0', fraction = ''] = epochText.split('.');
  return `${UTC.dateTime(Number(seconds))}.${fraction.padEnd(9, '0')} UTC`;
}
