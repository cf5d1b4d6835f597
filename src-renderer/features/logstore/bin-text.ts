import type { HistogramReport } from '../../../src-main/contract/query';
import { t } from '../../services/messages/catalogue';
import { grouped } from '../../services/number-format';
import type { ZoneClock } from '../../services/time-format';

const DAY_SEC = 86_400;
/** Wider bins make a histogram of more than a year. */
const YEAR_BIN_SEC = 172_800;

/**
 * What stands under a bin: its time, or its day where a bin is that wide or a day begins.
 *
 * @param withSeconds false where all labels are of whole minutes
 */
export function binLabel(startSec: number, binSec: number, clock: ZoneClock, withSeconds: boolean): string {
  if (binSec > YEAR_BIN_SEC) return clock.date(startSec);
  const time = clock.time(startSec, withSeconds);
  if (binSec >= DAY_SEC || (binSec >= 1800 && time.startsWith('00:00'))) return clock.day(startSec);
  return time;
}

/**
 * A stretch of bins, with its entries: `20 Nov 15:08 – 15:22, 5,990 entries`; and that it is incomplete, where it touches a
 * window of which entries were not delivered.
 */
export function binTip(
  { fromSec, toSec }: { readonly fromSec: number; readonly toSec: number },
  entries: number,
  { binSec, incomplete }: Pick<HistogramReport, 'binSec' | 'incomplete'>,
  clock: ZoneClock,
): string {
  const isWide = binSec >= DAY_SEC;
  const name = (sec: number): string => (isWide ? clock.prose(sec) : clock.time(sec, binSec < 60 || sec % 60 !== 0));
  const start = isWide ? name(fromSec) : `${clock.day(fromSec)} ${name(fromSec)}`;
  const tip = t.logs.binTip(`${start} – ${name(toSec)}`, grouped(entries), entries);
  const isIncomplete = incomplete.some(({ startSec, endSec }) => startSec < toSec && endSec > fromSec);
  return isIncomplete ? t.logs.binIncomplete(tip) : tip;
}
