import type { DeliveryQuotas } from '../contract/delivery';

export interface QuotaSource {
  readonly value: number;
  readonly unit: string;
  readonly what: string;
  readonly source: string;
}

const DOMAIN = 'https://www.alibabacloud.com/help/en';
const MB = 1_000_000;

/** The vendor's limits of writing, as numbers that a script may change. @see sls-logstore.md §5.2, §5.3; session-log.md */
export const WRITE_QUOTAS = {
  projectBytesPerMin: {
    value: 30_000 * MB,
    unit: 'bytes a minute',
    what: 'written to all Logstores of a project',
    source: `${DOMAIN}/nat-gateway/user-guide/session-log-overview`,
  },
  shardBytesPerSec: {
    value: 5 * MB,
    unit: 'bytes a second',
    what: 'written to a shard with an index',
    source: `${DOMAIN}/sls/product-overview/shard`,
  },
  shardWritesPerSec: {
    value: 500,
    unit: 'calls a second',
    what: 'writing to a shard',
    source: `${DOMAIN}/sls/product-overview/shard`,
  },
} as const satisfies Record<keyof DeliveryQuotas, QuotaSource>;

/** Of one call of PutLogs: entries, and their raw bytes. @see sls-logstore.md §5.2 */
export const GROUP_ENTRIES = 4096;
export const GROUP_BYTES = 3 * 1024 * 1024;

/** Limits by the second are soft: what was not used within a minute can be used in one go. */
const SAVED_SEC = 60;

/**
 * What may be written, refilled as time passes. A call is taken as long as something is left, so that one that is larger
 * than all of it is not refused for ever, and what it uses beyond that is missing afterwards.
 */
export class QuotaMeter {
  #left: number;
  #perSec: number;
  #atSec: number;

  constructor(perSec: number, atSec: number) {
    this.#perSec = perSec;
    this.#left = perSec * SAVED_SEC;
    this.#atSec = atSec;
  }

  /** Goes on to a time, with the quota that holds from then on; one that was changed begins anew. */
  advance(atSec: number, perSec: number): void {
    const most = perSec * SAVED_SEC;
    this.#left = perSec === this.#perSec ? Math.min(this.#left + (atSec - this.#atSec) * perSec, most) : most;
    this.#perSec = perSec;
    this.#atSec = atSec;
  }

  get hasLeft(): boolean {
    return this.#left > 0;
  }

  use(amount: number): void {
    this.#left -= amount;
  }
}
