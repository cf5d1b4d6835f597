import type { LogGroup } from '../../../src-main/delivery/log-groups';
import { readDeliveryScript } from '../../../src-main/delivery/read-script';
import { simulateDelivery, type Delivery } from '../../../src-main/delivery/simulate';
import { deliveryTotals, windowDeliveries } from '../../../src-main/delivery/summary';
import type { DeliveryTotals, WindowDelivery } from '../../../src-main/contract/delivery';

/** 600 × 2833334: where a window begins. */
export const T0 = 1_700_000_400;
export const WINDOW_SEC = 600;

/** Windows of so many entries of 250 bytes, in groups as large as they may be. */
export function windowsOf(entries: readonly number[], bytesPerEntry = 250): LogGroup[] {
  const groups: LogGroup[] = [];
  let firstEntry = 0;
  entries.forEach((count, window) => {
    const endSec = T0 + (window + 1) * WINDOW_SEC;
    for (let left = count; left > 0; left -= 4096) {
      const size = Math.min(4096, left);
      groups.push({
        firstEntry,
        entries: size,
        rawBytes: size * bytesPerEntry,
        sealedSec: endSec,
      });
      firstEntry += size;
    }
  });
  return groups;
}

export interface Simulated extends Delivery {
  readonly windows: readonly WindowDelivery[];
  readonly totals: DeliveryTotals;
}

/** @param script as in a file; deliveries are 60 s after their window, unless it says otherwise */
export function simulated(
  groups: readonly LogGroup[],
  script: Readonly<Record<string, unknown>>,
  { shards = 2, modifyingSec = 0 } = {},
): Simulated {
  const delivery = simulateDelivery({
    groups,
    windowSec: WINDOW_SEC,
    script: readDeliveryScript({ delaySec: { least: 60, most: 60, tailRate: 0 }, ...script }),
    shards: { ids: Array.from({ length: shards }, (_, id) => id), ofSource: 0, sourcePlace: 0.25 },
    modifyingSec,
  });
  const windows = windowDeliveries(groups, delivery.outcomes, WINDOW_SEC);
  return { ...delivery, windows, totals: deliveryTotals(windows, groups) };
}

/** What happened, one line each: seconds after `T0`, act, code or ok, entries, lost, retry. */
export function told({ events }: Delivery): string[] {
  return events.map(({ atSec, act, code, entries, lost, retrySec }) =>
    [
      `${atSec - T0} ${act} ${code ?? 'ok'}`,
      ...(entries > 0 ? [`${entries} written`] : []),
      ...(lost > 0 ? [`${lost} lost`] : []),
      ...(retrySec === null ? [] : [`again at ${retrySec - T0}`]),
    ].join(', '),
  );
}

export function statusesOf({ statuses }: Delivery): string[] {
  return statuses.map(({ fromSec, status, code, offUntilSec }) =>
    [
      `${fromSec - T0} ${status}`,
      ...(code === null ? [] : [code]),
      ...(offUntilSec === null ? [] : [`off until ${offUntilSec - T0}`]),
    ].join(' '),
  );
}
