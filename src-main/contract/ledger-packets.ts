import { REASONS } from './ledger';

/** Numbers of a ledger that packets are behind: all that were read, those in entries, and those with a reason. */
export const LEDGER_PARTS = ['read', 'in_entries', ...REASONS] as const;
export type LedgerPart = (typeof LEDGER_PARTS)[number];

/** Packets of one answer at most; the others are asked for by their offset. */
export const MOST_LEDGER_PACKETS = 1000;

export interface LedgerPacketsRequest {
  readonly run: number;
  readonly of: LedgerPart;
  /** Packets of that part that are passed over. */
  readonly offset: number;
  readonly limit: number;
}

/** In the order in which the gateway saw them. */
export interface LedgerPackets {
  readonly packets: readonly LedgerPacket[];
  /** Whether these are the last ones, since the captures were read to their end. */
  readonly isEnd: boolean;
}

export interface LedgerPacket {
  /** Place of its capture in the run. */
  readonly capture: number;
  /** Its number in that capture, from 1, as other programs number frames. */
  readonly frameNo: number;
  /** Epoch seconds with nanosecond digits, as in `CaptureFacts`. */
  readonly time: string;
  /** `in_entries`, or why it is in none. */
  readonly part: LedgerPart;
  /** IANA number; null where no IP header was read. */
  readonly protocol: number | null;
  /** `10.0.0.1:443`, `[2001:db8::1]:443`, or without a port where there is none; null where there is no address. */
  readonly source: string | null;
  readonly destination: string | null;
  readonly ipBytes: number;
}
