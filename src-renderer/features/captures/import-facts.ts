import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import { fileName } from '../../services/file-name';
import { t } from '../../services/messages/catalogue';
import { DEFAULT_LOGSTORE } from './import-plan';

export function totalBytes({ captures }: ImportFacts): number {
  return captures.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
}

/** @returns the earliest time of all captures, epoch seconds as text; null when no packet has one */
export function firstTime({ captures }: ImportFacts): string | null {
  let earliest: string | null = null;
  for (const { firstTime: time } of captures) {
    if (time !== null && (earliest === null || Number(time) < Number(earliest))) earliest = time;
  }
  return earliest;
}

export interface ImportState {
  readonly kind: 'ok' | 'warn' | 'danger' | 'neutral';
  readonly label: string;
  readonly why: string;
}

/** The worst that there is to say about an import, in a word. */
export function importState(facts: ImportFacts): ImportState {
  if (facts.isGoingOn) return { kind: 'neutral', label: t.state.goesOn, why: t.state.goesOnWhy };
  const missing = facts.captures.filter(({ isMissing }) => isMissing);
  if (missing.length > 0) {
    const names = missing.map(({ path }) => fileName(path)).join(', ');
    return { kind: 'danger', label: t.state.missing(missing.length), why: t.state.missingWhy(names) };
  }
  if (facts.hasLosses) return { kind: 'warn', label: t.state.losses, why: t.state.lossesWhy };
  if (facts.logEntries === 0) return { kind: 'neutral', label: t.state.nothing, why: t.state.nothingWhy };
  return { kind: 'ok', label: t.state.imported, why: t.state.importedWhy };
}

/** Not into the Logstore that is meant where none is named: of several gateways, that tells imports of one capture apart. */
export function isElsewhere({ project, logstore }: ImportFacts): boolean {
  return project !== DEFAULT_LOGSTORE.project || logstore !== DEFAULT_LOGSTORE.logstore;
}
