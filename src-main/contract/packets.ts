import type { PacketsBehind } from './ledger-packets';
import type { EntryId } from './log-entry';
import type { QueryRequest } from './query';
import type { Notice } from './result-batch';

/**
 * As they were captured; or as the Internet saw them: with translated addresses, ports and identifiers, and checksums that
 * follow.
 */
export const PACKET_SIDES = ['captured', 'public'] as const;
export type PacketSide = (typeof PACKET_SIDES)[number];

/** Of one log entry, or of all that a search finds; or behind a number of a run's ledger or of a capture's facts, which are written as captured. */
export type PacketsRequest =
  | ((EntryId | { readonly query: PacketsQuery }) & {
      /** Default captured. */
      readonly side?: PacketSide | undefined;
    })
  | LedgerPacketsId;

export interface LedgerPacketsId {
  readonly run: number;
  readonly of: PacketsBehind;
}

/** A search, without a statement behind it. */
export type PacketsQuery = Pick<QueryRequest, 'text' | 'project' | 'logstore' | 'from' | 'to' | 'zone' | 'snapshot'>;

export interface PacketsReport {
  /** Name of the file within `tmp/exports` of the workspace. */
  readonly file: string;
  readonly bytes: number;
  /** Log entries whose packets were asked for; 0 for those behind a number of a ledger. */
  readonly entries: number;
  /** Packets in the file: those that were found, each once. */
  readonly packets: number;
  /** What was found of them, and what they count; not the same when a notice of losses says so. */
  readonly found: PacketCounts;
  readonly counted: PacketCounts;
  /** The entry in one line: run and number, window, endpoints and their translation; or the search. */
  readonly description: string;
  readonly notices: readonly Notice[];
}

export interface PacketCounts {
  readonly packets: number;
  /** IP octets, as the entry counts them. */
  readonly ipBytes: number;
}

export interface PacketsProgress {
  /** Packets that were found so far. */
  readonly foundPackets: number;
  /** Octets of the captures that were gone through, as they are stored. */
  readonly searchedBytes: number;
}
