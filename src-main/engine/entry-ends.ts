import { END_REASONS, END_REASON_FIELD, FLOW_END_REASON, FLOW_END_REASON_FIELD } from '../contract/log-entry';
import type { LogRelationField } from '../query/log-relation';

/** @returns what each reason for the end of a session becomes, as SQL over `end_reason` */
function byReason(value: (reason: (typeof END_REASONS)[number]) => string): string {
  const branches = END_REASONS.map((reason, code) => `WHEN ${code} THEN ${value(reason)}`);
  return `CASE entry.end_reason ${branches.join(' ')} END`;
}

/** Why the session of an entry ended, which session logs keep beside the fields of the product. */
export const ENTRY_END_FIELDS: readonly LogRelationField[] = [
  { name: END_REASON_FIELD, type: 'text', token: [], expression: byReason((reason) => `'${reason}'`) },
  { name: FLOW_END_REASON_FIELD, type: 'long', expression: byReason((reason) => String(FLOW_END_REASON[reason])) },
];
