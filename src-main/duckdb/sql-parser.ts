import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api';
import type { Database } from './database';

/** $1 the SQL text; gives its JSON */
const SERIALIZE = 'SELECT json_serialize_sql($1::VARCHAR)::VARCHAR';
/** $1 the JSON text; gives its SQL text, and the JSON of that */
const PRINT =
  'SELECT printed, json_serialize_sql(printed)::VARCHAR FROM (SELECT json_deserialize_sql($1::JSON) AS printed)';

/** DuckDB's own parser, as `query/` uses it. */
export interface SqlParser {
  /**
   * @returns DuckDB's JSON: `{"error":false,"statements":[…]}` or `{"error":true,"error_message":…,"position":…}`;
   * 64-bit numbers in it do not survive `JSON.parse`
   */
  serialize(sql: string): Promise<string>;
  /** @returns the SQL text of a serialized statement, and what `serialize` gives of that text */
  print(json: string): Promise<{ readonly sql: string; readonly json: string }>;
}

/**
 * Statements that read no table, so that nothing they were planned by can change: planning them anew takes as long as
 * they do. Closing a connection destroys what was prepared on it.
 */
const preparedOn = new WeakMap<DuckDBConnection, Map<string, DuckDBPreparedStatement>>();

async function prepared(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = preparedOn.get(connection) ?? new Map<string, DuckDBPreparedStatement>();
  preparedOn.set(connection, statements);
  const statement = statements.get(sql) ?? (await connection.prepare(sql));
  statements.set(sql, statement);
  return statement;
}

async function ask(connection: DuckDBConnection, sql: string, argument: string): Promise<readonly string[]> {
  const statement = await prepared(connection, sql);
  statement.bind([argument]);
  const [row = []] = (await statement.runAndReadAll()).getRows();
  return row.map((value: DuckDBValue) => {
    if (typeof value !== 'string') throw new TypeError(`DuckDB answered ${sql} with no text`);
    return value;
  });
}

export function createSqlParser(database: Pick<Database, 'withConnection'>): SqlParser {
  const answer = (sql: string, argument: string): Promise<readonly string[]> =>
    database.withConnection((connection) => ask(connection, sql, argument));
  return {
    serialize: async (sql) => (await answer(SERIALIZE, sql))[0] ?? '',
    print: async (json) => {
      const [sql = '', again = ''] = await answer(PRINT, json);
      return { sql, json: again };
    },
  };
}
