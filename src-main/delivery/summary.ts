import type { DeliveryTotals, LossCause, StatusChange, WindowDelivery } from '../contract/delivery';
import { LATE_SEC } from './codes';
import type { LogGroup } from './log-groups';
import type { GroupOutcome } from './simulate';

type Losses = Partial<Record<LossCause, number>>;

function addLoss(losses: Losses, cause: LossCause, entries: number): void {
  if (entries > 0) losses[cause] = (losses[cause] ?? 0) + entries;
}

/** What became of each window, in the order in which they were sealed. */
export function windowDeliveries(
  groups: readonly LogGroup[],
  outcomes: readonly GroupOutcome[],
  windowSec: number,
): WindowDelivery[] {
  const windows: (WindowDelivery & { readonly lost: Losses })[] = [];
  groups.forEach((group, ordinal) => {
    const last = windows.at(-1);
    const isSame = last?.endSec === group.sealedSec;
    const before = isSame ? last : emptyWindow(group.sealedSec, windowSec);
    if (isSame) windows.pop();
    windows.push(withOthers(withGroup(before, group, outcomes[ordinal]!), group, outcomes[ordinal]!));
  });
  return windows;
}

function emptyWindow(endSec: number, windowSec: number): WindowDelivery {
  return {
    startSec: endSec - windowSec,
    endSec,
    sealed: 0,
    delivered: 0,
    lost: {},
    pending: 0,
    late: 0,
    duplicates: 0,
    firstDeliveredSec: null,
    lastDeliveredSec: null,
  };
}

function withGroup(
  window: WindowDelivery,
  { entries, sealedSec }: LogGroup,
  { deliveredSec, cause, lostEntries, duplicates }: GroupOutcome,
): WindowDelivery & { readonly lost: Losses } {
  const lost: Losses = { ...window.lost };
  const sealed = window.sealed + entries;
  if (deliveredSec === null) {
    if (cause === null) return { ...window, sealed, pending: window.pending + entries };
    addLoss(lost, cause, entries);
    return { ...window, sealed, lost };
  }
  addLoss(lost, 'best_effort', lostEntries);
  const arrived = entries - lostEntries;
  return {
    ...window,
    sealed,
    lost,
    delivered: window.delivered + arrived,
    late: window.late + (deliveredSec > sealedSec + LATE_SEC ? arrived : 0),
    duplicates: window.duplicates + duplicates,
    firstDeliveredSec: Math.min(window.firstDeliveredSec ?? Infinity, deliveredSec),
    lastDeliveredSec: Math.max(window.lastDeliveredSec ?? -Infinity, deliveredSec),
  };
}

/** Which entries of a group are lost by chance is not looked up: each window that it has entries of is affected. */
function withOthers(
  window: WindowDelivery & { readonly lost: Losses },
  { otherStartsSec }: LogGroup,
  { deliveredSec, lostEntries }: GroupOutcome,
): WindowDelivery & { readonly lost: Losses } {
  if (otherStartsSec === undefined || (deliveredSec !== null && lostEntries === 0)) return window;
  return { ...window, otherStartsSec: [...new Set([...(window.otherStartsSec ?? []), ...otherStartsSec])] };
}

export function lostEntries({ lost }: { readonly lost: Losses }): number {
  return Object.values(lost).reduce((sum, entries) => sum + entries, 0);
}

export function isIncomplete(window: Pick<WindowDelivery, 'lost' | 'pending'>): boolean {
  return window.pending > 0 || lostEntries(window) > 0;
}

export function deliveryTotals(windows: readonly WindowDelivery[], groups: readonly LogGroup[]): DeliveryTotals {
  const sum = (pick: (window: WindowDelivery) => number): number =>
    windows.reduce((total, window) => total + pick(window), 0);
  const lost: Losses = {};
  for (const window of windows) {
    for (const [cause, entries] of Object.entries(window.lost)) addLoss(lost, cause as LossCause, entries);
  }
  return {
    sealed: sum(({ sealed }) => sealed),
    delivered: sum(({ delivered }) => delivered),
    lost,
    pending: sum(({ pending }) => pending),
    late: sum(({ late }) => late),
    duplicates: sum(({ duplicates }) => duplicates),
    rawBytes: groups.reduce((total, { rawBytes }) => total + rawBytes, 0),
    windows: windows.length,
    incompleteWindows: windows.filter(isIncomplete).length,
  };
}

/** @returns the status at a time of the capture; before the first one, that one */
export function statusAt(statuses: readonly StatusChange[], sec: number): StatusChange | null {
  return statuses.findLast(({ fromSec }) => fromSec <= sec) ?? statuses[0] ?? null;
}
