import { AppError, type ErrorDetail } from '../contract/errors';
import { isUtc, type Clock } from './sql-clock';
import type { JsonNode } from './sql-json';
import type { LogTables } from './sql-log-tables';
import { foldName, type CteScope, type Scope } from './sql-scope';
import { isInstant, vendorName, type SqlType } from './sql-types';

export const LOG = 'log';

/** What a statement is rewritten with besides its own tree. */
export interface StatementContext {
  /** How columns of times come out: as clocks of the zone show them, or as instants of UTC. */
  readonly times: 'local' | 'instant';
  readonly tables: LogTables;
  readonly clock: Clock;
  /** Of the query, half-open, epoch seconds. */
  readonly range: { readonly fromSec: number; readonly toSec: number };
  /** Position and length of a node in the query, for details of errors. */
  readonly placeOf: (node: JsonNode) => ErrorDetail;
  /** Where the words of a clause first stand in the query; empty when they do not. */
  readonly placeOfWords: (words: string) => ErrorDetail;
}

/** Where a query stands in a statement. */
export interface QueryPlace {
  readonly ctes: CteScope;
  readonly outer: Scope | null;
  /** Only there may FROM be left out. @see sls-logstore.md §3.1 */
  readonly isOutermost: boolean;
  /** The text of `search('…')` in the WHERE around the table. */
  readonly search: string | null;
}

/** That a construct is not in the dialect. */
export function refusal(context: StatementContext, node: JsonNode, construct: string): AppError {
  // clauses have no place in the tree
  const detail = { construct, ...context.placeOfWords(construct), ...context.placeOf(node) };
  return new AppError('QUERY_UNSUPPORTED', `${construct} is not part of the dialect.`, detail);
}

/** @throws AppError QUERY_UNSUPPORTED for an alias that hides the Logstore */
export function checkAlias(context: StatementContext, alias: string, node: JsonNode): void {
  if (foldName(alias) !== LOG) return;
  const message = '`log` is the Logstore itself: give this table another name.';
  throw new AppError('QUERY_UNSUPPORTED', message, { construct: alias, ...context.placeOf(node) });
}

/**
 * DuckDB would make a date or a text beside a time one as if clocks showed UTC.
 * @param types of what comes into one column by the clause
 * @throws AppError QUERY_WRONG_TYPE
 */
export function checkSides(context: StatementContext, node: JsonNode, types: readonly SqlType[], clause: string): void {
  if (isUtc(context.clock)) return;
  const instants = types.filter(isInstant);
  if (instants.length === 0 || types.every((type) => isInstant(type) || type === 'null')) return;
  const message = `${clause} has ${types.map(vendorName).join(' and ')} in one column: cast one of them.`;
  const place = { ...context.placeOfWords(clause), ...context.placeOf(node) };
  throw new AppError('QUERY_WRONG_TYPE', message, { construct: clause, ...place });
}
