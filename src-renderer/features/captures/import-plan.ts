import type { GatewayChoice } from '../../../src-main/contract/import-preview';

/** Where captures go that are opened without a word about it: as in the command. */
export const DEFAULT_LOGSTORE = { project: 'local', logstore: 'session-log' } as const;

/** How captures are imported. */
export interface ImportPlan extends GatewayChoice {
  readonly project: string;
  readonly logstore: string;
  /** Through all gateways of which it is enabled, or those of these ids, in the place of all else that is said here. */
  readonly sessionLogs?: 'enabled' | readonly string[];
  /** Played by the times of its packets, so many times as fast; windows can be seen as soon as they are sealed. */
  readonly live?: true;
  readonly speed?: number;
  /** Leave out what cannot be read. */
  readonly keepGoing: boolean;
}

/** The default gateway, as the engine has it. */
export const DEFAULT_GATEWAY: GatewayChoice = { inside: [], eips: [], seed: 0 };

/** Of captures that nobody was asked about. */
export const DEFAULT_PLAN: ImportPlan = { ...DEFAULT_GATEWAY, ...DEFAULT_LOGSTORE, keepGoing: false };
