/** Rows of one `GatewayEventBatch` at most. */
export const EVENT_BATCH_ROWS = 1024;

/** Kinds of events that are no refusals; those have the `REASON_CODE` of their cause. */
export const RESET_EVENT = 130;
export const BLOCK_EVENT = { allocate: 128, free: 129 } as const;

/** What they are called where events are kept, and what that means. */
export const BLOCK_EVENT_TEXT = {
  block_allocate: 'A host was given a block of ports.',
  block_free: 'A host gave a block of ports back, with its last session in it.',
} as const;
export const RESET_EVENT_TEXT = {
  idle_reset: 'The session had died of idleness, so the gateway answered its host with a reset, which is in no entry.',
} as const;
export type OtherEventName = keyof typeof BLOCK_EVENT_TEXT | keyof typeof RESET_EVENT_TEXT;

/**
 * What happened at the gateway in one window and is in no entry, as columns; one instance is reused.
 *
 * A row is all packets of one host and one destination that were refused a session for one cause, or all resets that the
 * gateway answered such packets with, or a block of ports that a host was given or gave back. Every column has `EVENT_BATCH_ROWS` elements, of which `[0, length)` are valid; addresses
 * are IPv4 in host order.
 */
export class GatewayEventBatch {
  length = 0;
  /** Start of the window, epoch seconds; the same for all rows. */
  readonly windowStart = new Float64Array(EVENT_BATCH_ROWS);
  /** `REASON_CODE` of a refusal, or of `BLOCK_EVENT`, or `RESET_EVENT`. */
  readonly kind = new Uint8Array(EVENT_BATCH_ROWS);
  readonly protocol = new Uint8Array(EVENT_BATCH_ROWS);
  readonly priIp = new Uint32Array(EVENT_BATCH_ROWS);
  /** Destination of a refusal; 0 of a block. */
  readonly pubIp = new Uint32Array(EVENT_BATCH_ROWS);
  /** Destination port of a refusal; first and last port of a block, `(first << 16 | last) >>> 0`. */
  readonly ports = new Uint32Array(EVENT_BATCH_ROWS);
  /** 1 when destinations are not recorded: those of refusals are 0. */
  readonly isRedacted = new Uint8Array(EVENT_BATCH_ROWS);
  /** Index of the SNAT entry of a refusal, or of the address of a block among those that sessions are translated to. */
  readonly place = new Uint32Array(EVENT_BATCH_ROWS);
  readonly packets = new Uint32Array(EVENT_BATCH_ROWS);
  readonly bytes = new Float64Array(EVENT_BATCH_ROWS);
  /** First and last packet: whole epoch seconds, and nanoseconds within the second. */
  readonly firstSec = new Float64Array(EVENT_BATCH_ROWS);
  readonly firstNsec = new Uint32Array(EVENT_BATCH_ROWS);
  readonly lastSec = new Float64Array(EVENT_BATCH_ROWS);
  readonly lastNsec = new Uint32Array(EVENT_BATCH_ROWS);
}
