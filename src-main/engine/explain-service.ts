import { AppError } from '../contract/errors';
import type { ExplainReport, ExplainRequest } from '../contract/query';
import type { Database } from '../duckdb/database';
import { createSqlParser } from '../duckdb/sql-parser';
import { compileQuery } from '../query/compile';
import type { CompiledQuery } from '../query/compiled-query';
import { explainTokens, servingIndexes } from '../query/explain-search';
import { readSearchPart } from '../query/search-part';
import { splitQuery } from '../query/split-query';
import type { CallContext } from './engine-calls';
import { openLog, refuseCancelled } from './open-log';
import { compileRequest, inVendorWords } from './query-service';

/**
 * What becomes of a query, without running it: the tokens of its search, the indexes that serve it, the statement that
 * DuckDB is given, and its plan.
 *
 * @throws AppError as `runQuery`, for what can be found out before it runs
 */
export async function explainQuery(
  database: Database,
  request: ExplainRequest,
  { signal }: Pick<CallContext<'query:explain'>, 'signal'>,
): Promise<ExplainReport> {
  const { relation, range } = await openLog(database, request, signal);
  const whole = { ...request, limit: null, offset: 0, reverse: false };
  const compiled = await compileQuery(
    compileRequest(database, whole, range, signal),
    relation,
    createSqlParser(database),
  );
  refuseCancelled(signal);
  const { search } = splitQuery(request.text);
  return {
    range,
    tokens: explainTokens(search),
    indexes: servingIndexes(readSearchPart(search), compiled.fieldsRead, relation),
    sql: compiled.sql,
    params: compiled.params.map(String),
    plan: await planOf(database, compiled, request.text),
  };
}

/** DuckDB's own drawing of the plan. */
function planOf(database: Database, { sql, params }: CompiledQuery, text: string): Promise<string> {
  return database.withConnection(async (connection) => {
    const reader = await connection.runAndReadAll(`EXPLAIN ${sql}`, [...params]).catch((cause: unknown) => {
      const sentence = cause instanceof Error ? cause.message.replace(/\n\nLINE [\s\S]*$/u, '') : String(cause);
      throw inVendorWords(new AppError('QUERY_FAILED', sentence, {}, { cause }), text);
    });
    return reader
      .getRows()
      .map(([, plan]) => String(plan))
      .join('\n');
  });
}
