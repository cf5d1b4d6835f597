import { AppError, type ErrorDetail } from '../contract/errors';
import { MOST_SCANNED_OF_SHARD } from './search-limits';
import { wholeConstantOf } from './sql-build';
import { isNode, nodesAt, optionalNodeAt, textAt, type Json, type JsonNode } from './sql-json';
import { foldName } from './sql-scope';
import { callsOf } from './sql-tree';
import { tokensOf, type Token } from './sql-tokens';

interface ConsoleLimit {
  readonly most: number;
  readonly source: string;
}

/** The caps of the vendor's console and API on what a query gives (those on searches are in `search-limits.ts`), each with the page that states it. @see sls-logstore.md §1.3, §3.1, §3.2, §3.10 */
export const CONSOLE_LIMITS = {
  entries: { most: 100, source: 'api-sls-2020-12-30-getlogsv2, line' },
  rowsWithoutLimit: { most: 100, source: 'limit-clause' },
  rows: { most: 1_000_000, source: 'limit-clause' },
  pageRows: { most: 10_000, source: 'limit-clause, LIMIT y, x' },
  distinctCounts: { most: 10, source: 'resolve-common-errors-that-may-occur-when-i-query-and-analyze-logs' },
  scannedOfShard: { most: MOST_SCANNED_OF_SHARD, source: 'scan-based query and analysis' },
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

type PlaceOf = (node: JsonNode) => ErrorDetail;

function distinctCounts(value: Json): readonly JsonNode[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(distinctCounts);
  if (!isNode(value)) return [];
  const name = value['function_name'];
  const isOne = typeof name === 'string' && foldName(name) === 'count' && value['distinct'] === true;
  return [...(isOne ? [value] : []), ...Object.values(value).flatMap(distinctCounts)];
}

function paginationPlace(tokens: readonly Token[], at: number, offset: number): ErrorDetail {
  const [start, end] = [tokens[at]?.start ?? 0, tokens[at + 1]?.end ?? tokens[at]?.end ?? 0];
  return { construct: 'LIMIT', position: offset + start, length: end - start };
}

/**
 * Refuses the ways to page that the vendor's language does not have, which the tree no longer tells apart.
 *
 * @param written the statement
 * @param offset its position in the query
 * @throws AppError QUERY_UNSUPPORTED for `LIMIT n OFFSET m`, and for `LIMIT y, x` in a subquery
 * @see sls-logstore.md §3.1
 */
export function checkConsolePaging(written: string, offset: number): void {
  const tokens = tokensOf(written);
  let depth = 0;
  tokens.forEach(({ text }, at) => {
    if (text === '(') depth++;
    if (text === ')') depth--;
    const [first, second, third] = [1, 2, 3].map((step) => tokens[at + step]?.text ?? '');
    if (text === 'offset' && /^\d/u.test(first ?? '')) {
      const message =
        "mismatched input 'offset': LIMIT n OFFSET m is not supported; write LIMIT m, n in the outermost SELECT.";
      throw new AppError('QUERY_UNSUPPORTED', message, paginationPlace(tokens, at, offset));
    }
    if (text === 'limit' && depth > 0 && second === ',' && /^\d/u.test(third ?? '')) {
      const message =
        "mismatched input ',': LIMIT y, x is supported only in the outermost SELECT; write LIMIT x in a subquery.";
      throw new AppError('QUERY_UNSUPPORTED', message, paginationPlace(tokens, at, offset));
    }
  });
}

/**
 * The cap on the rows of a statement.
 *
 * @param query root of the statement's tree
 * @throws AppError QUERY_UNSUPPORTED for a page or a number of distinct counts that the vendor refuses
 */
export function consoleStatementCap(query: JsonNode, placeOf: PlaceOf): RowCap {
  const { distinctCounts: counts, pageRows, rows, rowsWithoutLimit } = CONSOLE_LIMITS;
  const foreign = distinctCounts(query)[counts.most];
  if (foreign !== undefined) {
    const message = `max distinct num is:${counts.most}, please use approx_distinct`;
    throw new AppError('QUERY_UNSUPPORTED', message, {
      construct: 'count(distinct)',
      limit: counts.most,
      ...placeOf(foreign),
    });
  }
  const limit = nodesAt(query, 'modifiers').find((modifier) => textAt(modifier, 'type') === 'LIMIT_MODIFIER');
  if (limit === undefined) return cut('without LIMIT', rowsWithoutLimit);
  const count = optionalNodeAt(limit, 'limit');
  const offset = optionalNodeAt(limit, 'offset');
  const most = count === null ? 0 : (wholeConstantOf(count) ?? 0);
  const passed = offset === null ? 0 : (wholeConstantOf(offset) ?? 0);
  if (offset !== null && (most > pageRows.most || most + passed > rows.most)) {
    const message = `reading data with pagination only allow reading max ${most > pageRows.most ? pageRows.most : rows.most} rows`;
    throw new AppError('QUERY_UNSUPPORTED', message, {
      construct: 'LIMIT',
      limit: pageRows.most,
      ...placeOf(count ?? offset),
    });
  }
  return cut('at most', rows);
}

function starOf(value: Json): JsonNode | null {
  if (Array.isArray(value)) return (value as readonly Json[]).map(starOf).find((star) => star !== null) ?? null;
  if (!isNode(value)) return null;
  return value['class'] === 'STAR' ? value : starOf(Object.values(value));
}

/**
 * Holds a statement that scans against what the console can do.
 *
 * @throws AppError QUERY_UNSUPPORTED for `*` and `search('…')`, which the vendor refuses there
 * @see sls-logstore.md §1.10, §3.2
 */
export function checkConsoleScan(query: JsonNode, placeOf: PlaceOf): void {
  const star = starOf(query);
  if (star !== null) {
    const message = 'select * is not supported in scan mode: name the fields.';
    throw new AppError('QUERY_UNSUPPORTED', message, { construct: '*', ...placeOf(star) });
  }
  const [search] = callsOf(query, ['search']);
  if (search !== undefined) {
    const message = 'search(…) is not supported in scan mode: write the search before the `|`.';
    throw new AppError('QUERY_UNSUPPORTED', message, { construct: 'search', ...placeOf(search) });
  }
}

/** What is said where a scan left entries of a shard out. */
export function cutShardText(shard: number, entries: number): string {
  const { most, source } = CONSOLE_LIMITS.scannedOfShard;
  return `Of the ${entries} entries found in shard ${shard}, only the oldest ${most} were scanned, as many as the console scans at most (${source}).`;
}

export const consoleEntriesCap = (): RowCap => cut('for each page of entries', CONSOLE_LIMITS.entries);

/** @returns the lower of a limit of the request and a cap, each null for none */
export function lowerLimit(limit: number | null, cap: RowCap | null): number | null {
  return cap === null ? limit : Math.min(limit ?? cap.most, cap.most);
}
