import type {
  DeliveryReport,
  DeliveryTotals,
  FaultKind,
  PlacedFault,
  StatusChange,
  WindowDelivery,
} from '../../../src-main/contract/delivery';
import { t } from '../../services/messages/catalogue';
import { byteText } from '../../services/number-format';
import type { ZoneClock } from '../../services/time-format';

/** The stretch of capture time that is drawn, epoch seconds. */
export interface Axis {
  readonly startSec: number;
  readonly endSec: number;
}

export const LANES = ['project', 'logstore', 'role', 'quota', 'shards', 'network'] as const;
export type Lane = (typeof LANES)[number];

const LANE_OF: Readonly<Record<FaultKind, Lane>> = {
  project_deleted: 'project',
  project_disabled: 'project',
  logstore_deleted: 'logstore',
  role_revoked: 'role',
  grant_revoked: 'role',
  write_quota: 'quota',
  shard_quota: 'shards',
  shards: 'shards',
  network: 'network',
};

/** A fault with its place in the script. */
export interface LaneFault {
  readonly index: number;
  readonly fault: PlacedFault;
}

/** Whole windows around all that happens, and the faults behind it as far as that is twice as long. */
export function axisOf({ startSec, endSec, windowSec, faults }: DeliveryReport): Axis {
  const reach = endSec + (endSec - startSec);
  const ends = faults.map((fault) => Math.min(reach, fault.toSec ?? fault.fromSec + windowSec));
  const last = Math.max(startSec + windowSec, endSec, ...ends);
  return { startSec, endSec: startSec + Math.ceil((last - startSec) / windowSec) * windowSec };
}

export function isOneDay({ startSec, endSec }: Axis, clock: ZoneClock): boolean {
  return clock.date(startSec) === clock.date(endSec - 1);
}

/** A moment on an axis: its time, and its day as well where there are several. */
export function momentText(axis: Axis, clock: ZoneClock, sec: number, withSeconds = false): string {
  const time = clock.time(sec, withSeconds);
  return isOneDay(axis, clock) ? time : `${clock.date(sec)} ${time}`;
}

/** Percent of the width of the axis at which an instant lies; inside of it. */
export function percentAt({ startSec, endSec }: Axis, sec: number): number {
  return Math.min(100, Math.max(0, (100 * (sec - startSec)) / (endSec - startSec)));
}

export function faultsOfLane(faults: readonly PlacedFault[], lane: Lane): readonly LaneFault[] {
  return faults.map((fault, index) => ({ index, fault })).filter(({ fault }) => LANE_OF[fault.kind] === lane);
}

/** What is written on a fault: its number, or what it is. */
export function faultLabel(fault: PlacedFault): string {
  const words = t.faults;
  switch (fault.kind) {
    case 'write_quota':
      return words.perMin(byteText(fault.bytesPerMin ?? 0));
    case 'shard_quota':
      return fault.bytesPerSec === null
        ? words.writesPerSec(fault.writesPerSec ?? 0)
        : words.perSec(byteText(fault.bytesPerSec));
    case 'shards':
      return words.shardCount(fault.shards ?? 0);
    case 'network':
      return words.delay(fault.delaySec ?? 0);
    default:
      return words.labels[fault.kind];
  }
}

const UNTOUCHED: StatusChange = { fromSec: 0, status: 'Successful', code: null, offUntilSec: null };

/** The status that holds at a second; before the first delivery, nothing has failed. */
export function statusAt(statuses: readonly StatusChange[], sec: number): StatusChange {
  return statuses.findLast(({ fromSec }) => fromSec <= sec) ?? UNTOUCHED;
}

export type StatusTone = 'ok' | 'failed' | 'off' | 'modifying';

export interface StatusSpan extends Axis {
  readonly change: StatusChange;
  readonly tone: StatusTone;
}

export function toneOf({ status, offUntilSec }: StatusChange): StatusTone {
  if (status === 'Successful') return 'ok';
  if (status === 'Modifying') return 'modifying';
  return offUntilSec === null ? 'failed' : 'off';
}

/** The whole axis, in stretches of one status each. */
export function statusSpans(statuses: readonly StatusChange[], axis: Axis): readonly StatusSpan[] {
  const shown = statuses.filter(({ fromSec }) => fromSec > axis.startSec && fromSec < axis.endSec);
  const first = { ...statusAt(statuses, axis.startSec), fromSec: axis.startSec };
  const all = [first, ...shown];
  return all.map((change, index) => ({
    change,
    tone: toneOf(change),
    startSec: change.fromSec,
    endSec: all[index + 1]?.fromSec ?? axis.endSec,
  }));
}

