import type { HistogramBins } from './histogram-bins';
import type { LogRelation } from './log-relation';
import { logCountsSql, type BoundSql } from './log-sql';
import type { SearchLimits } from './search-limits';
import { readSearchPart } from './search-part';
import { splitQuery } from './split-query';

/**
 * The statement that counts what the search part of a query finds, as `quantum` and `entries`: whole multiples of
 * `bins.quantumSec` after the first bin's start, in no order and without those that have no entry. A statement behind
 * the search is left out unread, so that a histogram stands over one that is still being written.
 *
 * @throws AppError QUERY_SYNTAX, QUERY_UNKNOWN_FIELD, QUERY_WRONG_TYPE of the search part
 */
export function compileHistogram(
  text: string,
  range: { readonly fromSec: number; readonly toSec: number },
  bins: Pick<HistogramBins, 'startsSec' | 'quantumSec'>,
  relation: LogRelation,
  limits?: SearchLimits,
): BoundSql {
  const search = readSearchPart(splitQuery(text).search, limits);
  return logCountsSql(
    relation,
    { range, search, limits },
    { startSec: bins.startsSec[0] ?? 0, widthSec: bins.quantumSec },
  );
}
