import { BLOCK_EVENT_TEXT, RESET_EVENT_TEXT, type OtherEventName } from './gateway-event';
import { REASON_TEXT, type Reason } from './ledger';
import type { Notice } from './result-batch';

/** What the gateways of a Logstore did that is in no entry: sessions that they refused, and blocks of ports. */
export interface NatEventsRequest {
  readonly project: string;
  readonly logstore: string;
  /** As in `QueryRequest`; an event is in the range when its first packet is before the end, and its last not before the start. */
  readonly from: string | null;
  readonly to: string | null;
  readonly zone: string;
  /** One import; null for all of them. */
  readonly run: number | null;
  /** Events of one host in the VPC, by its IPv4 address; null for all. */
  readonly host: string | null;
}

/**
 * Streams `run, event, protocol, pri_ip, pub_ip, pub_port, snat_entry, packets, bytes, nat_ip, first_port, last_port,
 * window_start_ns, first_ns, last_ns, flow_end_reason` in batches, at least one: by run, time of the first packet, and the
 * order in which the gateway did them. Times are nanoseconds since 1970. `flow_end_reason` is `LACK_OF_RESOURCES` for what
 * was refused for want of a port or beyond a limit, and else NULL.
 *
 * A row is all packets of one host and one destination that one SNAT entry refused a session for one cause within a window,
 * or the resets that the gateway answered such packets with, and `nat_ip`, `first_port` and `last_port` are NULL; or a block of ports that a host was given or gave back, and
 * destination, entry, packets and bytes are NULL. The destination is also NULL where the gateway was told not to keep it.
 */
export interface NatEventsReport {
  /** Half-open, epoch seconds; null for a log without entries and events. */
  readonly range: { readonly fromSec: number; readonly toSec: number } | null;
  /** Rows that were sent. */
  readonly events: number;
  /** What they are, by name and protocol. */
  readonly kinds: readonly NatEventKind[];
  readonly notices: readonly Notice[];
}

/** The reason of a refusal, or what else it is. */
export type NatEventName = Reason | OtherEventName;

export interface NatEventKind {
  readonly event: NatEventName;
  readonly protocol: number;
  readonly events: number;
  readonly hosts: number;
  /** 0 for blocks. */
  readonly packets: number;
  readonly bytes: number;
}

/** What each event means, in one sentence. */
export const NAT_EVENT_TEXT: Readonly<Record<NatEventName, string>> = {
  ...REASON_TEXT,
  ...BLOCK_EVENT_TEXT,
  ...RESET_EVENT_TEXT,
};
