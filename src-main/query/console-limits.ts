import { AppError } from '../contract/errors';
import { hasWildcard, type SearchNode } from './search-ast';
import { wholeConstantOf } from './sql-build';
import { isNode, nodesAt, optionalNodeAt, textAt, type Json, type JsonNode } from './sql-json';
import { foldName } from './sql-scope';

/** Whose limits a query is under: ours, which cut nothing, or those of the vendor's console. */
export const LIMIT_SETS = ['none', 'console'] as const;
export type LimitSet = (typeof LIMIT_SETS)[number];

interface ConsoleLimit {
  readonly most: number;
  readonly source: string;
}

/** The caps of the vendor's console and API, each with the page that states it. @see sls-logstore.md §1.3, §3.1, §3.2, §3.10 */
export const CONSOLE_LIMITS = {
  conditions: { most: 30, source: 'resolve-common-errors-that-may-occur-when-i-query-and-analyze-logs' },
  wildcardTerms: { most: 100, source: 'how-do-i-query-logs-by-using-fuzzy-match' },
  entries: { most: 100, source: 'api-sls-2020-12-30-getlogsv2, line' },
  rowsWithoutLimit: { most: 100, source: 'limit-clause' },
  rows: { most: 1_000_000, source: 'limit-clause' },
  pageRows: { most: 10_000, source: 'limit-clause, LIMIT y, x' },
  distinctCounts: { most: 10, source: 'resolve-common-errors-that-may-occur-when-i-query-and-analyze-logs' },
  seconds: { most: 55, source: 'query-and-analysis1' },
} as const satisfies Readonly<Record<string, ConsoleLimit>>;

/** What the rows of a query are cut at, and what to say when they are as many. */
export interface RowCap {
  readonly most: number;
  readonly text: string;
}

const cut = (name: string, { most, source }: ConsoleLimit): RowCap => ({
  most,
  text: `Cut at ${most} rows, as the console does ${name} (${source}); there may be more.`,
});

/** Conditions of a search, each of which is one to the vendor. */
function conditionsOf(node: SearchNode): number {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.operands.reduce((count, operand) => count + conditionsOf(operand), 0);
    case 'not':
      return conditionsOf(node.operand);
    case 'all':
    case 'error':
      return 0;
    default:
      return 1;
  }
}

function usesWildcards(node: SearchNode): boolean {
  if (node.kind === 'and' || node.kind === 'or') return node.operands.some(usesWildcards);
  if (node.kind === 'not') return usesWildcards(node.operand);
  return (node.kind === 'word' || node.kind === 'match') && hasWildcard(node.value);
}

/** @throws AppError QUERY_UNSUPPORTED for more conditions than the vendor takes */
export function checkConsoleSearch(search: SearchNode): void {
  const { most } = CONSOLE_LIMITS.conditions;
  const count = conditionsOf(search);
  if (count <= most) return;
  const message = `condition number ${count} is more than ${most}: the console takes no more, and without its limits there is no such bound.`;
  throw new AppError('QUERY_UNSUPPORTED', message, { construct: 'conditions', limit: most });
}

/** What the console would leave out and this result has. */
export function consoleDifferences(search: SearchNode): readonly string[] {
  const { most, source } = CONSOLE_LIMITS.wildcardTerms;
  if (!usesWildcards(search)) return [];
  return [
    `The console looks at a sample of ${most} terms for a wildcard (${source}); this result rests on all of them.`,
  ];
}

function distinctCounts(value: Json): number {
  if (Array.isArray(value))
    return (value as readonly Json[]).reduce<number>((sum, item) => sum + distinctCounts(item), 0);
  if (!isNode(value)) return 0;
  const name = value['function_name'];
  const own = typeof name === 'string' && foldName(name) === 'count' && value['distinct'] === true ? 1 : 0;
  return Object.values(value).reduce<number>((sum, item) => sum + distinctCounts(item), own);
}

/**
 * The cap on the rows of a statement.
 *
 * @param query root of the statement's tree
 * @throws AppError QUERY_UNSUPPORTED for a page or a number of distinct counts that the vendor refuses
 */
export function consoleStatementCap(query: JsonNode): RowCap {
  const { distinctCounts: counts, pageRows, rows, rowsWithoutLimit } = CONSOLE_LIMITS;
  if (distinctCounts(query) > counts.most) {
    const message = `max distinct num is:${counts.most}, please use approx_distinct`;
    throw new AppError('QUERY_UNSUPPORTED', message, { construct: 'count(distinct)', limit: counts.most });
  }
  const limit = nodesAt(query, 'modifiers').find((modifier) => textAt(modifier, 'type') === 'LIMIT_MODIFIER');
  if (limit === undefined) return cut('without LIMIT', rowsWithoutLimit);
  const count = optionalNodeAt(limit, 'limit');
  const offset = optionalNodeAt(limit, 'offset');
  const most = count === null ? 0 : (wholeConstantOf(count) ?? 0);
  const passed = offset === null ? 0 : (wholeConstantOf(offset) ?? 0);
  if (offset !== null && (most > pageRows.most || most + passed > rows.most)) {
    const message = `reading data with pagination only allow reading max ${most > pageRows.most ? pageRows.most : rows.most} rows`;
    throw new AppError('QUERY_UNSUPPORTED', message, { construct: 'LIMIT', limit: pageRows.most });
  }
  return cut('at most', rows);
}

export const consoleEntriesCap = (): RowCap => cut('for each page of entries', CONSOLE_LIMITS.entries);
