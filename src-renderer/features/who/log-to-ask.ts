import type { LogstoreFacts } from '../../../src-main/contract/workspace-report';
import type { LogstorePlace } from '../logstore/logstore-state.svelte';

/** Without these, nobody can be found. */
const NEEDED: readonly string[] = ['pri_ip', 'nat_ip', 'nat_port'];

/** Whether a Logstore has session logs, as far as its index tells: entries of others have no mappings. */
function canAnswer({ fields }: LogstoreFacts): boolean {
  return NEEDED.every((name) => fields?.some((field) => field.name === name));
}

/**
 * The Logstore that was looked at last, if it has session logs; else the first one that has some, and entries.
 *
 * @param last null for none
 * @returns one all the same where none has session logs, and null where there is none
 */
export function logToAsk(logstores: readonly LogstoreFacts[], last: LogstorePlace | null): LogstorePlace | null {
  const able = logstores.filter(canAnswer);
  const chosen =
    able.find(({ project, name }) => project === last?.project && name === last.logstore) ??
    able.find(({ entries }) => entries > 0) ??
    able[0];
  if (chosen !== undefined) return { project: chosen.project, logstore: chosen.name };
  const [first] = logstores;
  return last ?? (first === undefined ? null : { project: first.project, logstore: first.name });
}
