import type { AppError } from '../contract/errors';
import type { ParsedSearch, SearchExtension, SearchNode, Span } from './search-ast';
import { searchError, VENDOR_TEXT } from './search-errors';

/** `console`: the vendor's caps hold, and what its language lacks is refused. */
export type SearchLimits = 'console';

/** @see sls-logstore.md §1.3 */
const MOST_CONDITIONS = 30;
/** Terms that a wildcard stands for at most. @see sls-logstore.md §1.5 */
export const MOST_WILDCARD_TERMS = 100;

/** Entries that a statement in scan mode reads of a shard at most. @see sls-logstore.md §3.2 */
export const MOST_SCANNED_OF_SHARD = 500_000;

const REMEDY = 'this holds under the limits of the console only.';

function conditionsOf(node: SearchNode): number {
  if (node.kind === 'not') return conditionsOf(node.operand);
  if (node.kind !== 'and' && node.kind !== 'or') return 1;
  return node.operands.reduce((count, operand) => count + conditionsOf(operand), 0);
}

/** What the vendor's product would not do, or not as it is meant. */
export function refusedExtension({ kind, message, span }: SearchExtension): AppError {
  const words = kind === 'leading_wildcard' ? { vendorText: VENDOR_TEXT.wildcard } : {};
  const detail = { construct: kind, limits: 'console' };
  return searchError('QUERY_UNSUPPORTED', { ...words, message: `${message} It is refused: ${REMEDY}`, span }, detail);
}

function phraseIn(node: SearchNode): Span | null {
  if (node.kind === 'phrase') return node.span;
  if (node.kind !== 'and') return null;
  return node.operands.map(phraseIn).find((span) => span !== null) ?? null;
}

/**
 * Holds a search against the caps of the console, as far as they do not depend on the index.
 *
 * @throws AppError QUERY_UNSUPPORTED for more than 30 conditions, wildcards at the beginning, and phrases outside of `and` or
 * before a statement
 */
export function checkConsoleSearch({ root, extensions }: ParsedSearch, isBeforeSql: boolean): void {
  const conditions = conditionsOf(root);
  if (conditions > MOST_CONDITIONS) {
    const vendorText = VENDOR_TEXT.conditions(conditions, MOST_CONDITIONS);
    const message = `A search has at most ${MOST_CONDITIONS} conditions; ${REMEDY}`;
    throw searchError('QUERY_UNSUPPORTED', { vendorText, message, span: root.span }, { limits: 'console' });
  }
  const refused = extensions.find(({ kind }) => kind === 'leading_wildcard' || kind === 'phrase');
  if (refused !== undefined) throw refusedExtension(refused);
  const phrase = isBeforeSql ? phraseIn(root) : null;
  if (phrase !== null) {
    const message = 'A phrase before a statement, which the vendor does not allow.';
    throw refusedExtension({ kind: 'phrase', message, span: phrase });
  }
}
