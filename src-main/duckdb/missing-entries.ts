import type { MissingEntries } from '../contract/gateways';
import { numberIn, readRows, textIn } from './catalogue';
import type { Connection } from './database';
import { DELIVERY_STATEMENTS } from './delivery-statements';

/** What is missing of the imports of a gateway into a Logstore. */
export interface MissingOfGateway extends MissingEntries {
  readonly instance: string;
  readonly project: string;
  readonly logstore: string;
}

/** @returns nothing of gateways of which all entries arrived */
export async function listMissingIn(connection: Connection): Promise<readonly MissingOfGateway[]> {
  const rows = await readRows(connection, DELIVERY_STATEMENTS.listMissing);
  return rows.map((row) => ({
    instance: textIn(row, 'instance'),
    project: textIn(row, 'project'),
    logstore: textIn(row, 'logstore'),
    sealed: numberIn(row, 'sealed'),
    entries: numberIn(row, 'entries'),
    imports: numberIn(row, 'imports'),
    lastRun: numberIn(row, 'last_run'),
  }));
}

/** @returns the sum; null of nothing */
export function sumOf(missing: readonly MissingEntries[]): MissingEntries | null {
  if (missing.length === 0) return null;
  return missing.reduce((sum, each) => ({
    sealed: sum.sealed + each.sealed,
    entries: sum.entries + each.entries,
    imports: sum.imports + each.imports,
    lastRun: Math.max(sum.lastRun, each.lastRun),
  }));
}
