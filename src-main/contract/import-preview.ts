import type { ImportRequest, SkippedCapture } from './imports';
import type { PacketCounts } from './packets';
import type { ByReason, UnreadableRange } from './ledger';

/** Packets of captures that a preview looks at, from the first on: enough to tell, and read in a moment. */
export const PREVIEW_PACKETS = 10_000;

/** What of an import says through which gateway captures go. */
export type GatewayChoice = Pick<ImportRequest, 'gateway' | 'inside' | 'eips' | 'seed'>;

export type ImportPreviewRequest = Pick<ImportRequest, 'captures' | 'layer'> &
  GatewayChoice & {
    /** Id of a gateway whose session log is enabled: as an import goes through it, in the place of the choice. Nothing else helps then. */
    readonly sessionLog?: string | undefined;
  };

/** What a gateway would do with the first packets of captures, as an import of these alone would count them. */
export interface ImportPreview {
  readonly gateway: GatewayFacts;
  /** The first `PREVIEW_PACKETS` in order of time, or as many as there are. */
  readonly packets: number;
  /** Whether that is all of them. */
  readonly isWhole: boolean;
  readonly translated: PacketCounts;
  readonly notTranslated: ByReason;
  /** In the order of the gateway's SNAT entries. */
  readonly sources: readonly PreviewedSource[];
  /** What would help where nothing was translated, the best first; empty where something was, or nothing helps. */
  readonly remedies: readonly Remedy[];
  readonly skipped: readonly SkippedCapture[];
  /** What could not be read of the captures up to the last of these packets. */
  readonly unreadable: readonly UnreadableRange[];
}

/** A gateway in so many words as whoever is about to use it has to know. */
export interface GatewayFacts {
  readonly instance: string;
  readonly profile: string;
  readonly portPolicy: string;
  readonly windowSec: number;
  /** As the configuration has it: a name, or seconds. */
  readonly windowPhase: string | number;
  readonly seed: number;
  /** What is allowed, and worth knowing: whole sentences. */
  readonly warnings: readonly string[];
}

/** An SNAT entry, with what it translated. */
export interface PreviewedSource {
  readonly id: string;
  readonly network: string;
  readonly eips: readonly string[];
  readonly hosts: number;
  readonly packets: number;
}

/** Another private side, by which packets are translated that were not. */
export interface Remedy {
  /** CIDR. */
  readonly network: string;
  /** Hosts of it among the packets that were looked at. */
  readonly hosts: number;
  /** Of these packets, so many would be translated. */
  readonly packets: number;
  readonly choice: GatewayChoice;
}

/** What would have helped an import that translated nothing, by the first packets of its captures. */
export type RemedyReport = Pick<ImportPreview, 'packets' | 'isWhole' | 'remedies'>;
