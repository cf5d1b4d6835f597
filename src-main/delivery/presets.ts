import type { DeliveryPreset, FaultKind } from '../contract/delivery';

/** From the end of the first window on: its delivery is the first that meets the fault. */
const FROM = '+10m';

/** Windows are delivered a minute after their end, so that it can be told when they meet the fault. */
function during(fault: FaultKind, to: string, values: Readonly<Record<string, number>> = {}): DeliveryPreset['script'] {
  return { delaySec: { least: 60, most: 60, tailRate: 0 }, faults: [{ fault, from: FROM, to, ...values }] };
}

/**
 * One for each of the product's codes. Causes are the product page's; faults begin when the first window is sealed.
 *
 * @see session-log.md "Delivery error codes"
 */
export const DELIVERY_PRESETS: readonly DeliveryPreset[] = [
  {
    name: 'Successful',
    cause: 'Everything is as it should be.',
    effect: 'Nothing is lost; entries arrive within 5 minutes of the end of their window, a few within 15.',
    script: {},
  },
  {
    name: 'ProjectNotExist',
    cause: 'The destination project was deleted, and is there again after 4 minutes.',
    effect: 'Nothing is lost: what is refused is sent again, and delivery goes on as soon as the project is there.',
    script: during('project_deleted', '+14m'),
  },
  {
    name: 'LogStoreNotExist',
    cause: 'The destination Logstore was deleted, and is there again after 4 minutes.',
    effect: 'Nothing is lost: what is refused is sent again, and delivery goes on as soon as the Logstore is there.',
    script: during('logstore_deleted', '+14m'),
  },
  {
    name: 'ProjectForbidden',
    cause: 'The project was disabled for overdue payments, for 4 minutes.',
    effect: 'Nothing is lost: what is refused is sent again, and delivery goes on when the account has been settled.',
    script: during('project_disabled', '+14m'),
  },
  {
    name: 'InvalidAccessKeyId',
    cause: 'The service-linked role is missing for 30 minutes.',
    effect: 'What is still refused 15 minutes after it was due is lost; create the role.',
    script: during('role_revoked', '+40m'),
  },
  {
    name: 'Unauthorized',
    cause: 'The role was not granted the Logstore for 4 minutes.',
    effect:
      'Nothing is lost: what is refused is sent again, and delivery goes on when the role is granted the Logstore.',
    script: during('grant_revoked', '+14m'),
  },
  {
    name: 'UnavaliableTarget',
    cause: 'The project is disabled for 12 minutes: for more than 5 minutes, nothing could be delivered.',
    effect:
      'Delivery is off for 5 minutes, and what was refused is lost; then one test delivery is made, and so on every 5 minutes.',
    script: during('project_disabled', '+22m'),
  },
  {
    name: 'WriteQuotaExceed',
    cause: 'The project takes next to nothing for 8 minutes.',
    effect: 'Entries are late, and lost only if they wait for more than 15 minutes; ask for a higher quota.',
    script: during('write_quota', '+18m', { bytesPerMin: 0 }),
  },
  {
    name: 'ShardWriteQuotaExceed',
    cause: 'The shards take next to nothing for 8 minutes.',
    effect: 'Entries are late, and lost only if they wait for more than 15 minutes; split more shards.',
    script: during('shard_quota', '+18m', { bytesPerSec: 0 }),
  },
];
