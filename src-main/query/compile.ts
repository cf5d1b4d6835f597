import { ENTRY_ID_COLUMN } from '../contract/log-entry';
import {
  endsOfStatement,
  idsOfStatement,
  noEnds,
  offsetOfStatement,
  withQuotesTold,
  withScanTold,
} from './compile-errors';
import { compileStatement } from './compile-statement';
import type { CompiledQuery, CompileRequest, SqlParser } from './compiled-query';
import { consoleEntriesCap, lowerLimit } from './console-limits';
import type { LogRelation } from './log-relation';
import { entryFields, logEntriesSql, timeFields } from './log-sql';
import { readSearchPart } from './search-part';
import { splitQuery } from './split-query';

const ENTRY_TYPES = { text: 'text', long: 'int64', double: 'float64', ipv4: 'ipv4' } as const;

/**
 * A query of the language as one DuckDB statement.
 *
 * Without SQL it gives whole entries (see `entryFields`), oldest first or newest first with `reverse`, all of them up to the limit. With SQL it gives the statement's own rows, in its own order.
 *
 * Two things differ from the vendor on purpose: a statement without LIMIT is complete, and literals keep DuckDB's 32
 * bits until they meet a column, so a product of literals beyond 2^31 fails instead of wrapping.
 *
 * @throws AppError QUERY_SYNTAX, QUERY_UNSUPPORTED, QUERY_UNKNOWN_FIELD or QUERY_WRONG_TYPE; `detail` has `position` and
 * `length` in UTF-16 units of the whole text wherever they are known; OPTION_INVALID for an offset, identities or
 * ends with a statement, and for ends where entries have none
 */
export async function compileQuery(
  request: CompileRequest,
  relation: LogRelation,
  parser: SqlParser,
): Promise<CompiledQuery> {
  const { search, sql, sqlOffset } = splitQuery(request.text);
  const { range, limits } = request;
  const filter = { range, search: readSearchPart(search, limits, sql !== null), limits };
  if (sql !== null) {
    if (request.offset !== 0) throw offsetOfStatement(request.offset);
    if (request.entryIds === true) throw idsOfStatement();
    if (request.entryEnds === true) throw endsOfStatement();
    return compileStatement(sql, sqlOffset, request, relation, filter, parser).catch((cause: unknown) => {
      throw withScanTold(withQuotesTold(cause, request.text), relation);
    });
  }
  const beside = request.entryEnds === true ? relation.beside : [];
  if (beside === undefined) throw noEnds();
  const time = timeFields(relation, request.entryTime);
  const fields = [...time, ...entryFields(relation), ...beside].map(({ name, type }) => ({
    name,
    type: ENTRY_TYPES[type],
  }));
  const columns = request.entryIds === true ? [{ name: ENTRY_ID_COLUMN, type: 'text' as const }, ...fields] : fields;
  const cap = request.limits === 'console' ? consoleEntriesCap() : null;
  const limit = lowerLimit(request.limit, cap);
  const rows = logEntriesSql(relation, filter, { ...request, limit });
  return {
    ...{ kind: 'entries', isCut: limit !== null || request.offset > 0, ...rows, columns, cap },
    fieldsRead: relation.fields.map(({ name }) => name),
    cutShards: [],
    meanings: [],
  };
}
