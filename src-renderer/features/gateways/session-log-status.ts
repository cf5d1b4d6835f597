import type { DeliveryReport, StatusChange } from '../../../src-main/contract/delivery';
import type { GatewayFacts, SessionLogReport } from '../../../src-main/contract/gateways';
import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import { t } from '../../services/messages/catalogue';
import { grouped } from '../../services/number-format';
import type { ZoneClock } from '../../services/time-format';
import { lostOf } from './timeline';

type Delivery = Pick<StatusChange, 'status' | 'code' | 'offUntilSec'>;

/** A delivery status with its explanation. */
export interface StatusFacts {
  readonly tone: 'ok' | 'danger' | 'busy';
  readonly status: string;
  /** As the vendor spells it. */
  readonly code: string | null;
  readonly explanation: { readonly title: string; readonly facts: string } | null;
}

/**
 * The status on the axis of an import, where one is looked at and the log is enabled; else that of the catalogue.
 * @returns null where nothing is delivered
 */
export function statusFacts(
  { delivery, status }: SessionLogReport,
  onAxis: StatusChange | null,
  clock: ZoneClock,
): StatusFacts | null {
  if (status !== 'Enabled') return null;
  const shown: Delivery | null = onAxis ?? (delivery === null ? null : { ...delivery, offUntilSec: null });
  if (shown === null) return null;
  const tone = ({ Successful: 'ok', Modifying: 'busy', Failed: 'danger' } as const)[shown.status];
  return { tone, status: t.sessionLog.delivery[shown.status], code: shown.code, explanation: explain(shown, clock) };
}

function explain({ status, code, offUntilSec }: Delivery, clock: ZoneClock): StatusFacts['explanation'] {
  const words = t.sessionLog;
  if (code === null) {
    return status === 'Modifying' ? { title: words.delivery.Modifying, facts: words.modifyingWhy } : null;
  }
  const { title, facts } = words.codes[code];
  if (offUntilSec === null) return { title, facts };
  return { title: words.offUntil(clock.time(offUntilSec, true)), facts: `${title} ${facts}` };
}

/** Delivered and lost entries of an import, as texts; unknown without one. */
export function countsText(report: DeliveryReport | null): { readonly delivered: string; readonly lost: string } {
  if (report === null) return { delivered: t.gateways.unknown, lost: t.gateways.unknown };
  return { delivered: grouped(report.totals.delivered), lost: grouped(lostOf(report.totals)) };
}

/**
 * Imports of a gateway into its Logstore. Those behind a gateway of a file, which nobody made here, are the built-in one's.
 *
 * @param gateways all that there are
 */
export function importsOf(
  imports: readonly ImportFacts[],
  { gateway, destination, builtIn }: SessionLogReport,
  gateways: readonly Pick<GatewayFacts, 'id'>[],
): readonly ImportFacts[] {
  const isOwn = ({ instance }: ImportFacts): boolean =>
    instance === gateway || (builtIn && !gateways.some(({ id }) => id === instance));
  return imports.filter(
    (each) => each.project === destination?.project && each.logstore === destination.logstore && isOwn(each),
  );
}
