const MICROS_PER_DAY = 86_400_000_000n;
const MICROS_PER_SECOND = 1_000_000n;
/** DuckDB's infinite timestamps. */
const INFINITE = 2n ** 63n - 1n;

/** Microseconds since 1970 as `2026-11-20 15:17:42.106`; six decimals where milliseconds do not hold it. */
export function timestampText(micros: bigint): string {
  if (micros === INFINITE) return 'infinity';
  if (micros === -INFINITE) return '-infinity';
  const inDay = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const fraction = Number(inDay % MICROS_PER_SECOND);
  const seconds = Number(inDay / MICROS_PER_SECOND);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':');
  const digits = fraction % 1000 === 0 ? String(fraction / 1000).padStart(3, '0') : String(fraction).padStart(6, '0');
  return `${dateText(Number((micros - inDay) / MICROS_PER_DAY))} ${clock}.${digits}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Days since 1970 in the Gregorian calendar, beyond what `Date` holds. @see Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days */
function dateText(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;
}
