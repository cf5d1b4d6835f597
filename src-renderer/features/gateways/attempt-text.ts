import type { DeliveryEvent } from '../../../src-main/contract/delivery';
import { t } from '../../services/messages/catalogue';
import type { ZoneClock } from '../../services/time-format';

/** What came of an attempt, in a few words. */
export function attemptText({ act, groups, waiting, lost, retrySec }: DeliveryEvent, clock: ZoneClock): string {
  const words = t.faults;
  const parts = [
    ...(groups > 0 ? [words.wrote(groups)] : []),
    ...(lost > 0 ? [words.lost(lost)] : []),
    ...(waiting > 0 ? [words.waits(waiting)] : []),
  ];
  if (retrySec !== null) {
    const time = clock.time(retrySec, true);
    parts.push(act === 'open' ? words.offUntil(time) : words.retries(time));
  }
  return parts.length === 0 ? '' : parts.join(', ');
}
