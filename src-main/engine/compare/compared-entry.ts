/** Fields of an entry that count something; what two logs of the same traffic have to agree on. */
export const COUNTERS = ['bytes_from_pub', 'pkts_from_pub', 'bytes_from_vpc', 'pkts_from_vpc'] as const;

/** The five-tuple that a session is known by; null where a log has no value. Addresses are IPv4 in host order. */
export interface SessionKey {
  readonly protocol: number | null;
  readonly priIp: number | null;
  readonly priPort: number | null;
  readonly pubIp: number | null;
  readonly pubPort: number | null;
}

/** An entry that has no equal in the other log. A missing number is -1, as is one of a gateway that is not compared. */
export interface ComparedEntry {
  readonly startSec: bigint;
  readonly endSec: bigint;
  readonly natIp: number;
  readonly natPort: number;
  /** Number of its gateway and VPC, equal for equal names in both logs. */
  readonly gateway: number;
  /** In the order of `COUNTERS`. */
  readonly counters: readonly bigint[];
  readonly windowStartSec: bigint;
  /** Bits of `ENTRY_FLAG`; 0 of entries that were loaded. */
  readonly flags: number;
  readonly run: number;
  readonly entryNo: bigint;
  /** Whether it is the same once more as one that has its equal in the other log. */
  readonly isRepeated: boolean;
}

/** What two logs have of a five-tuple without an equal in the other, each by time. */
export interface UnequalSession {
  readonly key: SessionKey;
  readonly rest: readonly [ComparedEntry[], ComparedEntry[]];
}
