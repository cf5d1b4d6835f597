import type { QueryReport, QueryRequest } from './query';
import type { EntryId } from './log-entry';

/** What the entries around one have in common with it: the Logstore alone, or more. */
export const CONTEXTS = ['log', 'host', 'session', 'five-tuple'] as const;
export type EntryContext = (typeof CONTEXTS)[number];

/** The entries before and after one, by time, as they would stand in the whole log. */
export interface ContextRequest extends Pick<QueryRequest, 'project' | 'logstore' | 'snapshot' | 'entryTime'> {
  readonly entry: EntryId;
  readonly same: EntryContext;
  /** Entries at most before it, and after it. */
  readonly back: number;
  readonly forward: number;
}

/**
 * Entries are sent as those of `query:run`, with their identity and behind it `CONTEXT_NUMBER_COLUMN`.
 */
export interface ContextReport extends Pick<QueryReport, 'columns' | 'snapshot' | 'notices'> {
  /** Fewer than were asked for: there are no more. */
  readonly before: number;
  readonly after: number;
}

/** Place of an entry of a context: 0 the one that was asked for, below it those before. @see sls-logstore.md §3.10 */
export const CONTEXT_NUMBER_COLUMN = '__index_number__';
