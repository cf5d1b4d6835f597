import type { DeliveryCode, FaultKind } from '../contract/delivery';

/**
 * What each fault of the target is answered with, in the order in which a call is checked: who asks, then the project, then
 * the Logstore. Those that slow or narrow the way are answered with none by themselves.
 *
 * @see session-log.md "Delivery error codes"
 */
export const FAULT_CODES: readonly (readonly [FaultKind, DeliveryCode])[] = [
  ['role_revoked', 'InvalidAccessKeyId'],
  ['grant_revoked', 'Unauthorized'],
  ['project_deleted', 'ProjectNotExist'],
  ['project_disabled', 'ProjectForbidden'],
  ['logstore_deleted', 'LogStoreNotExist'],
];

/** The product: entries that could not be delivered within 5 minutes, then off, and one test after 5 more. */
export const BREAKER_SEC = 300;

/** Delivered later than this after its window's end, an entry is late: "typically within 5 minutes". */
export const LATE_SEC = 300;

/**
 * Seconds from one attempt to the next: what is refused is sent again sooner first. Producers of the vendor back off longer
 * for quotas, and begin again after each success.
 */
export const BACK_OFF_SEC: readonly number[] = [8, 16, 32, 60];

/** What was refused for reasons that open no breaker is given up so long after it was due: the tail of late deliveries. */
export const GIVE_UP_SEC = 900;

/** @param failures in a row, at least 1 */
export function backOffSec(failures: number): number {
  return BACK_OFF_SEC[Math.min(failures, BACK_OFF_SEC.length) - 1]!;
}
