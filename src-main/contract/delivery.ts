import type { CostReport, CostRequest } from './cost';

/**
 * Delivery of session logs: what becomes of log entries between the gateway, which has sealed them, and the Logstore. It is
 * simulated in capture time, and decides what arrives, when, and what is lost; it changes no entry.
 * @see the product page "NAT Gateway: session log"; nat-gateway reference §1.4 and §6
 */

/** The product's codes, spelled as it spells them. */
export const DELIVERY_CODES = [
  'ProjectNotExist',
  'LogStoreNotExist',
  'ProjectForbidden',
  'InvalidAccessKeyId',
  'Unauthorized',
  'UnavaliableTarget',
  'WriteQuotaExceed',
  'ShardWriteQuotaExceed',
] as const;
export type DeliveryCode = (typeof DELIVERY_CODES)[number];

/** Why entries never arrived: a code, or that delivery is best effort (`lossRate`). */
export const LOSS_CAUSES = [...DELIVERY_CODES, 'best_effort'] as const;
export type LossCause = (typeof LOSS_CAUSES)[number];

export const DELIVERY_STATUSES = ['Successful', 'Modifying', 'Failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What can go wrong on the way. */
export const FAULT_KINDS = [
  'project_deleted',
  'project_disabled',
  'logstore_deleted',
  'role_revoked',
  'grant_revoked',
  'write_quota',
  'shard_quota',
  'shards',
  'network',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Entries that are refused after five minutes of one of these: the breaker opens. */
export const BREAKER_CODES: readonly DeliveryCode[] = [
  'Unauthorized',
  'ProjectNotExist',
  'LogStoreNotExist',
  'ProjectForbidden',
];

/** What becomes of entries while the breaker is open; the product does not say. */
export const BREAKER_POLICIES = ['drop', 'buffer'] as const;
/** To which shard a call writes: to one after the other, or by the hash of the gateway's id. */
export const DELIVERY_ROUTES = ['balance', 'hash'] as const;

/** A time of a script: epoch seconds, or seconds after the first window of the capture begins. */
export interface ScriptTime {
  readonly base: 'epoch' | 'start';
  readonly sec: number;
}

export interface Fault {
  readonly kind: FaultKind;
  readonly from: ScriptTime;
  /** Excluded; null for ever. */
  readonly to: ScriptTime | null;
  /** Of `write_quota`. */
  readonly bytesPerMin: number | null;
  /** Of `shard_quota`; null leaves the quota as it is. */
  readonly bytesPerSec: number | null;
  readonly writesPerSec: number | null;
  /** Of `shards`: how many take entries. Fewer than there are: removed; more: split. */
  readonly shards: number | null;
  /** Of `network`: by how much deliveries are later. */
  readonly delaySec: number | null;
}

export interface DeliveryQuotas {
  readonly projectBytesPerMin: number;
  readonly shardBytesPerSec: number;
  readonly shardWritesPerSec: number;
}

/** How entries are delivered, and what goes wrong meanwhile. */
export interface DeliveryScript {
  readonly seed: number;
  /** From the end of a window to its delivery: evenly from least to most, and up to `tailMostSec` for a share of windows. */
  readonly delaySec: {
    readonly least: number;
    readonly most: number;
    readonly tailMost: number;
    readonly tailRate: number;
  };
  /** Shares from 0 to 1: of entries that are lost on the way, of windows that are late, of entries that arrive twice. */
  readonly lossRate: number;
  readonly lateRate: number;
  readonly duplicateRate: number;
  readonly breakerPolicy: (typeof BREAKER_POLICIES)[number];
  readonly route: (typeof DELIVERY_ROUTES)[number];
  readonly quotas: DeliveryQuotas;
  readonly faults: readonly Fault[];
}

/** A fault with times of the capture. Epoch seconds; `toSec` is excluded, and null for ever. */
export interface PlacedFault extends Omit<Fault, 'from' | 'to'> {
  readonly fromSec: number;
  readonly toSec: number | null;
}

/**
 * put: entries were sent. test: the one delivery after the breaker was open. open: the breaker opened, or stays open.
 * give_up: entries that were refused for too long.
 */
export const DELIVERY_ACTS = ['put', 'test', 'open', 'give_up'] as const;
export type DeliveryAct = (typeof DELIVERY_ACTS)[number];

/** One attempt, or what came of attempts. Times are epoch seconds of capture time. */
export interface DeliveryEvent {
  readonly atSec: number;
  readonly act: DeliveryAct;
  /** Of the window that it is about; null where it is about none or all that wait. */
  readonly windowStartSec: number | null;
  /** Null for success. */
  readonly code: DeliveryCode | null;
  /** LogGroups and entries that it wrote; in a failure, none. */
  readonly groups: number;
  readonly entries: number;
  readonly rawBytes: number;
  /** Entries that still wait behind it, those that were refused among them. */
  readonly waiting: number;
  /** Entries that are lost by it. */
  readonly lost: number;
  /** When the next attempt is made of what waits; null where none is due. */
  readonly retrySec: number | null;
}

/** The status of delivery from a time on, until the next one. */
export interface StatusChange {
  readonly fromSec: number;
  readonly status: DeliveryStatus;
  readonly code: DeliveryCode | null;
  /** The breaker is open until then; null where it is not. */
  readonly offUntilSec: number | null;
}

/** What became of the entries of one window. Times are epoch seconds. */
export interface WindowDelivery {
  readonly startSec: number;
  readonly endSec: number;
  readonly sealed: number;
  readonly delivered: number;
  readonly lost: Partial<Readonly<Record<LossCause, number>>>;
  readonly pending: number;
  /** Of those that were delivered: more than five minutes after the end of the window. */
  readonly late: number;
  readonly duplicates: number;
  /** Null when nothing of it was delivered. */
  readonly firstDeliveredSec: number | null;
  readonly lastDeliveredSec: number | null;
  /** Where other windows begin of which entries, sealed with these, did not arrive; left out for none. */
  readonly otherStartsSec?: readonly number[];
}

/** sealed = delivered + all that was lost + pending. Duplicates were delivered twice, and are in no other number. */
export interface DeliveryTotals {
  readonly sealed: number;
  readonly delivered: number;
  readonly lost: Partial<Readonly<Record<LossCause, number>>>;
  readonly pending: number;
  readonly late: number;
  readonly duplicates: number;
  readonly rawBytes: number;
  readonly windows: number;
  /** Windows of which entries are lost or pending. */
  readonly incompleteWindows: number;
}

/** How the entries of one import came into its Logstore, or would. */
export interface DeliveryReport {
  readonly run: number;
  readonly project: string;
  readonly logstore: string;
  /** Of the gateway. */
  readonly instance: string;
  readonly windowSec: number;
  /** From the first window's start to the last thing that happens, epoch seconds. */
  readonly startSec: number;
  readonly endSec: number;
  readonly script: DeliveryScript;
  readonly faults: readonly PlacedFault[];
  readonly statuses: readonly StatusChange[];
  readonly windows: readonly WindowDelivery[];
  readonly totals: DeliveryTotals;
  /** Attempts in all, and those that failed, or succeeded after one that had. */
  readonly attempts: number;
  readonly remarkable: number;
}

/** Which deliveries: of an import as they were, or as they would be by a script. */
export interface DeliveryRequest {
  readonly run: number;
  /** What a file holds; null for the deliveries that were made. */
  readonly script: Readonly<Record<string, unknown>> | null;
}

export interface DeliveryEventsRequest extends DeliveryRequest {
  /** Failures, and successes after them, alone. */
  readonly onlyRemarkable: boolean;
  /** The first of them, from 0, and how many. */
  readonly first: number;
  readonly most: number;
}

/** Of one call. */
export const MOST_DELIVERY_EVENTS = 10_000;

export interface DeliveryEvents {
  readonly events: readonly DeliveryEvent[];
  /** All that there are. */
  readonly total: number;
}

/** A script that shows one code of the product, as it would be written in a file. */
export interface DeliveryPreset {
  /** The code that is shown, or `Successful`. */
  readonly name: DeliveryCode | 'Successful';
  readonly cause: string;
  /** What is lost, and what helps. */
  readonly effect: string;
  readonly script: Readonly<Record<string, unknown>>;
}

/** Part of `Calls`. */
export interface DeliveryCalls {
  /** How the entries of a committed import came into its Logstore, or would by another script. It changes nothing. */
  'delivery:read': { request: DeliveryRequest; reply: DeliveryReport };
  /** The attempts behind it. */
  'delivery:events': { request: DeliveryEventsRequest; reply: DeliveryEvents };
  /** Delivers the entries of a committed import again, by a script: the Logstore has what arrives. */
  'delivery:apply': {
    request: { readonly run: number; readonly script: Readonly<Record<string, unknown>> };
    reply: DeliveryReport;
  };
  /** Writes a script, as a file has it, into the workspace's `tmp/exports`, from where its host takes it. */
  'delivery:export': {
    request: { readonly script: Readonly<Record<string, unknown>> };
    reply: { readonly file: string; readonly bytes: number };
  };
  /** What a session log would store of the traffic of a committed import. */
  'cost:read': { request: CostRequest; reply: CostReport };
  /** A script for each code of the product. */
  'delivery:presets': { request: Record<string, never>; reply: { readonly presets: readonly DeliveryPreset[] } };
}

export const DELIVERY_CALLS = [
  'delivery:read',
  'delivery:events',
  'delivery:apply',
  'delivery:presets',
  'delivery:export',
  'cost:read',
] as const satisfies readonly (keyof DeliveryCalls)[];
