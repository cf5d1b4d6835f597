import type { CaptureFacts } from './imports';
import type { FieldType } from './log-entry';

/** What a workspace holds, as its start page shows it. */
export interface WorkspaceReport {
  /** Real path. */
  readonly workspace: string;
  readonly logstores: readonly LogstoreFacts[];
  /** Committed runs, the newest first. */
  readonly imports: readonly ImportFacts[];
}

export interface LogstoreFacts {
  readonly project: string;
  readonly name: string;
  /** Entries of committed runs. */
  readonly entries: number;
  /** Times of the first and the last entry, epoch seconds, both inside; null without entries. */
  readonly extent: { readonly firstSec: number; readonly lastSec: number } | null;
  /** Null without an index, when nothing can be queried. */
  readonly fields: readonly { readonly name: string; readonly type: FieldType; readonly meaning: string }[] | null;
}

export interface ImportFacts {
  readonly run: number;
  readonly project: string;
  readonly logstore: string;
  /** Of the gateway that they went through; empty where an older version imported them. */
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly finishedMs: number;
  readonly captures: readonly (CaptureFacts & { readonly isMissing: boolean })[];
  readonly packets: number;
  readonly logEntries: number;
  readonly windows: number;
  /** It is live, and some of it is sealed. */
  readonly isGoingOn: boolean;
  /** Whether bytes could not be read or packets were lost, see `hasLosses`. */
  readonly hasLosses: boolean;
}