/** Where a look at a report begins: at that code, else where it first fails, else at the end. */
export function tellingSec({ statuses, endSec }: DeliveryReport, code: string | null): number {
  const found = statuses.find((change) => change.code !== null && change.code === code);
  return (found ?? statuses.find(({ status }) => status === 'Failed'))?.fromSec ?? endSec;
}

/** The next change of status after a second, or the one before it; null without any. */
export function changeNear(statuses: readonly StatusChange[], sec: number, direction: 1 | -1): number | null {
  const found =
    direction === 1 ? statuses.find(({ fromSec }) => fromSec > sec) : statuses.findLast(({ fromSec }) => fromSec < sec);
  return found?.fromSec ?? null;
}

export type WindowState = 'delivered' | 'late' | 'lost' | 'pending' | 'empty';

export function lostOf({ lost }: Pick<DeliveryTotals, 'lost'>): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

/** The worst that happened to a window. */
export function windowState(window: WindowDelivery): WindowState {
  if (window.sealed === 0) return 'empty';
  if (lostOf(window) > 0) return 'lost';
  if (window.pending > 0) return 'pending';
  return window.late > 0 ? 'late' : 'delivered';
}

const MOST_LINES = 200;
/** Distances of labels that people count in, in windows. */
const LABEL_STEPS = [1, 2, 3, 6, 12, 24, 36, 72, 144, 288, 1008, 4320];

/** Boundaries of windows, epoch seconds; none where they would stand too close. */
export function windowLines({ startSec, endSec }: Axis, windowSec: number): readonly number[] {
  const count = Math.floor((endSec - startSec) / windowSec);
  return count > MOST_LINES ? [] : Array.from({ length: count + 1 }, (_, index) => startSec + index * windowSec);
}

/** Boundaries that are labelled: at most `most`. */
export function labelledSecs({ startSec, endSec }: Axis, windowSec: number, most: number): readonly number[] {
  const count = Math.floor((endSec - startSec) / windowSec);
  const step = LABEL_STEPS.find((each) => count / each <= most) ?? Math.ceil(count / most);
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => startSec + index * step * windowSec);
}

export type FaultPart = 'all' | 'from' | 'to';

/** Nothing shorter can be taken hold of, or tells anything. */
const LEAST_FAULT_SEC = 10;

/**
 * A fault that is moved, or stretched at one end, by so many seconds; one without an end has none. It stays on the axis: it begins
 * there, and what began before the axis does not leave it when it is moved.
 */
export function shiftedSpan(
  { fromSec, toSec }: Pick<PlacedFault, 'fromSec' | 'toSec'>,
  part: FaultPart,
  bySec: number,
  axis: Axis,
): { readonly fromSec: number; readonly toSec: number | null } {
  const last = (toSec ?? axis.endSec) - LEAST_FAULT_SEC;
  if (part === 'to') {
    const to = (toSec ?? axis.endSec) + bySec;
    return { fromSec, toSec: Math.max(fromSec + LEAST_FAULT_SEC, to) };
  }
  if (part === 'from') {
    // Its beginning is taken hold of where it is seen.
    const seen = Math.max(axis.startSec, fromSec);
    return { fromSec: Math.max(axis.startSec, Math.min(last, seen + bySec)), toSec };
  }
  const from = Math.max(leastFrom(fromSec, toSec, axis), Math.min(axis.endSec - LEAST_FAULT_SEC, fromSec + bySec));
  return { fromSec: from, toSec: toSec === null ? null : toSec + from - fromSec };
}

function leastFrom(fromSec: number, toSec: number | null, { startSec }: Axis): number {
  if (fromSec >= startSec) return startSec;
  return toSec === null ? -Infinity : Math.min(fromSec, startSec + LEAST_FAULT_SEC - (toSec - fromSec));
}

/** Where codes took entries of a window, as `ProjectForbidden 12`. */
export function lostCauses({
  lost,
}: Pick<DeliveryTotals, 'lost'>): readonly { readonly cause: string; readonly count: number }[] {
  return Object.entries(lost)
    .filter(([, count]) => count > 0)
    .map(([cause, count]) => ({ cause, count }));
}

export const isWhole = (window: WindowDelivery): boolean => lostOf(window) === 0 && window.pending === 0;
