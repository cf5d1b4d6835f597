import type { LossCause } from '../contract/delivery';
import type { Notice } from '../contract/result-batch';
import type { IncompleteWindow } from '../duckdb/deliveries';
import { formatInstant } from './time-text';

/** Windows that are named one by one. */
export const NAMED_WINDOWS = 3;

/** @param windows of a run, of which entries did not arrive. @returns nothing for none */
export function deliveryNotices(run: number, windows: readonly IncompleteWindow[]): Notice[] {
  if (windows.length === 0) return [];
  const lost = new Map<LossCause | 'pending', number>();
  const add = (cause: LossCause | 'pending', entries: number): void => {
    if (entries > 0) lost.set(cause, (lost.get(cause) ?? 0) + entries);
  };
  for (const window of windows) {
    for (const [cause, entries] of Object.entries(window.lost)) add(cause as LossCause, entries);
    add('pending', window.pending);
  }
  const startsSec = windows.flatMap(({ startSec, otherStartsSec = [] }) => [startSec, ...otherStartsSec]);
  const affectedSec = [...new Set(startsSec)].toSorted((one, other) => one - other);
  const missing = [...lost.values()].reduce((sum, entries) => sum + entries, 0);
  const causes = [...lost].map(([cause, entries]) => `${entries} ${CAUSE_TEXT[cause] ?? `lost by ${cause}`}`);
  const text =
    `Delivery of run ${run} is incomplete: ${missing} of the ${windows.reduce((sum, { sealed }) => sum + sealed, 0)} entries of ` +
    `${affectedSec.length === 1 ? 'the window' : `${affectedSec.length} windows,`} ${windowsText(affectedSec)} are not in the Logstore (${causes.join(', ')}).`;
  return [{ kind: 'losses', text }];
}

const CAUSE_TEXT: Partial<Readonly<Record<LossCause | 'pending', string>>> = {
  pending: 'still waiting',
  best_effort: 'lost on the way',
};

/** Names the first of them, and says how many more there are, with a comma behind that. */
export function windowsText(startsSec: readonly number[]): string {
  const named = startsSec.slice(0, NAMED_WINDOWS).map(formatInstant);
  const more = startsSec.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more,` : named.join(' and ');
}
