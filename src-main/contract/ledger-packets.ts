import type { CaptureDetails, TunnelKind } from './capture-details';
import { REASONS } from './ledger';

/** Numbers of a ledger that packets are behind: all that were read, those in entries, and those with a reason. */
export const LEDGER_PARTS = ['read', 'in_entries', ...REASONS] as const;
export type LedgerPart = (typeof LEDGER_PARTS)[number];

/** A number among the facts of one capture: packets with a tunnel of a kind, of a link type, of the interface at a place. */
export type CaptureFact =
  | 'packets'
  | 'ipv4'
  | 'ipv6'
  | 'other'
  | 'fragments'
  | 'tunnels'
  | `tunnel/${TunnelKind}`
  | `link/${number}`
  | `interface/${number}`;
export const CAPTURE_FACT =
  /^(?:packets|ipv4|ipv6|other|fragments|tunnels|tunnel\/[a-z_]{1,20}|(?:link|interface)\/\d{1,6})$/;

export interface CaptureNumber {
  /** Its place in the run. */
  readonly capture: number;
  readonly fact: CaptureFact;
}

export type PacketsBehind = LedgerPart | CaptureNumber;

/** @returns packets that a capture has by its facts; 0 for what it has none of */
export function packetsOfFact(details: CaptureDetails, fact: CaptureFact): number {
  const [kind, of] = fact.split('/');
  const sum = (found: { readonly packets: number } | undefined): number => found?.packets ?? 0;
  switch (kind) {
    case 'ipv4':
    case 'ipv6':
      return details[kind].packets;
    case 'other':
      return details.otherPackets;
    case 'fragments':
      return details.fragments;
    case 'tunnels':
      return details.tunnelPackets;
    case 'tunnel':
      return sum(details.tunnels.find((tunnel) => tunnel.kind === of));
    case 'link':
      return sum(details.linkTypes.find(({ linkType }) => linkType === Number(of)));
    case 'interface':
      return sum(details.interfaces[Number(of)]);
    default:
      return details.packets;
  }
}

/** Packets of one answer at most; the others are asked for by their offset. */
export const MOST_LEDGER_PACKETS = 1000;

export interface LedgerPacketsRequest {
  readonly run: number;
  readonly of: PacketsBehind;
  /** Packets of those that are passed over. */
  readonly offset: number;
  readonly limit: number;
}

/** In the order in which the gateway saw them; those of one capture in its own. */
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
  /** `in_entries`, or why it is in none; null where only its capture was looked at. */
  readonly part: LedgerPart | null;
  /** IANA number; null where no IP header was read. */
  readonly protocol: number | null;
  /** `10.0.0.1:443`, `[2001:db8::1]:443`, or without a port where there is none; null where there is no address. */
  readonly source: string | null;
  readonly destination: string | null;
  readonly ipBytes: number;
}
