import type { Database } from '../duckdb/database';
import { runImport } from './import-service';
import { runQuery } from './query-service';
import type { CallHandlers } from './server';

/** What the engine does for each call of the contract. */
export function engineHandlers(database: Database): CallHandlers {
  return {
    'import:run': (request, context) => runImport(database, request, context),
    'query:run': (request, context) => runQuery(database, request, context),
  };
}
