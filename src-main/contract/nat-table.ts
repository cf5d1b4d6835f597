import type { Notice, ResultBatch } from './result-batch';

/** What the gateways of a Logstore had in use at an instant: which, and when. */
export interface NatTableRequest {
  readonly project: string;
  readonly logstore: string;
  /** As the user wrote it: as for `QueryRequest`, and RFC 3339 or epoch seconds to the nanosecond. */
  readonly at: string;
  /** As in `QueryRequest`. */
  readonly zone: string;
  /** One import; null for all of them. */
  readonly run: number | null;
  /** Sessions of one host in the VPC, by its IPv4 address; null for all. */
  readonly host: string | null;
  /** Sessions of one translated address or EIP, and of one port there; null for all. */
  readonly nat: { readonly address: string; readonly port: number | null } | null;
}

/**
 * Ports come before sessions, each in batches of its own, at least one. Both begin with `run`, and with `epoch`, which is
 * how often the clock of the run's capture had been set back: each epoch of each run is a gateway by itself.
 *
 * - Ports: `nat_ip, protocol, pub_ip, pub_port, ports, held`: ports of the address that live sessions use towards a destination,
 *   and those that the gateway still holds back after their sessions have ended; the most of both first.
 * - Sessions: `session_id, protocol, pri_ip, pri_port, nat_ip, nat_eip, nat_port, pub_ip, pub_port, created_ns,
 *   last_packet_ns, mapping_end_ns, nat_source, realm`. Times are nanoseconds since 1970. The private side is NULL where only the
 *   public one was captured, and in both parts the destination where the gateway was told not to keep it. `last_packet_ns` is the
 *   last packet of the session by the end of an entry at or before the instant; NULL when its first entry is not over by then,
 *   since of the packets in an entry only the first and the last are known, and of one that ends with its window (`timeModel`
 *   `aliflow`) only the first. `mapping_end_ns` is when the session ended, or would without another packet of the entries that
 *   began until then; its port may be held back from then on. `nat_source` is `emulated` or `observed`. `realm` is the network of
 *   the private side, see `LogEntryBatch`, and NULL where VLANs are one network.
 */
export type NatTablePart = 'ports' | 'sessions';

/** @returns which of the two a batch of `nat-table:read` is of */
export function natTablePart({ columns }: ResultBatch): NatTablePart {
  return columns.some(({ name }) => name === 'session_id') ? 'sessions' : 'ports';
}

export interface NatTableReport {
  /** Epoch seconds with nine digits behind the point; null for a log without entries and a time relative to them. */
  readonly at: string | null;
  /** Imports that were under way at the instant, by their packets' times. */
  readonly runs: readonly NatTableRun[];
  /** Rows that were sent. */
  readonly sessions: number;
  readonly destinations: number;
  readonly totals: readonly NatTableTotal[];
  readonly notices: readonly Notice[];
}

/** The gateway of an import. */
export interface NatTableRun {
  readonly run: number;
  readonly instance: string;
  /** Public addresses. */
  readonly eips: number;
  /** What one of them can have in use towards one destination: address, port and protocol. */
  readonly portsPerDestination: number;
}

/** One address of a gateway, and one protocol, over all destinations. Addresses are IPv4 in host order. */
export interface NatTableTotal {
  readonly run: number;
  readonly epoch: number;
  readonly natIp: number;
  readonly natEip: number;
  readonly protocol: number;
  readonly sessions: number;
  /** Different ports in use; one counts once, towards however many destinations. */
  readonly ports: number;
  /** Different ports that are held back towards some destination, and in use towards none: with `ports`, all that are taken. */
  readonly held: number;
  readonly destinations: number;
  /** Ports in use or held back towards the destination with the most. */
  readonly busiestPorts: number;
  /** Of those, how many there can be. */
  readonly limit: number;
}
