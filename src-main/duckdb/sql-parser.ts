import type { Database } from './database';

/** $1 the SQL text */
const SERIALIZE = 'SELECT json_serialize_sql($1::VARCHAR)::VARCHAR';
/** $1 the JSON text */
const DESERIALIZE = 'SELECT json_deserialize_sql($1::JSON)';

/** DuckDB's own parser, as `query/` uses it. */
export interface SqlParser {
  /**
   * @returns DuckDB's JSON: `{"error":false,"statements":[…]}` or `{"error":true,"error_message":…,"position":…}`;
   * 64-bit numbers in it do not survive `JSON.parse`
   */
  serialize(sql: string): Promise<string>;
  /** @returns the SQL text of a serialized statement */
  deserialize(json: string): Promise<string>;
}

export function createSqlParser(database: Database): SqlParser {
  const ask = (statement: string, argument: string): Promise<string> =>
    database.withConnection(async (connection) => {
      const value = (await connection.runAndReadAll(statement, [argument])).getRows()[0]?.[0];
      if (typeof value !== 'string') throw new TypeError(`DuckDB answered ${statement} with no text`);
      return value;
    });
  return {
    serialize: (sql) => ask(SERIALIZE, sql),
    deserialize: (json) => ask(DESERIALIZE, json),
  };
}
